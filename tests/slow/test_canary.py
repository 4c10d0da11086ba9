"""A mark at every place of a file where a name may stand, looked for in the server's memory after its visitor is gone."""

import time

import pytest
from fault_servers import UPLOADER, USE, until
from places import ROOT
from servers import start

from benchmarks.visitor import Visitor

pytestmark = pytest.mark.slow
MARK = "kana" + "ri-7f3a9"  # not as a whole among the words of this program
PAGES = ("", "retention", "drivers", "lifetime_value", "scenarios", "playbook", "segments", "customers", "methods")
PATIENCE = 120.0


def book() -> bytes:
    rows = [f"customer,start,end,mrr,plan,region,email,{MARK} note,reason"]
    for n in range(300):
        end = f"2025-0{1 + n % 5}-15" if n % 3 else ""
        rows.append(f"{MARK}-{n},2024-0{1 + n % 6}-01,{end},{40 + n % 3 * 20},{MARK} {n % 2},{MARK} {n % 3},{MARK}{n}@firm.test,"
                    f"{MARK} {n},{MARK if end else ''}")  # fmt: skip
    return "\n".join([*rows, f"{MARK}-bad,no date {MARK},,x{MARK},,,,,"]).encode()


def test_nothing_holds_what_a_visitor_brought_after_he_is_gone(tmp_path, monkeypatch):
    """Not the session that was last, nor a file made ready for a button, nor a table kept for the next question."""
    asked, said = tmp_path / "holds", tmp_path / "holds.answer"
    for name, value in (("PERENNIAL_FORGET_MINUTES", "0.1"), ("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", "2"), ("HOLDS", str(asked))):
        monkeypatch.setenv(name, value)

    def held() -> str:
        said.unlink(missing_ok=True)
        asked.with_suffix(".new").write_text(MARK)
        asked.with_suffix(".new").rename(asked)
        until(lambda: said.exists() and not asked.exists(), PATIENCE)
        return said.read_text()

    server = start(tmp_path, program=(str(ROOT / "tests" / "listening.py"),))
    try:
        with Visitor(server.url, "/data") as visitor:
            visitor.upload(UPLOADER, book(), f"{MARK}.csv")
            visitor.press(USE)
            for page in PAGES:
                visitor.go(page)
            assert visitor.faults == 0 and held(), "while the page is open it is there, and can be found"
        found, end = held(), time.monotonic() + PATIENCE
        while found and time.monotonic() < end:
            found = held()
        assert not found
        assert MARK not in server.told()
        print(f"marks of {len(book()) >> 10} kB on {len(PAGES)} pages: nothing holds one once the visitor is gone")
    finally:
        server.stop()
