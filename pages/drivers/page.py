"""Who leaves faster, what our last price change did, and whether annual payers stay longer."""

import streamlit as st

from cs_models import event_words, explanations, words
from cs_models.annual_or_monthly import NO_EFFECT, SELECTION
from cs_models.charts import hazards as hazard_chart
from cs_models.charts import price_change as price_chart
from cs_models.charts import shares as share_chart
from cs_models.drivers import strongest
from cs_models.problems import Problem
from pages.drivers import choices, price
from pages.shared import answers, figures, layout

RATIOS = {"Ratio": "%.2f", "95% from": "%.2f", "95% to": "%.2f"}
SHARES = {"Still here": "percent", "95% from": "percent", "95% to": "percent"}
MONTHS = {"Expected without the change": "%.1f", "Share left": "percent", "Share expected": "percent"}


def who_leaves_faster(ratios) -> None:
    """Hazard ratios, worded as association."""
    with layout.card(
        "Who leaves faster or slower",
        "Pace of leaving compared with the largest group of the same column at the same tenure. This is an "
        "association, not a cause: customers chose their plan, so moving them may change nothing.",
    ):
        if isinstance(ratios, Problem):
            st.info(words.md(str(ratios)), icon=":material/info:")
            return
        if ratios is None:
            st.info("The file has no segment columns to compare.", icon=":material/info:")
            return
        frame = hazard_chart.frame(ratios)
        if frame.empty:
            st.info("No group has enough departures to be compared with another.", icon=":material/info:")
        else:
            st.caption(words.md(f"{explanations.references(ratios)} {how_compared(ratios)}"))
            alt = f"{strongest(ratios) or untold(ratios)}. {explanations.references(ratios)}"
            layout.chart("hazards", frame, alt, "hazards", hazard_chart.height(frame))
        layout.numbers(lambda: figures.ratio_table(ratios), "Hazard ratios", "hazards", RATIOS)


def how_compared(ratios) -> str:
    """What was held equal, in one line."""
    others = "nothing else" if ratios.attrs.get("alone") else "the other columns"
    season = ", the month of the year" if ratios.attrs.get("season") else ""
    errors = (
        " Ranges allow for luck shared by those who joined together." if ratios.attrs.get("clustered") else ""
    )
    chance = " Of groups that do not differ, one in twenty is coloured by chance."
    return f"Held equal: tenure{season} and {others}.{errors}{chance}"


def price_change(subs) -> None:
    """The event study on a month that the user names."""
    with layout.card(
        "Did our last price change drive customers away?",
        "Leaving after the change against what tenure, season and trend would have brought without it.",
    ):
        try:
            question = price.ask(subs)
            if question is None:
                return
            with st.spinner("Comparing the months before and after"):
                study = answers.price_study(*question)
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        price.say(study)
        if study.lasting is None:
            return
        st.caption("Line with dots: customers who left. Dashed: expected without the change.")
        alt = f"Share of customers leaving by month, around {study.month}. {event_words.answer(study)}"
        layout.chart("price_change", price_chart.frame(study.detail), alt, "price-change")
        layout.numbers(lambda: price_chart.table(study.detail), "Price change", "price-change", MONTHS)
        price.checks(study)
        price.use(study)


def annual_or_monthly(subs) -> None:
    """Annual against monthly payers with the warning that belongs to it."""
    with layout.card(
        "Do annual payers stay longer?",
        "Still here after 12 months, by how customers paid at the start. An annual customer cannot leave "
        "earlier.",
    ):
        try:
            with st.spinner("Comparing annual and monthly payers"):
                found = answers.billing_choice()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        st.markdown(words.md(words.held(event_words.billing_answer(found))))
        frame = share_chart.frame(found.table())
        layout.chart("shares", frame, event_words.billing_answer(found), "billing", share_chart.height(frame))
        layout.numbers(lambda: choices.share_table(found.table()), "Annual and monthly", "billing", SHARES)
        st.warning(words.md(words.held(f"{SELECTION} {NO_EFFECT}")), icon=":material/balance:")
        st.caption(words.md(words.held(event_words.unseen(found))))
        if found.left_out:
            st.caption(words.md(f"Not held equal, too many values: {', '.join(found.left_out)}."))


def ratios_or_problem():
    try:
        with st.spinner("Comparing the groups of every column"):
            return answers.hazard_ratios()
    except Problem as error:
        return error


def untold(ratios) -> str:
    """The title where the data tell no group from another."""
    if ratios is None or isinstance(ratios, Problem):
        return "Nothing to say yet about who leaves faster"
    groups = int((ratios["level"] != ratios["reference"]).sum())
    return f"No group leaves at a clearly different pace ({words.counted(groups, 'group')} compared)"


subs = answers.subscriptions()
ratios = ratios_or_problem()
told = strongest(ratios) if ratios is not None and not isinstance(ratios, Problem) else ""
layout.heading(told or untold(ratios))
layout.cautions(())
who_leaves_faster(ratios)
price_change(subs)
annual_or_monthly(subs)
