"""Each kind of file fetched in a real browser from the pages that offer it, then opened and read."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pptx import Presentation

pytestmark = pytest.mark.browser

PLAN = "/scenarios?PriceIncrease.rise=0.1&PriceIncrease.churn_elasticity=0&AnnualBilling.adoption=0.25"
PATIENCE = 90_000


def fetched(desk, button: str) -> tuple[str, bytes]:
    """Name and content of what a button brings."""
    desk.settle()  # a press on a button that is being drawn anew is none
    with desk.page.expect_download(timeout=PATIENCE) as waiting:
        desk.page.get_by_role("button", name=button, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def opened(desk, path: str):
    desk.open(path).page.get_by_role("button", name="Export").click()
    desk.page.get_by_role("button", name="PowerPoint slides").wait_for(timeout=PATIENCE)
    return desk


def amount(text: str) -> float:
    """The money of a card: "$5,588" is 5588."""
    return float(re.sub(r"[^\d.]", "", text))


def test_the_answer_as_slides_report_workbook_and_pdf(desk):
    opened(desk, PLAN)
    headline = desk.headline
    before, after = (amount(desk.metric(label)) for label in ("Today", "With the scenario"))
    adds = re.search(r"adds (\$[\d,.]+)", headline)[1]

    name, data = fetched(desk, "PowerPoint slides")
    deck = Presentation(io.BytesIO(data))
    said = " ".join(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)
    assert re.fullmatch(r"perennial-price-increase-annual-billing-2026-10-31-[0-9a-f]{8}\.pptx", name), "which plan it is of"
    assert adds in said and "Sample data (" in said
    assert sum(shape.has_chart for slide in deck.slides for shape in slide.shapes) == 1

    _, data = fetched(desk, "Report, one HTML file")
    page = HTMLParser()
    found = []
    page.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))
    page.feed(data.decode())
    assert adds in data.decode() and not [tag for tag, has in found if tag == "script" or "src" in has or "href" in has]

    _, data = fetched(desk, "Excel with live formulas")
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert [round(book["Answer"][cell].value) for cell in ("B7", "C7")] == [before, after]
    live = openpyxl.load_workbook(io.BytesIO(data))
    assert str(live["Answer"]["B7"].value).startswith("='New customer'!") and "price_rise" in live.defined_names

    _, data = fetched(desk, "PDF report")
    assert data[:5] == b"%PDF-"


def test_a_file_on_its_way_says_its_step_and_can_be_stopped(desk):
    box = opened(desk, PLAN).page.locator("[data-testid=stPopoverBody]")
    box.get_by_role("button", name="PDF report", exact=True).click()
    box.get_by_text("Finding what must be true").first.wait_for(timeout=PATIENCE)
    assert re.search(r"PDF report: \d+ seconds? so far", box.inner_text())
    box.get_by_role("button", name="Cancel").click()
    box.get_by_text("Stopped: no file was made.").wait_for(timeout=PATIENCE)
    desk.settle()
    assert not box.get_by_role("button", name="Cancel").count()


@pytest.mark.parametrize("path", ["/", "/lifetime_value"])
def test_where_things_stand_as_slides(path, desk):
    _, data = fetched(opened(desk, path), "PowerPoint slides")
    title = Presentation(io.BytesIO(data)).slides[0].shapes.title.text
    assert title.replace("\xa0", " ") == desk.headline


def test_a_table_and_its_chart_say_which_decision_they_are_of(desk):
    desk.open(PLAN).page.get_by_text("Show numbers").first.click()
    desk.page.get_by_role("button", name="Download as CSV").wait_for(timeout=PATIENCE)
    _, data = fetched(desk, "Download as CSV")
    text = data.decode("utf-8-sig")
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert table["Step"].tolist() == ["Today", "Price increase", "Annual billing", "Scenario"]
    assert "# Data: Sample data (" in text and "# Price increase: raising prices 10 %" in text
    name, data = fetched(desk, "SVG")
    assert name.startswith("bridge-2026-10-31-") and b"raising prices 10 %" in data and b"href" not in data
    _, data = fetched(desk, "PNG")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_file_comes_though_the_page_is_being_drawn_anew(desk):
    """Inputs are moved and a file asked for in the same breath, five times; a move cuts the run before it short."""
    numbers = desk.open("/lifetime_value").page.locator(".st-key-numbers-cash")
    numbers.get_by_text("Show numbers").click()
    file = desk.page.locator(".st-key-download-cash").get_by_role("button", name="Download as CSV")
    file.wait_for(timeout=PATIENCE)
    slider = desk.page.get_by_role("slider", name="Gross margin")
    for _ in range(5):
        for _ in range(2):
            slider.press("ArrowRight")
        with desk.page.expect_download(timeout=PATIENCE) as waiting:
            file.click()
        assert b"# Data: Sample data (" in Path(waiting.value.path()).read_bytes()


def test_nothing_is_offered_on_a_wall(desk):
    desk.open(PLAN + "&present=true")
    assert not desk.page.get_by_role("button", name="Export").count()
