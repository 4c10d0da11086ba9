"""From the press of a key on a lever to the changed headline and chart in Chromium, with 1,000,000 rows loaded.

    python -m benchmarks.lever_to_paint [rows]

A seeded book of subscription periods, read and kept once; then a fresh server, and moves of two levers, each from a page
at rest. Measured inside the page, frame by frame: the headline says another number, the curve of those who stay is
another, the bridge with the range is there. Printed, never asserted.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

import cs_models as cs
from benchmarks.book_file import write_book
from benchmarks.machine import told as machine
from cs_models.store import Store
from scripts.screenshots import chromium, running_app

ROWS, A_CUSTOMER = 1_000_000, 1.29  # periods; those of one customer
MOVES, PATIENCE = 32, 300_000  # of each lever; milliseconds until a page is there
DESK = "scenarios?PriceIncrease.rise=0.1&AnnualBilling.adoption=0.1"
LEVERS = ("Price rise", "Take-up")
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"
# Milliseconds from the next key to the frame after each part became another: what is missing for a moment does not count.
WATCH = """() => {
  const drawn = key => [...document.querySelectorAll(`.st-key-chart-${key} svg path[d]`)].map(p => p.getAttribute('d')).join();
  const parts = {headline: () => document.querySelector('h1')?.innerText, chart: () => drawn('survival'),
                 all: () => drawn('bridge')};
  const old = Object.fromEntries(Object.entries(parts).map(([name, look]) => [name, look()])), found = {};
  window.moved = new Promise(done => addEventListener('keydown', () => {
    const began = performance.now();
    const frame = () => {
      for (const [name, look] of Object.entries(parts)) {
        const now = name in found ? null : look();
        if (now && now !== old[name]) found[name] = performance.now() - began;
      }
      Object.keys(found).length === 3 || performance.now() - began > 30000 ? done(found) : requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }, {once: true, capture: true}));
}"""


def stored(folder: Path, rows: int) -> str:
    """Id of a book of so many periods in a data folder of its own."""
    path = folder / "book.csv"
    write_book(path, round(rows / A_CUSTOMER))
    subs = cs.read(path)
    print(f"{len(subs.rows):,} periods of {subs.customers:,} customers")
    identity = Store(folder).save(subs)
    path.unlink()
    return identity


def settle(page: Page) -> None:
    for _ in range(3):
        page.wait_for_timeout(300)
        page.wait_for_selector(STILL, timeout=PATIENCE)


def waits(page: Page, lever: str) -> list[dict[str, float]]:
    """Milliseconds of each part after each press of a key."""
    slider, found = page.get_by_role("slider", name=lever), []
    for _ in range(MOVES):
        slider.focus()
        page.evaluate(WATCH)
        page.keyboard.press("ArrowRight")
        found.append(page.evaluate("() => window.moved"))
        settle(page)
    return found


def told(page: Page, address: str, name: str, data: str) -> None:
    """Open the desk on these data and print p50 and p95 of each part."""
    begun = time.perf_counter()
    page.goto(f"{address}/{DESK}&ds={data}")
    page.get_by_role("slider", name=LEVERS[0]).wait_for(timeout=PATIENCE)
    settle(page)
    print(f"{name}: page ready after {time.perf_counter() - begun:.1f} s", flush=True)
    for lever in LEVERS:
        found = waits(page, lever)
        for part, title in (("headline", "headline"), ("chart", "who stays"), ("all", "bridge with its range")):
            there = [one[part] for one in found if part in one]
            p50, p95 = np.percentile(there, (50, 95))
            print(f"{name}, {lever}, {title}: p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(there)} of {MOVES} moves)", flush=True)


def main() -> None:
    """The sample and a long book, one after the other, on one server."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        data = stored(Path(folder), rows)
        with running_app(folder) as address, sync_playwright() as browsers:
            browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
            told(page, address, "the sample", "sample")
            told(page, address, f"{rows:,} rows", data)
            browser.close()
    print(machine())


if __name__ == "__main__":
    main()
