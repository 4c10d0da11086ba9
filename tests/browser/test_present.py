"""Presenting in a real browser: keys, one screen without scrolling, nothing around it, amounts hidden."""

import pytest

from cs_models.story import SCREENS

pytestmark = pytest.mark.browser

PLAN = "PriceIncrease.rise=0.1&AnnualBilling.adoption=0.25"
LARGE = 32  # pixels of a headline that is read from three metres
SIZES = ((1440, 900), (1920, 1080))
WITHOUT = """words => { const page = document.querySelector('[data-testid=stAppViewContainer]').outerHTML;
  return words.every(word => !page.includes(word)) }"""
MARKS = "[data-testid=stVegaLiteChart] :is(svg, canvas).marks"


def cut(desk) -> list[str]:
    """Numbers and headings that do not fit their place."""
    return desk.page.locator("h1, h3, [data-testid=stMetricValue] *, [data-testid=stMetricLabel] *").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map(e => e.innerText)")  # fmt: skip


def mark(desk) -> str:
    return desk.page.locator(".st-key-story-bar").get_by_text(" of ").inner_text()


def fits(desk) -> bool:
    """Nothing to scroll to, and no chart behind the bar or beyond the edge."""
    main = desk.page.get_by_test_id("stMain").evaluate("e => e.scrollHeight - e.clientHeight")
    wide = desk.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    bar = desk.page.locator(".st-key-story-bar").bounding_box()
    boxes = [place.bounding_box() for place in desk.page.locator(".st-key-screen > *").all()]
    inside = all(box["y"] + box["height"] <= bar["y"] for box in boxes if box)
    return main <= 0 and wide <= 0 and inside and bar["y"] + bar["height"] <= desk.page.viewport_size["height"]


@pytest.mark.parametrize("size", SIZES, ids=["1440x900", "1920x1080"])
def test_arrow_keys_tell_the_story_and_every_screen_is_read_without_scrolling(desk, size):
    desk.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    desk.page.emulate_media(color_scheme="dark" if size[0] > 1500 else "light")
    desk.open(f"/?{PLAN}&view={'portfolio' if size[0] < 1500 else 'new'}")
    desk.page.keyboard.press("p")
    desk.page.locator(".st-key-story-bar").wait_for(timeout=30_000)
    messages = []
    for step, name in enumerate(SCREENS, 1):
        desk.settle()
        desk.page.get_by_text(f"{step} of 5 · {name}").wait_for(timeout=30_000)
        if step < len(SCREENS):
            desk.page.locator(MARKS).first.wait_for(timeout=30_000)
        messages.append(desk.headline)
        assert fits(desk), name
        if size[0] < 1500:  # the whole book has the longest amounts, a laptop the narrowest wall
            desk.page.set_viewport_size({"width": 1366, "height": 768})
            assert cut(desk) == [], name
            desk.page.set_viewport_size({"width": 1440, "height": 900})
        assert f"step={step}" in desk.page.url or step == 1
        desk.page.keyboard.press("ArrowRight")
    assert len(set(messages)) == 5 and all(len(said.split()) > 5 for said in messages)
    size = desk.page.locator("h1").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= LARGE
    desk.page.keyboard.press("ArrowLeft")
    desk.page.get_by_text("4 of 5").wait_for(timeout=30_000)
    desk.page.keyboard.press("Escape")
    desk.page.get_by_test_id("stTopNav").wait_for(timeout=30_000)
    assert "present" not in desk.settle().page.url and "A new customer is worth" in desk.headline


def test_nothing_stands_around_the_story_and_p_leaves_it(desk):
    desk.open(f"/scenarios?{PLAN}&present=true")
    for part in ("stSidebar", "stHeader", "stTopNav"):
        for place in desk.page.get_by_test_id(part).all():
            assert not place.is_visible(), part
    assert desk.page.get_by_role("slider").count() == 0
    desk.page.keyboard.press("p")
    desk.page.get_by_role("slider", name="Price rise").wait_for(timeout=30_000)
    assert "present" not in desk.settle().page.url


def test_the_step_is_in_the_link_and_a_refresh_keeps_it(desk):
    desk.open(f"/scenarios?{PLAN}&present=true&step=3")
    assert desk.headline == "Price increase adds $635, annual billing costs $126"
    desk.page.reload()
    desk.page.get_by_text("3 of 5 · Why").wait_for(timeout=30_000)
    assert "step=3" in desk.settle().page.url


def test_hidden_amounts_are_not_in_the_page(desk):
    desk.open(f"/scenarios?{PLAN}&present=true")
    assert "$5,588" in desk.page.content()
    desk.page.keyboard.press("h")
    desk.page.get_by_text("Amounts are shares").wait_for(timeout=30_000)
    for _ in range(4):
        desk.settle()
        desk.page.wait_for_function(WITHOUT, arg=["$", "5,588", "5588"], timeout=5_000)  # a chart is drawn last
        desk.page.keyboard.press("ArrowRight")
    desk.page.reload()
    desk.page.get_by_text("5 of 5").wait_for(timeout=30_000)
    assert "amounts=hidden" in desk.page.url
