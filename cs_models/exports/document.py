"""The report: one HTML file that opens anywhere and loads nothing, and the same as a tagged PDF."""

from ctypes import CDLL
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cs_models import words
from cs_models.charts import theme
from cs_models.exports import grids, pictures
from cs_models.exports.contents import Story
from cs_models.problems import Problem
from cs_models.story import curve_note

TALL = 260
PANGO = ("libpango-1.0.so.0", "libpango-1.0-0", "pango-1.0-0", "libpango-1.0.dylib", "pango-1.0")  # by system
NO_PDF = ("The PDF needs the text library Pango on the server, and it is not there. Take the HTML report and print it "
          "from the browser, or install Pango (on Debian: libpango-1.0-0 and libpangoft2-1.0-0).")  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A drawing with its message, how to read it, and the text for who cannot see it."""

    title: str
    note: str
    alt: str
    svg: Markup


def html(story: Story) -> str:
    """The report as one HTML file: pictures inside, no script, no address that would be loaded.

    Text from data is escaped by the template. The policy in its head forbids every request.
    """
    drawn = (_bridge(story), _staying(story)) if story.steps else (_staying(story),)
    return _template().render(story=story, cards=grids.money_cards(story), pictures=drawn, ink=theme.LIGHT,
                              sure=grids.books(story), tables=grids.grids(story))


def pdf(story: Story) -> bytes:
    """The same as a PDF with tags for screen readers (PDF/UA-1); a Problem where the server cannot make one."""
    if not can_make_pdf():
        raise Problem(NO_PDF)
    from weasyprint import HTML

    return HTML(string=html(story), url_fetcher=_nothing_from_outside).write_pdf(pdf_variant="pdf/ua-1")


@lru_cache(maxsize=1)
def can_make_pdf() -> bool:
    """Whether the library that sets text is on this machine; looked for once, without loading all that draws pages."""
    return find_spec("weasyprint") is not None and any(map(_loads, PANGO))


def _loads(library: str) -> bool:
    try:
        CDLL(library)
    except OSError:
        return False
    return True


def _nothing_from_outside(url: str, *rest, **more):
    raise ValueError("A report loads nothing.")


@lru_cache(maxsize=1)
def _template():
    folder = FileSystemLoader(Path(__file__).parent)
    found = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return found.get_template("report.html.jinja")


def _bridge(story: Story) -> Picture:
    drawn = Markup(pictures.svg("bridge", story.bridge, height=TALL))
    note = f"{story.owner.capitalize()}, {words.months(story.horizon)}, discounted"
    return Picture("What each decision adds", note, story.bridge_alt, drawn)


def _staying(story: Story) -> Picture:
    drawn = Markup(pictures.svg("survival", story.staying(TALL), height=TALL, width=640))
    return Picture(story.staying_message, f"{story.who} still subscribed. {curve_note(story.main.book)}", story.staying_alt, drawn)
