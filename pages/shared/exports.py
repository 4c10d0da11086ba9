"""What leaves the app: the answer as slides, report, PDF or workbook; a chart as a picture; a table as CSV.

Nothing is made before somebody presses a button. Every file says which data, day, version and decisions it is of.
"""

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from datetime import date

import streamlit as st

from cs_models import locales, words
from cs_models.exports import tables
from cs_models.scenario import alone
from pages.shared import answers, making, session, share, small_ones

NAME = "perennial"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOWN = ":material/download:"
_drawn: ContextVar[tuple | None] = ContextVar("drawn", default=None)  # the chart above the numbers that come next
_decided: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("decided", default=())  # lines a small file carries


def box(change, book: str | None = None) -> None:
    """One button with every kind of file of this answer."""
    if session.presenting():
        return
    _decided.set(tuple((f"{type(one).title}", alone(one.sentence())) for one in change.plan.active))
    # No part drawn alone: what such a part has not sent yet outlives a run of the part around it that is cut short, and is
    # then drawn where nothing is.
    box = st.popover("Export", icon=":material/ios_share:", key="export", help="Files to present, send or check.", on_change="rerun")
    if box.open:
        with box:
            _files(change, book)


def _files(change, book: str | None) -> None:
    source = _source(_saved() if change.plan.active else "")
    file = "-".join(filter(None, (NAME, tables.slug(_called(change)), _stamp())))
    for label, ending, kind, maker in _kinds(change, source, book):
        if ending == "xlsx" and not small_ones.nameable(change.base):
            st.caption(small_ones.NO_WORKBOOK)
            continue
        key = f"export-{ending}"
        st.download_button(label, _later(making.later(key, label, maker)), f"{file}.{ending}", kind, key=key,
                           on_click=making.pressed, args=(key, label), icon=DOWN, width="stretch")  # fmt: skip
    making.show()
    _without_pdf()
    st.caption("They open offline. Group names and the data set’s name are in them. Each is made after the press, in some "
               "seconds; the first PDF takes longest.")


def _called(change) -> str:
    """What the answer is of, for the name of its file: the saved scenario's own name, else its decisions."""
    active = change.plan.active
    return session.scenario_text()[0] if active and _saved() else " ".join(one.title for one in active)


def _saved() -> str:
    """Where the scenario on the desk is kept, for whoever reads the file; "" where it is not saved or was moved since."""
    as_saved = session.scenario() and session.on_own_data() and not session.moved_since()
    return share.abroad(session.scenario()) if as_saved else ""


def _source(link: str = ""):
    from cs_models.exports.contents import Source

    name = session.data_name()
    told = f"Sample data ({name})" if session.is_sample() else name
    return Source.of(answers.subscriptions(), told, date.today(), link=link, few=answers.few())


def _kinds(change, source, book: str | None) -> list[tuple[str, str, str, making.Maker]]:
    """Label, ending, media type and maker of each kind of file."""

    def told():
        from cs_models.beliefs import monte_carlo
        from cs_models.exports.contents import tell
        from cs_models.thresholds import what_must_be_true

        must, belief = (), None
        if change.plan.active:
            yield "Finding what must be true"
            must = what_must_be_true(change, book)
            yield "Running the plan with all beliefs changed"
            belief = monte_carlo(change, book)
        yield "Telling the story"
        return tell(change, source, book, must, belief)

    def slides():
        story = yield from told()
        yield "Writing the slides"
        from cs_models.exports.slides import pptx

        return pptx(story)

    def report():
        story = yield from told()
        yield "Drawing the charts and writing the page"
        from cs_models.exports.document import html

        return html(story).encode()

    def paper():
        story = yield from told()
        yield "Drawing the charts and setting the pages"
        from cs_models.exports.document import pdf

        return pdf(story)

    def sheets():
        story = yield from told()
        yield "Writing the formulas"
        from cs_models.exports.workbook import xlsx

        return xlsx(story)

    found = [("PowerPoint slides", "pptx", POWERPOINT, slides), ("Report, one HTML file", "html", "text/html", report),
             ("Excel with live formulas", "xlsx", EXCEL, sheets)]  # fmt: skip
    return found + ([("PDF report", "pdf", "application/pdf", paper)] if _can_make_pdf() else [])


@st.cache_resource(show_spinner=False)
def _can_make_pdf() -> bool:
    from cs_models.exports.document import can_make_pdf

    return can_make_pdf()


def _without_pdf() -> None:
    if not _can_make_pdf():
        from cs_models.exports.document import NO_PDF

        st.caption(words.md(NO_PDF))


def _later(make: Callable) -> Callable:
    """Made on a thread of its own, in the words of this visitor's locale."""
    here, reader = copy_context(), locales.tag()

    def written():
        with locales.use(reader):  # nobody can be asked for it on that thread
            return make()

    return lambda: here.copy().run(written)


def _stamp() -> str:
    """Which data a file is of, in its name: their last day and the beginning of their digest."""
    subs = answers.subscriptions()
    return "-".join(filter(None, (subs.as_of and subs.as_of.isoformat(), subs.digest[:8])))


def keep(drawn: tuple | None = None) -> None:
    """Remember the chart just drawn (name, frame, height, currency) for the buttons under its numbers; None forgets it."""
    _drawn.set(drawn)


def small(table, name: str, key: str) -> None:
    """The table as CSV and, where a chart stands above it, that chart as SVG and PNG."""
    if not small_ones.files():
        return
    about, file = _about(), f"{name}-{_stamp()}".lower().replace(" ", "-")
    drawn = _drawn.get()
    with st.container(horizontal=True):
        _button("Download as CSV", lambda: tables.csv_bytes(table, about), f"{file}.csv", "text/csv", f"download-{key}")
        if drawn:
            _button("SVG", lambda: _picture(drawn, name, about), f"{file}.svg", "image/svg+xml", f"svg-{key}")
            _button("PNG", lambda: _picture(drawn, name, about, True), f"{file}.png", "image/png", f"png-{key}")


def _button(label: str, make: Callable, file: str, kind: str, key: str) -> None:
    st.download_button(label, _later(make), file, kind, key=key, on_click="ignore", icon=DOWN)


def _about() -> tuple[tuple[str, str], ...]:
    from cs_models.exports.contents import VERSION

    source, subs = _source(), answers.subscriptions()
    facts = (("Data", source.data), ("Fingerprint", subs.digest[:16]), ("Through", words.day(source.as_of)),
             ("Currency", subs.currency), ("Model", VERSION), ("Made on", words.day(source.made)))  # fmt: skip
    return facts + _decided.get()


def _picture(drawn: tuple, name: str, about, dots: bool = False):
    from cs_models.exports import pictures

    kind, frame, height, currency = drawn
    notes = tuple(f"{label}: {text}" for label, text in about)
    draw = pictures.png if dots else pictures.svg
    found = draw(kind, frame, height=height, title=name, notes=notes, currency=currency)
    return found if dots else found.encode()
