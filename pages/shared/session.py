"""The one place that touches session state and the address bar.

Everything a link must carry stands in the address bar and is read back before the first widget is drawn; the
same values live in the session, so that they are the same on every page. What is computed is kept in
cache.py, keyed on strings only (a data set's id, a scenario's canonical JSON), never on tables or file names.
"""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from time import monotonic

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cs_models import locales
from cs_models.problems import Problem
from pages.shared import address_bar, cache, counters, link, quota, seat, spoken, sweeper, who
from pages.shared.address_bar import (  # noqa: F401  the pages ask the session
    close_scenario, data_id, data_missing, keep, let_go, link_note, link_problem, moved_since, on_own_data, open_data, present,
    presenting, put_up, scenario, scenario_lost, scenario_text, write_link,
)  # fmt: skip
from pages.shared.samples import SAMPLE, SAMPLES

CHUNK = 1 << 20
AUTHOR = "author"  # the name of whoever has not signed in, typed once
FRONT, SCENARIOS = "Overview", "pages/scenarios/page.py"

_around: ContextVar[bool] = ContextVar("a whole page is drawn around this", default=False)
SEATED = 60.0  # seconds: a browser's token is read anew no more often, while the same data are open


def _reader() -> str | None:
    return st.context.locale if get_script_run_ctx(suppress_warning=True) else None


# Asked whenever a number is written outside of `reading`: callbacks and fragments run without the page around them.
locales.ask(_reader)


@contextmanager
def reading():
    """Around much that is written for one reader: whose numbers these are is asked once, and every answer."""
    with locales.use(_reader() or locales.DEFAULT), spoken.run():
        yield


def _carry(page: str) -> None:
    """Another page may hold the same widget. Its value is set anew, or the browser shows the new one at its lowest
    and sends that back: a gross margin of 0.
    """
    if st.session_state.get("_page") != page:
        st.session_state["_page"] = page
        for name in link.kept():
            if name in st.session_state:
                st.session_state[name] = st.session_state[name]


def page() -> str:
    """The title of the page in front of us."""
    return st.session_state.get("_page", "")


@contextmanager
def visit(page: str):
    """Around every run of a page, by its name: read the address, run, write it."""
    counters.count("runs")
    moved = address_bar.browser_moved(page)
    if "_begun" not in st.session_state:
        st.session_state["_begun"] = True
        address_bar.read()
        _look_for_more()
        if scenario() and page == FRONT:
            st.switch_page(SCENARIOS, query_params=st.query_params.to_dict())
    elif moved:
        address_bar.read()
    let_go()
    _carry(page)
    sweeper.here(data_id(), waiting().get("files", ()))
    if not is_sample():
        _take_seat()
    around = _around.set(True)
    try:
        with reading():
            yield
    except Problem as error:
        from cs_models import words

        counters.count("problems", type(error).__name__)
        st.error(words.md(error), icon=":material/error:")
    finally:
        _around.reset(around)
        end_alone()


def end_alone() -> None:
    """What comes after a part of a page that was drawn alone; after a part of a whole page nothing, that has its own end."""
    if not _around.get():
        write_link()
        begin_later()


def _take_seat() -> None:
    """This browser has these data open: told when it opens them, and again once a minute of use."""
    mark = data_id(), monotonic() // SEATED
    if st.session_state.get("_seat") != mark:
        st.session_state["_seat"] = mark
        seat.note(data_id())


def redraw_if_not(data: str) -> None:
    """For a part of a page that is drawn alone: where other data are open now, or these were taken back by their owner,
    the whole page is drawn anew.
    """
    let_go()
    if data_id() != data:
        st.rerun()


def value(name: str):
    """A kept value, whether its widget is on this page or not."""
    return st.session_state.get(name, link.kept()[name][0])


def put(name: str, new: object) -> None:
    """Set a kept value; only before its widget is drawn, so from a callback."""
    st.session_state[name] = new


def dark() -> bool:
    return st.context.theme.type == "dark"


def is_sample() -> bool:
    return data_id() in SAMPLES


def data_name() -> str:
    """What the data set is called: the file's own name, never part of a path or a key."""
    return SAMPLES[data_id()][0] if is_sample() else cache.subscriptions(data_id()).source_name or "Your data"


def _look_for_more() -> None:
    """A session that began without data of its own: what this browser had open before a refresh or a typed address."""
    bare = is_sample() and link.DATA_SET not in st.query_params and not scenario()
    st.session_state["_go_on"] = seat.last() if bare else ""


def offered() -> tuple[str, str] | None:
    """(id, name) of the data this browser had open last, while the sample is in front of it; None without."""
    data = st.session_state.get("_go_on", "")
    if not data or not is_sample() or presenting() or not who.sees(data):
        return None
    return data, cache.subscriptions(data).source_name or "your data"


def turn_down() -> None:
    """Callback: the sample it is."""
    st.session_state["_go_on"] = ""


def waiting() -> dict:
    """What the Data page keeps of a file until it is a data set; gone with the session."""
    return st.session_state.setdefault("_waiting", {})


def making() -> dict:
    """Files this visitor asked for, as `making.py` keeps them; gone with the session."""
    return st.session_state.setdefault("_making", {})


def stopped() -> set[str]:
    """Long work this visitor stopped; going on takes it out."""
    return st.session_state.setdefault("_halted", set())


def work_done(name: str) -> bool:
    """Whether this person has waited for that work before."""
    return name in st.session_state.get("_worked", ())


def work_over(name: str) -> None:
    st.session_state.setdefault("_worked", set()).add(name)


def seen(key: str) -> object:
    """What the widget of that key holds; None when it is not on the page."""
    return st.session_state.get(key)


def as_begun(key: str, begin: Callable[[], object]) -> object:
    """What the editor of that key started from; made anew when the editor comes back to the page."""
    kept = f"_begun-{key}"
    if kept not in st.session_state or key not in st.session_state:
        st.session_state[kept] = begin()
    return st.session_state[kept]


def keep_data(subs, upload: str = "") -> str:
    """The id of a data set of this visitor's own, nobody else's until he shares it; Problem where he may keep none."""
    who.must_edit()
    if why := quota.full(cache.store(), who.who().id):
        raise Problem(why)
    return cache.store().save(subs, upload, who.who().id)


def delete_data() -> None:
    """Remove the open data set wherever something of it is on this server, unless it is another's too."""
    remove(data_id())
    open_data(SAMPLE)


def remove(data: str) -> None:
    """A data set is no longer this visitor's; once it is nobody's, it is gone. Problem where it is not his."""
    if who.give_up(data):
        sweeper.delete(data)


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


def or_tell(callback: Callable[..., None]) -> Callable[..., None]:
    """A callback whose Problem is left for the next run: outside of a page nobody else would show it."""

    @wraps(callback)
    def told_of(*args, **named) -> None:
        try:
            callback(*args, **named)
        except Problem as error:
            counters.count("problems", type(error).__name__)
            tell(str(error))

    return told_of


def author() -> str:
    """Who saves and comments: the e-mail of whoever signed in, else the name typed once."""
    return who.signed_in() or str(st.session_state.get(AUTHOR) or "").strip()
