"""The one place that touches session state, the address bar and caches.

Three rules keep answers right when many people use one server:
- caches are keyed on strings only (a data set's id, a scenario's canonical JSON), never on tables or file names;
- what is cached is immutable, so that sessions can share it;
- everything a link must carry stands in the address bar and is read back before the first widget is drawn.
"""

import atexit
import gc
import json
import re
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import streamlit as st

from cs_models import words
from cs_models.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = "sample"
# id -> what it is called, and its file in sample_data/
SAMPLES = {
    SAMPLE: ("A software firm: subscriptions by month and year", "subscriptions.csv"),
    "sample-snapshot": ("The same kind of firm as a snapshot without dates", "snapshot.csv"),
    "sample-faults": ("An export with faults, to see how they are told", "subscriptions_dirty.csv"),
}
CHUNK = 1 << 20
DATA_SET, PRESENT = "ds", "present"
AUTO, NO_SPLIT = "auto", "all"
HORIZONS = (12, 24, 36, 60)
VIEWS = ("new", "existing", "portfolio")

# Values a link carries on every page: name -> value at rest. Levers add theirs in `_kept`.
ECONOMICS = {"gross_margin": 0.80, "discount_rate": 0.10, "service_cost": 0.0, "cac": 0.0}
OTHERS = {"horizon": 36, "view": "new", "by": "", "split": AUTO}


# --- what a link carries -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _kept() -> dict[str, tuple[object, object]]:
    """Name in the address bar -> (value at rest, check that returns the value or raises ValueError)."""
    from cs_models.levers import ALL

    kept = {name: (rest, _number(0.0, 1.0 if name in ("gross_margin", "discount_rate") else 1e9))
            for name, rest in ECONOMICS.items()}  # fmt: skip
    kept["horizon"] = (OTHERS["horizon"], _one_of(HORIZONS, int))
    kept["view"] = (OTHERS["view"], _one_of(VIEWS, str))
    kept["by"] = (OTHERS["by"], _column)
    kept["split"] = (OTHERS["split"], _column)
    for name, lever in ALL.items():
        for parameter in lever.parameters():
            kept[f"{name}.{parameter.name}"] = (parameter.rest, _parameter(name, parameter))
    return kept


def _number(low: float, high: float):
    def check(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return check


def _column(text: str) -> str:
    """An internal column name; whether the open data set has it is looked at when it is used."""
    if not re.fullmatch(r"plan|interval|all|auto|c\d{1,4}", text):
        raise ValueError(text)
    return text


def _one_of(choices: tuple, kind: type):
    def check(text: str):
        if kind(text) not in choices:
            raise ValueError(text)
        return kind(text)

    return check


def _parameter(lever: str, parameter):
    def check(text: str):
        if text == "none" and parameter.optional:
            return None
        value = text if parameter.kind == "choice" else int(text) if parameter.kind == "months" else float(text)
        if parameter.kind in ("share", "number") and not parameter.low <= value <= parameter.high:
            raise ValueError(text)  # beyond what the slider shows
        return parameter.check(lever, value)

    return check


def _read_link() -> None:
    """Once per session, before any widget: values of the link become values of widgets; wrong ones are named."""
    broken = []
    for name, (rest, check) in _kept().items():
        value = rest
        if name in st.query_params:
            try:
                value = check(st.query_params[name])
            except ValueError:
                broken.append(name)
        st.session_state.setdefault(name, value)
    if broken:
        st.session_state["_link_note"] = broken


def write_link() -> None:
    """Everything that is not at rest goes into the address bar; what is at rest leaves it."""
    wanted: dict[str, str] = {DATA_SET: data_id()} if data_id() != SAMPLE else {}
    if presenting():
        wanted[PRESENT] = "true"
    for name, (rest, _) in _kept().items():
        value = st.session_state.get(name, rest)
        if value != rest:
            wanted[name] = "none" if value is None else str(value)
    ours = {DATA_SET, PRESENT, *_kept()}
    for name in [name for name in st.query_params if name in ours and name not in wanted]:
        del st.query_params[name]
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def link_note() -> list[str]:
    """Names of values in the link that could not be used; told once."""
    return st.session_state.pop("_link_note", [])


@contextmanager
def visit():
    """Around every run of a page: read the link, run, write the link, and settle the memory once."""
    wanted, opened = st.query_params.get(DATA_SET), st.session_state.pop("_opened", False)
    if "_begun" not in st.session_state:
        st.session_state["_begun"] = True
        _read_link()
        open_data(wanted or SAMPLE)
    elif wanted and wanted != data_id() and not opened:
        open_data(wanted)  # the browser went back to another data set
    try:
        yield
    except Problem as error:
        st.error(words.md(error), icon=":material/error:")
    finally:
        write_link()
        _settle()


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """After the first page everything slow is imported. Freezing it spares each later run about 200 ms of search."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that everything is let go in order when the server stops


def value(name: str):
    """A kept value, whether its widget is on this page or not."""
    return st.session_state.get(name, _kept()[name][0])


def put(name: str, new: object) -> None:
    """Set a kept value; only before its widget is drawn, so from a callback."""
    st.session_state[name] = new


def presenting() -> bool:
    """Whether the page is on a wall: no sidebar, no navigation, larger type."""
    if "_present" not in st.session_state:
        st.session_state["_present"] = st.query_params.get(PRESENT, "").lower() == "true"
    return st.session_state["_present"]


def present(on: bool) -> None:
    st.session_state["_present"] = on


def dark() -> bool:
    return st.context.theme.type == "dark"


# --- the data set in front of us -----------------------------------------------------------------------------------


def data_id() -> str:
    """Id of the open data set; "sample" until somebody opens another."""
    return st.session_state.get("_data_set", SAMPLE)


def open_data(identity: str) -> None:
    """Make a data set the one all pages speak of; an unknown id falls back to the sample and says so."""
    known = identity in SAMPLES or _store().has(identity)
    st.session_state["_missing"] = not known
    st.session_state["_data_set"] = identity if known else SAMPLE
    st.session_state["_opened"] = True
    st.session_state.pop("_upload", None)
    # Columns of another file mean nothing here.
    st.session_state["by"], st.session_state["split"] = OTHERS["by"], OTHERS["split"]


def is_sample() -> bool:
    return data_id() in SAMPLES


def data_name() -> str:
    """What the data set is called: the file's own name, never part of a path or a key."""
    return SAMPLES[data_id()][0] if is_sample() else subscriptions().source_name or "Your data"


def take_upload() -> None:
    """Callback of the uploader: stream the file to disk, remember its digest, let go of the copy in memory."""
    file = st.session_state.get(upload_key())
    if file is None:
        return
    st.session_state["_upload"] = _store().intake(iter(lambda: file.read(CHUNK), b""), file.name)
    st.session_state["_uploads"] = st.session_state.get("_uploads", 0) + 1


def upload_key() -> str:
    """A new uploader after each file: the old one goes, and with it the bytes the server held for it."""
    return f"upload-{st.session_state.get('_uploads', 0)}"


def upload() -> str | None:
    """Digest of a file that is on disk and waits for its columns to be confirmed."""
    return st.session_state.get("_upload")


def upload_name() -> str:
    return _store().upload_name(upload())


def drop_upload() -> None:
    st.session_state.pop("_upload", None)


def proposal(layout: str = ""):
    return _proposal(upload(), layout)


def draft(layout: str, mapping: dict, as_of: str, answers: dict):
    """The waiting file read with these definitions; nothing is opened yet."""
    return _draft(upload(), layout, json.dumps(mapping, sort_keys=True), as_of, json.dumps(answers, sort_keys=True))


def confirm(layout: str, mapping: dict, as_of: str, answers: dict) -> None:
    """Callback of "Use these data": read once more with the answers stated, keep it on disk, open it."""
    from dataclasses import replace

    subs = replace(draft(layout, mapping, as_of, answers), source_name=upload_name())
    open_data(_store().save(subs, upload()))


def delete_data() -> None:
    """Remove the open data set and its upload from this server, and what was computed from it."""
    _store().delete(data_id())
    for kept in (_subscriptions, _draft, _proposal, *COMPUTED):
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


def tell(sentence: str) -> None:
    """Leave one sentence for the next run, from a callback."""
    st.session_state["_told"] = sentence


def told() -> str:
    return st.session_state.pop("_told", "")


def data_missing() -> bool:
    """Whether the link named a data set that this server does not have (any more)."""
    return st.session_state.pop("_missing", False)


# --- what is computed, kept for everybody -------------------------------------------------------------------------
# Every function takes plain strings and numbers. The first is always the id of the data set, so nothing computed
# from one file can be served for another.


@st.cache_resource(max_entries=12, show_spinner="Reading the data", show_time=True)
def _subscriptions(data: str):
    if data not in SAMPLES:
        return _store().load(data)
    import cs_models as cs

    return cs.read(ROOT / "sample_data" / SAMPLES[data][1])


@st.cache_resource(show_spinner=False)
def _store():
    from cs_models.store import Store

    return Store()


@st.cache_resource(max_entries=12, show_spinner=False)
def _proposal(sha: str, layout: str):
    import cs_models as cs

    return cs.inspect(_store().upload_path(sha), layout=layout or None)


@st.cache_resource(max_entries=6, show_spinner="Reading every row", show_time=True)
def _draft(sha: str, layout: str, mapping: str, as_of: str, answers: str):
    import cs_models as cs

    return cs.read(_store().upload_path(sha), json.loads(mapping), as_of or None, json.loads(answers), layout)


@st.cache_resource(max_entries=64, show_spinner="Counting customers by tenure")
def _life_table(data: str, by: str):
    import cs_models as cs

    return cs.life_table(_subscriptions(data), by=(by,) if by else ())


@st.cache_resource(max_entries=64, show_spinner="Fitting retention")
def _retention(data: str, by: str):
    """(name, observed, fitted) per group, the largest first."""
    import cs_models as cs

    table = _life_table(data, "" if by == "interval" else by)
    names = list(dict.fromkeys(table.frame[by])) if by else [None]
    found = [_one_retention(cs, table if name is None else table.select(**{by: name}), name, by) for name in names]
    return tuple(sorted(found, key=lambda group: -float(group[1].at_risk[0])))


def _one_retention(cs, table, name, by):
    from cs_models import words
    from cs_models.problems import Problem

    label = "All customers" if name is None else words.interval_name(name) if by == "interval" else str(name)
    try:
        return label, cs.kaplan_meier(table), cs.fit(table)
    except Problem:
        return label, cs.kaplan_meier(table), None  # too little to learn from; the steps are shown without a fit


@st.cache_resource(max_entries=24, show_spinner="Following each sign-up month")
def _triangle(data: str, value: str):
    import cs_models as cs

    return cs.cohort_triangle(_subscriptions(data), value=value)


@st.cache_resource(max_entries=24, show_spinner="Comparing groups")
def _hazard_ratios(data: str):
    import cs_models as cs

    subs = _subscriptions(data)
    by = tuple(name for name in subs.segments if subs.resolve(name) != "term")
    return cs.hazard_ratios(cs.life_table(subs, by=by)) if by else None


@st.cache_resource(max_entries=24, show_spinner="Fitting customer types and their ranges", show_time=True)
def _fitted(data: str, by: str):
    import cs_models as cs

    return cs.Assumptions.from_data(_subscriptions(data), by=(by,) if by else ())


@st.cache_resource(max_entries=64, show_spinner=False)
def _base(data: str, by: str, money: str):
    return _fitted(data, by).with_economics(**json.loads(money))


@st.cache_resource(max_entries=128, show_spinner=False)
def _valuation(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.value(_base(data, by, money), horizon=horizon)


@st.cache_resource(max_entries=128, show_spinner=False)
def _interval(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.interval(_base(data, by, money), horizon=horizon)


@st.cache_resource(max_entries=64, show_spinner=False)
def _change(data: str, by: str, money: str, scenario: str, horizon: int):
    import cs_models as cs

    return cs.compare(_base(data, by, money), cs.Scenario.from_json(scenario), horizon=horizon)


def _money() -> str:
    """The economics as canonical text: the part of a cache key."""
    return json.dumps({name: value(name) for name in ECONOMICS}, sort_keys=True)


@st.cache_resource(max_entries=128, show_spinner=False)
def _lifetime(data: str, by: str, money: str):
    import cs_models as cs

    return cs.lifetime(_base(data, by, money))


@st.cache_resource(max_entries=128, show_spinner=False)
def _naive(data: str, by: str, money: str):
    import cs_models as cs

    return cs.naive(_base(data, by, money))


@st.cache_resource(max_entries=64, show_spinner="Valuing each group")
def _by_segment(data: str, by: str, money: str, horizon: int):
    from pages.shared import figures

    return figures.by_segment(_base(data, by, money), horizon)


@st.cache_resource(max_entries=24, show_spinner=False)
def _default_split(data: str) -> str:
    from pages.shared import figures

    return figures.default_split(_subscriptions(data))


COMPUTED = (_life_table, _retention, _triangle, _hazard_ratios, _fitted, _base, _valuation, _interval, _change,
            _lifetime, _naive, _by_segment, _default_split)  # fmt: skip


def split() -> str:
    """The column customers are fitted by, as an internal name; "" for nobody apart.

    Where price and loyalty go together, a fit of everybody at once undervalues: so a column that parts customers
    into a few groups is used from the start.
    """
    chosen = value("split")
    if chosen == NO_SPLIT:
        return ""
    known = {subscriptions().resolve(name) for name in subscriptions().segments} - {"term"}
    return chosen if chosen in known else _default_split(data_id())


def subscriptions():
    return _subscriptions(data_id())


def life_table(by: str = ""):
    return _life_table(data_id(), by)


def retention(by: str = ""):
    return _retention(data_id(), by)


def triangle(value: str):
    return _triangle(data_id(), value)


def hazard_ratios():
    return _hazard_ratios(data_id())


def base():
    return _base(data_id(), split(), _money())


def valuation(horizon: int):
    return _valuation(data_id(), split(), _money(), horizon)


def interval(horizon: int):
    return _interval(data_id(), split(), _money(), horizon)


def lifetime():
    return _lifetime(data_id(), split(), _money())


def naive():
    return _naive(data_id(), split(), _money())


def by_segment(horizon: int):
    return _by_segment(data_id(), split(), _money(), horizon)


def book(change) -> str:
    """Whose value is shown: the view that was chosen, if the data have such customers."""
    from pages.shared import figures

    return value("view") if value("view") in figures.books(change) else change.book


def change(levers: tuple, horizon: int):
    """Baseline against these levers; the same question from anybody is answered once."""
    from cs_models.scenario import Scenario

    return _change(data_id(), split(), _money(), Scenario("", levers).to_json(), horizon)
