"""What every page shares: the heading with its facts, cards, charts with their numbers, messages."""

from collections.abc import Callable
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from cs_models import discreet, locales, words
from cs_models.cautions import caution
from cs_models.charts import CHARTS, PAGE, STAGE
from cs_models.notes import NOTES
from cs_models.problems import NeedsRows
from pages.shared import answers, counters, exports, go_on, link, session, tables, tour

LOOK_AGAIN = 2.0  # seconds until it is asked again whether the back-test is done
IN_FULL = 215  # where the locale writes thousands in full: "95 %: 12.577 $ to 14.702 $"
CARD = 180  # pixels that a range such as "95 %: $12.3K to $13.4K" needs
FITS = 20  # letters of a card's number in one line; a longer one is written smaller, on two
RANGE = 320  # the same in the size of a card's number: "+$130.2K to +$553.9K"

# The one block of CSS of the app, for a wall only: sizes are in rem, so one number enlarges all; more on a
# larger wall, less on a lower one. P has a button of its own, seen when the keyboard reaches it.
ON_A_WALL = """<style>
html { font-size: 20px; }
[data-testid="stMainBlockContainer"] { padding: 1.6rem 3rem 0.5rem; }
[data-testid="stBottomBlockContainer"] { padding: 0.2rem 3rem 0.6rem; }
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"],
[data-testid="stExpandSidebarButton"] { display: none !important; }
.st-key-present-leave-p:not(:focus-within) { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
@media (min-width: 1728px) and (min-height: 1000px) { html { font-size: 24px; } }
@media (max-width: 800px), (max-height: 800px) { html { font-size: 16px; } }
@media (max-width: 600px) { [data-testid="stMainBlockContainer"], [data-testid="stBottomBlockContainer"] {
  padding-left: 1rem; padding-right: 1rem; } }
</style>"""


def stage() -> None:
    """Larger type and nothing around the page, when it hangs on a wall; notes about the link otherwise."""
    if session.presenting():
        st.html(ON_A_WALL)
    else:
        tour.show(session.page())
    _notes()


def present_switch() -> None:
    """Into the presentation, by button or by the key P; the whole page is drawn anew, not the part around the button."""
    if _switch("Present", "present-switch", "P", ":material/present_to_all:", True):
        st.rerun()


def leave() -> None:
    """Out of the presentation again, by Esc or by P."""
    _switch("Leave", "present-leave", "Esc", ":material/close_fullscreen:", False)
    _switch("Leave presentation", "present-leave-p", "P", ":material/close:", False)


def _switch(label: str, key: str, shortcut: str, icon: str, on: bool) -> bool:
    return st.button(
        label, key=key, shortcut=shortcut, type="tertiary", icon=icon, on_click=session.present, args=(on,)
    )


def heading(title: str, facts: str | None = None, beside: Callable[[], None] | None = None) -> None:
    """The answer as a sentence, and under it the facts no number may be without: data, date, currency; `beside` draws
    what stands in their line."""
    stage()
    st.title(words.md(words.held(title)), anchor=False)
    if facts is None:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            data_facts()
            if beside:
                beside()
        return
    if facts:
        st.caption(words.md(facts))
    if not session.presenting():
        _worked_out()


def data_facts(amounts: bool = True) -> None:
    """Which data stand behind this page; the sample wears a badge, so that nobody takes it for his own.

    amounts: whether a typed price is named.
    """
    subs = answers.subscriptions()
    parts = [words.paid_or_not(subs.paying, subs.customers)]
    dateless = "cohorts counted by age" if subs.kind == "triangle" else "a snapshot without dates"
    parts.append(f"through {words.day(subs.as_of)}" if subs.as_of else dateless)
    if subs.has_price:
        # A file without a currency column is read as dollars; nobody may take that for a fact of the file.
        parts.append(subs.currency if "currency" in subs.mapping else f"{subs.currency} assumed")
        if session.value("gross_margin") == link.ECONOMICS["gross_margin"]:
            parts.append(f"{words.percent(session.value('gross_margin'), 0)} gross margin, as preset")
    if subs.typed_price and amounts:
        parts.append(f"{words.decimal(subs.typed_price, 2)} a month, typed")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if session.is_sample():
            st.badge("Sample data", icon=":material/science:", color="orange")
        else:
            st.caption(words.md(session.data_name()), width="content")
        st.caption(words.md(" · ".join(parts)), width="content")
        if not session.presenting():
            _worked_out()


def _worked_out() -> None:
    """How the numbers of this page come about, in short, and the way to the long of it."""
    note = NOTES.get(session.page())
    if note is None:
        return
    with st.popover("How this is worked out", type="tertiary", key="worked-out"):
        st.markdown(words.md(words.held(note.text)))
        if st.button("More on the Methods page", key="to-methods", on_click=session.put, args=("methods-search", note.find)):
            st.switch_page("pages/methods/page.py")


def _notes() -> None:
    go_on.offer()
    if session.data_missing():
        seen = "You see sample data." if session.is_sample() else "You see the scenario on its own data."
        st.warning(
            f"The data set of this link is not on this server. It may have been deleted. {seen}",
            icon=":material/link_off:",
        )
    if problem := session.link_problem():
        st.warning(words.md(problem), icon=":material/link_off:")
    if broken := session.link_note():
        names = words.md(", ".join(broken))
        st.warning(
            f"The link carries values that cannot be used; they stand at their start: {names}.",
            icon=":material/link_off:",
        )


def problem(error: Exception) -> None:
    """One clear sentence instead of a result."""
    counters.count("problems", type(error).__name__)
    if isinstance(error, NeedsRows):
        st.info(words.md(str(error)), icon=":material/info:")
    else:
        st.error(words.md(str(error)), icon=":material/error:")


def stop_with(error: Exception) -> None:
    problem(error)
    st.stop()


@contextmanager
def card(title: str, note: str = ""):
    """A bordered box with a short name and, if needed, a line that says how to read it."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{words.md(title)}**")
        if note:
            st.caption(words.md(note))
        exports.keep()
        yield
        exports.keep()


def chart(name: str, frame: pd.DataFrame, alt: str, key: str, height: int | None = None, money: bool = True) -> None:
    """A chart of cs_models/charts: the spec is kept, only data travel; `money`: amounts on an axis are money."""
    kind = CHARTS[name]
    scale = STAGE if session.presenting() else PAGE
    currency = answers.subscriptions().currency if money and not discreet.on() else None
    spec, frame = kind.spec(height or kind.height, scale, currency), discreet.table(frame, kind.money)
    with st.container(key=f"chart-{key}"):
        st.vega_lite_chart(frame, spec, key=key, alt=words.plain(alt), width="stretch")
    exports.keep((name, frame, height, currency))


def numbers(table: Callable[[], pd.DataFrame], name: str, key: str, formats: dict | None = None) -> None:
    """The table twin of a chart, folded away, with a download that no spreadsheet can run."""
    if session.presenting():
        return
    box = st.expander("Show numbers", on_change="rerun", key=f"numbers-{key}", icon=":material/table_rows:")
    if not box.open:
        return
    with box:
        frame = table()
        grid(frame, formats, key=f"table-{key}", alt=f"{name}, as a table")
        exports.small(frame, name, key)


def grid(frame: pd.DataFrame, formats: dict | None = None, key: str | None = None, alt: str | None = None) -> None:
    """A table: numbers to the right, an absent one as a dash."""
    shown, columns = tables.written(frame, formats or {})
    st.dataframe(shown, hide_index=True, column_config=columns, placeholder=words.ABSENT, key=key, alt=alt)


def kpi(label: str, value: str, note: str = "", meaning: str = "", delta: tuple[str, bool] | None = None, beside: str = "",
        recent: tuple[float, ...] = ()) -> None:  # fmt: skip
    """One number on a card; under it its range or what it counts, or the change with blue for good; `beside`
    that note a second one; `recent`: its last values as a small line."""
    if len(value) > FITS and not (delta or beside or recent):
        return _long(label, value, note, "" if session.presenting() else meaning)
    more = {"delta": note or None, "delta_color": "off", "delta_arrow": "off"}
    if delta:
        text, good = delta
        up = not text.startswith(words.MINUS)
        more = {
            "delta": words.md(text),
            "delta_color": "green" if good else "red",
            "delta_arrow": "up" if up else "down",
            "delta_description": words.md(note) or None,
        }
    elif note:
        more["delta"] = words.md(note)
    if beside:
        more["delta_description"] = words.md(beside)
    if session.presenting():  # read from three metres: no small print, no small picture
        meaning, recent = "", ()
    st.metric(
        words.md(label),
        words.md(value),
        border=True,
        help=words.md(meaning) or None,
        height="stretch",
        chart_data=recent if len(recent) > 1 else None,
        **more,
    )


def _long(label: str, value: str, note: str, meaning: str) -> None:
    """A card whose number takes more than a line, as a range does where the locale has no short form of thousands."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(words.md(label), help=words.md(meaning) or None)
        st.subheader(words.md(value), anchor=False)
        if note:
            st.caption(words.md(note))


def cards(most: int, ranges: bool = False):
    """A row of up to `most` cards, each wide enough for an unbroken range under its number, or for `ranges` in place of
    numbers; one under the other on a phone."""
    full = locales.unit(10_000, "USD") is None
    return st.grid(most, min_column_width=RANGE if ranges else IN_FULL if full else CARD)


def around(span, currency: str, cents: bool | None = None) -> str:
    """A range as the note of a number."""
    return f"95 %: {words.money_interval(span.low, span.high, currency, cents=cents)}" if span else ""


def cautions(notes: tuple[str, ...]) -> None:
    """What must be seen beside the headline: too few customers, or a curve that misses what was observed."""
    if said := caution(answers.cautions(notes)):
        st.warning(words.md(said), icon=":material/warning:")


def hindsight() -> None:
    """Whether the forecast of a year ago missed its own range. It is worked out beside the page, so that no number
    waits for it, and stands here when it is known.
    """
    if answers.unchecked():
        st.caption("Not checked against held-back months: these data are counts, without the days a back-test needs.")
        return
    missed = answers.missed()
    if missed is None:
        session.later(answers.look_back)
        _until_known()
    elif missed:
        st.warning(words.md(missed), icon=":material/history:")


@st.fragment(run_every=LOOK_AGAIN)
def _until_known() -> None:
    if answers.missed() is not None:
        st.rerun()


def no_intakes() -> None:
    st.info(f"No sign-up month has {words.FEW_CUSTOMERS} customers, so none is drawn: one customer would swing it.",
            icon=":material/hourglass_empty:")  # fmt: skip


def no_price(ask: Callable[[], None] | None = None) -> None:
    """Why there is no money, and what to do; `ask` draws the input for a price where one may be typed."""
    if not answers.lacks_price():
        where = "Bring an export with customers and prices."
    elif ask is None:
        where = "Type one on the page Lifetime value, or map a price or MRR column on the page Data."
    else:
        where = "Type what a customer pays a month, or map a price or MRR column on the page Data."
    st.info(f"The file has no price, so nothing can be said in money. {where}", icon=":material/sell:")
    if ask is not None and answers.lacks_price():
        ask()


def assumptions_notes(notes: tuple[str, ...]) -> None:
    """What a careful reader should know about the fit."""
    if notes and not session.presenting():
        with st.expander(f"What to know about these numbers ({len(notes)})", icon=":material/info:"):
            for note in notes:
                st.markdown(f"- {words.md(note)}")
