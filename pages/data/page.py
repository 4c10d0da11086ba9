"""Load an export, confirm once how it was read, and see what became of every row."""

import streamlit as st

from cs_models import explanations, words
from cs_models.importers import layouts, template_csv
from cs_models.problems import Problem
from cs_models.readers import ENDINGS
from pages.data import check, counting, database, opened, waiting
from pages.data.report import effects, report
from pages.shared import answers, counters, layout, session, small_ones, who
from pages.shared.samples import SAMPLES


def _uploader() -> None:
    st.file_uploader(
        "An export of your billing system: CSV, text, Excel, OpenDocument, Parquet or JSON, also zipped",
        type=list(ENDINGS),
        key=waiting.upload_key(),
        on_change=waiting.take,
        help="Up to 200 MB. The file stays on this machine; nothing is sent anywhere. One that is not used is gone "
        "some minutes after this page is closed.",
    )


def choose() -> None:
    """Own file on the left; sample data and templates on the right."""
    left, right = st.columns([3, 2])
    with left, layout.card("Your own export"):
        if who.edits():
            _uploader()
        else:
            st.info(who.LOOK_ONLY, icon=":material/visibility:")
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
        st.selectbox(
            "Made-up firms with known answers", list(names), format_func=names.get, key="sample-pick"
        )
        st.button(
            "Open this sample",
            key="open-sample",
            on_click=waiting.open_sample,
            args=("sample-pick",),
            icon=":material/play_arrow:",
        )


if waiting.files():
    layout.heading("Load your data", "")
    try:
        check.check_upload()
    except Problem as error:
        counters.count("refused_uploads", type(error).__name__)
        layout.problem(error)
        if waiting.answers():
            st.button("Take all answers back", key="guess-again-bad", on_click=waiting.guess_again)
        check.another_file("drop-bad")
elif counting.chosen():
    layout.heading("Load your data", "")
    try:
        database.check()
    except Problem as error:
        layout.problem(error)
else:
    subs = answers.subscriptions()
    layout.heading(explanations.rows_headline(subs.report.rows, subs.report.rejected))
    if text := session.told():
        st.info(words.md(text), icon=":material/info:")
    choose()
    if who.edits():
        database.intake()
    opened.once_more(subs)
    opened.moves_of_plans(subs)
    report(subs)
    effects(subs)
    if subs.has_rows:
        opened.definitions(subs)
        opened.tie_out(subs)
    opened.how_read(subs)
    small_ones.switch()
    opened.shared()
    opened.stays()
    opened.delete()
