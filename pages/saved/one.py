"""One saved scenario: what it says, its link, its versions, what was said about it, what came of it since."""

import pandas as pd
import streamlit as st

from cs_models import locales, words
from cs_models.problems import Problem
from pages.saved import since
from pages.shared import layout, session, share, who

SCENARIOS = "pages/scenarios/page.py"
GONE = "saved-gone"


def card(entry) -> None:
    """Name, who, when, on which data, the headline then; the rest folded under it."""
    with st.container(border=True, gap="xsmall", key=f"saved-{entry.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{words.md(entry.name)}**", width="content")
            _open(entry, "Open")
        with locales.use(locales.DEFAULT):  # the headline below was written when it was saved: one language on a card
            st.caption(words.md(facts(entry)))
        if entry.headline:
            st.markdown(words.md(words.held(entry.headline)))
        box = st.expander("Reasons, versions, comments, what came of it", key=f"more-{entry.id}", on_change="rerun",
                          type="compact")  # fmt: skip
        if box.open:
            with box:
                _more(entry)


def facts(entry) -> str:
    through = f" through {words.day(entry.data_day)}" if entry.data_day else ""
    version = f"version {entry.number}" if entry.number > 1 else ""
    parts = (version, entry.author, words.clock(entry.created_at, share.zone()), f"{entry.data_name}{through}")
    return " · ".join(filter(None, parts))


def _open(entry, label: str) -> None:
    if st.button(label, key=f"open-{entry.id}", on_click=session.put_up, args=(entry,), icon=":material/tune:"):
        st.switch_page(SCENARIOS)


def _more(entry) -> None:
    if entry.reasons:
        st.markdown(words.md(entry.reasons))
    try:
        st.caption(words.md(words.held(entry.saved.scenario.told())))
    except Problem as error:
        layout.problem(error)
    st.code(share.address(entry.id), language=None, wrap_lines=True)
    shelf = share.shelf()
    _versions(shelf.history(entry.id))
    since.show(entry)
    _comments(entry, shelf.comments(entry.id))
    if who.edits():
        st.button("Put away", key=f"gone-{entry.id}", on_click=_put_away, args=(entry.id,), type="tertiary",
                  icon=":material/inventory_2:", help="All its versions leave the list; nothing is erased.")  # fmt: skip


def _versions(history) -> None:
    if len(history) < 2:
        return
    st.markdown("**Versions**")
    rows = [(one.number, one.author, words.clock(one.created_at, share.zone()), one.amount, one.reasons) for one in history]
    frame = pd.DataFrame(rows, columns=["Version", "By", "Saved", "Difference (95 % range)", "Reasons"])
    layout.grid(frame, key=f"versions-{history[-1].id}", alt="All versions of this scenario")
    with st.container(horizontal=True):
        for old in history[:-1][-5:]:
            _open(old, f"Open version {old.number}")


def _comments(entry, comments) -> None:
    st.markdown("**Comments**")
    for one in comments:
        st.caption(words.md(f"{one.author} · {words.clock(one.created_at, share.zone())}"))
        st.markdown(words.md(one.text))
    text = f"comment-{entry.id}"
    st.text_area("Comment", key=text, max_chars=4000, height=80, label_visibility="collapsed",
                 placeholder="What do you think of it?")  # fmt: skip
    if not who.signed_in():
        st.text_input("Your name", key=f"by-{entry.id}", value=session.author(), max_chars=80, placeholder="local",
                      width=280)  # fmt: skip
    st.button("Comment", key=f"say-{entry.id}", on_click=_say, args=(entry.id, text, f"by-{entry.id}"))


def _say(scenario: str, text: str, by: str) -> None:
    """Callback: what was typed stays where it is when it cannot be kept."""
    if name := session.seen(by):
        session.put(session.AUTHOR, name)
    try:
        share.shelf().comment(scenario, session.author(), str(session.seen(text) or ""), share.now())
        session.put(text, "")
    except Problem as error:
        session.tell(str(error))


def _put_away(scenario: str) -> None:
    try:
        share.shelf().delete(scenario, session.author(), share.now())
        session.put(GONE, scenario)
    except Problem as error:
        session.tell(str(error))


def take_back(scenario: str) -> None:
    try:
        share.shelf().restore(scenario, session.author(), share.now())
        session.put(GONE, None)
    except Problem as error:
        session.tell(str(error))
