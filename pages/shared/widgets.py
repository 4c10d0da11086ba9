"""Inputs that several pages share: the economics, how to count, whose value."""

import streamlit as st

from cs_models import explanations, words
from pages.shared import answers, figures, link, session


def growth() -> None:
    """Whether those who stay pay more with tenure, as seen so far."""
    if answers.can_grow():
        names = {"flat": "As today", "seen": "As it grew so far"}
        st.segmented_control("What those who stay pay", list(names), format_func=names.get, required=True,
                             key="growth", help=words.HELP["growth"])


def _help(meaning: str) -> str:
    """What an amount means, in which currency, and how to type its decimals."""
    return words.md(f"{meaning} {explanations.typed(answers.subscriptions().currency)}".strip())


def price(currency: str) -> None:
    """What a customer pays a month: asked only of data without prices."""
    st.number_input(
        f"Price per customer and month, {currency}",
        0.0,
        link.HIGHEST[link.PRICE],
        step=1.0,
        format="%.2f",
        key=link.PRICE,
        help=_help(words.HELP["typed_price"]),
        persist_state="session",
        width=320,
    )


def sidebar(subs) -> None:
    """What every page about money asks: what the data do not hold, and how to count."""
    with st.sidebar:
        st.markdown("**What the data do not hold**")
        economics()
        st.markdown("**How to count**")
        horizon()
        split(subs)
        growth()


def economics() -> None:
    """The numbers the data do not hold; the same on every page that shows money."""
    common = {"persist_state": "session"}
    if answers.lacks_price():
        price(answers.subscriptions().currency)
    st.slider(
        "Gross margin",
        0.0,
        1.0,
        value=0.0,
        step=0.01,
        format="percent",
        key="gross_margin",
        help=words.md(words.HELP["gross_margin"]),
        **common,
    )
    st.slider(
        "Discount rate a year",
        0.0,
        0.5,
        value=0.0,
        step=0.005,
        format="percent",
        key="discount_rate",
        help=words.md(words.HELP["discount_rate"]),
        **common,
    )
    st.number_input(
        "Service cost per customer and month",
        0.0,
        step=1.0,
        format="%.2f",
        key="service_cost",
        help=_help(words.HELP["service_cost"]),
        **common,
    )
    cac()


def cac() -> None:
    """What it costs to win a customer: asked wherever it decides a number."""
    st.number_input(
        "Cost to win a customer (CAC)",
        0.0,
        step=10.0,
        format="%.2f",
        key="cac",
        help=_help(words.HELP["cac"]),
        persist_state="session",
    )


def retention_spend() -> None:
    """What programmes to keep customers cost in a month."""
    st.number_input(
        words.LABELS[link.SPEND],
        0.0,
        link.HIGHEST[link.SPEND],
        step=100.0,
        format="%.2f",
        key=link.SPEND,
        help=_help(words.HELP[link.SPEND]),
        persist_state="session",
    )


def measure(subs) -> str:
    """Customers, or their revenue gross or net; only customers where the file has no dates or no prices."""
    if not (subs.has_dates and subs.has_price):
        session.put("measure", link.OTHERS["measure"])
        return link.OTHERS["measure"]
    names = {"logos": "Customers", "gross": "Gross revenue", "net": "Net revenue"}
    return st.segmented_control(
        "What is kept",
        link.MEASURES,
        format_func=names.get,
        key="measure",
        required=True,
        persist_state="session",
        help=words.md(words.HELP["measure"]),
    )


def by(subs) -> str:
    """Which groups the retention curves are drawn for; "" for everybody together."""
    names = {"": "Everybody", **figures.group_names(subs)}
    if len(answers.life_table().intervals) > 1:
        names["interval"] = "Billing interval"
    if subs.has_dates:
        names["year"] = "Year of sign-up"
    return st.selectbox(
        "Split by", list(names), format_func=names.get, key="by", persist_state="session", width=280
    )


def split(subs) -> None:
    """Which groups are fitted apart before they are valued."""
    names = {link.NO_SPLIT: "Nothing: everybody alike", **figures.group_names(subs)}
    session.put("split", answers.split() or link.NO_SPLIT)
    st.selectbox(
        "Customer groups",
        list(names),
        format_func=names.get,
        key="split",
        persist_state="session",
        help="Groups are fitted one by one. Where those who pay more also stay longer, valuing everybody "
        "alike would be too low.",
    )


def horizon() -> None:
    st.segmented_control(
        "Horizon in months",
        link.HORIZONS,
        key="horizon",
        required=True,
        width="stretch",
        persist_state="session",
        help="How far ahead value is counted.",
    )


def view(change) -> None:
    """New customers, existing ones, or the whole book: those the data have."""
    names = {"new": "New customers", "existing": "Existing customers", "portfolio": "Whole book"}
    there = [name for name in link.VIEWS if name in figures.books(change)]
    session.put("view", answers.book(change))
    st.segmented_control(
        "Whose value",
        there,
        format_func=names.get,
        key="view",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
