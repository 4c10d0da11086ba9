"""A book with hostile names and with personal data on every page: what is kept for all changes no number, no name of
the file is part of a query or of a chart's code, and nothing personal leaves the pages that are about customers.
"""

import contextlib
import io
import json
import logging
import zipfile
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pytest
from streamlit.runtime.caching import cache_utils
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.engine import duckdb as engine_of_rows
from cs_models.engine import prepared
from cs_models.exports import document, slides, workbook
from pages.shared import cache
from pages.shared.cache_hindsight import Ahead
from tests.test_pages import PAGES, ROOT, clean, go

# a header and a plan that some formula, query or chart would run; each bears a mark that is easy to find
HOSTILE = "Zq7"
HEADER = f"C(tier) + __import__('os').system('{HOSTILE}') [0].usd:Q"
PLANS = (f"{HOSTILE}'); DROP TABLE span; --", f"{HOSTILE} ' || datum.x ]", f"`{HOSTILE}` ${{x}} {{}} %s", "plain")
PERSONAL = {
    "customer": "ada.lovelace{n}@canary-01.test", "full_name": "Canaria Two{n}", "email": "c{n}@canary-03.test",
    "phone": "+31 20 555 04{n:02d}", "street": "Canary Lane {n}05", "iban": "NL91CANA04171606{n:02d}",
    "date_of_birth": "1980-07-{d:02d}T07:07:07", "company_name": "Canary Eight {n} BV", "last_name": "Nightingale9{n}",
    "credit_card": "4111-1111-canary-10{n:02d}", "password": "canary-hunter-11-{n}", "contact": "x{n}@canary-12.test",
}  # fmt: skip
MARKS = ("canary-01", "canaria two", "canary-03", "555 04", "canary lane", "91cana", "t07:07:07", "canary eight",
         "nightingale9", "canary-10", "canary-hunter-11", "canary-12")  # fmt: skip
ABOUT_CUSTOMERS = ("customers",)  # the page that lists customers, by the ids of the file
PLAIN = ("store", "_settle", "sweep", "_opened", "_refused", "shelf", "_can_make_pdf")
RUN_BY_THE_CHART = {"filter", "calculate", "expr", "labelExpr", "test", "signal", "field", "as", "groupby"}


def book(corrected: int = 0) -> bytes:
    """Some 150 customers; `corrected` is added to what one of them pays."""
    lines = [",".join([*PERSONAL, f'"{HEADER}"', "start", "end", "mrr", "plan"])]
    for n in range(150):
        end = "" if n % 3 else f"2025-{1 + n % 9:02d}-20"
        own = [text.format(n=n, d=1 + n % 28) for text in PERSONAL.values()]
        plan = PLANS[n % 4]
        lines.append(",".join([*own, f'"{PLANS[n % 3]}"', f"20{22 + n % 3}-{1 + n % 12:02d}-01", end,
                               str(20 + n % 7 * 5 + (corrected if n == 7 else 0)), f'"{plan}"']))  # fmt: skip
    return "\n".join(lines).encode()


@dataclass
class Walk:
    """What the pages showed and asked: `parts` of each page, `address`, queries, lines of the log."""

    parts: dict[str, list[bytes]] = field(default_factory=dict)
    specs: list[dict] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


class Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def walk(data: str) -> Walk:
    found = Walk()
    at = AppTest.from_file(ROOT / "app.py", default_timeout=300)
    for name, value in {"ds": data, "by": "c0", "split": "c0"}.items():
        at.query_params[name] = value
    at.run()
    for page in PAGES:
        at = go(at, page) if page != "overview" else clean(at)
        found.parts[page] = [node.proto.SerializeToString(deterministic=True) for node in at.main
                             if hasattr(node.proto, "SerializeToString") and node.type != "download_button"]  # fmt: skip
        found.specs += [json.loads(chart.proto.spec) for chart in at.get("vega_lite_chart")]
        found.addresses.append(json.dumps(dict(at.query_params)))
    return found


@contextlib.contextmanager
def caches_off():
    """Nothing is kept from page to page, and nothing by Streamlit: each page works everything out for itself."""
    kept, of, page = cache_utils.CachedFunc.__call__, {}, []

    def fresh(self, *args, **words):
        if self._info.func.__qualname__ in PLAIN:
            return kept(self, *args, **words)
        from pages.shared import session

        if page != [session.page()]:
            page[:] = [session.page()]
            of.clear()
        asked = (self._info.func, repr(args), repr(words))
        if asked not in of:
            of[asked] = self._info.func(*args, **words)
        return of[asked]

    cache_utils.CachedFunc.__call__ = fresh
    try:
        yield
    finally:
        cache_utils.CachedFunc.__call__ = kept


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """(walk with caches that hold a book of the same name, walk without caches, queries, log, walk of the other)."""
    queries, log = [], Log()
    connect = duckdb.connect

    class Spy:
        def __init__(self, *args, own=None, **words):
            self._own = own or connect(*args, **words)

        def cursor(self):
            return Spy(own=self._own.cursor())

        def execute(self, text, *args, **words):
            queries.append(text)
            return self._own.execute(text, *args, **words)

        sql = execute

        def __getattr__(self, name):
            return getattr(self._own, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERENNIAL_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setattr(duckdb, "connect", Spy)
        for kept in ((engine_of_rows, "_resting"), (prepared, "_ready")):
            patch.setattr(*kept, [])  # none of before, which would not be heard
        # the back-test, which else comes when it is done, is there at once
        patch.setattr(Ahead, "done", property(lambda self: self.result() is not None))
        logging.getLogger().addHandler(log)
        cache.store.clear()
        try:
            other, own = (cache.store().save(cs.read(book(more), as_of="2025-12-31")) for more in (5, 0))
            before, on = walk(other), walk(own)
            with caches_off():
                off = walk(own)
        finally:
            logging.getLogger().removeHandler(log)
            cache.store.clear()
    return on, off, queries, log.lines, before


@pytest.mark.slow
def test_with_caches_off_every_page_says_the_same(seen):
    on, off, _, _, before = seen
    assert on.parts.keys() == off.parts.keys() == set(PAGES)
    assert {page: len(parts) for page, parts in on.parts.items()} == {page: len(p) for page, p in off.parts.items()}
    assert not [page for page in PAGES if on.parts[page] != off.parts[page]]
    assert on.parts["lifetime_value"] != before.parts["lifetime_value"], "one corrected amount must be seen"
    print(f"{len(PAGES)} pages, {sum(map(len, on.parts.values())):,} parts: each the same with caches off")


@pytest.mark.slow
def test_no_name_of_the_file_is_part_of_a_query(seen):
    _, _, queries, _, _ = seen
    assert len(queries) > 50 and not [text for text in queries if HOSTILE in text]


def in_code(part, key: str = "") -> list[str]:
    """Every text of a chart that the browser runs, or takes for the name of a column."""
    if isinstance(part, dict):
        return [text for name, value in part.items() if name not in ("data", "datasets")
                for text in in_code(value, name)]  # fmt: skip
    if isinstance(part, list):
        return [text for value in part for text in in_code(value, key)]
    return [part] if isinstance(part, str) and key in RUN_BY_THE_CHART else []


@pytest.mark.slow
def test_no_name_of_the_file_is_part_of_a_charts_code(seen):
    on, *_ = seen
    texts = [text for spec in on.specs for text in in_code(spec)]
    assert len(texts) > 100 and not [text for text in texts if HOSTILE in text]
    assert any(HOSTILE.encode() in part for part in on.parts["retention"]), "as text it is shown"


@pytest.mark.slow
@pytest.mark.parametrize("mark", MARKS)
def test_nothing_personal_is_seen_where_no_customer_is_meant(seen, mark):
    on, off, queries, log, _ = seen
    for walked in (on, off):
        assert not [page for page, parts in walked.parts.items() if page not in ABOUT_CUSTOMERS
                    and any(mark in part.decode("latin-1").lower() for part in parts)]  # fmt: skip
        assert not [address for address in walked.addresses if mark in address.lower()]
        assert not [one for one in walked.specs if mark in json.dumps(one).lower()]
    assert not [line for line in (*log, *queries) if mark in line.lower()]


def test_no_file_that_leaves_the_app_names_a_customer():
    subs = cs.read(book(), as_of="2025-12-31")
    base = cs.Assumptions.from_data(subs, by=("c0",), draws=5)
    change = cs.compare(base, cs.Scenario("Autumn", (cs.PriceIncrease(rise=0.1),)), 12)
    story = cs.tell(change, cs.Source.of(subs, "A book", date(2026, 1, 1)))
    for made in (slides.pptx(story), workbook.xlsx(story), document.html(story).encode()):
        text = unpacked(made).lower()
        assert len(text) > 10_000 and not [mark for mark in MARKS if mark in text]


def unpacked(made: bytes) -> str:
    if not made.startswith(b"PK"):
        return made.decode()
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        return " ".join(package.read(name).decode("latin-1") for name in package.namelist())


@pytest.mark.slow
def test_only_the_id_of_a_customer_is_ever_shown(seen):
    on, *_ = seen
    said = " ".join(part.decode("latin-1").lower() for page in ABOUT_CUSTOMERS for part in on.parts[page])
    assert [mark for mark in MARKS if mark in said] == ["canary-01"], "the id the file itself gives"
