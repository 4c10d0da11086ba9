"""What the team has saved: who, when, why, on which data; open one, talk about it, compare up to six."""

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from pages.saved import one, versus
from pages.shared import answers, layout, session, share, who, widgets
from pages.shared.link import COMPARED

FOUND, SHOWN = "saved-find", 25
EMPTY = (
    "Nothing is saved yet. Ask a question on the page Scenarios and press “Save scenario”: it gets a name, a link, "
    "a history, and stands here for {}."
)
READERS = {False: "everybody who works on this server", True: "you and, once you share its data, for everybody else"}


def names(entries) -> dict[str, str]:
    """Id -> what a scenario is called, with its author where two bear one name."""
    twice = [entry.name for entry in entries]
    return {e.id: f"{e.name} ({e.author})" if twice.count(e.name) > 1 else e.name for e in entries}


def headline(entries) -> str:
    latest = entries[0]
    return f"{words.counted(len(entries), 'saved scenario')}; the latest is “{latest.name}” by {latest.author}"


def chosen(entries) -> list[str]:
    """Which of them to compare; those that are gone since drop out."""
    there = names(entries)
    session.put(COMPARED, [own for own in session.value(COMPARED) if own in there])
    return st.multiselect("Compare", list(there), key=COMPARED, max_selections=versus.MOST, persist_state="session",
                          format_func=lambda own: words.plain(there[own]),
                          placeholder="Choose two to six")  # fmt: skip


def listed(entries) -> None:
    """The newest version of each, the latest first."""
    if len(entries) > SHOWN:
        wanted = st.text_input("Find", key=FOUND, placeholder="Part of a name, an author or the data").lower()
        entries = [e for e in entries if wanted in f"{e.name} {e.author} {e.data_name}".lower()]
    for entry in entries[:SHOWN]:
        one.card(entry)
    if len(entries) > SHOWN:
        st.caption(f"{len(entries) - SHOWN} more: type part of a name to find them.")


def put_away(entries) -> None:
    """Those that were put away, each with the way back."""
    if not entries:
        return
    with st.expander(f"Put away ({len(entries)})", icon=":material/inventory_2:"):
        for entry in entries:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.caption(words.md(f"{entry.name} · {entry.author}"), width="content")
                if who.edits():
                    st.button("Take back", key=f"back-{entry.id}", on_click=one.take_back, args=(entry.id,), type="tertiary")


def undo(shelf) -> None:
    """Right after somebody put one away."""
    if own := session.seen(one.GONE):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(words.md(f"“{shelf.get(own).name}” was put away with all its versions."), icon=":material/inventory_2:")
            st.button("Undo", key="saved-undo", on_click=one.take_back, args=(own,))


def everything() -> None:
    shelf = share.shelf()
    entries = shelf.list()
    undo(shelf)
    if not entries:
        layout.heading("No saved scenario yet", facts="")
        st.info(EMPTY.format(READERS[who.tells_apart()]), icon=":material/bookmark_add:")
        st.page_link("pages/scenarios/page.py", label="To the scenarios", icon=":material/tune:")
    else:
        title = st.container()
        picked = chosen(entries)
        if len(picked) > 1 and answers.subscriptions().has_price:
            widgets.sidebar(answers.subscriptions())
            versus.show(picked, title)
        else:
            with title:
                layout.heading(headline(entries), facts="")
        listed(entries)
        if (every := shelf.many()) > len(entries):
            st.caption(words.md(f"These are the latest {words.count(len(entries))} of {words.count(every)}; an older one "
                                "opens by its link."))  # fmt: skip
    put_away(shelf.list(deleted=True))


if told := session.told():
    st.error(words.md(told), icon=":material/error:")
try:
    everything()
except Problem as error:
    layout.heading("Saved scenarios", facts="")
    layout.problem(error)
