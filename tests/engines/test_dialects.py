"""Every text that is sent to an engine that cannot be run here parses in its dialect, and asks for counts only."""

from dataclasses import replace
from datetime import date

import pytest

from cs_models.counts.late_ends import weeks_text
from cs_models.definitions import Definitions
from cs_models.warehouse import counting, dialects, facts, repeats
from cs_models.warehouse.columns import HUNDREDTHS, Columns

pytestmark = pytest.mark.engines

COLUMNS = Columns(
    {"customer": "Customer id", "start": "from", "end": "until", "plan": "plan", "interval": "cycle", "price": "amount",
     "end_reason": "why"}, ("region", "vip"), HUNDREDTHS, {"interval": "text", "c1": "yes or no"},
)  # fmt: skip
TWICE = replace(COLUMNS, compared=("Customer id", "from", "until", "plan", "cycle", "amount", "why", "month"), places=("month",),
                          folders=repeats.LAST, conflicts=repeats.LARGER)  # fmt: skip
RULES = [Definitions(), Definitions(gap_days="10", plan_change="churn", same_day="set aside", last_day="not seen",
                                    incomplete="complete periods only"), Definitions(late_ends="14")]  # fmt: skip


def texts(dialect: dialects.Dialect, rules: Definitions, columns: Columns = COLUMNS) -> list[str]:
    """Everything that is asked of one table."""
    table = ".".join(map(dialect.quoted, ("billing", "subscription periods")))
    asked = counting.Asked(dialect, table, "t", columns, date(2025, 3, 31), rules=rules)
    found = [facts.span_text(dialect, table, COLUMNS, date(2025, 4, 1), date(2025, 3, 1)), facts.groups_text(dialect, table, ["region", "vip"]),
             facts.values_text(dialect, table, "cycle"),
             facts.holders_text(dialect, table, "region", "who"), facts.account_text(asked.definition(raw=True)), asked.definition().ends, asked.definition().kept, weeks_text(asked.definition(raw=True))]  # fmt: skip
    own = (repeats.sharing_text, repeats.conflicts_text, repeats.rows_text, *([repeats.spread_text] if columns.places else []))
    found += [text(dialect, table, columns) for text in own]
    for split in asked.splits:
        one = asked.definition(split)
        found += [one.life, one.cube, one.book, one.starts]
    return found


def outermost(tree) -> list:
    """The selects whose lines come home."""
    from sqlglot import exp  # there for the engines alone, while every target collects this file

    return outermost(tree.left) + outermost(tree.right) if isinstance(tree, exp.Union) else [tree]


@pytest.mark.parametrize("rules, columns", [*((rules, COLUMNS) for rules in RULES), (RULES[0], TWICE)],
                         ids=["usual", "others", "late ends", "repeats"])  # fmt: skip
@pytest.mark.parametrize("name", sorted(dialects.DIALECTS))
def test_every_text_parses_reads_and_aggregates(name, rules, columns):
    import sqlglot
    from sqlglot import exp

    dialect = dialects.DIALECTS[name]
    found = texts(dialect, rules, columns)
    assert len(found) == 11 + bool(columns.places) + 4 * 5, "eleven of the table, twelve of folders; of everybody, by billing interval, plan and two columns four each"
    for text in found:
        (tree,) = sqlglot.parse(text, dialect=dialect.sqlglot)
        assert isinstance(tree, (exp.Select, exp.Union)) and not list(tree.find_all(exp.Insert, exp.Create, exp.Delete))
        for last in outermost(tree):
            shown = [one.alias_or_name.lower() for one in last.expressions]
            assert "customer" not in shown and "customer_id" not in shown
            assert any(one.find(exp.AggFunc) for one in last.expressions), "a line for many"


@pytest.mark.parametrize("name", sorted(dialects.DIALECTS))
def test_a_name_of_the_user_stands_in_quotes_only(name):
    import sqlglot

    dialect = dialects.DIALECTS[name]
    marks = sqlglot.Dialect.get_or_raise(dialect.sqlglot).tokenizer_class.IDENTIFIERS  # as sqlglot knows them, not as we do
    for text in texts(dialect, RULES[0]):
        for own in ("Customer id", "subscription periods"):
            assert text.count(own) == sum(text.count(f"{mark}{own}{mark}") for mark in marks)
