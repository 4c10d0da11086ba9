"""The last day a file knows: a question of its own, with a date to choose."""

from datetime import date

import streamlit as st

from cs_models import locales, words
from cs_models.export_day import ID as DAY
from cs_models.problems import Problem
from pages.data import waiting
from pages.shared import layout, session

STILL_RUNNING = "Subscriptions open on this day count as still running."


def day(shape: str, mapping: dict, above) -> tuple[str, object, dict[str, str]]:
    """The last day the file knows: asked where nobody states it, shown, changeable, doubted where rows end after it.

    Whoever keeps the guess has answered the question with it.
    """
    given = waiting.answers()
    with above:
        first = waiting.draft(shape, mapping, "", given)
    if first.as_of is None:
        return "", first, {}
    key = f"as-of-{waiting.tag()}-{first.as_of}"
    if session.seen(key) is None:
        session.put(key, first.as_of)
    question = next((one for one in first.report.questions if one.id == DAY), None)
    title = question.title if question else "The file knows everything up to"
    with layout.card(title, locales.retold(question.sentence) if question else STILL_RUNNING):
        picked = st.date_input(
            title, format="YYYY-MM-DD", key=key, width=280, label_visibility="collapsed"
        )
        as_of = "" if picked in (None, first.as_of) else picked.isoformat()
        try:
            with above:
                subs = first if as_of == "" else waiting.draft(shape, mapping, as_of, given)
        except Problem as error:
            layout.problem(error)
            st.stop()
        ahead = ends_ahead(subs)
        other_days(question, picked, ahead, key)
    return as_of, subs, {DAY: question.guess} if question and not as_of else {}


def ends_ahead(subs):
    """Ends after the last known day: booked ahead, or the sign that the file was exported later. Says which day."""
    told = next((finding for finding in subs.report.findings if finding.id == "ends_ahead"), None)
    if told is None or subs.latest_end_ahead is None:
        return None
    latest = words.day(subs.latest_end_ahead)
    text = (
        f"{words.counted(told.count, 'row')} with an end after {words.day(subs.as_of)}, counted as still "
        f"subscribed. If the file was exported later, set the date to {latest}: they have left then."
    )
    st.warning(words.md(text), icon=":material/event_busy:")
    return subs.latest_end_ahead


def other_days(question, picked, ahead, key: str) -> None:
    """A button for each other day the file may have been exported on."""
    days = [date.fromisoformat(one) for one in question.alternatives] if question else []
    days = [one for one in dict.fromkeys([*days, ahead]) if one and one != picked]
    with st.container(horizontal=True):
        for one in days:
            name = words.day(one)
            st.button(
                words.md(f"Set the date to {name}"),
                key=f"set-day-{one}",
                on_click=session.put,
                args=(key, one),
                icon=":material/event_available:",
            )
