"""Files that leave the app: whole, offline, literal, the same story in each; no text runs over an edge."""

import io
import re
import zipfile
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu

import cs_models as cs
from cs_models import words
from cs_models.charts import CHARTS
from cs_models.exports import document, grids, pictures, slide_parts
from cs_models.exports.slide_parts import Box
from cs_models.exports.tables import csv_bytes, harmless
from tests.export_stories import HOSTILE, LINK, hostile, told

STORIES = {"plan": lambda: told(), "today": lambda: told(False), "hostile": hostile}
EACH = pytest.mark.parametrize("name", STORIES)


@pytest.fixture(scope="module")
def decks():
    return {name: Presentation(io.BytesIO(cs.pptx(story()))) for name, story in STORIES.items()}


@pytest.fixture(scope="module")
def pages():
    return {name: cs.html(story()) for name, story in STORIES.items()}


class Page(HTMLParser):
    """What a browser would find: tags, attributes, text."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.attributes, self.said = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attrs]

    def handle_data(self, data):
        self.said += data


def texts(deck) -> str:
    """All text on all slides."""
    found = []
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                found.append(shape.text_frame.text)
            if getattr(shape, "has_table", False) and shape.has_table:
                found += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


# --- the story ---


def test_the_story_says_what_the_change_says():
    story, change = told(), told().change
    assert story.main.delta == change.delta and story.main.low == change.low
    assert sum(story.steps.values()) == pytest.approx(change.delta, abs=1e-6)
    assert {one.book for one in story.lines} == {"new", "existing", "portfolio"}
    assert story.headline == change.headline(subject="this plan") and "raising prices 10 %" in story.below
    assert [one.value for one in story.settings if one.label == "Discount"] == [words.percent(0.167)]


def test_every_value_of_every_decision_is_told():
    story = told()
    there = {(one.decision, one.label) for one in story.settings}
    for lever in story.change.plan.active:
        assert {(lever.title, parameter.label) for parameter in lever.parameters()} <= there


def test_doubt_about_the_assumptions_stands_beside_chance(decks, pages):
    """The range of the page How sure, in words, on the slides, in the report and in the workbook's table."""
    story = told()
    found = cs.monte_carlo(story.change, runs=16)
    ends = words.money_interval(found.both.low, found.both.high, story.currency, sign=True)
    assert found.both.high - found.both.low > story.main.high - story.main.low
    assert ends in story.doubt and f"pays in {words.percent(found.by_both, 0)} of cases" in story.doubt
    assert story.doubt in texts(decks["plan"]) and story.doubt in Page(pages["plan"]).said
    assert story.doubt in grids.books(story).note
    assert told(False).doubt == "" and "With doubt" not in pages["today"]


def test_another_book_leads_when_it_is_asked_for():
    assert told(True, "portfolio").main.book == "portfolio"
    assert "across the whole book" in told(True, "portfolio").headline


def test_without_a_decision_the_story_is_where_things_stand():
    story = told(False)
    assert story.steps == {} and story.plan == "" and "is worth" in story.headline
    assert [months for months, *_ in story.worth] == [12, 24, 36, 60]
    value = next(worth for months, worth, _, _ in story.worth if months == 24)
    assert value == pytest.approx(story.main.before)


# --- every kind carries the facts ---


def facts(story) -> list[str]:
    digest = story.change.base.digest
    return [digest[:8], "22 Nov 2026", "seed 0", cs.SavedScenario("", cs.Scenario("")).version, "31 Oct 2026", "Sample data"]


@pytest.mark.parametrize("name", ["plan", "today"])
def test_each_file_says_which_data_day_and_version_it_is_of(name, decks, pages):
    story = STORIES[name]()
    for text in (texts(decks[name]), Page(pages[name]).said):
        assert not [fact for fact in facts(story) if fact not in text]
        assert LINK in text and story.headline.rstrip(".") in text


def test_slides_and_report_carry_the_decisions_with_their_evidence(decks, pages):
    for text in (texts(decks["plan"]), Page(pages["plan"]).said):
        assert words.percent(0.167) in text and "streaming service" in text and "16.7" in text
        assert "What must be true" in text and told().must[0][:60] in text


def test_the_plan_is_told_by_the_same_rows_in_every_file(decks, pages):
    """Also what is nought: months of notice, the month it starts, whom it reaches."""
    story = told()
    rows = [row[1:] for row in grids.decisions(story).rows]
    assert len(rows) == sum(len(lever.parameters()) for lever in story.change.plan.active)
    there = [tuple(cell.text for cell in row.cells) for slide in decks["plan"].slides for shape in slide.shapes
             if shape.has_table for row in shape.table.rows]  # fmt: skip
    assert not [row for row in rows if row not in [cells[1:] for cells in there]]
    said = "".join(Page(pages["plan"]).said.split())
    assert not [row for row in rows if "".join("".join(row).split()) not in said]


def test_level_and_difference_add_up_in_cards_and_tables_as_on_the_bridge():
    """$5,588 + $702 is not $6,291."""
    story = replace(told(), lines=(replace(told().main, before=5588.4, after=6290.8, delta=702.4),), steps={"Rise": 702.4})
    assert [value for _, value, _, _ in grids.money_cards(story)] == ["$5,588", "$6,290", "+$702"]
    assert grids.books(story).rows[0][1:4] == ("$5,588", "$6,290", "+$702")
    assert grids.bridge(story).rows == (("Today", "$5,588"), ("Rise", "+$702"), ("Scenario", "$6,290"))


# --- the report ---


@EACH
def test_the_report_loads_nothing_and_runs_nothing(name, pages):
    page = Page(pages[name])
    assert not {"script", "iframe", "object", "embed", "link", "img", "a", "form", "base"} & set(page.tags)
    loads = [one for one in page.attributes if one[1] in ("href", "src", "xlink:href", "srcset", "action", "data")]
    assert not loads
    assert not [one for one in page.attributes if one[1].startswith("on")]
    assert not re.search(r"url\((?!#)|@import", re.search(r"<style>(.*?)</style>", pages[name], re.S)[1])
    policy = next(text for tag, key, text in page.attributes if tag == "meta" and key == "content" and "src" in text)
    assert policy.startswith("default-src 'none'")


def test_the_report_shows_hostile_text_as_it_is(pages):
    said = Page(pages["hostile"]).said
    assert HOSTILE[8] in said, "what must be true holds it, and it is text"
    assert HOSTILE[7] in said and HOSTILE[0] in said
    assert not [letter for letter in pages["hostile"] if ord(letter) < 32 and letter not in "\n\t"]


def test_every_picture_of_the_report_has_its_message(pages):
    page = Page(pages["plan"])
    alts = [text for tag, key, text in page.attributes if tag == "figure" and key == "aria-label"]
    assert len(alts) == 2 and "From $" in alts[0] and "still subscribed" in alts[1]
    assert page.tags.count("table") == len(grids.grids(told())) + 1


def test_the_pdf_is_tagged_and_has_pages():
    found = cs.pdf(told(False))
    streams = re.findall(rb"stream\n(.*?)\nendstream", found, re.S)
    inside = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"\x78")
    assert found[:5] == b"%PDF-" and b"/StructTreeRoot" in inside and b"pdfuaid" in found + inside
    assert b"/URI" not in inside


def test_without_pango_there_is_a_sentence_and_no_traceback(monkeypatch):
    monkeypatch.setattr(document, "can_make_pdf", lambda: False)
    with pytest.raises(cs.Problem, match="install Pango"):
        cs.pdf(told(False))


def test_a_report_that_asks_for_an_address_is_refused():
    with pytest.raises(ValueError, match="loads nothing"):
        document._nothing_from_outside("http://evil.example/")


# --- the slides ---


def test_the_deck_has_a_slide_for_each_message(decks):
    titles = [slide.shapes.title.text for slide in decks["plan"].slides]
    assert titles[0] == told().headline.rstrip(".")
    for part in ("annual billing costs", "still here", "lies between", "must be true", "plan: every value", "assumed", "words mean"):
        assert [title for title in titles if part in title], part
    assert decks["plan"].slide_width / decks["plan"].slide_height == pytest.approx(16 / 9, rel=1e-3)


def test_the_bridge_is_a_chart_that_can_be_edited(decks):
    story = told()
    shape = next(shape for slide in decks["plan"].slides for shape in slide.shapes if shape.has_chart)
    plot = shape.chart.plots[0]
    parts = {series.name: list(series.values) for series in plot.series}
    assert list(plot.categories) == ["Today", *story.steps, "Scenario"]
    assert parts["Value"][0] == pytest.approx(story.main.before) and parts["Value"][-1] == pytest.approx(story.main.after)
    moved = [up - down for up, down in zip(parts["Adds"], parts["Costs"], strict=True)][1:-1]
    assert moved == pytest.approx(list(story.steps.values()))
    labels = [series for series in plot.series if series.name == "Number"][0]
    shown = [labels.points[place].data_label.text_frame.text for place in range(len(parts["Value"]))]
    assert shown == story.bridge["text"].tolist()
    assert shape._element.xpath(".//p:cNvPr")[0].get("descr") == story.bridge_alt


def test_a_bridge_through_zero_stands_on_both_sides():
    frame = pd.DataFrame({
        "start": [0.0, 10.0, -20.0, 0.0], "end": [10.0, -20.0, -5.0, -5.0], "top": [10.0, 10.0, -5.0, 0.0],
        "role": ["baseline", "loss", "scenario", "baseline"]})  # fmt: skip
    stacks = slide_parts._stacks(frame, 1.0)
    assert stacks["loss"] == [0, 10, 0, 0] and stacks["Costs, below zero"] == [0, -20, 0, 0]
    assert stacks["hidden"] == [0, 0, -5, 0] and stacks["Adds, below zero"] == [0, 0, -15, 0]


@EACH
def test_nothing_on_a_slide_runs_over_its_edge(name, decks):
    deck = decks[name]
    for slide in deck.slides:
        for shape in slide.shapes:
            right, bottom = shape.left + shape.width, shape.top + shape.height
            assert shape.left >= 0 and right <= deck.slide_width and bottom <= deck.slide_height
            if getattr(shape, "has_table", False) and shape.has_table:
                rows = sum(row.height for row in shape.table.rows)
                assert shape.top + rows <= Emu(int(6.98 * 914_400)), "the table reaches into the footer"
            elif shape.has_text_frame and shape.text_frame.text:
                sizes = [run.font.size.pt for p in shape.text_frame.paragraphs for run in p.runs]
                box = Box(*(length / 914_400 for length in (shape.left, shape.top, shape.width, shape.height)))
                taken = slide_parts.lines(shape.text_frame.text, box.width - 0.2, max(sizes)) * max(sizes) * 1.2 / 72
                assert taken <= box.height or max(sizes) <= slide_parts.SMALLEST


@EACH
def test_every_letter_can_be_read_from_the_back_of_a_room_and_headings_stand_still(name, decks):
    places = set()
    for slide in decks[name].slides:
        title = slide.shapes.title
        places.add((title.left, title.top, title.text_frame.vertical_anchor))
        cells = [cell for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
        frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame] + [cell.text_frame for cell in cells]
        sizes = [run.font.size.pt for frame in frames for part in frame.paragraphs for run in part.runs]
        assert min(sizes) >= 12
    assert len(places) == 1 and places.pop()[2] == MSO_ANCHOR.TOP


@EACH
def test_every_shape_that_is_no_text_has_words_for_a_screen_reader(name, decks):
    for slide in decks[name].slides:
        assert slide.shapes.title.text
        for shape in slide.shapes:
            picture = shape.shape_type is not None and "PICTURE" in str(shape.shape_type)
            if picture or shape.has_chart or getattr(shape, "has_table", False) and shape.has_table:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


@EACH
def test_the_deck_links_to_nothing(name, decks):
    out = io.BytesIO()
    decks[name].save(out)
    with zipfile.ZipFile(out) as package:
        relations = [package.read(one).decode() for one in package.namelist() if one.endswith(".rels")]
    assert not [one for one in relations if 'TargetMode="External"' in one]


def test_the_decks_author_is_nobody(decks):
    about = decks["plan"].core_properties
    assert (about.author, about.last_modified_by) == ("Perennial", "Perennial")


def test_hostile_text_stays_text_on_slides(decks):
    said = texts(decks["hostile"])
    assert HOSTILE[8] in said and HOSTILE[0] in said
    assert not [letter for letter in said if ord(letter) < 32 and letter not in "\n\t\x0b"]


@pytest.mark.parametrize("rows", range(1, 40))
def test_no_slide_is_made_for_a_single_row(rows):
    grid = grids.Grid("Rows", ("Word", "Meaning"), tuple((f"Word {place}", "Meaning") for place in range(rows)))
    parts, size = slide_parts.dealt(grid, 14, slide_parts.BODY.height)
    assert [row for part in parts for row in part] == list(grid.rows) and slide_parts.SMALLEST <= size <= 14
    assert len(parts) == 1 or len(parts[-1]) > 1


def test_lines_counts_wrapped_words():
    assert slide_parts.lines("short", 10, 12) == 1
    assert slide_parts.lines("word " * 100, 5, 12) > 5
    assert slide_parts.lines("A" * 300, 5, 12) > 4, "a word without an end is broken"
    assert slide_parts.lines("a\nb", 5, 12) == 2


# --- tables and pictures ---


@pytest.mark.parametrize("text", HOSTILE[:7])
def test_a_cell_never_begins_like_a_formula(text):
    assert harmless(text) == f"'{text}"
    written = csv_bytes(pd.DataFrame({text: [text]}), (("Data", text),)).decode("utf-8-sig")
    cells = pd.read_csv(io.StringIO(written), comment="#", keep_default_na=False)
    assert cells.columns[0].startswith("'")
    assert all(str(cell).startswith("'") for cell in cells.iloc[:, 0])


def test_numbers_stay_numbers_and_facts_stand_below():
    written = csv_bytes(pd.DataFrame({"Money": [-64.5, 3.0]}), (("Data", "x"), ("Through", "y\nz"))).decode("utf-8-sig")
    assert written.splitlines() == ["Money", "-64.5", "3.0", "# Data: x", "# Through: y z"]
    assert pd.read_csv(io.StringIO(written), comment="#")["Money"].tolist() == [-64.5, 3.0]


def test_a_picture_alone_says_what_it_is_and_keeps_text_literal():
    frame = CHARTS["ranges"].example().assign(name=HOSTILE[8])
    drawn = pictures.svg("ranges", frame, title=HOSTILE[7], notes=("Data: " + HOSTILE[0],))
    assert "<script" not in drawn and "<img" not in drawn and "<image" not in drawn and "href=" not in drawn
    assert "&lt;script&gt;" in drawn and "HYPERLINK" in drawn
    assert pictures.png("ranges", frame)[:8] == b"\x89PNG\r\n\x1a\n"
