"""Load an export, confirm once how it was read, and see what became of every row."""

import streamlit as st

from cs_models import words
from cs_models.importers import layout as layout_of
from cs_models.importers import layouts, template_csv
from cs_models.importers.vendor import looks_like
from cs_models.problems import Problem
from pages.shared import answers, layout, session
from pages.shared.download import csv_bytes
from pages.shared.samples import SAMPLES

NONE = "(not in the file)"
MOST_ENTRIES = 1_000


def choose() -> None:
    """Own file on the left; sample data and templates on the right."""
    left, right = st.columns([3, 2])
    with left, layout.card("Your own export"):
        st.file_uploader(
            "A CSV from your billing system",
            type=["csv", "tsv", "txt"],
            key=session.upload_key(),
            on_change=session.take_upload,
            help="Up to 200 MB. The file stays on this machine; nothing is sent anywhere.",
        )
        kinds = layouts()
        shape = st.selectbox(
            "No file at hand? Start from a template",
            list(kinds),
            list(kinds).index("periods"),
            format_func=lambda name: kinds[name].title,
            key="template-shape",
            help=words.md("Each template is a small CSV that reads back without a finding."),
        )
        st.download_button(
            "Download template",
            template_csv(shape).encode("utf-8-sig"),
            f"perennial-{shape}.csv",
            "text/csv",
            key="template",
            on_click="ignore",
            icon=":material/download:",
            help=words.md(kinds[shape].about),
        )
    with right, layout.card("Try a sample"):
        names = {identity: title for identity, (title, _) in SAMPLES.items()}
        picked = st.selectbox(
            "Made-up firms with known answers", list(names), format_func=names.get, key="sample-pick"
        )
        st.button(
            "Open this sample",
            key="open-sample",
            on_click=session.open_data,
            args=(picked,),
            icon=":material/play_arrow:",
        )


# --- a file that waits to be confirmed ---


def confirm_upload() -> None:
    """Columns, day, open questions and the report of the draft; one button opens it for all pages."""
    st.subheader(words.md(f"Check how {session.upload_name() or 'the file'} is read"), anchor=False)
    st.button(
        "Choose another file",
        key="drop",
        on_click=session.drop_upload,
        type="tertiary",
        icon=":material/arrow_back:",
    )
    found = session.proposal()
    kinds = {found.layout: layout_of(found.layout)} | layouts()
    if found.layout not in layouts():
        st.info(words.md(looks_like(found.title)), icon=":material/verified:")
    shape = st.selectbox(
        "What one row is",
        list(kinds),
        list(kinds).index(found.layout),
        format_func=lambda name: kinds[name].title,
        key=f"layout-{session.upload()[:8]}",
        width=420,
        help="Recognised by the column names. Change it if the file is of another shape.",
    )
    st.caption(words.md(kinds[shape].about))
    mapping = columns(session.proposal(shape), shape)
    missing = [role.title for role in kinds[shape].missing(mapping)]
    if missing:
        st.warning(words.md(f"Choose the column for: {', '.join(missing)}."), icon=":material/rule:")
        preview(found)
        return
    try:
        first = session.draft(shape, mapping, "", {})
        as_of = day(first)
        answers = questions(first)
        subs = session.draft(shape, mapping, as_of, answers)
    except Problem as error:
        layout.problem(error)
        preview(found)
        return
    st.button(
        "Use these data",
        key="use",
        type="primary",
        on_click=session.confirm,
        icon=":material/check:",
        args=(shape, mapping, as_of, answers),
    )
    report(subs)
    preview(found)


def columns(found, shape: str) -> dict[str, str | None]:
    """A selectbox per role, filled with what was recognised by name."""
    with layout.card(
        "Columns", "Recognised by name. Change what is wrong; columns left over become groups to compare."
    ):
        chosen, options = {}, [NONE, *dict.fromkeys(found.headers)]
        with st.grid(4, min_column_width=150):
            for role in found.roles:
                guess = found.mapping.get(role.name, NONE)
                picked = st.selectbox(
                    role.title + (" *" if role.required else ""),
                    options,
                    options.index(guess),
                    key=f"map-{session.upload()[:8]}-{shape}-{role.name}",
                    help=words.md(role.help) or None,
                )
                chosen[role.name] = None if picked == NONE else picked
    return {role: header for role, header in chosen.items() if header or role in found.mapping}


def day(first) -> str:
    """The last day the file knows: shown, and changeable; "" keeps what was found."""
    if first.as_of is None:
        return ""
    picked = st.date_input(
        "The file knows everything up to",
        first.as_of,
        format="YYYY-MM-DD",
        key=f"as-of-{session.upload()[:8]}",
        help="Subscriptions open on this day count as still running.",
        width=280,
    )
    return "" if picked == first.as_of else picked.isoformat()


def questions(first) -> dict[str, str]:
    """What only the user knows, asked with the guess chosen."""
    answers = {}
    for question in first.report.questions:
        with layout.card(question.title, question.sentence):
            at = question.alternatives.index(question.guess) if question.guess in question.alternatives else 0
            answers[question.id] = st.radio(
                question.title,
                question.alternatives,
                at,
                horizontal=True,
                key=f"ask-{session.upload()[:8]}-{question.id}",
                label_visibility="collapsed",
            )
    return answers


def preview(found) -> None:
    with st.expander("First rows of the file", icon=":material/table_rows:"):
        st.dataframe(found.preview, alt="First rows of the file as read")


# --- the report ---


def report(subs) -> None:
    """Every row accounted for: three counts that sum to the file, sentences, and the list of entries."""
    told = subs.report
    st.subheader("What became of every row", anchor=False)
    with st.grid(4, min_column_width=150):
        layout.kpi("Rows in the file", words.count(told.rows))
        layout.kpi("Accepted as they are", words.count(told.accepted))
        layout.kpi(
            "Repaired",
            words.count(told.repaired),
            meaning="The value of a cell was changed; the list says how.",
        )
        layout.kpi(
            "Left out", words.count(told.rejected), meaning="Rejected with a reason; the list says which row."
        )
    parts = [words.count(n) for n in (told.accepted, told.repaired, told.rejected)]
    st.caption(f"{' + '.join(parts)} = {words.count(told.rows)} rows." + set_aside(told))
    if subs.kind == "snapshot":
        text = f"{words.snapshot(told.findings)} Still available: {layout_of(subs.layout).available}"
        st.info(words.md(text), title="A snapshot is not a cohort", icon=":material/photo_camera:")
    sentences = [finding.sentence for finding in told.findings if finding.id != "snapshot"]
    if sentences:
        st.markdown("\n".join(f"- {words.md(sentence)}" for sentence in sentences))
    if told.repaired or told.rejected:
        entries(told)


def set_aside(told) -> str:
    if not told.set_aside:
        return ""
    return (
        f" {words.counted(told.set_aside, 'accepted row')} stay out of the fits (free plans, not yet begun)."
    )


def entries(told) -> None:
    """Row, column, value and reason of everything repaired or left out, and the list as a file."""
    frame = told.frame()
    names = {"row": "Row", "kind": "What happened", "column": "Column", "value": "Value", "reason": "Reason"}
    kinds = {"rejected": "left out", "repaired": "repaired"}
    shown = frame.head(MOST_ENTRIES).replace({"kind": kinds}).rename(columns=names)
    st.dataframe(shown, hide_index=True, alt="Rows repaired or left out, with reasons", key="entries")
    if len(frame) > MOST_ENTRIES:
        st.caption(
            f"The first {words.count(MOST_ENTRIES)} of {words.count(len(frame))} entries; the file has all."
        )
    st.download_button(
        "Download the list",
        csv_bytes(frame),
        "import-report.csv",
        "text/csv",
        key="entries-csv",
        on_click="ignore",
        icon=":material/download:",
    )


def how_read(subs) -> None:
    """The definitions the open data set was read with."""
    with st.expander("How it was read", icon=":material/schema:"):
        kind = layout_of(subs.layout)
        titles = {role.name: role.title for role in kind.roles}
        rows = [
            {"Meaning": titles.get(role, role), "Column in the file": header or NONE}
            for role, header in subs.mapping.items()
        ]
        rows += [
            {"Meaning": "Group to compare", "Column in the file": header}
            for name, header in subs.columns.items()
            if name not in titles
        ]
        st.dataframe(rows, hide_index=True, alt="Meaning of each column")


def delete() -> None:
    """Two clicks, and the file, the table and everything computed from them are gone."""
    if session.is_sample():
        return
    with st.popover("Delete this data", icon=":material/delete:"):
        st.markdown(
            "The upload and everything made from it are removed from this machine. This cannot be undone."
        )
        st.button("Delete for good", key="delete", type="primary", on_click=session.delete_data)


if session.upload():
    layout.heading("Load your data", "")
    try:
        confirm_upload()
    except Problem as error:
        layout.problem(error)
        st.button(
            "Choose another file", key="drop-bad", on_click=session.drop_upload, icon=":material/arrow_back:"
        )
else:
    subs = answers.subscriptions()
    told = subs.report
    layout.heading(words.rows_headline(told.rows, told.rejected))
    choose()
    report(subs)
    how_read(subs)
    delete()
