"""The figures of a board pack: a card each with value, day, n, definition and its last months."""

import pandas as pd
import streamlit as st

from cs_models import explanations, words
from cs_models.charts import movements
from pages.shared import answers, layout, widgets
from pages.shared.metric_cards import card

REVENUE = ("arr", "arpu", "active", "quick_ratio")
MOVED = ("new_mrr", "expansion_mrr", "reactivated_mrr", "contraction_mrr", "churned_mrr")
KEPT = ("gross_churn", "net_churn", "grr", "renewal_churn")
SHARES = {"logo_churn": "logo_churn", "gross_churn": "gross_churn", "net_churn": "net_churn", "grr": "grr",
          "nrr": "nrr", "renewal_churn": "renewal_churn"}  # fmt: skip
OTHERS = {"mrr": "mrr", "arr": "arr", "arpu": "arpu", "active": "customers", "quick_ratio": "quick_ratio"}
FORMATS = {words.LABELS[name]: "percent.2" for name in SHARES} | {
    words.LABELS[name]: form for name, form in zip(OTHERS, ("%,.0f", "%,.0f", "%,.2f", "%,.0f", "%.2f"))
}


def moves(by_month: pd.DataFrame, today, currency: str) -> None:
    """The MRR bridge by month."""
    how = f"{currency} a month. Bars above zero came, below went; the line is what is left of both."
    if today.cut:
        how += f" {words.month(f'{today.as_of:%Y-%m}')} is pale: the file ends on {words.day(today.as_of)}."
    with layout.card("What moved MRR", how):
        told = movements.sentence(by_month, today.month, currency)
        st.markdown(words.md(told))
        layout.chart("movements", movements.frame(by_month, today.cut, currency), told, "overview-movements")
        rows = movements.table(by_month)
        layout.numbers(lambda: rows, "MRR movements by month", "movements", movements.FORMATS)


def sections(by_month: pd.DataFrame, today, currency: str) -> None:
    """Every other figure, by subject."""
    month = words.month(today.month) if today.month else "the last whole month"
    _section("Recurring revenue", f"In force on {words.day(today.as_of)}.")
    with layout.cards(4):
        for name in REVENUE:
            card(today, name, currency)
    why = " the month after is not over, and half a month would show too little." if today.cut else ""
    _section("What came and what went", f"Within {month}{';' if why else '.'}{why}")
    with layout.cards(5):
        for name in MOVED:
            card(today, name, currency)
    _section("What is lost and what is kept", f"Up to the end of {month}.{_renewals(today)}")
    with layout.cards(4):
        for name in KEPT:
            card(today, name, currency)
    layout.numbers(lambda: table(by_month), "All figures by month", "metrics", FORMATS)


def _renewals(today) -> str:
    """Churn of those who could leave beside that of everybody."""
    due, everybody = today["renewal_churn"], today["logo_churn"]
    if due.value is None or everybody.value is None:
        return ""
    return (
        f" Of all customers {words.percent(everybody.value)} left within the month; of the {due.n} whose "
        f"paid term ended in it, {words.percent(due.value)} did not renew."
    )


def _section(title: str, how: str) -> None:
    with st.container(gap=None):
        st.subheader(words.md(title), anchor=False)
        st.caption(words.md(words.held(how)))


def table(by_month: pd.DataFrame) -> pd.DataFrame:
    """All months, the newest first; shares 0..1, shown in per cent."""
    found = {"Month": by_month["month"]}
    found |= {words.LABELS[name]: by_month[column] for name, column in OTHERS.items()}
    found |= {words.LABELS[name]: by_month[column] for name, column in SHARES.items()}
    return pd.DataFrame(found).iloc[::-1]


def churn() -> None:
    """Why there are several churn figures, folded: each with what it answers and how it becomes the next."""
    box = st.expander(words.md(explanations.WHICH_CHURN), key="which-churn", on_change="rerun", icon=":material/help:")
    if not box.open:
        return
    with box:
        found = answers.churn()
        st.caption(words.md(explanations.CHURN_BRIDGE))
        named = {"figure": "Figure", "churn": "A month", "answers": "What it answers", "follows": "How it comes about"}
        told = found.figures.assign(churn=found.figures["churn"].map(lambda share: words.percent(share, 2)))
        st.table(told.map(words.md).rename(columns=named).set_index("Figure"), border="horizontal")  # it wraps sentences
        if len(found.ages):
            ages = {"months": "Months a customer", "customers": "Customers today", "leaving": "Expected to leave next month",
                    "churn": "Chance"}  # fmt: skip
            layout.grid(found.ages[list(ages)].rename(columns=ages),
                        {"Customers today": "%,.0f", "Expected to leave next month": "%,.1f", "Chance": "percent.2"},
                        key="churn-ages", alt="Today's customers by age and how many are expected to leave next month")


HOW = "Lifetime value over {}, discounted; payback is not discounted."


def expected(found, churn: float, currency: str) -> None:
    """What today's customers will bring and how fast they will leave, by the fitted curves."""
    ahead = f"still to come in {words.months(found.horizon)}"
    layout.kpi(
        words.LABELS["residual"], words.money(found.residual, currency), ahead, words.HELP["residual"]
    )
    next_year = "today's customers, next 12 months"
    layout.kpi("Churn expected a month", words.percent(churn), next_year, words.HELP["expected_churn"])


def economics(found, ahead: tuple | None, currency: str) -> None:
    """What a customer costs to win and to keep against what he brings; `ahead`: see `expected`."""
    _section("What a customer costs and brings", HOW.format(words.months(found.horizon)))
    with layout.cards(4):
        widgets.cac()
        widgets.retention_spend()
    with layout.cards(4):
        if found.cac:
            _costs(found, currency)
        if found.retention_cost is not None:
            spent = f"a month · {words.counted(round(found.customers), 'customer')}"
            kept = words.money(found.retention_cost, currency)
            layout.kpi(words.LABELS["retention_cost"], kept, spent, words.HELP["retention_cost"])
        if ahead is not None:
            expected(*ahead, currency)
    if not found.cac:
        st.caption("LTV:CAC and payback need the cost to win a customer: type it above.")


def _costs(found, currency: str) -> None:
    cac = words.money(found.cac, currency)
    layout.kpi(words.LABELS["cac"], cac, "typed, per customer won", words.HELP["cac"])
    ends = f"95 %: {words.ratio(found.low)} to {words.ratio(found.high)}" if found.low is not None else ""
    label = f"{words.LABELS['ltv_cac']}, {words.months(found.horizon)}"
    layout.kpi(label, words.ratio(found.ratio), ends, words.HELP["ltv_cac"])
    for name, months in (("payback_cash", found.cash_months), ("payback_margin", found.margin_months)):
        layout.kpi(words.LABELS[name], words.payback(months), "of CAC", words.HELP[name])
