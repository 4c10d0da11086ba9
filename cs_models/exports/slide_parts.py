"""What slides are made of: texts in boxes, cards, tables over pages, and the bridge as a native chart."""

from dataclasses import dataclass
from math import ceil

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from cs_models.charts import theme
from cs_models.exports.grids import Grid
from cs_models.exports.contents import Story

FONT = "Arial"
TITLE = 0.6, 0.4, 12.13, 1.2  # inches: left, top, width, height
SMALLEST = 12  # points, as far back as a room is read from
NARROW, LETTER, WIDE, BOLDER = 0.3, 0.54, 0.72, 1.06  # widths of letters in sizes of the type, on the safe side
FIRST_WIDE = 0x2000  # from here on letters may fill their square
LINE = 1.22  # height of a line in sizes of the type
LONGEST = 400  # letters of a cell
PADDING = 0.14  # inches of a row beside its lines
ROOM = 0.09  # of the bridge, for the number above a bar


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def lengths(self) -> tuple:
        return tuple(Inches(one) for one in (self.left, self.top, self.width, self.height))


BODY = Box(0.6, 2.1, 12.13, 4.75)


def _ink(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#"))


def _width(text: str, size: float, bold: bool = False) -> float:
    """About how many inches a text takes in one line."""
    def wide(one: str) -> float:
        if one.isupper() or ord(one) > FIRST_WIDE:
            return WIDE
        return NARROW if one in " .,:;'|!ijlt()" else LETTER

    return sum(map(wide, text)) * size / 72 * (BOLDER if bold else 1.0)


def lines(text: str, width: float, size: float, bold: bool = False) -> int:
    """How many lines a text takes in a box of that width, as words are wrapped."""
    taken = 0
    for part in text.split("\n"):
        here, used = 1, 0.0
        for word in part.split(" "):
            long = _width(word + " ", size, bold)
            if used and used + long > width:
                here, used = here + 1, 0.0
            here += max(ceil(long / width) - 1, 0)
            used += long % width if long > width else long
        taken += here
    return taken


def fitting(text: str, box: Box, size: float, bold: bool = False) -> float:
    """The largest type, up to `size`, in which the text fits its box."""
    while size > SMALLEST and lines(text, box.width - 0.2, size, bold) * size * LINE / 72 > box.height - 0.1:
        size -= 1
    return size


def style(frame, size: float, colour: str = theme.LIGHT.text, bold: bool = False) -> None:
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
        for run in paragraph.runs:
            run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
            run.font.color.rgb = _ink(colour)


def write(slide, text: str, box: Box, size: float, colour: str = theme.LIGHT.text, bold: bool = False):
    """A text that fits its box; its frame."""
    frame = slide.shapes.add_textbox(*box.lengths).text_frame
    frame.word_wrap = True
    frame.text = text
    style(frame, fitting(text, box, size, bold), colour, bold)
    return frame


def bullets(slide, texts: tuple[str, ...], box: Box, size: float) -> None:
    whole = "\n".join(f"•  {text}" for text in texts)
    frame = write(slide, whole, Box(box.left, box.top, box.width, box.height - 0.12 * len(texts)), size)
    for paragraph in frame.paragraphs:
        paragraph.space_after = Pt(8)


def card(slide, label: str, value: str, note: str, colour: str, box: Box) -> None:
    """One number with its name above and its range below."""
    ground = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *box.lengths)
    ground.adjustments[0] = 0.06
    ground.fill.solid()
    ground.fill.fore_color.rgb = _ink(theme.LIGHT.panel)
    ground.line.color.rgb = _ink(theme.LIGHT.grid)
    ground.shadow.inherit = False
    alt(ground, f"{label}: {value}, {note}")
    inner = Box(box.left + 0.1, box.top + 0.12, box.width - 0.2, 0.4)
    write(slide, label, inner, 16, theme.LIGHT.muted)
    write(slide, value, Box(inner.left, box.top + 0.5, inner.width, 0.8), 40, colour, bold=True)
    write(slide, note, Box(inner.left, box.top + 1.32, inner.width, 0.45), 14, theme.LIGHT.muted)


def alt(shape, text: str) -> None:
    """What a screen reader says of a shape."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", text)


# --- tables ---


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def widths(grid: Grid, whole: float) -> list[float]:
    """Width of each column: by the longest text, none below a tenth of the table."""
    wanted = [min(max(len(row[place]) for row in (grid.columns, *grid.rows)), 60) for place in range(len(grid.columns))]
    total = sum(wanted)
    raised = [max(one / total, 0.1) for one in wanted]
    return [whole * one / sum(raised) for one in raised]


def _height(row: tuple[str, ...], columns: list[float], size: float, bold: bool = False) -> float:
    most = max(lines(_cut(cell), width - 0.2, size, bold) for cell, width in zip(row, columns, strict=True))
    return most * size * LINE / 72 + PADDING


def pages(grid: Grid, size: float, height: float) -> list[tuple[tuple[str, ...], ...]]:
    """The rows dealt out over slides, so that none runs over the edge."""
    columns = widths(grid, BODY.width)
    head = _height(grid.columns, columns, size, bold=True)
    found, used = [[]], head
    for row in grid.rows:
        tall = _height(row, columns, size)
        if found[-1] and used + tall > height:
            found.append([])
            used = head
        found[-1].append(row)
        used += tall
    return [tuple(part) for part in found]


def dealt(grid: Grid, size: float, height: float) -> tuple[list[tuple[tuple[str, ...], ...]], float]:
    """The rows dealt out, and the size of the type: smaller where else a slide would hold a single row."""
    found = pages(grid, size, height)
    for smaller in range(ceil(size) - 1, SMALLEST - 1, -1) if len(found) > 1 and len(found[-1]) == 1 else ():
        closer = pages(grid, smaller, height)
        if len(closer) < len(found):
            return closer, smaller
    return found, size


def table(slide, grid: Grid, rows, size: float, box: Box) -> None:
    """A table with thin lines, numbers to the right."""
    columns = widths(grid, box.width)
    shape = slide.shapes.add_table(len(rows) + 1, len(columns), *Box(box.left, box.top, box.width, 0.4).lengths)
    alt(shape, f"{grid.title}, {len(rows)} rows")
    drawn = shape.table
    shape._element.graphic.graphicData.tbl.tblPr.find(_STYLE).text = PLAIN_TABLE
    drawn.horz_banding = False
    for place, width in enumerate(columns):
        drawn.columns[place].width = Inches(width)
    for down, row in enumerate((grid.columns, *rows)):
        drawn.rows[down].height = Inches(_height(row, columns, size, bold=down == 0))
        for across, text in enumerate(row):
            _cell(drawn.cell(down, across), _cut(text), size, down == 0, across in grid.numbers)


_STYLE = "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"
PLAIN_TABLE = "{9D7B030F-B1BA-407A-8529-81F3483F3F5C}"  # the program's "Light Style 1": lines, no boxes


def _cell(cell, text: str, size: float, head: bool, number: bool) -> None:
    cell.vertical_anchor = MSO_ANCHOR.TOP
    cell.margin_top = cell.margin_bottom = Inches(0.05)
    cell.text_frame.word_wrap = True
    cell.text_frame.text = text
    style(cell.text_frame, size, theme.LIGHT.muted if head else theme.LIGHT.text, bold=head)
    if number:
        cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


# --- the bridge ---

SERIES = {"hidden": "Below the bar", "baseline": "Value", "scenario": "Adds", "loss": "Costs", "text": "Number"}


def bridge(slide, story: Story, box: Box) -> None:
    """The bridge as stacked columns that can be edited: a foot nobody sees, the bar, its number on top."""
    frame = story.bridge
    low, high = min(frame[["start", "end"]].min().min(), 0.0), max(frame["top"].max(), 0.0)
    data = CategoryChartData(number_format="#,##0.00")
    data.categories = [label.replace("\n", " ") for label in frame["label"]]
    for name, heights in _stacks(frame, ROOM * (high - low)).items():
        data.add_series(SERIES.get(name, name), heights)
    shape = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_STACKED, *box.lengths, data)
    alt(shape, story.bridge_alt)
    chart = shape.chart
    chart.has_legend = chart.has_title = False
    chart.font.size, chart.font.name = Pt(14), FONT
    chart.font.color.rgb = _ink(theme.LIGHT.text)
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.maximum_scale, chart.value_axis.minimum_scale = high + 2 * ROOM * (high - low), 1.05 * low
    chart.category_axis.format.line.color.rgb = _ink(theme.LIGHT.grid)
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 55, 100
    for series in plot.series:
        _paint(series, frame["text"].tolist())


    return XL_TICK_LABEL_POSITION.LOW


def _stacks(frame, room: float) -> dict[str, list[float]]:
    """Heights of the stacked parts. A bar that crosses zero has a part on either side, which stack apart."""
    found = {name: [0.0] * len(frame) for name in ("hidden", "baseline", "scenario", "loss", "text")}
    below = {name: [0.0] * len(frame) for name in ("baseline", "scenario", "loss")}
    for place, row in enumerate(frame.itertuples(index=False)):
        low, high = sorted((float(row.start), float(row.end)))
        found["hidden"][place] = max(low, 0.0) + min(high, 0.0)
        found[row.role][place] = max(high, 0.0) - max(low, 0.0)
        below[row.role][place] = min(low, 0.0) - min(high, 0.0)
        found["text"][place] = room
    more = {f"{SERIES[name]}, below zero": heights for name, heights in below.items() if any(heights)}
    parts = {name: found[name] for name in found if name != "text"} | more
    return parts | {"text": found["text"]}


def _paint(series, texts: list[str]) -> None:
    colours = {"Value": theme.LIGHT.baseline, "Adds": theme.LIGHT.gain, "Costs": theme.LIGHT.loss}
    colour = colours.get(series.name.removesuffix(", below zero"))
    series.invert_if_negative = False
    if colour:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _ink(colour)
        return
    series.format.fill.background()
    if series.name == SERIES["text"]:
        for place, text in enumerate(texts):
            label = series.points[place].data_label
            label.text_frame.text = text
            style(label.text_frame, 16, theme.LIGHT.text, bold=True)
            label.position = XL_LABEL_POSITION.INSIDE_BASE
