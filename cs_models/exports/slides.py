"""PowerPoint, 16:9: one message a slide, an editable bridge, and nothing that runs over its edge.

The layout is built here, on the plain deck the library brings along; Arial and its twins are on every machine.
"""

from io import BytesIO

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches

from cs_models import words
from cs_models.charts import theme
from cs_models.exports import grids, pictures, slide_parts
from cs_models.exports.slide_parts import BODY, Box
from cs_models.exports.contents import Story
from cs_models.story import why

WIDE, HIGH = 13.333, 7.5  # inches
TITLE_ONLY = 5  # of the library's layouts
FOOT = 12  # points
TALL = 380  # pixels of the curves before they are placed: few, so that their letters are large


def pptx(story: Story) -> bytes:
    """The story as a deck: answer, bridge, curves, how sure, what must be true, the plan, assumptions, definitions.

    The bridge is a chart of the program itself, so that a colleague can restyle it. Texts that do not fit get smaller
    letters, tables another slide; nothing is cut but cells beyond 400 letters, which the report has in full.
    """
    deck = _deck(story)
    _answer(deck, story)
    if story.steps:
        _bridge(deck, story)
    _staying(deck, story)
    _sure(deck, story)
    _must(deck, story)
    told = (grids.decisions(story), grids.assumptions(story), grids.facts(story), grids.definitions(story))
    for grid in told:
        _table(deck, story, grid)
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def _deck(story: Story):
    """The library's deck made wide, with one layout: a title on top."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    layouts = deck.slide_layouts
    for layout in [one for place, one in enumerate(layouts) if place != TITLE_ONLY]:
        layouts.remove(layout)
    for holder in (*deck.slide_master.placeholders, *layouts[0].placeholders):
        if holder.placeholder_format.type == 1:  # the title
            holder.left, holder.top, holder.width, holder.height = (Inches(x) for x in slide_parts.TITLE)
    about = deck.core_properties
    about.title, about.author, about.last_modified_by = story.headline[:250], "Perennial", "Perennial"
    about.comments = story.footer[:250]
    return deck


def _slide(deck, story: Story, title: str, note: str = "", size: float = 28):
    """A slide with its message on top, a line that says how to read it, and where the numbers come from below."""
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    for holder in list(slide.placeholders):
        if holder.placeholder_format.type != 1:
            holder.element.getparent().remove(holder.element)
    frame = slide.shapes.title.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP  # every heading begins at one height
    frame.text = title.rstrip(".")
    slide_parts.style(frame, slide_parts.fitting(title, Box(*slide_parts.TITLE), size, bold=True), bold=True)
    if note:
        slide_parts.write(slide, note, Box(0.6, 1.62, 12.1, 0.4), 14, theme.LIGHT.muted)
    slide_parts.write(slide, story.footer, Box(0.6, 6.95, 11.3, 0.4), FOOT, theme.LIGHT.muted)
    number = slide_parts.write(slide, str(len(deck.slides)), Box(12.1, 6.95, 0.63, 0.4), FOOT, theme.LIGHT.muted)
    number.paragraphs[0].alignment = PP_ALIGN.RIGHT
    return slide


def _answer(deck, story: Story) -> None:
    slide = _slide(deck, story, story.headline, size=36)
    if story.below:
        slide_parts.write(slide, story.below, Box(0.6, 1.75, 12.1, 1.0), 18, theme.LIGHT.muted)
    shown = grids.money_cards(story)
    wide = (12.13 - 0.3 * (len(shown) - 1)) / len(shown)
    for place, (label, value, note, tone) in enumerate(shown):
        box = Box(0.6 + place * (wide + 0.3), 3.0, wide, 1.9)
        slide_parts.card(slide, label, value, note, getattr(theme.LIGHT, tone or "text"), box)
    lines = [said for said in (story.pays, story.doubt) if said]
    lines += [f"{label}: {text}" for label, text in story.facts if label == "Saved scenario"]
    slide_parts.write(slide, "\n".join(lines), Box(0.6, 5.3, 12.1, 1.2), 16, theme.LIGHT.muted)


def _bridge(deck, story: Story) -> None:
    title = why(story.steps, story.main.before, story.main.after, story.main.book, story.currency)
    note = f"What each decision adds {story.owner} over {words.months(story.horizon)}, discounted"
    slide = _slide(deck, story, title, note)
    slide_parts.bridge(slide, story, Box(0.6, 2.05, 12.1, 4.8))


def _staying(deck, story: Story) -> None:
    slide = _slide(deck, story, story.staying_message, f"{story.who} still subscribed. Band = 95 % range")
    drawn = pictures.png("survival", story.staying(TALL), width=950, height=TALL, scale=1.5)
    shape = slide.shapes.add_picture(BytesIO(drawn), Inches(BODY.left), Inches(2.05), height=Inches(4.8))
    if shape.width > Inches(BODY.width):
        shape.height = Emu(round(shape.height * Inches(BODY.width) / shape.width))
        shape.width = Inches(BODY.width)
    slide_parts.alt(shape, story.staying_alt)


def _sure(deck, story: Story) -> None:
    grid = grids.books(story)
    one = story.main
    title = grid.title if not story.plan or one.low == one.high else (
        f"The difference lies between {story.money(one.low, True)} and {story.money(one.high, True)} {story.owner}")
    note = "95 of 100 resampled data sets agree. " + (story.doubt or "Not in it: a wrong belief about how customers react.")
    _table(deck, story, grid, title, note, 18)


def _must(deck, story: Story) -> None:
    if story.must:
        note = "One belief at a time, everything else as set"
        slide = _slide(deck, story, "What must be true for the plan to pay", note)
        slide_parts.bullets(slide, story.must, Box(0.6, 2.1, 12.1, 4.7), 20)


def _table(deck, story: Story, grid: grids.Grid, title: str = "", note: str = "", size: float = 14) -> None:
    """A table over as many slides as it needs."""
    parts, size = slide_parts.dealt(grid, size, BODY.height)
    for place, rows in enumerate(parts):
        more = f" ({place + 1} of {len(parts)})" if len(parts) > 1 else ""
        slide = _slide(deck, story, (title or grid.title) + more, note or grid.note)
        slide_parts.table(slide, grid, rows, size, BODY)


