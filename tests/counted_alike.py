"""Whether a data set of counts holds what an upload of the same rows is counted to."""

from pandas.testing import assert_frame_equal

import cs_models as cs
from cs_models.engine.counts import active_book
from cs_models.engine.intake import first_starts
from cs_models.engine.notice import places_of_ends


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
    heads = [(one.customers, one.paying, one.active, one.active_mrr, one.definitions) for one in (found, own)]
    return heads[0] == heads[1]
