"""Beside the value: cash against what is earned, who holds it, who returns, what those who stay pay."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import cash, concentration
from cs_models.paybacks import payback_by_group, paybacks
from cs_models.problems import Problem
from pages.shared import answers, layout, session

PERCENT = "percent.2"
HALF = 260  # pixels of a chart that stands beside another


def money_in_time(found, currency: str) -> None:
    """Cash and earned margin of a new customer summed up, against CAC."""
    cac, back = session.value("cac"), paybacks(found)
    note = f"Margin so far of one new customer over {found.horizon} months, {currency}, not discounted."
    if back.prepaid > 0:
        note += " Cash counts a prepaid year when it is paid; earned counts a twelfth of it each month."
    if not cac:
        note += " Enter the cost to win a customer in the sidebar to see when it comes back."
    with layout.card("What a new customer brings", note):
        sums = cash.lines(found.flows)
        reached = {cash.CASH: back.cash_months, cash.EARNED: back.margin_months}
        frame = cash.frame(sums, cac, reached, currency)
        layout.chart("cash", frame, cash.spoken(frame), "cash")
        layout.numbers(lambda: cash.table(sums), "Cash and margin by month", "cash", cash.FORMATS)


def payback_card(found) -> None:
    """Months until CAC is back, in cash and as earned."""
    if not session.value("cac"):
        if not session.presenting():
            layout.kpi("Payback", words.ABSENT, "enter CAC in the sidebar", words.HELP["payback_months"])
        return
    back = paybacks(found)
    earned = words.payback(back.margin_months)
    label, note = "Payback", "of the cost to win a customer"
    if back.prepaid > 0:
        label, note = "Payback in cash", f"as earned: {earned[0].lower()}{earned[1:]}"
    layout.kpi(label, words.payback(back.cash_months), note, words.HELP["payback_months"])


def with_payback(table: pd.DataFrame, values: pd.DataFrame, found) -> pd.DataFrame:
    """The table of groups with both paybacks in words, where a CAC is typed."""
    if not session.value("cac"):
        return table
    back = payback_by_group(found).set_index(["segment", "interval"])
    keys = list(values[["segment", "interval"]].itertuples(index=False, name=None))
    for column, name in (("cash_months", "Payback in cash"), ("margin_months", "Payback as earned")):
        told = [words.payback(back.at[key, column]) if key in back.index else words.ABSENT for key in keys]
        table.insert(table.columns.get_loc("Existing customer"), name, told)
    return table


def holders(subs, horizon: int) -> None:
    """Share of the value of today's customers with the most valuable of them."""
    today = words.counted(round(answers.base().customers), "customer")
    note = f"Value still to come over {horizon} months from {today} of today, the most valuable first."
    with layout.card("Who holds the value", note):
        try:
            found = answers.concentration(horizon)
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        top, paid = found.share(concentration.TOP), found.share(concentration.TOP, "mrr")
        said = f"The most valuable 10 % of customers hold {words.percent(top, 0)} of the value"
        st.markdown(words.md(words.held(f"{said} and pay {words.percent(paid, 0)} of MRR.")))
        layout.chart("concentration", concentration.frame(found.curve), said, "concentration", HALF)
        rows = concentration.table(found.curve)
        layout.numbers(lambda: rows, "Who holds the value", "concentration", concentration.FORMATS)


def returns(subs) -> None:
    """How many come back, how soon, and what it is worth."""
    note = "Customers who left and started again after a gap; not part of the values above."
    with layout.card("Who comes back", note):
        try:
            found = answers.returns()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        st.markdown(words.md(words.held(found.sentence)))
        if not found.enough:
            st.caption("What a return is worth is shown from 30 returns on.")
            return
        if not answers.base().has_new:
            return
        worth, currency = found.worth(answers.base()), subs.currency
        low, high = (words.percent(end) for end in (worth.rho_range.low, worth.rho_range.high))
        ends = worth.added_range
        cents = words.share_cents(worth.added, ends.low, ends.high)
        with layout.cards(2):
            layout.kpi(
                "Returns add",
                words.money(worth.added, currency, cents=cents),
                layout.around(ends, currency, cents),
                "Discounted margin of later stays, on top of the lifetime value of a first stay.",
            )
            layout.kpi(
                "Later stays per departure",
                words.percent(worth.rho),
                f"95 %: {low} to {high}",
                "Share of a first stay's value that later stays bring: the chance to return times what a "
                "later stay is worth against a first one, discounted to the day of leaving.",
            )
        layout.numbers(lambda: _away(found), "Months away", "away", {"Back so far": PERCENT})


def _away(found) -> pd.DataFrame:
    shown = found.frame.iloc[1:]
    return pd.DataFrame({
        "Months away": shown["month"], "Still away and watched": shown["at_risk"],
        "Came back": shown["returned"], "Back so far": shown["share"]})  # fmt: skip


def growth(subs) -> None:
    """Expansion and contraction of those who stay, by tenure."""
    with layout.card(
        "What those who stay pay more",
        "Change of MRR a month, apart from those who leave. Bands with little data lean on the mean.",
    ):
        try:
            found = answers.expansion()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        if not found.bands:
            st.info("Too few customers have stayed a month to see how prices move.", icon=":material/info:")
            return
        path = found.path(25)
        said = f"A customer who stays pays {_moved(path[12] - 1)} after a year"
        said += f" and {_moved(path[24] - 1)} after two" if found.observed_to >= 24 else ""
        beyond = f"No growth is assumed after month {found.observed_to}."
        st.markdown(words.md(words.held(f"{said}.")))
        layout.grid(_bands(found), BAND_COLUMNS, key="growth", alt="Growth of MRR by tenure, with ranges")
        counted = "count this growth" if session.value("growth") == "seen" else "are at today's prices"
        st.caption(f"{beyond} The values above {counted}: see “What those who stay pay” in the sidebar.")


def _moved(share: float) -> str:
    moved = words.percent(abs(share))
    return "the same" if moved == words.percent(0.0) else f"{moved} {'less' if share < 0 else 'more'}"


BAND_COLUMNS = dict.fromkeys(("Customer-months", "Changes", "MRR seen"), "%,.0f") | dict.fromkeys(
    ("As counted", "Growth", "95% from", "95% to"), PERCENT
)


def _bands(found) -> pd.DataFrame:
    table = found.frame
    ends = zip(table["first"], table["last"], strict=True)
    return pd.DataFrame({
        "Months of tenure": [f"{first} to {last}" for first, last in ends],
        "Customer-months": table["customer_months"], "Changes": table["changed"], "MRR seen": table["mrr"],
        "As counted": table["raw"], "Growth": table["rate"],
        "95% from": table["low"], "95% to": table["high"]})  # fmt: skip
