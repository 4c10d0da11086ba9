"""The whole way in a real browser: open, upload, look, move a lever, refresh, present."""

import re
from pathlib import Path

import pytest

from cs_models.charts import CHARTS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"/": "Overview", "/data": "Data", "/retention": "Retention", "/drivers": "Drivers",
         "/lifetime_value": "Lifetime value", "/scenarios": "Scenarios", "/saved": "Saved", "/playbook": "Playbook", "/segments": "Segments",
         "/customers": "Customers", "/backtest": "Back-test",
         "/methods": "Methods"}  # fmt: skip


def test_a_deep_link_on_a_fresh_server_runs_the_front_door_first(desk_at, fresh_server):
    desk = desk_at(fresh_server).open("/scenarios?PriceIncrease.rise=0.1")
    links = desk.page.get_by_test_id("stTopNav").get_by_role("link")
    assert links.all_inner_texts() == list(PAGES.values())
    assert desk.says("Raising prices 10 % for everybody")
    assert desk.page.get_by_text("Page not found").count() == 0
    assert desk.page.title().startswith("Scenarios") or desk.page.title() == "Perennial"
    assert "PriceIncrease.rise=0.1" in desk.page.url


def test_every_chart_of_the_house_is_drawn(desk_at, tmp_path):
    from servers import start

    gallery = start(tmp_path, ROOT / "tests" / "browser" / "gallery.py")
    try:
        desk = desk_at(gallery).open("/")
        for name in CHARTS:
            marks = desk.page.locator(f".st-key-chart-{name} svg.marks, .st-key-chart-{name} canvas.marks")
            marks.wait_for(timeout=20_000)
            box = marks.bounding_box()
            assert box["width"] > 400 and box["height"] > 60, name
            assert marks.locator("path, text").count() > 5, f"{name} is empty"
    finally:
        gallery.stop()


def test_from_an_upload_to_a_what_if_answer(desk):
    """The main job: a file, retention, a lever, a sentence that changed; a refresh keeps all of it."""
    desk.open("/data")
    assert desk.page.locator(".stMarkdownBadge", has_text="Sample data").count() == 1
    desk.page.locator("input[type=file]").first.set_input_files(ROOT / "sample_data" / "subscriptions.csv")
    desk.page.get_by_role("button", name="Use these data").wait_for(timeout=30_000)
    desk.settle()
    desk.page.get_by_role("button", name="Use these data").click()
    desk.settle()
    data = re.search(r"ds=([0-9a-f]{32})", desk.page.url)[1]
    assert desk.page.locator(".stMarkdownBadge", has_text="Sample data").count() == 0

    desk.go("Retention")
    assert desk.says("of 100 customers are still subscribed") and data in desk.page.url

    desk.go("Scenarios")
    before = desk.headline
    assert before.startswith("What if?")
    desk.page.get_by_role("button", name="More questions").click()
    desk.page.get_by_role("button", name="Churn less?").click()
    desk.settle().nudge("Churn cut by", 10)
    assert desk.says("Cutting churn by 20 % adds $") and desk.headline != before
    assert desk.says("likely $"), "the range must follow the point answer"
    assert desk.metric("With the scenario") != desk.metric("Today")
    answer = desk.headline

    desk.page.reload()
    desk.page.wait_for_selector("h1")
    desk.settle()
    assert desk.headline == answer, "a refresh keeps data and levers"
    assert data in desk.page.url

    desk.go("Data")
    desk.page.reload()
    desk.settle().go("Scenarios")
    assert desk.headline == answer, "so does a refresh on a page without the lever"


def test_preset_questions_move_levers_and_reset_takes_them_back(desk):
    desk.open("/scenarios")
    rest = desk.headline
    for number, (question, words) in enumerate({
        "Raise prices?": "Raising prices 10 %",
        "Let existing customers keep the price?": "keep the old price",
        "Sell annual plans?": "nnual billing for 25 %",
        "Churn less?": "Cutting churn by 10 %",
    }.items()):
        if number:
            desk.page.locator(".st-key-questions").wait_for(state="detached", timeout=30_000)
            desk.page.get_by_role("button", name="Ask again").click()
            desk.settle()
        desk.page.get_by_role("button", name=question).click()
        desk.settle()
        assert desk.says(words), desk.headline
    desk.page.get_by_role("button", name="Reset to today").click()
    desk.settle()
    assert desk.headline == rest and "?" not in desk.page.url


def test_money_entered_on_one_page_counts_on_the_next(desk):
    desk.open("/lifetime_value")
    cac = desk.page.get_by_role("spinbutton", name="Cost to win a customer (CAC)")
    cac.fill("3000")
    cac.press("Enter")
    desk.settle()
    assert "month" in desk.metric("Payback")
    desk.go("Scenarios")
    assert "month" in desk.metric("Payback") and "cac=3000" in desk.page.url


def test_the_answer_is_read_without_scrolling(desk):
    """1440 x 900: headline, value before and after, and the whole big chart."""
    desk.open("/scenarios?PriceIncrease.rise=0.1&AnnualBilling.adoption=0.25")
    chart = desk.page.locator(".st-key-chart-bridge").bounding_box()
    assert chart["y"] + chart["height"] <= 900
    assert desk.page.locator("h1").first.bounding_box()["y"] >= 0


def test_back_leads_back(desk):
    """A question moves several levers in one step of the history: two presses lead to the page before."""
    desk.open("/retention").go("Scenarios")
    steps = desk.page.evaluate("history.length")
    desk.page.get_by_role("button", name="Let existing customers keep the price?").click()
    desk.page.wait_for_url("**view=existing**")
    assert desk.settle().page.evaluate("history.length") == steps + 1
    for _ in range(2):
        desk.page.go_back()
        desk.settle()
    assert "/retention" in desk.page.url
    desk.page.get_by_role("heading", name="still subscribed").wait_for(timeout=20_000)


def test_a_bad_file_gets_a_sentence_in_the_browser_too(desk, tmp_path):
    bad = tmp_path / "picture.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    desk.open("/data")
    desk.page.locator("input[type=file]").first.set_input_files(bad)
    alert = desk.page.get_by_role("alert").first
    alert.wait_for(timeout=30_000)
    assert "Traceback" not in desk.page.inner_text("body") and len(alert.inner_text()) > 20


def test_a_download_opens_and_cannot_be_run(desk):
    desk.open("/data?ds=sample-faults")
    with desk.page.expect_download() as waiting:
        desk.page.get_by_role("button", name="Download the list").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "row,kind,column,value,reason"
    assert not [cell for line in text.splitlines() for cell in line.split(",") if cell[:1] in tuple("=+@\t")]


def test_a_lever_changes_the_headline(desk):
    desk.open("/scenarios?ChurnReduction.reduction=0.05").nudge("Churn cut by", 3)
    before = desk.headline
    slider = desk.page.get_by_role("slider", name="Churn cut by")
    shown = desk.page.locator("h1").first.inner_text()
    slider.focus()
    slider.press("ArrowRight")
    # The headline is taken down and put up again: for a moment there may be none.
    desk.page.wait_for_function(
        "old => { const h = document.querySelector('h1'); return h && h.innerText !== old }", arg=shown
    )
    assert desk.settle().headline != before


def test_hostile_text_of_a_file_stays_text(desk, tmp_path):
    """File name, header and group names wherever markdown is rendered: no formula, no picture, no link."""
    name = r"$\rule{50em}{50em}$ ![x](http://evil.test/x.png) [pay](http://evil.test)"
    rows = "".join(f'C{n},2025-0{1 + n % 9}-01,,{50 + n},"{name if n % 2 else "plain"}"\n' for n in range(80))
    file = tmp_path / "$5 vs $7 ![x](http:evil.test).csv"
    file.write_text(f'customer,start,end,mrr,"$a$ **tier**"\n{rows}')
    desk.open("/data")
    desk.page.locator("input[type=file]").first.set_input_files(file)
    desk.page.get_by_role("button", name="Use these data").click(timeout=30_000)
    desk.settle()
    for page in ("Retention", "Lifetime value", "Scenarios", "Overview", "Data"):
        desk.go(page)
        assert desk.page.locator(".katex").count() == 0
        assert desk.page.locator("[data-testid=stMarkdownContainer] img").count() == 0
        assert desk.page.locator("a[href*=evil]").count() == 0
    desk.page.get_by_text("$5 vs $7").first.wait_for(timeout=20_000)


def test_from_a_workbook_to_a_what_if_answer(desk, tmp_path, make_workbook):
    """An Excel file with a line above its header, in a second sheet, and a lever."""
    lines = (ROOT / "sample_data" / "subscriptions.csv").read_text().splitlines()[:1500]
    sheets = {"Notes": [["made by hand"]], "Export": [["Export of May"], *(line.split(",") for line in lines)]}
    path = tmp_path / "export.xlsx"
    path.write_bytes(make_workbook(sheets))
    desk.open("/data")
    desk.page.locator("input[type=file]").first.set_input_files(path)
    desk.page.get_by_role("button", name="Use these data").wait_for(timeout=30_000)
    desk.settle()
    assert desk.page.get_by_text("How the file was opened: Workbook, Export").count() == 1
    assert desk.metric("Rows in the file") == "1,499"
    desk.page.get_by_role("button", name="Use these data").click()
    desk.settle()
    desk.go("Scenarios").page.get_by_role("button", name="More questions").click()
    desk.page.get_by_role("button", name="Churn less?").click()
    desk.settle().nudge("Churn cut by", 10)
    assert desk.says("Cutting churn by 20 % adds $")
