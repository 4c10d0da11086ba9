"""WCAG 2.2 AA of what is folded away on the pages a leader opens: every expander, tab and popover, in both themes.
Minutes, so not every time.
"""

import pytest
from accessibility import PATHS, PLAN, faults, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLOSED = "details:not([open]) > summary:visible"
MANY = 40  # folds of one page


def found(desk, said: str) -> list[str]:
    return [f"{said}, {one}" for one in faults(desk.settle().page)]


def unfold(desk) -> None:
    for _ in range(MANY):
        folds = desk.page.locator(CLOSED)
        if not folds.count():
            return
        folds.first.click()
        desk.settle()
    raise AssertionError("it never ends")


@pytest.mark.parametrize("path", PATHS[: PATHS.index(PLAN) + 1])
def test_nothing_folded_away_is_at_fault(desk, path):
    visit(desk, path)
    tabs, wrong = desk.page.get_by_role("tab"), []
    for place in range(max(tabs.count(), 1)):
        if tabs.count():
            tabs.nth(place).click()
            desk.settle()
        unfold(desk)
        wrong += found(desk, f"tab {place}")
    buttons = desk.page.locator("[data-testid=stPopover] button:visible")
    for place in range(buttons.count()):
        buttons.nth(place).click()
        wrong += found(desk, buttons.nth(place).inner_text())
        desk.page.keyboard.press("Escape")
    assert not wrong, "\n".join(wrong)
