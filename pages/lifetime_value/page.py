"""What new customers and those of today are worth, with ranges; when CAC comes back; who holds the value."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import ranges
from cs_models.problems import Problem
from pages.lifetime_value import more
from pages.shared import answers, exports, figures, layout, link, session, small_ones, widgets
from cs_models.exports.tables import csv_bytes

MONEY = "%,.2f"


def cards(subs) -> None:
    """CLV at each horizon with its range, and for the whole lifetime with the share nobody has seen yet."""
    currency = subs.currency
    with layout.cards(5):
        for horizon in link.HORIZONS:
            span = answers.interval(horizon).get("new")
            worth = answers.valuation(horizon).clv
            cents = words.share_cents(worth, *((span.low, span.high) if span else ()))
            layout.kpi(
                f"{horizon} months",
                words.money(worth, currency, cents=cents),
                layout.around(span, currency, cents),
                words.HELP["clv"],
            )
        total, beyond, span = answers.lifetime()
        cents = words.share_cents(total, span.low, span.high)
        layout.kpi(
            "Lifetime",
            words.money(total, currency, cents=cents),
            layout.around(span, currency, cents),
            words.HELP["lifetime"],
        )
    rate = words.percent(session.value("discount_rate"), 0)
    tail = f"{words.percent(beyond, 0)} of the lifetime value lies beyond the months your data has seen."
    st.caption(words.md(f"Discounted at {rate} a year. {tail} {explanations.models(answers.model_range(60), currency)}"))


def groups(subs, horizon: int) -> None:
    table = answers.by_segment(horizon)
    column = figures.group_names(subs).get(answers.split(), "")
    note = "The point is the estimate, the bar its 95 % range."
    if table["pooled"].any():
        note += f" {figures.POOLED_NOTE}"
    with layout.card(f"By {column or 'group'}, {horizon} months", note):
        if not column:
            st.info(
                "No column parts the customers into groups. Choose one under Customer groups in the sidebar."
                if figures.group_names(subs)
                else "The file has no column that parts the customers into groups.",
                icon=":material/group_work:",
            )
        frame = ranges.frame(figures.group_points(table), subs.currency)
        if frame.empty:
            st.info("Nobody joined lately, so there is no new customer to value.", icon=":material/info:")
            return
        layout.chart(
            "ranges", frame, f"Lifetime value: {ranges.spoken(frame)}", "groups", max(ranges.height(frame), 240)
        )


def group_table(subs, found) -> None:
    """New and existing customers per group, side by side."""
    horizon = found.horizon
    with layout.card(
        "New and existing customers by group",
        f"{subs.currency}, {horizon} months, discounted; CAC not taken off",
    ):
        column = figures.group_names(subs).get(answers.split(), "")
        values = answers.by_segment(horizon)
        table = more.with_payback(figures.segment_table(values, column), values, found)
        layout.grid(
            table, figures.MONEY_COLUMNS, key="segments", alt="Value per group, new and existing customers"
        )
        if small_ones.files():
            st.download_button(
                "Download as CSV",
                csv_bytes(table),
                "value-by-group.csv",
                "text/csv",
                key="segments-csv",
                on_click="ignore",
                icon=":material/download:",
            )


def today(subs, found) -> None:
    """The customers of today, and the formula everybody knows beside the fitted value."""
    currency, horizon, naive = subs.currency, found.horizon, answers.naive()
    span = answers.interval(horizon).get("existing")
    cents = words.share_cents(naive["clv"], naive["arpu"])
    per_head = words.share_cents(found.residual_per_customer, *((span.low, span.high) if span else ()))
    with layout.cards(4):
        layout.kpi(
            "Value of today's customers",
            words.money(found.residual, currency),
            f"{horizon} months, all of them",
            words.HELP["residual"],
        )
        layout.kpi(
            "Per existing customer",
            words.money(found.residual_per_customer, currency, cents=per_head),
            layout.around(span, currency, per_head),
            words.HELP["residual"],
        )
        more.payback_card(found)
        layout.kpi(
            "ARPU × margin ÷ churn",
            words.money(naive["clv"], currency, cents=cents),
            f"{words.money(naive['arpu'], currency, cents=cents)} a month, "
            f"{words.percent(naive['churn'])} churn",
            "The one number most tools show. Read beside the fitted value, not instead of it.",
        )
    whole, _, _ = answers.lifetime()
    if found.clv is not None and naive["clv"] is not None:
        st.caption(words.md(explanations.back_of_envelope(naive["clv"], whole, currency)))


subs = answers.subscriptions()
if not subs.has_price:
    layout.heading("Lifetime value needs a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()  # nothing is written once the run is stopped
    st.stop()
widgets.sidebar(subs)
horizon = session.value("horizon")
try:
    found = answers.valuation(horizon)
    span = answers.interval(horizon).get("new")
    layout.heading(
        words.value_headline(found.clv, horizon, subs.currency, span),
        beside=lambda: exports.box(answers.change((), horizon)),
    )
    layout.cautions(answers.base().notes)
    layout.hindsight()
    cards(subs)
    left, right = st.columns([3, 2])
    with left:
        more.money_in_time(found, subs.currency)
    with right:
        groups(subs, horizon)
    today(subs, found)
    left, right = st.columns(2)
    with left:
        more.holders(subs, horizon)
    with right:
        more.returns(subs)
    group_table(subs, found)
    more.growth(subs)
    layout.assumptions_notes(answers.base().notes)
except Problem as error:
    layout.heading("Lifetime value")
    layout.problem(error)
