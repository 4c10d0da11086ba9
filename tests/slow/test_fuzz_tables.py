"""Tables of every layout with cells, columns and rows changed: a sentence, or every row accounted for."""

import csv
import io
import random

import layouts_renderer
import pytest
from fuzz import NASTY, counted, each, outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.importers import layouts, template_csv

pytestmark = pytest.mark.slow

EACH = 12  # a layout and seed
SUBS = layouts_renderer.book(size=12)
TABLES = {
    **{name: template_csv(name).encode() for name in layouts()},
    **{one.__name__: layouts_renderer.render(one, SUBS) for one in layouts_renderer.RENDERERS},
}


def changed(data: bytes, draw: random.Random) -> bytes:
    """The table after one to five changes of its cells, rows or columns."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    for _ in range(draw.choice((1, 2, 3, 5))):
        at, column = draw.randrange(len(rows)), draw.randrange(max(len(rows[0]), 1))
        kind = draw.randrange(9)
        if kind < 3 and column < len(rows[at]):
            rows[at][column] = draw.choice(NASTY)
        elif kind == 3:  # a whole column of one thing
            cell = draw.choice(NASTY)
            rows[1:] = [[*row[:column], cell, *row[column + 1 :]] for row in rows[1:]]
        elif kind == 4:
            rows = [[*row[:column], *row[column + 1 :]] for row in rows]
        elif kind == 5:
            rows = [[*row, *row[column : column + 1]] for row in rows]
        elif kind == 6:
            rows.insert(at, list(rows[draw.randrange(len(rows))]))
        elif kind == 7:
            rows = [rows[0], *draw.sample(rows[1:], draw.randrange(len(rows)))]
        else:
            other = draw.randrange(max(len(rows[0]), 1))
            rows = [[*row[:-1], *row[-1:]] if max(other, column) >= len(row) else swapped(row, other, column) for row in rows]
        if not rows[0]:
            break
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def swapped(row: list[str], one: int, other: int) -> list[str]:
    row = list(row)
    row[one], row[other] = row[other], row[one]
    return row


@pytest.mark.parametrize("name", TABLES)
def test_changed_tables(name):
    each(name, EACH, lambda draw: changed(TABLES[name], draw), lambda number, data: None if number % 6 else counted(data))


HEADERS = st.lists(st.sampled_from(["customer", "start", "end", "mrr", "plan", "interval", "status", "amount", "date",
                                    "tenure", "churned", "type", "2024-01", "2024-02", "0", "1", "", "mrr"]), max_size=8)  # fmt: skip
CELLS = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.dates().map(str), st.floats().map(repr),
                  st.integers().map(str))  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(HEADERS, st.lists(st.lists(CELLS, max_size=8), max_size=8))
def test_tables_nobody_would_write(header, rows):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    data = out.getvalue().encode("utf-8", "replace")
    outcome(data)
