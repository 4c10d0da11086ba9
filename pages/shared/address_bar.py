"""The address bar: what a link says, the scenario it opens, and the data set all pages speak of.

Values that are at rest, or as the open scenario has them, are not said. So `?scenario=<id>` alone restores a desk,
and whatever was moved since stands beside it. With session.py the one place that touches session state.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cs_models.problems import Problem
from pages.shared import cache, link, restore, share, who
from pages.shared.samples import SAMPLE, SAMPLES


def read() -> None:
    """Before any widget: the scenario of the address, then its own values, set the widgets; wrong ones are named.

    At the start of a session, and when the browser went back or on.
    """
    data = st.query_params.get(link.DATA_SET)
    broken = _take_up(st.query_params.get(link.SCENARIO, ""), data)
    _follow_data(data)
    rests = _rests()
    for name, (_, check) in link.kept().items():
        value = rests[name]
        if name in st.query_params:
            try:
                value = check(st.query_params[name])
            except ValueError:
                broken.append(name)
        st.session_state[name] = value
    if st.session_state[link.PRICE] and _has_price():
        st.session_state[link.PRICE] = link.OTHERS[link.PRICE]  # typed for other data: these have prices of their own
    if broken:
        st.session_state["_link_note"] = broken


def _rests() -> dict[str, object]:
    """What an address need not say: the values of the open scenario, of all others those at rest."""
    known = {name: rest for name, (rest, _) in link.kept().items()}
    return known | (st.session_state.get("_restored") or {})


def _take_up(scenario: str, data: str | None = None) -> list[str]:
    """Open a scenario of the shelf by its id; returns the names of its values that cannot be shown."""
    close_scenario()
    if not scenario:
        return []
    try:
        entry = share.shelf().get(scenario)
    except Problem as error:
        _tell_problem(str(error))
        return []
    return _hold(entry, data)


def _hold(entry, data: str | None = None) -> list[str]:
    """Make an entry of the shelf the open scenario: its values are what the address need not say.

    Where neither its own data nor those named are on this server, or it cannot be read, it is shown and nothing is
    set.
    """
    st.session_state["_scenario"], st.session_state["_own_data"] = entry.id, entry.data_set
    st.session_state["_lost"], st.session_state["_text"] = True, (entry.name, entry.reasons)
    if not (_known(entry.data_set) or (data and _known(data))):
        return []
    try:
        values, broken = restore.values(entry.saved)
    except Problem as error:
        _tell_problem(str(error))
        return []
    st.session_state["_lost"], st.session_state["_restored"] = False, values
    st.session_state["_decisions"] = restore.decisions(entry.saved)
    return broken


def put_up(entry, data: str | None = None) -> None:
    """Callback: everything on the desk as the entry has it, on its own data or on others that are named."""
    broken = _hold(entry, data)
    if scenario_lost():
        return
    _follow_data(data)
    st.session_state[link.FIRST] = link.OTHERS[link.FIRST]  # a question of the desk before
    for name, value in st.session_state["_restored"].items():
        st.session_state[name] = value
    if broken:
        st.session_state["_link_note"] = broken


def keep(entry) -> None:
    """What is on the desk was saved as this entry a moment ago; data of one's own stay until somebody deletes them."""
    if who.owns(data_id()):
        cache.store().let_stay(data_id(), "kept")
    _hold(entry, data_id())
    st.session_state["_own_data"] = entry.data_set


def _come_back() -> None:
    """The data of a scenario that could only be shown are here now."""
    try:
        put_up(share.shelf().get(scenario()))
    except Problem as error:
        _tell_problem(str(error))


def close_scenario() -> None:
    """No scenario of the shelf is open any more; what it set stays as it is."""
    for name in ("_scenario", "_restored", "_lost", "_own_data", "_text"):
        st.session_state.pop(name, None)


def scenario() -> str:
    """Id of the open scenario of the shelf; "" where none is."""
    return st.session_state.get("_scenario", "")


def scenario_text() -> tuple[str, str]:
    """Name and reasons of the open scenario; empty where none is open."""
    return st.session_state.get("_text", ("", ""))


def scenario_lost() -> bool:
    """Whether the open scenario cannot be worked out here: its data are gone, or it is of another version."""
    return bool(scenario()) and st.session_state.get("_lost", False)


def moved_since() -> bool:
    """Whether anything a scenario decides is otherwise than the open one has it."""
    held = st.session_state.get("_restored") or {}
    there = {name: st.session_state.get(name, value) for name, value in held.items()}
    own = {name: tuple(value) if isinstance(value, list) else value for name, value in there.items()}
    return own != held


def on_own_data() -> bool:
    """Whether the open scenario is worked out on the data it was saved with."""
    return bool(scenario()) and data_id() == _own_data()


def _own_data() -> str:
    """The data an address speaks of when it names none: those of its scenario, or the sample."""
    return SAMPLE if scenario_lost() else st.session_state.get("_own_data", SAMPLE)


def _has_price() -> bool:
    try:
        return cache.subscriptions(data_id()).has_price
    except Problem:
        return False


def _follow_data(wanted: str | None) -> None:
    """The data set an address names, else that of its scenario, or the sample; one that is not here is told."""
    gone = bool(wanted) and not _known(wanted)
    found = _own_data() if gone or not wanted else wanted
    if found != st.session_state.get("_data_set"):
        open_data(found)
    if gone:
        st.session_state["_missing"] = True


def _address() -> dict[str, str]:
    """What the address bar should say: everything that is not at rest."""
    wanted: dict[str, str] = {link.SCENARIO: scenario()} if scenario() else {}
    if data_id() != _own_data():
        wanted[link.DATA_SET] = data_id()
    if presenting():
        wanted[link.PRESENT] = "true"
    for name, rest in _rests().items():
        value = st.session_state.get(name, rest)
        value = tuple(value) if isinstance(value, list) else value
        if value != rest and not (name == "split" and not scenario() and value == _split_at_rest()):
            wanted[name] = link.written(value)
    return wanted


def _ours(address: dict[str, str]) -> dict[str, str]:
    known = {link.DATA_SET, link.PRESENT, link.SCENARIO, *link.kept()}
    return {name: value for name, value in address.items() if name in known}


def write_link() -> None:
    """Everything that is not at rest goes into the address bar; what is at rest leaves it.

    Each writing is a step of the browser's history: so one for all names, and none when nothing changed.
    """
    now, wanted, written = st.query_params.to_dict(), _address(), st.session_state.get("_written")
    st.session_state["_written"] = wanted
    if _ours(now) != wanted or written not in (None, wanted):  # what asked for this run may bear an older address
        others = {name: value for name, value in now.items() if name not in _ours(now)}
        st.query_params.from_dict({**others, **wanted})
    if not wanted:
        _passed_by().discard(st.session_state.get("_page"))


def _passed_by() -> set[str]:
    """Pages that were entered with values set: their bare address is a step of the history nobody stood on."""
    return st.session_state.setdefault("_steps", set())


def browser_moved(page: str) -> bool:
    """Whether the browser went back or on to another address, which then decides; else what was done on a page does.

    Only the browser's own word counts: what is asked while a run is under way, by a person or by a clock, bears the
    address from before it. A typed address begins a session of its own.
    """
    now = _ours(st.query_params.to_dict())
    if not now and page != st.session_state.get("_page") and not _history() and _address():
        _passed_by().add(page)  # the menu leads to a bare address; values stay as they are
    if not _history() or (not now and page in _passed_by()):
        return False
    moved = now != st.session_state.get("_written")
    st.session_state["_written"] = now  # it stands in the browser: written again it would be a step of its own
    return moved


def _history() -> bool:
    """Whether this run was asked for by the browser's buttons back and forward."""
    asked = get_script_run_ctx()
    return asked is not None and asked.is_history_navigation


def _split_at_rest() -> str:
    """What "auto" means for the open data set; a link need not carry it."""
    try:
        return cache.default_split(data_id()) or link.NO_SPLIT
    except Problem:
        return link.NO_SPLIT


def link_note() -> list[str]:
    """Names of values in the link that could not be used; told once."""
    return st.session_state.pop("_link_note", [])


def _tell_problem(sentence: str) -> None:
    st.session_state["_link_problem"] = sentence


def link_problem() -> str:
    """Why the scenario of the link could not be opened; told once."""
    return st.session_state.pop("_link_problem", "")


def presenting() -> bool:
    """Whether the page is on a wall: no sidebar, no navigation, larger type."""
    if "_present" not in st.session_state:
        st.session_state["_present"] = st.query_params.get(link.PRESENT, "").lower() == "true"
    return st.session_state["_present"]


def present(on: bool) -> None:
    """Onto the wall and off it, each time from the screen the page begins with; hidden amounts are the wall's alone,
    so that a link never says hidden beside a page that shows them.
    """
    st.session_state["_present"] = on
    for name in ("step", "amounts"):
        st.session_state[name] = link.OTHERS[name]


# --- the data set in front of us ---


def data_id() -> str:
    """Id of the open data set; "sample" until somebody opens another."""
    return st.session_state.get("_data_set", SAMPLE)


def open_data(identity: str) -> None:
    """Make a data set the one all pages speak of; an unknown id falls back to the sample and says so."""
    known = _known(identity)
    st.session_state["_missing"] = not known
    st.session_state["_data_set"] = identity if known else SAMPLE
    # Columns of another file, and a price typed for it, mean nothing here.
    st.session_state[link.PRICE] = link.OTHERS[link.PRICE]
    st.session_state["by"], st.session_state["split"] = link.OTHERS["by"], link.OTHERS["split"]
    # A short file leaves no choice but a few months back; the next one begins at the usual again.
    st.session_state["back"] = link.OTHERS["back"]
    st.session_state[link.COSTS] = ""
    if scenario_lost() and st.session_state.get("_own_data") == st.session_state["_data_set"]:
        _come_back()


def let_go() -> None:
    """The open data set is for whoever looks no more: its owner took it back while it was open here."""
    if who.tells_apart() and not who.sees(data_id()):
        open_data(data_id())


def _known(identity: str) -> bool:
    return who.sees(identity)


def data_missing() -> bool:
    """Whether the link named a data set that this server does not have (any more)."""
    return st.session_state.pop("_missing", False)
