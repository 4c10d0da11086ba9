"""WCAG 2.2 AA in a real browser: axe over every page, both themes; charts told in words; zoom, phone, keyboard.

One server and one browser page for each theme; a page is visited once and asked everything.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PATHS = ("/", "/data", "/retention", "/drivers", "/lifetime_value", "/scenarios?PriceIncrease.rise=0.1",
         "/scenarios?PriceIncrease.rise=0.1&present=true", "/?present=true", "/playbook", "/segments", "/customers",
         "/backtest", "/methods")  # fmt: skip
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# st.metric draws its small line as an image without a name; the number stands beside it.
# https://github.com/streamlit/streamlit/issues/8495
UPSTREAM = {"svg-img-alt": "stMetric"}
# A chart whose numbers stand in another card of its page.
TWINS = {"groups": "New and existing customers by group"}
VAGUE = re.compile(r"^(line|bar|area)? ?(chart|graph|plot|heat map)\b", re.I)


OPENED = ("/lifetime_value", "/scenarios?PriceIncrease.rise=0.1")  # with all that is folded away


def visit(desk, path: str):
    desk.open(path)
    if path in OPENED:
        closed = desk.page.locator("[data-testid=stExpander] details:not([open]) > summary:visible")
        for _ in range(closed.count()):
            if closed.count():
                closed.first.click()
        desk.settle()
    return desk.page


def violations(page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"]
        if UPSTREAM.get(one["id"], "\0") not in ancestors(page, node["target"][-1])
    ]


def ancestors(page, target: str) -> str:
    """The test ids around an element."""
    return page.evaluate(
        "s => { let e = document.querySelector(s), t = ''; while (e) { t += ' ' + (e.dataset?.testid || ''); "
        "e = e.parentElement } return t }",
        target,
    )


CHARTS = """() => [...document.querySelectorAll('[class*="st-key-chart-"]')].map(e => {
  const key = [...e.classList].find(c => c.startsWith('st-key-chart-')).slice(13);
  const named = e.querySelector('[role=img][aria-label], [aria-label]');
  let card = e, twin = false;
  for (let i = 0; i < 6 && card && !twin; i++, card = card.parentElement)
    twin = !!card.querySelector('[class*="st-key-numbers-"], [data-testid=stDataFrame]');
  return {key, twin, alt: [...e.querySelectorAll('[aria-label]')].map(x => x.getAttribute('aria-label')).join(' | ')};
})"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(desk, theme):
    desk.page.emulate_media(color_scheme=theme)
    wrong = {}
    for path in PATHS:
        page = visit(desk, path)
        found = violations(page)
        for chart in page.evaluate(CHARTS):
            said = chart["alt"]
            if len(said) < 25 or VAGUE.search(said) or not re.search(r"\d|No |no ", said):
                found.append(f"the chart {chart['key']} does not say its message: {said[:120]}")
            if not chart["twin"] and "present" not in path and TWINS.get(chart["key"], "\0") not in page.inner_text("body"):
                found.append(f"the chart {chart['key']} has no table")
        if page.locator(".katex").count():
            found.append("a dollar sign became a formula")
        if found:
            wrong[path] = found
    assert not wrong, "\n".join(f"{path}\n  " + "\n  ".join(found) for path, found in wrong.items())


OVERFLOW = """() => { const main = document.querySelector('[data-testid=stMain]');
  const cut = [...main.querySelectorAll('h1, h2, h3, p, label, button')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('[data-testid=stDataFrame]');
  });
  return [main.scrollWidth, ...cut.map(e => e.innerText.slice(0, 60))]; }"""


def test_at_200_per_cent_nothing_is_lost(desk):
    """1440 pixels at 200 % are 720: nothing is cut off and nothing scrolls sideways."""
    desk.page.set_viewport_size({"width": 720, "height": 450})
    for path in PATHS:
        wide, *cut = desk.open(path).page.evaluate(OVERFLOW)
        assert wide <= 720 and not cut, f"{path}: {cut}"


FOCUS = """() => { const e = document.activeElement, ring = x => {
    const s = getComputedStyle(x);
    return s.boxShadow !== 'none' || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0); };
  let near = e, seen = false;
  for (let i = 0; i < 4 && near && !seen; i++, near = near.parentElement) seen = ring(near);
  const box = e.getBoundingClientRect();
  return {what: (e.getAttribute('aria-label') || e.innerText || e.tagName).slice(0, 40).trim(), tag: e.tagName,
          seen, moving: document.getAnimations().filter(a => a.playState === 'running').length}; }"""


def test_the_keyboard_reaches_everything_and_shows_where_it_is(desk):
    desk.open("/scenarios?PriceIncrease.rise=0.1")
    stops = []
    for _ in range(45):
        desk.page.keyboard.press("Tab")
        stops.append(desk.page.evaluate(FOCUS))
    names = [stop["what"] for stop in stops]
    assert names.index("Overview") < names.index("Scenarios") < names.index("Methods"), "in the order of the menu"
    assert "Price rise" in " ".join(names), "a lever is reached by Tab"
    unseen = [stop["what"] for stop in stops if not stop["seen"] and stop["tag"] != "BODY"]
    assert not unseen, f"no ring around {unseen}"
