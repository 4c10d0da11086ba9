"""WCAG 2.2 AA of what is folded away or not always there: every expander, tab and popover, two scenarios compared, a
question about a file, a file that is none, data without prices. Both themes; minutes, so not every time.
"""

import pytest
from accessibility import PATHS, PLAN, faults, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLOSED = "details:not([open]) > summary:visible"
MANY = 40  # folds of one page
# The last day of some is the day of the export: have they left? And 03/04 may be in March or in April.
ASKS = "customer,start,end,mrr\n" + "".join(
    f"C{n},0{1 + n % 9}/0{1 + n % 7}/2024,{'12/12/2024' if n % 2 else ''},50\n" for n in range(60)
)

UNPRICED = "customer,start,end\n" + "".join(f"C{n},2024-0{1 + n % 9}-01,{'2025-01-01' if n % 4 == 0 else ''}\n" for n in range(80))


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


@pytest.mark.parametrize("path", PATHS)
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


def saved(desk, link: str) -> None:
    visit(desk, link).get_by_role("button", name="Save scenario").click()
    desk.page.get_by_role("textbox", name="Name", exact=True).wait_for(timeout=30_000)
    desk.settle().page.get_by_role("button", name="Save", exact=True).click()
    desk.page.get_by_test_id("stCode").first.wait_for(timeout=60_000)


def test_two_side_by_side(desk):
    saved(desk, PLAN)
    saved(desk, "/scenarios?ChurnReduction.reduction=0.1")
    visit(desk, "/saved")
    for _ in range(2):
        desk.page.get_by_role("combobox", name="Compare").click()
        desk.page.get_by_role("option").first.click()
        desk.page.keyboard.press("Escape")
        desk.settle()
    desk.page.locator(".st-key-chart-contest svg.marks").wait_for(timeout=60_000)
    unfold(desk)
    wrong = found(desk, "compared")
    assert not wrong, "\n".join(wrong)


def test_a_file_with_a_question_and_one_that_is_none(desk, tmp_path):
    (asks := tmp_path / "asks.csv").write_text(ASKS)
    (none := tmp_path / "none.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    visit(desk, "/data").locator("input[type=file]").first.set_input_files(asks)
    desk.page.get_by_role("button", name="Use these data").wait_for(timeout=30_000)
    unfold(desk)
    wrong = found(desk, "asked")
    visit(desk, "/data").locator("input[type=file]").first.set_input_files(none)
    desk.page.get_by_role("alert").first.wait_for(timeout=30_000)
    wrong += found(desk, "refused")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ["/", "/scenarios", "/retention", "/lifetime_value"])
def test_data_without_dates(desk, path):
    visit(desk, f"{path}?ds=sample-snapshot")
    assert not (wrong := found(desk, path)), "\n".join(wrong)


def test_data_without_prices(desk):
    file = {"name": "no prices.csv", "mimeType": "text/csv", "buffer": UNPRICED.encode()}
    visit(desk, "/data").locator("input[type=file]").first.set_input_files(file)
    desk.page.get_by_role("button", name="Use these data").click(timeout=30_000)
    wrong = []
    for name, title in (("Scenarios", "A scenario needs a price"), ("Lifetime value", "needs a price"), ("Overview", "")):
        desk.settle().go(name)
        assert desk.says(title)
        wrong += found(desk, name)
    assert not wrong, "\n".join(wrong)
