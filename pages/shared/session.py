"""The one place that touches session state and the address bar.

Everything a link must carry stands in the address bar and is read back before the first widget is drawn; the
same values live in the session, so that they are the same on every page. What is computed is kept in
cache.py, keyed on strings only (a data set's id, a scenario's canonical JSON), never on tables or file names.
"""

import atexit
import gc
from collections.abc import Callable
from contextlib import contextmanager
from itertools import chain

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cs_models import locales
from cs_models.problems import Problem
from pages.shared import (
    cache, cache_customers, cache_drivers, cache_hindsight, cache_metrics, cache_scenarios, cache_segments, cache_worth, link,
)  # fmt: skip
from pages.shared.samples import SAMPLE, SAMPLES

CHUNK = 1 << 20
KEPT = (cache, cache_worth, cache_drivers, cache_metrics, cache_scenarios, cache_customers, cache_segments, cache_hindsight)

# Asked whenever a number is written: callbacks and fragments run without the page around them.
locales.ask(lambda: st.context.locale if get_script_run_ctx(suppress_warning=True) else None)


def _read_link() -> None:
    """Once per session, before any widget: the link sets the widgets; wrong values are named."""
    broken = []
    for name, (rest, check) in link.kept().items():
        value = rest
        if name in st.query_params:
            try:
                value = check(st.query_params[name])
            except ValueError:
                broken.append(name)
        st.session_state[name] = value
    if broken:
        st.session_state["_link_note"] = broken


def write_link() -> None:
    """Everything that is not at rest goes into the address bar; what is at rest leaves it.

    Each writing is a step of the browser's history: so one for all names, and none when nothing changed.
    """
    wanted: dict[str, str] = {link.DATA_SET: data_id()} if data_id() != SAMPLE else {}
    if presenting():
        wanted[link.PRESENT] = "true"
    for name, (rest, _) in link.kept().items():
        value = st.session_state.get(name, rest)
        value = tuple(value) if isinstance(value, list) else value
        if value != rest and not (name == "split" and value == _split_at_rest()):
            wanted[name] = link.written(value)
    ours = {link.DATA_SET, link.PRESENT, *link.kept()}
    others = {name: value for name, value in st.query_params.items() if name not in ours}
    if st.query_params.to_dict() != {**others, **wanted}:
        st.query_params.from_dict({**others, **wanted})


def _carry(page: str) -> None:
    """Another page may hold the same widget. Its value is set anew, or the browser shows the new one at its lowest
    and sends that back: a gross margin of 0.
    """
    if st.session_state.get("_page") != page:
        st.session_state["_page"] = page
        for name in link.kept():
            if name in st.session_state:
                st.session_state[name] = st.session_state[name]


def _split_at_rest() -> str:
    """What "auto" means for the open data set; a link need not carry it."""
    try:
        return cache.default_split(data_id()) or link.NO_SPLIT
    except Problem:
        return link.NO_SPLIT


def link_note() -> list[str]:
    """Names of values in the link that could not be used; told once."""
    return st.session_state.pop("_link_note", [])


@contextmanager
def visit(page: str):
    """Around every run of a page, by its name: read the link, run, write the link, and settle the memory once."""
    wanted, opened = st.query_params.get(link.DATA_SET), st.session_state.pop("_opened", False)
    if "_begun" not in st.session_state:
        st.session_state["_begun"] = True
        open_data(wanted or SAMPLE)
        _read_link()
    elif wanted and wanted != data_id() and not opened:
        open_data(wanted)  # the browser went back to another data set
    _carry(page)
    try:
        yield
    except Problem as error:
        from cs_models import words

        st.error(words.md(error), icon=":material/error:")
    finally:
        write_link()
        _settle()
        begin_later()


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """After the first page all is imported. Freezing it spares each later run 200 ms of search."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that everything is let go in order when the server stops


def value(name: str):
    """A kept value, whether its widget is on this page or not."""
    return st.session_state.get(name, link.kept()[name][0])


def put(name: str, new: object) -> None:
    """Set a kept value; only before its widget is drawn, so from a callback."""
    st.session_state[name] = new


def presenting() -> bool:
    """Whether the page is on a wall: no sidebar, no navigation, larger type."""
    if "_present" not in st.session_state:
        st.session_state["_present"] = st.query_params.get(link.PRESENT, "").lower() == "true"
    return st.session_state["_present"]


def present(on: bool) -> None:
    st.session_state["_present"] = on


def dark() -> bool:
    return st.context.theme.type == "dark"


# --- the data set in front of us ---


def data_id() -> str:
    """Id of the open data set; "sample" until somebody opens another."""
    return st.session_state.get("_data_set", SAMPLE)


def open_data(identity: str) -> None:
    """Make a data set the one all pages speak of; an unknown id falls back to the sample and says so."""
    known = identity in SAMPLES or cache.store().has(identity)
    st.session_state["_missing"] = not known
    st.session_state["_data_set"] = identity if known else SAMPLE
    st.session_state["_opened"] = True
    # Columns of another file, and a price typed for it, mean nothing here.
    st.session_state[link.PRICE] = link.OTHERS[link.PRICE]
    st.session_state["by"], st.session_state["split"] = link.OTHERS["by"], link.OTHERS["split"]
    # A short file leaves no choice but a few months back; the next one begins at the usual again.
    st.session_state["back"] = link.OTHERS["back"]
    st.session_state[link.COSTS] = ""


def is_sample() -> bool:
    return data_id() in SAMPLES


def data_name() -> str:
    """What the data set is called: the file's own name, never part of a path or a key."""
    return SAMPLES[data_id()][0] if is_sample() else cache.subscriptions(data_id()).source_name or "Your data"


def waiting() -> dict:
    """What the Data page keeps of a file until it is a data set; gone with the session."""
    return st.session_state.setdefault("_waiting", {})


def seen(key: str) -> object:
    """What the widget of that key holds; None when it is not on the page."""
    return st.session_state.get(key)


def as_begun(key: str, begin: Callable[[], object]) -> object:
    """What the editor of that key started from; made anew when the editor comes back to the page."""
    kept = f"_begun-{key}"
    if kept not in st.session_state or key not in st.session_state:
        st.session_state[kept] = begin()
    return st.session_state[kept]


def delete_data() -> None:
    """Remove the open data set and its upload from this server, and what was computed from it."""
    cache.store().delete(data_id())
    computed = (part.COMPUTED for part in KEPT)
    for kept in (cache.subscriptions, *chain.from_iterable(computed)):
        kept.clear()
    open_data(SAMPLE)


def uploaded_text(key: str) -> str:
    """A small text file from an uploader, as text; Problem when it is not one."""
    file = st.session_state.get(key)
    data = file.read(CHUNK) if file is not None else b""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem("This is not a scenario file: it is not text. Download one from this page.") from None


def uploaded_bytes(key: str) -> tuple[bytes, str] | None:
    """Content and name of a file in an uploader; None without one."""
    file = st.session_state.get(key)
    return None if file is None else (file.getvalue(), file.name)


def later(work: Callable[[], object]) -> None:
    """Something to begin once the page is drawn."""
    st.session_state["_later"] = work


def begin_later() -> None:
    if work := st.session_state.pop("_later", None):
        work()


def decisions() -> set[str]:
    """Names of the decisions somebody put on the table; a decision that moved anything is there by itself."""
    return st.session_state.setdefault("_decisions", set())


def tell(sentence: str) -> None:
    """Leave one sentence for the next run, from a callback."""
    st.session_state["_told"] = sentence


def told() -> str:
    return st.session_state.pop("_told", "")


def data_missing() -> bool:
    """Whether the link named a data set that this server does not have (any more)."""
    return st.session_state.pop("_missing", False)
