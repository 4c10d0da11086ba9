"""Whether a data set of counts holds what an upload of the same rows is counted to."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from pandas.testing import assert_frame_equal

import cs_models as cs
from cs_models.engine.counts import active_book
from cs_models.engine.intake import first_starts
from cs_models.engine.kept import kept_sums
from cs_models.engine.notice import places_of_ends
from cs_models.warehouse import repeats
from cs_models.warehouse.counting import Asked, count_there
from cs_models.warehouse.dialects import Dialect, listed
from cs_models.warehouse.columns import Columns


def alike(found, own, group: str = "segment") -> bool:
    """Everything a valuation is made of, counted alike; raises where a table differs."""
    for by in ((), (group,)):
        tables = [cs.life_table(one, (*by, "cohort")) for one in (found, own)]
        assert tables[0].frame.equals(tables[1].frame) and tables[0].reactivations == tables[1].reactivations
        for count in (active_book, first_starts):
            ours, theirs = (count(one, by).sort_values([*by, "interval", list(count(one, by))[-3]]) for one in (found, own))
            assert_frame_equal(ours.reset_index(drop=True), theirs.reset_index(drop=True), check_dtype=False, check_like=True)
    tables = [places_of_ends(one).sort_values(["term", "place"]) for one in (found, own)]
    assert_frame_equal(*(one.reset_index(drop=True) for one in tables), check_dtype=False)
    for ours, theirs in zip(*([getattr(kept_sums(one), table) for table in ("changes", "renewals")] for one in (found, own))):
        assert_frame_equal(*(one.sort_values("month", ignore_index=True) for one in (ours, theirs)))
    heads = [(one.customers, one.paying, one.active, one.active_mrr, one.definitions) for one in (found, own)]
    return heads[0] == heads[1]


NOBODY, BLANKS = ("C-00301", "C-00401"), ("C-00601", "C-00701")  # customers of the sample from one, before the other


def nobody_is_nobody(dialect: Dialect, connection, where: tuple[str, str], columns: Columns, file: Path) -> bool:
    """Whether a table of these rows counts as an upload of them when some ids are empty, some blanks and some have blanks
    around them; raises where it does not. The rows are not written anew: a statement says them so.
    """
    table, names = ".".join(dialect.quoted(part) for part in where if part), list(listed(dialect, connection)[where])
    changed = ("CASE WHEN customer_id >= '{}' AND customer_id < '{}' THEN CASE WHEN price > 100 THEN '' ELSE '  ' END "
               "WHEN customer_id >= '{}' AND customer_id < '{}' THEN CONCAT(' ', customer_id, '  ') "
               "ELSE customer_id END AS customer_id").format(*NOBODY, *BLANKS)  # fmt: skip
    rows = f"(SELECT {', '.join(changed if name == 'customer_id' else name for name in names)} FROM {table}) AS blanks"
    told = pd.read_csv(file, dtype=str, keep_default_na=False)
    whose = told["customer_id"]
    nobody = (whose >= NOBODY[0]) & (whose < NOBODY[1])
    told["customer_id"] = whose.mask(nobody, "")
    own = cs.read(told)
    columns = replace(columns, compared=repeats.compared(listed(dialect, connection)[where]))
    assert repeats.repeats(dialect, connection, rows, columns) == repeats.Repeats(), "rows of nobody are no rows of one customer"
    found = count_there(connection, Asked(dialect, rows, "billing", replace(columns, compared=()), own.as_of))
    assert found.report.rejected == own.report.rejected == nobody.sum() > 50
    return alike(found, own)
