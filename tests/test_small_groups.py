"""No table of groups tells of fewer than five customers, nor lets them be worked out from its totals."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cs_models.problems import Problem
from cs_models.renewals import RenewalCalendar
from cs_models.small_groups import LEAST, left_out, masked, without
from pages.shared import session, small_ones

COUNTS = some.dictionaries(some.text(max_size=3), some.integers(0, 30), max_size=8)


@given(COUNTS)
@settings(max_examples=300, deadline=None)
def test_what_is_hidden_cannot_be_worked_out_from_the_total(counts):
    gone = left_out(counts)
    shown = {name: n for name, n in counts.items() if name not in gone}
    assert all(n == 0 or n >= LEAST for n in shown.values())
    together, everybody = sum(counts[name] for name in gone), not any(shown.values())
    assert not gone or everybody or (len(gone) >= 2 and together >= LEAST)
    assert sum(counts.values()) - sum(shown.values()) == together, "the one thing a total tells is their sum"


@given(COUNTS)
@settings(max_examples=100, deadline=None)
def test_no_more_is_hidden_than_it_takes(counts):
    """Without the largest that was added, the rest could be worked out: or it was small itself."""
    gone = left_out(counts)
    added = [name for name in gone if counts[name] >= LEAST]
    for one in sorted(added, key=lambda name: counts[name])[-1:]:
        rest = gone - {one}
        assert len(rest) < 2 or sum(counts[name] for name in rest) < LEAST
    assert bool(gone) == any(0 < n < LEAST for n in counts.values())


@given(some.lists(some.lists(some.integers(0, 12), min_size=3, max_size=3), min_size=3, max_size=4))
@settings(max_examples=200, deadline=None)
def test_no_row_or_column_of_a_cross_table_gives_a_cell_away(rows):
    counts = pd.DataFrame(rows)
    told = masked(counts)
    hidden = told.isna().to_numpy()
    assert (told.to_numpy()[~hidden] == counts.to_numpy()[~hidden]).all()
    assert not ((counts.to_numpy() < LEAST) & (counts.to_numpy() > 0) & ~hidden).any()
    for line, mask in [*zip(counts.to_numpy(), hidden), *zip(counts.to_numpy().T, hidden.T)]:
        whole = not (line[~mask] > 0).any()
        assert not mask.any() or whole or (mask.sum() >= 2 and line[mask].sum() >= LEAST)


def test_rows_go_with_their_group_and_an_unknown_count_is_nobody():
    table = pd.DataFrame({"group": list("abcd"), "customers": [40, 2, np.nan, 9]}, index=[7, 8, 9, 10])
    assert list(without(table)["group"]) == ["a", "c"]
    assert without(table.iloc[:0]).empty


# --- on a page ---


@dataclass
class Visit:
    """Who looks: on a wall or not, with the switch as it begins, on or off."""

    wall: bool = False
    switch: bool | None = None


@pytest.fixture
def visit(monkeypatch):
    who = Visit()
    monkeypatch.setattr(session, "presenting", lambda: who.wall)
    monkeypatch.setattr(session, "seen", lambda key: who.switch if key == small_ones.SWITCH else None)
    monkeypatch.setattr(small_ones.st, "caption", lambda text: None)
    return who


@pytest.mark.parametrize("wall, switch, hides", [
    (False, None, True), (False, True, True), (False, False, False), (True, False, True), (True, None, True)])  # fmt: skip
def test_the_switch_is_on_by_itself_and_a_wall_or_a_file_does_not_ask_it(visit, wall, switch, hides):
    visit.wall, visit.switch = wall, switch
    assert small_ones.hides() is hides is small_ones.files()
    table = pd.DataFrame({"customers": [50, 3, 8]})
    assert len(small_ones.rows(table)) == (1 if hides else 3)


def observed(name: str, began: int):
    return name, SimpleNamespace(at_risk=np.array([began, began // 2])), None


def test_curves_of_small_groups_are_not_there_and_without_any_a_sentence_is(visit):
    found = (observed("Pro", 80), observed("Basic", 9), observed("Custom", 2))
    assert [one[0] for one in small_ones.groups(found, lambda one: one[1].at_risk[0])] == ["Pro"]
    with pytest.raises(Problem, match="fewer than 5"):
        small_ones.groups(found[1:], lambda one: one[1].at_risk[0])
    visit.switch = False
    assert small_ones.groups(found, lambda one: one[1].at_risk[0]) == found


def test_levels_of_a_column_are_weighed_within_it(visit):
    ratios = pd.DataFrame({"column": ["plan"] * 3 + ["region"] * 2, "level": list("abcxy"), "customers": [90, 3, 6, 50, 49]})
    assert list(small_ones.by_column(ratios)["level"]) == ["a", "x", "y"]
    assert small_ones.by_column(None) is None


def test_a_month_with_one_large_renewal_is_not_called_the_wall(visit):
    months = pd.DataFrame({"ahead": range(1, 5), "month": [f"2026-0{n}" for n in range(1, 5)], "customers": [1, 20, 30, 6],
                           "mrr": [90_000.0, 400.0, 600.0, 90.0], "leaving": 0.0, "mrr_leaving": [0.0, 40.0, 60.0, 0.0],
                           "unknown": 0})  # fmt: skip
    told = small_ones.calendar(RenewalCalendar(months, 0.0, 0.0, "USD"))
    assert list(told.frame["customers"]) == [20, 30] and "90,000" not in told.sentence and "$600" in told.sentence
    with pytest.raises(Problem):
        small_ones.calendar(RenewalCalendar(months.iloc[:1], 0.0, 0.0, "USD"))


@dataclass
class Base:
    cells: tuple = field(default_factory=tuple)


@pytest.mark.parametrize("heads, whole", [((2,), True), ((40, 90), True), ((40, 3), False), ((40, 0), True)])
def test_a_workbook_holds_no_price_of_a_handful(heads, whole):
    base = Base(tuple(SimpleNamespace(heads=np.array([n / 2, n / 2])) for n in heads))
    assert small_ones.nameable(base) is whole
