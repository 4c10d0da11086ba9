"""Text from a file stays text on every page, and behind that the browser may not call another host."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from places import ROOT
from servers import start

pytestmark = pytest.mark.browser

PAGES = ("Retention", "Drivers", "Lifetime value", "Scenarios", "Playbook", "Segments", "Customers", "Back-test",
         "Methods", "Saved", "Overview", "Data")  # fmt: skip
NAMES = {
    "Enterprise": "![x](http://evil.test/x.png) big",
    "Mid-market": r"$\rule{500em}{500em}$ mid",
    "Small business": "<img src=http://evil.test/y.png onerror=alert(1)> small",
    "Core": ":streamlit: :red[Core] **$5 vs $7**",
    "Plus": "http://evil.test/z ceo@evil.test www.evil.test",
    "Events": "<script>window.ran=1</script> [e](javascript:alert(1))",
    "Partner": "# partner `x` | a | b",
}
SHOTS = """() => ({
  text: document.body.textContent.replaceAll('\\u2060', ''),
  katex: document.querySelectorAll('.katex').length,
  pictures: [...document.querySelectorAll('img')].map(i => i.src).filter(s => s.includes('evil') || /streamlit/i.test(s)),
  links: [...document.querySelectorAll('a')].map(a => a.href).filter(h => /evil|javascript:|mailto:/.test(h)),
  ran: window.ran === undefined,
  charts: [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].map(c => c.querySelector('canvas, svg') !== null),
})"""


def export(folder: Path) -> Path:
    """The sample with hostile names in the place of its segments, plans and channels."""
    text = (ROOT / "sample_data" / "subscriptions.csv").read_text()
    for name, hostile in NAMES.items():
        assert f",{name}," in text
        text = text.replace(f",{name},", f',"{hostile}",')
    path = folder / "$a$ ![x](evil.test) :streamlit:.csv"
    path.write_text(text)
    return path


def looked_at(desk, seen: dict, place: str) -> str:
    found = desk.page.evaluate(SHOTS)
    assert not found["katex"] and not found["pictures"] and not found["links"] and found["ran"], (place, found)
    seen[place] = found["charts"]
    return found["text"]


@pytest.mark.slow
def test_names_from_a_file_stay_text_on_every_page_and_every_chart_is_drawn(desk, tmp_path):
    desk.open("/data")
    desk.page.locator("input[type=file]").first.set_input_files(export(tmp_path))
    desk.page.get_by_role("button", name="Use these data").click(timeout=60_000)
    desk.settle()
    seen: dict = {}
    text = ""
    for name in PAGES:
        desk.go(name)
        text += looked_at(desk, seen, name)
        for tab in desk.page.get_by_role("tab").all():
            if tab.is_visible():
                tab.click()
                desk.settle()
                text += looked_at(desk, seen, f"{name} {tab.inner_text()[:20]}")
    assert sum(map(len, seen.values())) > 20 and all(map(all, seen.values())), seen
    assert all(NAMES[name] in text for name in ("Enterprise", "Mid-market", "Small business")), "shown as it is"


class Listener(BaseHTTPRequestHandler):
    """Another host: it notes what it was asked for."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def calls(page, folder: Path, monkeypatch, place: str, bare: str) -> set[str]:
    """What the other host was asked for while the page of beacons stood open for a while."""
    monkeypatch.setenv("BEACON", place)
    monkeypatch.setenv("BARE", bare)
    Listener.asked.clear()
    server = start(folder, ROOT / "tests" / "browser" / "beacons.py")
    try:
        page.goto(server.url)
        page.wait_for_selector("[data-testid=stVegaLiteChart] >> nth=1", timeout=60_000)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
        page.wait_for_timeout(2_000)
        assert page.evaluate("window.ran === undefined")
        if not bare:
            page.evaluate(FORBIDDEN, place)
            page.wait_for_timeout(500)
            assert sorted(page.evaluate("[...window.refused]")) == ["connect-src", "eval", "frame-src", "script-src-elem"]
    finally:
        server.stop()
    return set(Listener.asked)


FORBIDDEN = """async place => {
  const refused = new Set();
  document.addEventListener('securitypolicyviolation', e => {
    if (e.effectiveDirective !== 'script-src') refused.add(e.effectiveDirective);
    });
  window.refused = refused;
  // later, because what a test evaluates is itself let through
  setTimeout(() => { try { window.eval('1') } catch (error) { refused.add('eval') } }, 50);
  await fetch(place + '/fetch').catch(() => 0);
  const script = document.createElement('script'); script.src = place + '/script.js'; document.body.append(script);
  const inline = document.createElement('script'); inline.text = 'window.ran = 2'; document.body.append(inline);
  const frame = document.createElement('iframe'); frame.src = place + '/frame'; document.body.append(frame);
}"""


@pytest.mark.slow
def test_the_browser_calls_no_other_host_even_where_text_is_obeyed(page, tmp_path, elsewhere, monkeypatch):
    (tmp_path / "with").mkdir()
    assert calls(page, tmp_path / "with", monkeypatch, elsewhere, "") == set()
    (tmp_path / "bare").mkdir()
    made = calls(page, tmp_path / "bare", monkeypatch, elsewhere, "yes")
    assert {"/markdown.png", "/value.png", "/html.png", "/mark.png", "/rows.json"} <= made, "else nothing is shown"
