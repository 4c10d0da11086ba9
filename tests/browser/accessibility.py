"""What it takes that everybody can use a page, asked of the page itself: axe, what charts say, what is cut off."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

from cs_models.charts import theme

PLAN = "/scenarios?PriceIncrease.rise=0.1&AnnualBilling.adoption=0.25"
PATHS = ("/", "/data", "/retention", "/drivers", "/lifetime_value", PLAN, "/saved", "/playbook", "/segments", "/customers",
         "/backtest", "/methods")  # fmt: skip
STORY = tuple(f"{PLAN}&present=true&step={step}" for step in range(1, 6))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The small line of st.metric is drawn by Streamlit without a name for its point; the number stands beside it.
# https://github.com/streamlit/streamlit/issues/8495
# Day, month and year within Streamlit's st.date_input are as wide as their digits; the calendar it opens sets the same day
# with targets of full size, which WCAG 2.5.8 lets stand ("equivalent"). https://github.com/streamlit/streamlit/pull/16460
UPSTREAM = {"svg-img-alt": "metric_chart", "target-size": 'role="spinbutton"'}
ZOOMED, PHONE = {"width": 720, "height": 450}, {"width": 390, "height": 844}
TWINS = {"groups": "New and existing customers by group"}  # charts whose numbers stand in the next card of the page
SLIPS = re.compile(r"(?<![\w'’-])(nan|NaN|None|inf|undefined|null)(?![\w'’-])")
DRAWN = 60_000  # milliseconds until all charts are there, also after a change of the window
BOX = "[data-testid=stVegaLiteChart]"
TOLD = f"{BOX}[role=graphics-document]"

CHARTS = """() => [...document.querySelectorAll('[class*="st-key-chart-"]')].map(e => {
  const key = [...e.classList].find(c => c.startsWith('st-key-chart-')).slice(13);
  let card = e, twin = false;
  for (let i = 0; i < 6 && card && !twin; i++, card = card.parentElement)
    twin = !!card.querySelector('[class*="st-key-numbers-"], [data-testid=stDataFrame]');
  return {key, twin, alt: e.querySelector('[role=graphics-document]')?.getAttribute('aria-label') || ''};
})"""
STEADY = f"""ground => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor === ground
  && document.querySelectorAll('{BOX}').length === document.querySelectorAll('{TOLD}').length
  && !document.getAnimations().some(a => a.effect?.getComputedTiming().iterations !== Infinity)"""
CUT = """() => { const main = document.querySelector('[data-testid=stMain]');
  const own = e => { const s = getComputedStyle(e); return s.overflowX === 'auto' || s.overflowX === 'scroll' };
  const rolled = e => { while ((e = e.parentElement) && e !== main) if (own(e)) return true; return false };
  const cut = [...main.querySelectorAll('h1, h2, h3, p, label, button, input, svg.marks')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && box.height && (box.right > innerWidth + 1 || box.left < -1) && !rolled(e) && e.checkVisibility();
  });
  return [main.scrollWidth, ...cut.map(e => (e.innerText || e.getAttribute('aria-label') || e.tagName).slice(0, 60))]; }"""


def visit(desk, path: str):
    """The page with all its charts drawn and the pointer away from it."""
    desk.open(path).page.mouse.move(1439, 899)
    desk.page.wait_for_function(f"() => document.querySelectorAll('{BOX}').length === document.querySelectorAll('{TOLD}').length",
                                timeout=DRAWN)  # fmt: skip
    return desk.page


THEMES = {"dark": theme.DARK, "light": theme.LIGHT}


def faults(page) -> list[str]:
    """What axe finds, in the dark and in the light."""
    found = []
    for name, tokens in THEMES.items():
        page.emulate_media(color_scheme=name)
        page.mouse.move(1439, 899)  # what the pointer is on looks otherwise
        ground = ", ".join(str(int(tokens.background[i : i + 2], 16)) for i in (1, 3, 5))
        page.wait_for_function(STEADY, arg=f"rgb({ground})", timeout=DRAWN)
        found += [f"{name}: {one}" for one in violations(page)]
    return found


def violations(page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:160]} {' '.join(node.get('failureSummary', '').split())[:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
        if UPSTREAM.get(one["id"], "\0") not in node["html"]
    ]


def mute(page, needs_twin: bool) -> list[str]:
    """Charts that do not say their message, or whose numbers nobody can read."""
    try:  # a chart has no words while it is drawn anew, for the other theme say
        page.wait_for_function(f"() => ({CHARTS})().every(chart => chart.alt)", timeout=DRAWN)
    except TimeoutError:
        pass  # told below, each by its name
    found = []
    for chart in page.evaluate(CHARTS):
        if len(chart["alt"]) < 25 or not re.search(r"\d|\b[Nn]o\b", chart["alt"]):
            found.append(f"the chart {chart['key']} does not say its message: {chart['alt'][:120]!r}")
        beside = TWINS.get(chart["key"])
        if needs_twin and not chart["twin"] and not (beside and page.get_by_text(beside).count()):
            found.append(f"the chart {chart['key']} has no table")
    return found


def cut(page, size: dict) -> list[str]:
    """What is beyond the edge in a window of that size, once everything is drawn for it."""
    page.set_viewport_size(size)
    try:
        page.wait_for_function(f"() => {{ const [wide, ...cut] = ({CUT})(); return wide <= innerWidth && !cut.length }}",
                               timeout=DRAWN)  # fmt: skip
    except TimeoutError:
        wide, *beyond = page.evaluate(CUT)
        return [f"at {size['width']} pixels the page is {wide} wide, beyond the edge: {beyond}"]
    return []
