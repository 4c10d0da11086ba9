"""From the press of a key on a lever to the changed headline in Chromium, with 1,000,000 rows loaded.

    python -m benchmarks.lever_to_paint

The rows are the sample's, every customer as often as it takes. Printed, never asserted.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import pandas as pd
from playwright.sync_api import Page, sync_playwright

import cs_models as cs
from cs_models.store import Store
from scripts.screenshots import chromium, running_app

ROOT = Path(__file__).resolve().parents[1]
ROWS, MOVES, PATIENCE = 1_000_000, 25, 180_000  # milliseconds until the first answer
DESK = "scenarios?PriceIncrease.rise=0.1&AnnualBilling.adoption=0.25"
PAINTED = "old => document.querySelector('h1')?.innerText !== old"
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"


def many(rows: int) -> pd.DataFrame:
    """The sample's periods as often as it takes, each time as other customers."""
    sample = pd.read_csv(ROOT / "sample_data" / "subscriptions.csv", dtype=str)
    customer = sample.columns[0]
    copies = [sample.assign(**{customer: sample[customer] + f"-{n}"}) for n in range(-(-rows // len(sample)))]
    return pd.concat(copies, ignore_index=True).head(rows)


def stored(folder: Path, rows: int) -> str:
    """Id of that book in a data folder of its own."""
    path = folder / "book.csv"
    many(rows).to_csv(path, index=False)
    identity = Store(folder).save(cs.read(path))
    path.unlink()
    return identity


def settle(page: Page) -> None:
    for _ in range(3):
        page.wait_for_timeout(300)
        page.wait_for_selector(STILL, timeout=PATIENCE)


def waits(page: Page, lever: str) -> list[float]:
    """Milliseconds from each press of a key to the frame in which the headline is another."""
    slider, found = page.get_by_role("slider", name=lever), []
    slider.focus()
    for _ in range(MOVES):
        shown = page.locator("h1").first.inner_text()
        begun = time.perf_counter()
        slider.press("ArrowRight")
        page.wait_for_function(PAINTED, arg=shown, polling="raf")
        found.append(1000 * (time.perf_counter() - begun))
        settle(page)
    return found


def told(page: Page, address: str, name: str, data: str) -> None:
    begun = time.perf_counter()
    page.goto(f"{address}/{DESK}&ds={data}")
    page.wait_for_selector("h1", timeout=PATIENCE)
    settle(page)
    first = time.perf_counter() - begun
    for lever in ("Price rise", "Take-up"):
        found = sorted(waits(page, lever))
        print(f"{name}, {lever}: median {median(found):.0f} ms, slowest of {MOVES} {found[-1]:.0f} ms "
              f"(page ready after {first:.1f} s)")


def main() -> None:
    """Print the medians for the sample and for a long book."""
    with tempfile.TemporaryDirectory() as folder:
        data = stored(Path(folder), ROWS)
        with running_app(folder) as address, sync_playwright() as browsers:
            browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            told(page, address, "4,632 customers", "sample")
            told(page, address, f"{ROWS:,} rows", data)
            browser.close()


if __name__ == "__main__":
    main()
