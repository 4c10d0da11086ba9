"""A file that waits to be confirmed: how it was opened, its columns, its day, what only its owner knows."""

import streamlit as st

from cs_models import locales, words
from cs_models.definitions import Definitions
from cs_models.export_day import ID as DAY
from cs_models.importers import layout as layout_of
from cs_models.importers import layouts, vendors
from cs_models.importers.vendor import looks_like
from cs_models.problems import Problem
from cs_models.readers import ENDINGS, OPTIONS
from cs_models.readers.dialect import DELIMITERS
from cs_models.readers.encoding import CHOICES
from cs_models.readers.header import NO_HEADER
from pages.data import waiting
from pages.data.export_day import day
from pages.data.report import report
from pages.shared import layout, session

NONE = "(not in the file)"
NO_PRICES = (
    "This log has no prices. Add the table of plans, or go on without: the curves are read, and a value needs a price "
    "that you type."
)
NO_ROW = "no row: name the columns by number"


def check_upload() -> None:
    """Everything that was found, changeable; one button opens the data for all pages."""
    st.subheader(words.md(f"Check how {waiting.name() or 'the file'} is read"), anchor=False)
    another_file("drop")
    above = st.container()  # where a long file tells how far it is read: in sight, whatever stands below
    if text := session.told():
        st.warning(words.md(text), icon=":material/rule:")
    first_look = waiting.proposal()
    kept = waiting.memory(first_look.headers)
    reading = {one: choice for one, choice in waiting.answers().items() if one in OPTIONS}
    try:
        found = waiting.proposal("", reading)
    except Problem as error:
        layout.problem(error)
        opened(first_look)
        return
    shape = shape_of(found, kept)
    as_before(kept, shape)
    reader_questions = ask([q for q in found.questions if q.id in OPTIONS])
    mapping = columns(waiting.proposal(shape, reading), shape, kept)
    opened(first_look)
    second_file(shape, mapping)
    saved_mapping(kept)
    missing = [role.title for role in layout_of(shape).missing(mapping)]
    if missing:
        st.warning(words.md(f"Choose the column for: {', '.join(missing)}."), icon=":material/rule:")
        preview(found)
        return
    try:
        as_of, subs, day_taken = day(shape, mapping, above)
    except Problem as error:
        layout.problem(error)
        if waiting.answers():
            st.button("Take all answers back", key="guess-again", on_click=waiting.guess_again)
        preview(found)
        return
    chosen = reader_questions | ask([q for q in subs.report.questions if q.id not in {*reader_questions, DAY}])
    st.button(
        "Use these data",
        key="use",
        on_click=waiting.confirm,
        icon=":material/check:",
        args=(shape, mapping, as_of, waiting.answers() | chosen | day_taken, found.headers),
    )
    report(subs, above=("layout",))
    preview(found)


def another_file(key: str) -> None:
    st.button(
        "Choose another file",
        key=key,
        on_click=waiting.drop,
        type="tertiary",
        icon=":material/arrow_back:",
        help="This file is then removed from the machine.",
    )


def opened(first_look) -> None:
    """Encoding, delimiter, header row: what was detected, and the way to say otherwise."""
    facts = first_look.facts
    box = st.expander(words.md(opened_as(facts)), icon=":material/file_open:")
    with box, st.grid(3, min_column_width=200):
        if facts.get("kind") == "CSV":
            option("encoding", "Letters (encoding)", facts.get("encoding", ""), list(CHOICES))
            option("delimiter", "What parts the cells", facts.get("delimiter", ""), list(DELIMITERS.values()))
        if facts.get("kind") in ("CSV", "Workbook"):
            rows = [NO_HEADER, *map(str, range(1, 31))]
            option("header_row", "Row with the names of the columns", facts.get("header_row", "1"), rows)
        else:
            st.caption("Names and values stand in the file as they are; nothing had to be guessed.")


def opened_as(facts) -> str:
    """Example: How the file was opened: CSV, UTF-8, comma, names of the columns in row 1."""
    parts = [facts.get(one, "") for one in ("container", "member", "kind", "sheet", "encoding", "delimiter")]
    row = facts.get("header_row", "")
    if row:
        parts.append("no row with names" if row == NO_HEADER else f"names of the columns in row {row}")
    return f"How the file was opened: {', '.join(part for part in parts if part)}"


def option(name: str, label: str, detected: str, choices: list[str]) -> None:
    """One thing the reader detected; another choice becomes an answer."""
    choices = list(dict.fromkeys([detected, *choices] if detected not in choices else choices))
    key = f"open-{waiting.tag()}-{name}"
    st.selectbox(
        label,
        choices,
        choices.index(waiting.answers().get(name, detected)),
        key=key,
        format_func=lambda one: NO_ROW if one == NO_HEADER else one,
        on_change=waiting.answer,
        args=(name, key, detected),
    )


def shape_of(found, kept) -> str:
    """What one row is: the vendor's own layout by name where the headers tell, a shape otherwise."""
    kinds = {found.layout: layout_of(found.layout)} | layouts()
    if kept:
        kinds |= {kept.layout: layout_of(kept.layout)} if kept.layout in vendors() else {}
    if found.layout in vendors():
        st.info(words.md(looks_like(found.title)), icon=":material/verified:")
    start = kept.layout if kept and kept.layout in kinds else found.layout
    shape = st.selectbox(
        "What one row is",
        list(kinds),
        list(kinds).index(start),
        format_func=lambda name: kinds[name].title,
        key=f"layout-{waiting.tag()}-{found.layout}",
        width=420,
        help="Recognised by the column names. Change it if the file is of another shape.",
    )
    st.caption(words.md(kinds[shape].about))
    return shape


def as_before(kept, shape: str) -> None:
    """Said when a file is read as the last one with these columns was."""
    if kept and kept.layout == shape:
        text = "Columns and answers are those of the last file with these column names."
        st.info(text, icon=":material/history:")
        st.button("Start afresh", key="afresh", on_click=waiting.start_afresh, type="tertiary")


def saved_mapping(kept) -> None:
    """The way in for a mapping somebody saved."""
    if kept:
        return
    with st.expander("Read it as a saved mapping says", icon=":material/history:"):
        key = f"memory-{waiting.tag()}"
        st.file_uploader(
            "The small JSON file saved from this page",
            type=["json"],
            key=key,
            on_change=waiting.take_memory,
            args=(key,),
        )


def columns(found, shape: str, kept) -> dict[str, str | None]:
    """A selectbox per role, filled with what was recognised by name, or with what is remembered."""
    known = kept.mapping if kept and kept.layout == shape else found.mapping
    with layout.card(
        "Columns", "Recognised by name. Change what is wrong; columns left over become groups to compare."
    ):
        chosen, options = {}, [NONE, *dict.fromkeys(found.headers)]
        with st.grid(4, min_column_width=150):
            for role in found.roles:
                guess = known.get(role.name, NONE)
                picked = st.selectbox(
                    role.title + (" *" if role.required else ""),
                    options,
                    options.index(guess) if guess in options else 0,
                    key=f"map-{waiting.tag()}-{shape}-{role.name}",
                    help=words.md(role.help) or None,
                )
                chosen[role.name] = None if picked == NONE else picked
    return {role: header for role, header in chosen.items() if header or role in found.mapping}


def second_file(shape: str, mapping: dict) -> None:
    """Logs of plan changes often keep the prices in a table of their own: without prices it is asked for."""
    if len(waiting.files()) > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Two files, joined on the column they share; what was joined is told below.", width="content")
            st.button(
                "Remove the second file",
                key="drop-second",
                on_click=waiting.drop_second,
                type="tertiary",
                icon=":material/link_off:",
                help="The first file stays, with its own columns. The second is removed from the machine.",
            )
        return
    lacking = shape == "plan_changes" and not mapping.get("price")
    title = "A second file goes with it, such as the prices of the plans"
    with st.expander(title, expanded=lacking, icon=":material/join:"):
        if lacking:
            st.markdown(NO_PRICES)
        key = f"second-{waiting.tag()}-{waiting.upload_key()}"
        st.file_uploader(
            "The other table; it must share a column, such as plan_id",
            type=list(ENDINGS),
            key=key,
            on_change=waiting.take_second,
            args=(key,),
        )


def ask(questions) -> dict[str, str]:
    """What only the user knows, with the guess chosen; the sentence is that of the answer chosen."""
    chosen = {}
    for question in questions:
        current = waiting.answers().get(question.id, question.guess)
        with layout.card(question.title, locales.retold(question.sentence)):
            at = question.alternatives.index(current) if current in question.alternatives else 0
            key = f"ask-{waiting.tag()}-{question.id}"
            chosen[question.id] = st.radio(
                question.title,
                question.alternatives,
                at,
                horizontal=True,
                key=key,
                format_func=lambda choice, of=question.id: in_words(of, choice),
                label_visibility="collapsed",
                on_change=waiting.answer,
                args=(question.id, key),
            )
    return chosen


def in_words(question: str, choice: str) -> str:
    """An answer as it is read: a number of days is none, so its definition says what it means."""
    asked = next((one for one in Definitions.switches() if one.name == question and not one.choices), None)
    return words.plain(asked.phrase(choice)).capitalize() if asked else choice


def preview(found) -> None:
    with st.expander("First rows of the file", icon=":material/table_rows:"):
        st.dataframe(found.preview, alt="First rows of the file as read")
