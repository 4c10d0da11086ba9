"""A German visitor reads German numbers, dates and axes in English sentences."""

import re

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-DE"}


def shown(page) -> str:
    return page.inner_text("body").replace("\xa0", " ").replace("\u2060", "")


def test_numbers_money_dates_and_axes_are_the_visitor_s(desk):
    desk.open("/lifetime_value")
    assert re.fullmatch(r"A new customer is worth \d\.\d{3} \$ over 36 months \(\d\.\d{3} \$ to \d\.\d{3} \$\)", desk.headline)
    desk.page.locator(".st-key-chart-cash svg.marks text").first.wait_for(timeout=20_000)
    axis = desk.page.locator(".st-key-chart-cash svg.marks").text_content().replace("\xa0", " ")
    assert re.search(r"\d\.000 \$", axis), "axes are written like the money beside them"
    assert "through 31. Okt. 2026" in shown(desk.page)
