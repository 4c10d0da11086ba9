"""Up to six saved scenarios side by side: who is ahead, when, and whether that could be chance."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import contest as chart
from cs_models.problems import Problem
from cs_models.side_by_side import MOST, differing
from pages.shared import answers, cache_saved, layout, session, share, widgets

__all__ = ["MOST", "show"]
TALL = 380
OVER = {"new": "per new customer", "existing": "per existing customer", "portfolio": "whole book"}
PAIRED = (
    "The gap between two scenarios is taken draw by draw on the same customers, so what they share cancels. Two ranges may "
    "overlap and the scenarios still be told apart; where the range of the gap holds 0 they cannot."
)
STRANGE = (
    "Saved with other data: {}. The figures below are those plans on the customers open now, not what was saved. To compare "
    "what was saved, open one of them first."
)


def show(picked: list[str], title) -> None:
    """The sentence first, in its place at the top, then the picture, the table, and the levers that differ."""
    try:
        found = _contest(picked)
    except Problem as error:
        with title:
            layout.heading("These scenarios cannot be compared here")
        layout.problem(error)
        return
    with title:
        layout.heading(found.sentence().rstrip("."))
    widgets.view(found.changes[0])
    st.markdown(words.md(words.held(found.when())))
    _notes(picked, found.names)
    _picture(found)
    _table(found)
    _levers(found)


def _contest(picked: list[str]):
    data, by, money = answers.asked()
    book = session.value("view")
    base = answers.base()
    there = {"new": base.has_new, "existing": base.has_existing, "portfolio": True}
    own = book if there[book] else ""
    return cache_saved.contest(data, by, money, cache_saved.BETWEEN.join(picked), session.value("horizon"), own)


def _notes(picked: list[str], names: tuple[str, ...]) -> None:
    """All stand on the data and the economics of the desk; which were saved otherwise is said."""
    base, definitions = answers.base(), answers.subscriptions().definitions
    entries = [share.shelf().get(own) for own in picked]
    others = {name: entry.saved.differences(base, definitions) for name, entry in zip(names, entries, strict=True)}
    st.caption("All on the data and the economics of the desk; each with the levers it was saved with.")
    if strange := [name for name, entry in zip(names, entries, strict=True) if not entry.saved.of_these(base)]:
        st.warning(words.md(STRANGE.format(", ".join(f"“{name}”" for name in strange))), icon=":material/warning:")
    if told := [f"“{name}”: {' '.join(found)}" for name, found in others.items() if found]:
        with st.expander(f"Saved otherwise ({len(told)})", icon=":material/history:"):
            for text in told:
                st.markdown(f"- {words.md(words.held(text))}")


def _picture(found) -> None:
    where = OVER[found.book]
    with layout.card("What each adds, month by month", f"{where.capitalize()}, discounted, added up from today. At month H the "
                     "line is the difference over a horizon of H months; where lines cross, the lead changes."):  # fmt: skip
        frame = chart.frame(found.names, found.gains, found.currency, TALL)
        layout.chart("contest", frame, chart.spoken(found.names, found.gains, found.currency), "contest", TALL)
        form = dict.fromkeys(found.names, "%,.0f")
        layout.numbers(lambda: chart.table(found.names, found.gains), "Comparison by month", "contest", form)


def _table(found) -> None:
    with layout.card(f"Over {words.months(found.horizon)}, {OVER[found.book]}", PAIRED):
        layout.grid(_rows(found), key="contest-table", alt="The scenarios side by side")


def _rows(found) -> pd.DataFrame:
    best, table = found.ranked()[0], found.table
    cents = words.share_cents(*table["delta"], *table["low"], *table["high"])

    def paid(value: float, sign: bool = False) -> str:
        return words.money(value, found.currency, sign=sign, cents=cents)

    rows = []
    for one in table.itertuples():
        gap = found.gap(best, one.name)
        behind = f"{paid(gap.delta)} ({words.money_interval(gap.low, gap.high, found.currency, cents=cents)})"
        said = "leads" if one.name == best else behind if gap.told_apart else "cannot be told apart"
        around = words.money_interval(one.low, one.high, found.currency, sign=True, cents=cents)
        rows.append((one.name, paid(one.clv), paid(one.delta, sign=True), around, words.percent(one.probability, 0),
                     words.payback(one.payback), said))  # fmt: skip
    columns = ["Scenario", "Value with it", "Difference", "95 % range", "Chance it pays", "Payback", f"Behind {best}"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame if session.value("cac") else frame.drop(columns="Payback")


def _levers(found) -> None:
    plans = dict(zip(found.names, (change.plan for change in found.changes)))
    table = differing(plans, found.currency)
    with layout.card("Where they differ"):
        if table.empty:
            st.caption("In nothing: the levers are the same.")
        else:
            layout.grid(table, key="contest-levers", alt="The figures in which the scenarios differ")
