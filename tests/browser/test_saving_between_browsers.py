"""Saved scenarios in a real browser: from a question to a link, the link on another machine, refresh, back, compare."""

import pytest
from playwright.sync_api import TimeoutError

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def awake(desk):
    """What a fresh server imports at its first visit is not part of a wait for an answer."""
    desk.open("/saved")


def other(desk, browser):
    """Another machine of the team: its own cookies, its own session, the same server."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    found = type(desk)(page, desk.url)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    return found


def saved(desk, link: str, name: str) -> str:
    """The address of a plan that is saved under a name; two clicks from the answer."""
    desk.open(link).page.get_by_role("button", name="Save scenario").click()
    field = desk.page.get_by_role("textbox", name="Name", exact=True)
    field.wait_for(timeout=30_000)
    field.fill(name)
    field.press("Tab")
    desk.settle().page.get_by_role("button", name="Save", exact=True).click()
    shown = desk.page.get_by_test_id("stCode").first
    shown.wait_for(timeout=60_000)
    desk.settle()
    return shown.inner_text().strip()


def choose(desk, name: str) -> None:
    """A run under way draws the box anew and forgets what was typed: typed until it is offered."""
    box, offered = desk.page.get_by_role("combobox", name="Compare"), desk.page.get_by_role("option", name=name).first
    for _ in range(8):
        box.fill(name)
        try:
            offered.click(timeout=4_000)
            break
        except TimeoutError:
            desk.settle()
    else:
        pytest.fail(f"{name} is not offered")
    desk.page.keyboard.press("Escape")
    desk.settle()


def test_saved_here_opened_there_kept_by_a_refresh_and_by_back(desk, browser):
    address = saved(desk, "/scenarios?PriceIncrease.rise=0.12&horizon=24&gross_margin=0.7", "Autumn $5 push")
    assert address.startswith(f"{desk.url}/scenarios?scenario=") and "Autumn" not in address
    assert desk.page.url == address, "the address bar says the same"
    said, worth = desk.headline, desk.metric("With the scenario")

    there = other(desk, browser).open(address.removeprefix(desk.url))
    assert (there.headline, there.metric("With the scenario")) == (said, worth)
    assert there.page.get_by_text("Autumn $5 push").count()
    there.nudge("Price rise", 1)
    moved = there.headline
    assert moved != said and "PriceIncrease.rise=0.13" in there.page.url and "scenario=" in there.page.url
    there.page.reload()
    there.page.wait_for_selector("h1")
    assert there.settle().headline == moved, "a refresh keeps what was moved since"

    there.go("Retention")
    for _ in range(2):  # the menu leads over a bare address
        there.page.go_back()
        there.settle()
        if "/scenarios" in there.page.url:
            break
    there.page.get_by_role("slider", name="Price rise").wait_for(timeout=30_000)
    assert there.settle().headline == moved, "and so does going back"
    there.page.go_back()
    there.page.wait_for_function("url => document.location.href === url", arg=address)
    assert there.settle().headline == said, "one step further back it is as it was saved"
    assert not there.complaints
    there.page.context.close()


def test_the_front_door_leads_a_link_to_its_page(desk):
    address = saved(desk, "/scenarios?ChurnReduction.reduction=0.1", "Less churn")
    said = desk.headline
    desk.open("/?" + address.partition("?")[2])
    desk.page.get_by_role("slider", name="Churn cut by").wait_for(timeout=30_000)
    assert desk.settle().headline == said and desk.page.url == address


@pytest.mark.slow
def test_two_are_compared_and_the_second_of_two_people_is_told(desk, browser):
    first = saved(desk, "/scenarios?AnnualBilling.adoption=0.25", "Annual plans")
    saved(desk, "/scenarios?PriceIncrease.rise=0.1", "Higher prices")
    hers = other(desk, browser).open(first.removeprefix(desk.url)).nudge("Take-up", 1)
    mine = desk.open(first.removeprefix(desk.url)).nudge("Take-up", 2)
    for one in (hers, mine):
        one.page.get_by_role("button", name="Save scenario").click()
        button = one.page.get_by_role("button", name="Save as a new version")
        button.wait_for(timeout=30_000)
        button.click()
        one.settle()
    mine.page.get_by_text("saved a newer version").wait_for(timeout=30_000)
    kept = mine.headline
    mine.page.get_by_role("button", name="Keep mine as a copy").click()
    mine.page.get_by_text("This link opens it").wait_for(timeout=30_000)
    assert mine.settle().headline == kept
    hers.page.context.close()

    desk.open("/saved")
    for name in ("Annual plans", "Higher prices"):
        choose(desk, name)
    desk.page.locator(".st-key-chart-contest svg.marks, .st-key-chart-contest canvas.marks").wait_for(timeout=60_000)
    assert "is ahead" in desk.settle().headline or "cannot be told apart" in desk.headline
    assert desk.page.get_by_text("Over 12").count() and not desk.page.get_by_test_id("stException").count()
