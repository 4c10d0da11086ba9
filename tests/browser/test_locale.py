"""A German visitor reads German numbers in English sentences, and leaves none of them to the next visitor."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-DE"}


def shown(page) -> str:
    return page.inner_text("body").replace("\xa0", " ").replace("\u2060", "")


def test_numbers_money_dates_axes_and_tables_are_the_visitor_s(desk, browser):
    desk.open("/lifetime_value")
    assert re.fullmatch(r"A new customer is worth \d\.\d{3} \$ over 36 months \(\d\.\d{3} \$ to \d\.\d{3} \$\)", desk.headline)
    desk.page.locator(".st-key-chart-cash svg.marks text").first.wait_for(timeout=20_000)
    axis = desk.page.locator(".st-key-chart-cash svg.marks").inner_text().replace("\xa0", " ")
    assert re.search(r"\d\.000 \$", axis), "axes are written like the money beside them"
    assert "through 31. Okt. 2026" in shown(desk.page)
    cells = desk.page.locator("[data-testid=stDataFrame] [role=gridcell]").all_inner_texts()
    assert any(re.fullmatch(r"\d{2}\.\d{3}", cell) for cell in cells), "so are tables"
    assert not re.search(r"\d,\d{3}\b", shown(desk.page)), "no number is left in another locale"

    desk.go("Retention")
    shares = desk.page.locator(".st-key-chart-retention svg.marks").inner_text()
    assert re.search(r"\d[\xa0 ]%", shares)

    # What was worked out for the German visitor holds sentences: the next one asks for her own.
    german = desk.go("Drivers").headline
    other = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    try:
        page = other.new_page()
        page.goto(f"{desk.url}/lifetime_value")
        page.get_by_text("What to know about these numbers").wait_for(timeout=60_000)
        headline = page.locator("h1").first.inner_text()
        assert re.search(r"\$\d,\d{3} over 36 months", headline)
        assert not re.search(r"\d\.\d{3} \$", shown(page)) and "31 Oct 2026" in shown(page)
    finally:
        other.close()
    assert german
