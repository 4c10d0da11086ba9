"""What became of every row: counts that sum to the file, findings in sentences, what they move in money."""

import streamlit as st

from cs_models import explanations, locales, words
from cs_models.importers import layout as layout_of
from pages.data import waiting
from pages.shared import layout, session
from cs_models.exports.tables import csv_bytes

MOST_ENTRIES = 1_000


def report(subs, above: tuple[str, ...] = ()) -> None:
    """Every row accounted for: three counts that sum to the file, sentences, and the list of entries.

    `above`: findings that the page has told already.
    """
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
        text = f"{explanations.snapshot(told.findings)} Still available: {layout_of(subs.layout).available}"
        st.info(words.md(text), title="A snapshot is not a cohort", icon=":material/photo_camera:")
    sentences = [locales.retold(one.sentence) for one in told.findings if one.id not in ("snapshot", *above)]
    if sentences:
        st.markdown("\n".join(f"- {words.md(sentence)}" for sentence in sentences))
    if told.entries.num_rows:
        entries(told)


def set_aside(told) -> str:
    if not told.set_aside:
        return ""
    return (
        f" {words.counted(told.set_aside, 'accepted row')} stay out of the fits (free plans, not yet begun)."
    )


def entries(told) -> None:
    """Row, column, value and reason of everything repaired or left out, as it stands in the file.

    Only the download puts an apostrophe before what a spreadsheet would run.
    """
    names = {"row": "Row", "kind": "What happened", "column": "Column", "value": "Value", "reason": "Reason"}
    kinds = {"rejected": "left out", "repaired": "repaired"}
    total = told.entries.num_rows
    shown = told.entries.slice(0, MOST_ENTRIES).to_pandas().replace({"kind": kinds}).rename(columns=names)
    st.dataframe(shown, hide_index=True, alt="Rows repaired or left out, with reasons", key="entries")
    if total > MOST_ENTRIES:
        st.caption(
            f"The first {words.count(MOST_ENTRIES)} of {words.count(total)} entries; the file has all."
        )
    st.download_button(
        "Download the list",
        csv_bytes(told.frame()),
        "import-report.csv",
        "text/csv",
        key="entries-csv",
        on_click="ignore",
        icon=":material/download:",
    )


def effects(subs) -> None:
    """The money in each finding, computed when asked for: it takes a valuation per finding."""
    told = subs.report
    if not (subs.has_price and subs.has_rows) or not told.findings or not (told.repaired or told.rejected):
        return
    box = st.expander("What do these rows move?", on_change="rerun", key="effects", icon=":material/savings:")
    if not box.open:
        return
    with box:
        found = waiting.effects(session.data_id())
        st.markdown("\n".join(f"- {words.md(one.sentence)}" for one in found))
        if not found:
            st.caption("None of these findings moves money.")
