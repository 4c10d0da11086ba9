"""A server of its own, a Chromium that is there, and a page that records what goes wrong."""

import os
import shutil
import time
from dataclasses import dataclass, field

import pytest
from servers import Server, start
from traffic import Traffic

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Quiet: no look-ups of the browser's own, so that every request seen is the page's.
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --font-render-hinting=none --force-color-profile=srgb"
).split()

IDLE = "() => new Promise(done => requestIdleCallback(done, {timeout: 5000}))"


class Complaint(AssertionError):
    """A server wrote of an error of its own: no second look makes it good."""


def pytest_collection_modifyitems(config, items):
    """A browser on two busy cores now and then shows a state in between: a second look, and the summary names it.

    `-p no:rerunfailures` looks once. What the server or the page itself complains of is never looked at again.
    """
    for one in items if config.pluginmanager.hasplugin("rerunfailures") else ():
        if one.get_closest_marker("browser"):
            one.add_marker(pytest.mark.flaky(reruns=1, rerun_except=Complaint))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """PERENNIAL_CHROMIUM, an installed Chromium, else the one Playwright brings."""
    found = os.environ.get("PERENNIAL_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return {**browser_type_launch_args, "args": QUIET, **({"executable_path": found} if found else {})}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-US",
        "timezone_id": "UTC",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def fresh_server(tmp_path):
    """A server nobody has visited."""
    server = start(tmp_path)
    yield server
    _stop(server)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all other tests."""
    server = start(tmp_path_factory.mktemp("server"))
    yield server
    _stop(server)


def _stop(server: Server) -> None:
    server.stop()
    if found := [line for line in server.told().splitlines() if "Traceback" in line or '"exception"' in line]:
        raise Complaint("\n".join(found))


@dataclass
class Desk:
    """A browser page at the app, with everything it complained of and every host it called."""

    page: object
    url: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    traffic: Traffic = field(init=False)

    def __post_init__(self):
        self.traffic = Traffic(self.page)

    def open(self, path: str = "/") -> "Desk":
        self.page.goto(self.url + path)
        self.page.wait_for_selector("h1", timeout=60_000)
        return self.settle()

    def settle(self) -> "Desk":
        """Wait until every run that was asked for has ended, the server says so and the page shows it."""
        still, patience = "[data-testid=stApp][data-test-script-state=notRunning]", time.monotonic() + 60
        for _ in range(2):  # a moment for the browser to ask, and one for a run that follows a run
            self.page.wait_for_timeout(200)
            while self.traffic.waiting:
                assert time.monotonic() < patience, "the script did not end"
                self.page.wait_for_timeout(25)
            self.page.evaluate(IDLE)  # what has arrived is not yet drawn
            self.page.wait_for_selector(still, timeout=60_000)
        return self

    def says(self, words: str) -> bool:
        """Whether the title comes to say this."""
        for _ in range(120):
            if words in self.headline:
                return True
            self.page.wait_for_timeout(250)
        return False

    @property
    def headline(self) -> str:
        return self.page.locator("h1").first.inner_text().replace("\xa0", " ").replace("\u2060", "")

    def metric(self, label: str) -> str:
        card = self.page.locator("[data-testid=stMetric]").filter(has_text=label).first
        return card.locator("[data-testid=stMetricValue]").inner_text()

    def nudge(self, label: str, steps: int) -> "Desk":
        """Move a slider by the keyboard."""
        slider = self.page.get_by_role("slider", name=label)
        slider.focus()
        for _ in range(steps):
            slider.press("ArrowRight")
        return self.settle()

    def go(self, name: str) -> "Desk":
        self.page.get_by_test_id("stTopNav").get_by_role("link", name=name, exact=True).click()
        return self.settle()


@pytest.fixture
def desk_at(page):
    """Open a desk at any server; at the end nothing may have gone wrong unseen."""
    opened = []

    def at(server: Server) -> Desk:
        desk = Desk(page, server.url)
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        page.on("console", lambda line: desk.complaints.append(line.text) if _complaint(line) else None)
        page.on(
            "request",
            lambda request: None if _inside(request.url, server.url) else desk.outside.append(request.url),
        )
        opened.append(desk)
        return desk

    yield at
    for desk in opened:
        if desk.complaints or desk.outside:
            raise Complaint(f"errors on the page: {desk.complaints}; requests that left the machine: {desk.outside}")
        assert desk.page.locator(".katex").count() == 0, "a dollar sign became a formula"


@pytest.fixture
def desk(desk_at, server):
    return desk_at(server)


def _complaint(line) -> bool:
    # At a deep link the browser first asks /<page>/_stcore/health and finds the right place after that 404.
    probe = "404" in line.text and "_stcore" in (line.location or {}).get("url", "")
    return line.type == "error" and not probe


def _inside(url: str, home: str) -> bool:
    return url.startswith((home, home.replace("http", "ws"), "data:", "blob:", "about:"))
