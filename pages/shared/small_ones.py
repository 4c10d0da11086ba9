"""Groups of fewer than five customers: always hidden on a shared screen and in files, on one's own by a switch."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from cs_models import small_groups, words
from cs_models.problems import Problem
from cs_models.small_groups import LEAST
from pages.shared import session

SWITCH = "hide-small"
NO_WORKBOOK = (
    f"No Excel file: it would hold prices of a group of fewer than {LEAST} customers. Choose other customer groups in the "
    "sidebar."
)
NONE_LEFT = f"Every group here has fewer than {LEAST} customers, or would give one that has away. Nothing is shown of them."


def hides() -> bool:
    """Whether small groups are hidden from whoever looks."""
    return session.presenting() or session.seen(SWITCH) is not False


def rows(table, customers: str = "customers"):
    """The rows of a table of groups that are shown."""
    return small_groups.without(table, customers) if hides() else table


def groups(found, customers: Callable[[tuple], float]) -> tuple:
    """Of groups, each a tuple that begins with its name, those that are shown; Problem where none is."""
    found = tuple(found)
    if not hides():
        return found
    gone = small_groups.left_out({place: customers(one) for place, one in enumerate(found)})
    kept = tuple(one for place, one in enumerate(found) if place not in gone)
    if found and not kept:
        raise Problem(NONE_LEFT)
    return kept


def by_column(table):
    """Hazard ratios: the levels of each column are groups of their own."""
    if table is None or not hides() or table.empty:
        return table
    shown = [place for _, part in table.groupby("column", sort=False) for place in small_groups.without(part).index]
    return table.loc[sorted(shown)]


def calendar(found):
    """A calendar of renewals without the months in which fewer than five customers renew; Problem where none is left."""
    shown = rows(found.frame)
    if shown.empty or not shown["customers"].sum():
        raise Problem(NONE_LEFT)
    return replace(found, frame=shown)


def too_few(customers: float) -> bool:
    """Whether so many customers, but not none, are too few to be told."""
    return hides() and 0 < round(customers) < LEAST


def cells(table):
    """A table of counts by two groupings, what may not be told left empty."""
    return small_groups.masked(table) if hides() else table


def note(before: int, after: int) -> None:
    """Say that something is hidden, and why, where it would stand."""
    if before > after:
        st.caption(words.md(f"{words.counted(before - after, 'group')} left out: fewer than {LEAST} customers, or the next "
                            "smallest, so that nobody can be worked out from the total."))  # fmt: skip


def files() -> bool:
    """Whether tables may leave as files; told where they may not."""
    if hides():
        return True
    st.caption(f"No files while groups of fewer than {LEAST} customers are shown: hide them on the page Data.")
    return False


def nameable(base) -> bool:
    """Whether the groups of these assumptions are large enough to stand in a workbook each by itself."""
    counts = {place: float(cell.heads.sum()) for place, cell in enumerate(base.cells)}
    return len(counts) < 2 or not small_groups.left_out(counts)


def switch() -> None:
    """The switch of the page Data."""
    st.toggle(f"Hide groups of fewer than {LEAST} customers", True, key=SWITCH, persist_state="session",
              help="On a shared screen and in files they are always hidden.")  # fmt: skip
