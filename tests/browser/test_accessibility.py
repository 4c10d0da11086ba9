"""WCAG 2.2 AA in a real browser, each page visited once and asked everything: does axe find a fault, does every
chart say its message and have its numbers beside it, is anything cut off at 200 per cent or on a phone; and the keyboard.
"""

import pytest
from accessibility import PATHS, PHONE, PLAN, SLIPS, STORY, ZOOMED, cut, faults, mute, visit

pytestmark = pytest.mark.browser

@pytest.mark.parametrize("path", [*PATHS, *(pytest.param(path, marks=pytest.mark.slow) for path in STORY)])
def test_every_page_can_be_used_by_everybody(desk, path):
    page = visit(desk, path)
    wrong = faults(page) + mute(page, needs_twin="present" not in path)
    if path != "/methods":  # it speaks of code
        wrong += [f"“{slip}” is no number" for slip in SLIPS.findall(page.inner_text("[data-testid=stMain]"))]
    wrong += cut(page, ZOOMED) + cut(page, PHONE)
    assert not wrong, "\n".join(wrong)
    assert page.locator("[data-testid=stException]").count() == 0


# Every control by its name, and its look while the focus is elsewhere; a group of choices is one stop.
STOPS = """() => {
  window.look = e => { let near = e, said = ''; for (let i = 0; i < 5 && near; i++, near = near.parentElement)
      for (const part of [near, ...(i ? [] : near.children)]) { const s = getComputedStyle(part);
        said += [s.boxShadow, s.outline, s.borderColor, s.backgroundColor, s.color].join() } return said };
  window.named = e => { const group = e.closest('[role=radiogroup]');
    return (group ? 'choice of ' + group.innerText : e.getAttribute('aria-label') || e.innerText || e.tagName).slice(0, 60) };
  return [...document.querySelectorAll('button, a[href], input, textarea, summary, [role=slider]')].filter(
    e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && e.getBoundingClientRect().width && e.closest('[data-testid=stMain], [data-testid=stSidebar]')).map(e => {
    e.dull = window.look(e); return window.named(e) }) }"""
HERE = """async () => { const e = document.activeElement;
  const ends = a => a.effect?.getComputedTiming().iterations !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map(a => a.finished));
  return [window.named(e), !e.dull || e.dull !== window.look(e)] }"""


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", PLAN])
def test_the_keyboard_reaches_every_control_in_the_order_it_is_read_and_shows_where_it_is(desk, path):
    page = visit(desk, path)
    wanted = list(dict.fromkeys(page.evaluate(STOPS)))
    reached, dull = [], []
    for _ in range(3 * len(wanted) + 30):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(HERE)
        reached += [name] if name in wanted and name not in reached else []
        dull += [] if seen or name not in wanted else [name]
        if len(reached) == len(wanted):
            break
    assert not set(wanted) - set(reached), "Tab does not reach them"
    assert not dull, f"no ring around {dull}"
    assert reached == wanted, "the order of the page"
