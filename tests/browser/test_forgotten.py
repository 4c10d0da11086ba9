"""A tab is closed: what it brought is searched for in the data, the unfinished work and the log of the server."""

import time
from pathlib import Path

import pytest

from servers import start

pytestmark = pytest.mark.browser
MARK = b"canary-7f3a9"
BOOK = b"customer,start,end,mrr,plan\n" + b"".join(
    b"%s-%d,2025-0%d-01,%s,50,basic\n" % (MARK, n, 1 + n % 6, b"2025-08-15" if n % 3 else b"") for n in range(400)
)
LOOKS = 60  # seconds to wait for what takes five on a quiet machine


@pytest.fixture
def hasty(tmp_path, monkeypatch):
    """A server that forgets within seconds, and keeps its unfinished work where it can be searched."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("PERENNIAL_FORGET_MINUTES", "0.05")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL", "2")
    server = start(tmp_path)
    yield server
    server.stop()


def on_disk(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and MARK in _content(path)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone while it was looked at
        return b""


def until(holds) -> bool:
    end = time.monotonic() + LOOKS
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.5)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("confirmed", [False, True], ids=["only looked at", "in use"])
def test_what_a_tab_brought_is_gone_after_it_is_closed(hasty, desk_at, tmp_path, confirmed):
    desk = desk_at(hasty).open("/data")
    desk.page.locator("input[type=file]").first.set_input_files(
        {"name": "book.csv", "mimeType": "text/csv", "buffer": BOOK}
    )
    desk.page.get_by_role("button", name="Use these data").wait_for(timeout=60_000)
    desk.settle()
    if confirmed:
        desk.page.get_by_role("button", name="Use these data").click()
        desk.page.get_by_text("These data stay on this server").click()
        desk.page.get_by_text("For 3 seconds after the last page is closed", exact=False).last.click()
        desk.settle()
    assert on_disk(tmp_path), "while the page is open they are there"
    time.sleep(5)
    assert on_disk(tmp_path), "and stay longer than a closed page's would"
    desk.page.goto("about:blank")
    assert until(lambda: not on_disk(tmp_path)), on_disk(tmp_path)
    assert MARK.decode() not in hasty.told()
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()]
