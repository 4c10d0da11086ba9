"""Take the pictures of docs/ from the running app: ``make screenshots``.

Starts the server on a free port with an empty data folder of its own, opens the pages on the sample data at
1440 x 900 in the light theme, presses a preset question, and stops the server again.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs"
PRESET = "Sell annual plans?"
PATIENCE = 240_000  # milliseconds: the first page imports the libraries and fits the sample


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chromium() -> str | None:
    """An installed browser; None for the one Playwright brings."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def running_app(folder: str = ""):
    """The address of a fresh server with its data in `folder`, or in an empty one; stopped at the end."""
    port = free_port()
    with tempfile.TemporaryDirectory() as empty:
        data = folder or empty
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
                   "--server.headless", "true", "--server.fileWatcherType", "none"]
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PERENNIAL_DATA_DIR": data},
                                  stdout=subprocess.DEVNULL)
        try:
            yield wait_for(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
            server.wait(timeout=60)


def wait_for(address: str, server: subprocess.Popen) -> str:
    """The address as soon as the server answers; an error when it ends or takes over a minute."""
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address + "/_stcore/health", timeout=2).close()
            return address
        except OSError:
            time.sleep(.25)
    raise SystemExit("The app did not start; try `make run` to see why.")


def settle(page: Page) -> None:
    """Wait until the page has stopped computing and its charts are drawn."""
    page.locator("[data-testid=stAppViewContainer]").wait_for(timeout=PATIENCE)
    page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)").first.wait_for(timeout=PATIENCE)
    for _ in range(2):   # the range repaints after the point answer
        page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=PATIENCE)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=PATIENCE)
        page.wait_for_timeout(1500)
    if page.locator("[data-testid=stException]").count():
        raise SystemExit(f"{page.url} shows an error; no picture taken.")


def take(page: Page, address: str, path: str, picture: str, press: str = "") -> None:
    """Open a page, press a button if asked, save what a visitor sees without scrolling."""
    page.goto(f"{address}/{path}")
    settle(page)
    if press:
        page.get_by_role("button", name=press).first.click()
        page.wait_for_timeout(500)
        settle(page)
    page.mouse.move(1439, 450)
    page.screenshot(path=PICTURES / picture)
    print(PICTURES / picture)


PLAN = "PriceIncrease.rise=0.1&AnnualBilling.adoption=0.25"
# (address, picture, button to press first)
TAKEN = (
    ("", "overview.png", ""),
    ("scenarios", "scenarios.png", PRESET),
    (f"scenarios?{PLAN}&present=true&step=3", "presentation.png", ""),
    ("retention", "retention.png", ""),
    ("playbook", "playbook.png", ""),
)


def main() -> None:
    """Write the pictures of docs/."""
    PICTURES.mkdir(exist_ok=True)
    with running_app() as address, sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        for path, picture, press in TAKEN:
            take(page, address, path, picture, press)
        browser.close()


if __name__ == "__main__":
    main()
