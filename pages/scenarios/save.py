"""Saving what is on the desk under a name, for the team: one button, then a link to copy."""

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from cs_models.saved import SavedScenario
from cs_models.scenario import alone
from cs_models.shelf import LOCAL, Conflict, Draft
from pages.scenarios.answer import THE_PLAN, Asked
from pages.shared import answers, layout, link, session, share, who

NAME, REASONS, BOX, SHARED = "scenario-name", "scenario-reasons", "save-box", "scenario-shared"
TAKEN = "scenario-taken"
LONGEST, SHORT = 80, 45  # letters of a name, of one that is suggested
SAVED_PAGE = "pages/saved/page.py"


def on_the_desk(asked: Asked) -> SavedScenario:
    """The plan with all that decides its numbers, under the name and the reasons that were typed."""
    name = str(session.seen(NAME) or "").strip() or _suggestion(asked)
    return SavedScenario.of(asked.change, name, str(session.seen(REASONS) or ""), answers.subscriptions().definitions,
                            price=float(session.value(link.PRICE)), book=asked.book)  # fmt: skip


def _suggestion(asked: Asked) -> str:
    """What the plan does if that is short, else its decisions by name."""
    said = alone(asked.change.plan.sentence())
    if len(said) > SHORT:
        said = " and ".join(lever.title for lever in asked.change.plan.active)[:LONGEST]
    return words.plain(said[:1].upper() + said[1:])


def button(asked: Asked) -> None:
    """The one button: name, reasons, author, and after the press the link."""
    if not who.edits():
        st.button("Save scenario", icon=":material/bookmark_add:", key=BOX, disabled=True, help=who.LOOK_ONLY)
        return
    box = st.popover("Save scenario", icon=":material/bookmark_add:", key=BOX, on_change="rerun")
    _suggest(asked)
    if box.open:  # drawn earlier, the run of the opening would set the name anew while somebody types another
        with box:
            _form(asked)


SEEN_BY = "Everybody who works on this server sees what is saved, and can open it with its data."
ONLY_ME = "These data are yours alone. So is what you save on them, until you share the data."


def _seen_by() -> None:
    """Who will see it: that is said, or asked of the owner of data that nobody else has."""
    data = session.data_id()
    if who.shared(data) or not who.owns(data):
        st.caption(SEEN_BY)
        return
    st.toggle("Share these data with everybody on this server", key=SHARED,
              help="Without it, the scenario and its data stay yours alone. The Data page changes it at any time.")  # fmt: skip
    st.caption(SEEN_BY if session.seen(SHARED) else ONLY_ME)


def _suggest(asked: Asked) -> None:
    """A new version bears the name and the reasons of the one before until others are typed."""
    name, reasons = session.scenario_text()
    for key, text in ((NAME, name or _suggestion(asked)), (REASONS, reasons)):
        stands = session.seen(key)
        if stands != text and stands in (None, "", session.seen(f"suggested-{key}")):
            session.put(key, text)  # never what stands there already: put again it would wipe what is being typed
        session.put(f"suggested-{key}", text)


def _form(asked: Asked) -> None:
    if newest := session.seen(TAKEN):
        try:
            _taken(newest)
        except Problem as error:
            layout.problem(error)
        return
    if _unchanged(asked):
        _link(session.scenario())
        return
    st.text_input("Name", key=NAME, max_chars=LONGEST, persist_state="session")
    st.text_area("Reasons", key=REASONS, max_chars=4000, placeholder="Why we look at this", height=80,
                 persist_state="session")  # fmt: skip
    author()
    _seen_by()
    if session.scenario():
        st.button("Save as a new version", key="save-child", on_click=_save, args=("child",),
                  help="The version before it stays and can be opened.")  # fmt: skip
        st.button("Save as a scenario of its own", key="save-copy", on_click=_save, args=("copy",))
    else:
        st.button("Save", key="save-new", on_click=_save, args=("new",))


def author() -> None:
    """Asked once, of whoever has not signed in."""
    if not who.signed_in():
        st.text_input("Your name", key=session.AUTHOR, max_chars=80, placeholder=LOCAL, persist_state="session")


def _link(scenario: str) -> None:
    st.markdown(f"**Saved.** This link opens it {share.reach()}:")
    st.code(share.address(scenario), language=None, wrap_lines=True)
    st.page_link(SAVED_PAGE, label="All saved scenarios", icon=":material/bookmarks:")


def _unchanged(asked: Asked) -> bool:
    """Whether the desk is as the open scenario has it."""
    return session.on_own_data() and not session.moved_since()


def _save(how: str, newest: str = "") -> None:
    """Callback. Nothing that was typed is lost, whatever happens: name, reasons and levers stay where they are.

    `newest`: the version it is put on top of, where that is not the open one.
    """
    session.put(TAKEN, None)
    parent = newest or session.scenario() or None if how != "new" else None
    try:
        entry = share.shelf().save(_draft(), session.author(), share.now(), parent, copy=how == "copy")
        if session.seen(SHARED) and who.owns(session.data_id()):
            who.share(session.data_id(), True)
    except Conflict as conflict:  # also when a third person was faster still
        session.put(TAKEN, conflict.newest.id)
    except Problem as error:
        session.tell(str(error))
    else:
        session.keep(entry)


def _draft() -> Draft:
    if not who.sees(session.data_id()):
        raise Problem("These data are not here for you any more: their owner took them back. Nothing was saved on them.")
    asked = Asked.now()
    subs = answers.subscriptions()
    headline = asked.change.headline(asked.book, subject=THE_PLAN if asked.long else "")
    return Draft(on_the_desk(asked), session.data_id(), session.data_name(), subs.as_of, headline)


def _taken(newest: str) -> None:
    """Somebody was faster: theirs, mine or both; who will see mine stays as it was chosen."""
    theirs = share.shelf().get(newest)
    st.warning(words.md(Conflict.told(theirs, share.zone())), icon=":material/group:")
    _seen_by()
    st.button("Keep theirs", key="keep-theirs", on_click=_theirs, args=(newest,),
              help="Opens it here. What is on the desk now goes.")  # fmt: skip
    st.button("Keep mine as a copy", key="keep-copy", on_click=_save, args=("copy",))
    st.button("Put mine on top of theirs", key="keep-mine", on_click=_save, args=("child", newest),
              help="Mine is the newest version; theirs stays in the history.")  # fmt: skip
    if st.button("Keep both and compare", key="keep-compare", on_click=_both, args=(newest,)):
        st.switch_page(SAVED_PAGE)


def _theirs(newest: str) -> None:
    try:
        session.put_up(share.shelf().get(newest))
        session.put(TAKEN, None)
    except Problem as error:
        session.tell(str(error))


def _both(newest: str) -> None:
    _save("copy")
    session.put(link.COMPARED, [newest, session.scenario()])


def provenance(asked: Asked) -> None:
    """Which saved scenario the desk came from, whether it was moved since, and whether there is a newer version."""
    if not session.scenario():
        return
    try:
        shelf = share.shelf()
        entry, newest = shelf.get(session.scenario()), shelf.newest(session.scenario())
    except Problem as error:  # the answer stands, whatever became of the database
        layout.problem(error)
        return
    version = f"version {entry.number} of {newest.number}" if newest.number > 1 else "saved"
    state = "moved since, not saved" if session.moved_since() else entry.reasons
    facts = (entry.name, f"{version} by {entry.author}", words.clock(entry.created_at, share.zone()), state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(words.md(" · ".join(filter(None, facts))), width="content")
        if newest.number > entry.number and not session.presenting():
            st.button("Open the newest", key="open-newest", on_click=session.put_up, args=(newest,), type="tertiary")
        if session.moved_since() and not session.presenting():
            st.button("Back to it as saved", key="as-saved", on_click=session.put_up, args=(entry, session.data_id()),
                      type="tertiary")  # fmt: skip
    if not session.moved_since():
        _since(entry, asked)


def _since(entry, asked: Asked) -> None:
    """Why the numbers are others than those that were saved."""
    try:
        saved = entry.saved
    except Problem:
        return
    found = [saved.changed(asked.change), *saved.differences(asked.change.base, answers.subscriptions().definitions)]
    if since := [one for one in found if one]:
        st.info(words.md(words.held(" ".join(since))), icon=":material/history:")


def lost() -> None:
    """The link is right and its data are not here, or the scenario is of another version: what it said, read-only."""
    try:
        entry = share.shelf().get(session.scenario())
    except Problem as error:
        layout.heading("This scenario cannot be shown now", facts="")
        layout.problem(error)
        return
    layout.heading(entry.headline or entry.name, facts="")
    by = f"{entry.name} · saved by {entry.author} · {words.clock(entry.created_at, share.zone())}"
    st.caption(words.md(f"{by} · as it was saved, not worked out now"))
    if entry.amount:
        layout.kpi("When it was saved", entry.amount)
    if entry.reasons:
        st.markdown(words.md(entry.reasons))
    try:
        st.markdown(words.md(words.held(entry.saved.scenario.told())))
    except Problem as error:
        layout.problem(error)
    else:
        _what_to_load(entry)
    st.button("Leave this scenario", key="leave-scenario", on_click=session.close_scenario, type="tertiary")


def _what_to_load(entry) -> None:
    through = f" through {words.day(entry.data_day)}" if entry.data_day else ""
    st.warning(
        words.md(
            f"Its data are not on this server: “{entry.data_name or entry.data_set}”{through}, data "
            f"{entry.fingerprint[:8]}. Load that file on the page Data, and the scenario opens on it."
        ),
        icon=":material/upload_file:",
    )
    with st.container(horizontal=True):
        st.page_link("pages/data/page.py", label="Load the data", icon=":material/upload_file:")
        here = words.md(words.plain(session.data_name()))
        st.button(f"Open it on “{here}” instead", key="open-elsewhere", on_click=session.put_up,
                  args=(entry, session.data_id()))  # fmt: skip
