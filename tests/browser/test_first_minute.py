"""The first minute: from the open page to the answer in one press, by mouse and by keyboard alone."""

import pytest

pytestmark = pytest.mark.browser

FAR = 60  # presses of Tab that a patient person makes


CONTROL = """() => { const e = document.activeElement;
  return ['BUTTON', 'A', 'INPUT'].includes(e.tagName) || e.getAttribute('role') === 'slider'
    ? [e.getAttribute('aria-label') || '', e.innerText || ''].join(' ').trim() : '' }"""


def tab_to(desk, name: str, exact: bool = False, key: str = "Tab") -> None:
    """Move the focus by Tab to the control of that name, once it is there."""
    there = desk.page.get_by_role("button", name=name).or_(desk.page.get_by_role("slider", name=name))
    there.first.wait_for(timeout=30_000)
    desk.settle()
    for _ in range(FAR):
        desk.page.keyboard.press(key)
        told = desk.page.evaluate(CONTROL)
        if told == name if exact else name in told and not told.startswith("Help for"):
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_one_press_from_the_open_page_to_the_answer(desk):
    desk.open("/")
    assert desk.page.locator(".stMarkdownBadge", has_text="Sample data").is_visible()
    picker = desk.page.locator(".st-key-questions")
    assert picker.bounding_box()["y"] + picker.bounding_box()["height"] < 400, "the first thing in sight"
    picker.get_by_role("button", name="Let existing customers keep the price?").click()
    desk.page.wait_for_url("**/scenarios**")
    desk.settle()
    assert desk.says("keep the old price") and "likely $" in desk.headline


def test_a_named_scenario_with_a_link_takes_three_presses_of_the_keyboard(desk, browser):
    """Question, Save scenario, Save: Tab and Enter alone, nothing read before, nothing typed."""
    desk.open("/")
    tab_to(desk, "Raise prices?")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/scenarios**")
    desk.settle()
    said = desk.headline
    tab_to(desk, "Save scenario")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("textbox", name="Name", exact=True).wait_for(timeout=30_000)
    desk.settle()
    tab_to(desk, "Save", exact=True)
    desk.page.keyboard.press("Enter")
    link = desk.page.get_by_text("scenario=").first
    link.wait_for(timeout=30_000)
    other = type(desk)(browser.new_page(), desk.url)
    other.page.goto(link.inner_text().strip())
    other.page.wait_for_selector("h1", timeout=60_000)
    assert other.settle().headline == said, "anybody with the link sees the same answer"
    other.page.close()


def test_the_answer_is_reached_and_turned_by_keyboard_alone(desk):
    desk.open("/")
    tab_to(desk, "Raise prices?")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/scenarios**")
    desk.settle()
    before = desk.headline
    assert before.startswith("Raising prices 10 %")
    desk.page.evaluate("() => document.body.focus()")
    tab_to(desk, "Price rise")
    for _ in range(3):
        desk.page.keyboard.press("ArrowRight")
    desk.settle()
    assert desk.headline != before and "PriceIncrease.rise=0.1" in desk.page.url
    tab_to(desk, "Present")  # a P typed on a slider or in a list is not taken for the page's
    desk.page.keyboard.press("Enter")
    desk.page.get_by_text("2 of 5 · What if").wait_for(timeout=30_000)
    desk.page.keyboard.press("ArrowRight")
    desk.page.get_by_text("3 of 5 · Why").wait_for(timeout=30_000)
    desk.page.keyboard.press("Escape")
    desk.page.get_by_test_id("stTopNav").wait_for(timeout=30_000)


def test_which_comes_first_is_answered_side_by_side(desk):
    desk.open("/")
    desk.page.get_by_role("button", name="Fix onboarding or failed payments first?").click()
    desk.page.wait_for_url("**first=yes**")
    desk.settle()
    assert desk.says("first: it adds $") and "more than" in desk.headline
    assert desk.metric("Recover failed payments alone").startswith("+$") and desk.metric("Onboarding alone")


def test_the_tour_is_walked_by_keyboard(desk):
    desk.open("/")
    tab_to(desk, "Take a tour of the sample")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_text("1 of 6:").wait_for(timeout=30_000)
    desk.settle()
    tab_to(desk, "Next: Retention", key="Shift+Tab")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/retention**")
    desk.page.get_by_text("2 of 6:").wait_for(timeout=30_000)
