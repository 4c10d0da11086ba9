"""The scenario as a small file with all that decides its numbers, out and in; and what was said when it was saved."""

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from cs_models.saved import SavedScenario
from pages.scenarios import save
from pages.scenarios.answer import Asked
from pages.shared import answers, link, plan, session, who

OPENED = "scenario-opened"
MONEY = ("gross_margin", "discount_rate", "service_cost", "cac")


def box(asked: Asked | None) -> None:
    """The scenario as a file, out and in; without an answer only in."""
    with st.sidebar:
        folded = st.expander("Scenario as a file", icon=":material/draft:", key="files", on_change="rerun")
    if not folded.open:
        return
    with folded:
        if asked:
            _out(asked)
        if who.edits():
            st.file_uploader("Open a scenario file", type=["json"], key="scenario-in", on_change=read)


def _out(asked: Asked) -> None:
    kept = save.on_the_desk(asked)  # here and not at the press, when the session cannot be asked any more
    st.download_button(
        "Download scenario",
        kept.to_json(),  # bytes at once: a file made at the press is lost to a rerun under way
        "scenario.json",
        "application/json",
        key="scenario-out",
        on_click="ignore",
        icon=":material/download:",
        help="With the name and the reasons of “Save scenario”.",
    )


def read() -> None:
    """Callback: the desk as the file has it, or as it was with one sentence that says why."""
    before = {name: session.value(name) for name in link.kept()}
    try:
        if text := session.uploaded_text("scenario-in"):
            _open(SavedScenario.from_json(text))
            session.put(OPENED, text)
    except Problem as error:
        for name, value in before.items():
            session.put(name, value)
        session.tell(str(error))


def _open(saved: SavedScenario) -> None:
    """Economics, groups and horizon first: what the decisions are aimed at hangs on them."""
    if saved.fingerprint:  # a file of the older kind has levers only
        _economics(saved)
    plan.set_levers(saved.scenario.levers)
    session.put(save.NAME, saved.name)
    session.put(save.REASONS, saved.reasons)


def _economics(saved: SavedScenario) -> None:
    if saved.horizon not in link.HORIZONS:
        found = ", ".join(map(str, link.HORIZONS))
        raise Problem(f"This scenario looks {saved.horizon} months ahead; this page shows {found} months.")
    session.put("horizon", saved.horizon)
    for name in MONEY:
        session.put(name, min(getattr(saved.economics, name), link.HIGHEST[name]))
    session.put("growth", "seen" if saved.economics.expansion else "flat")
    if answers.lacks_price():
        session.put(link.PRICE, saved.price)
    by = [one for one in saved.economics.by if one in answers.columns()]
    session.put("split", by[0] if by else link.NO_SPLIT)
    if saved.figure:
        session.put("view", saved.figure.book)


def provenance(asked: Asked) -> None:
    """While the decisions are those of the file that was opened: its name, its reasons, and what has changed since."""
    text = session.seen(OPENED)
    saved = SavedScenario.from_json(text) if text else None
    if saved is None or saved.scenario.active != asked.change.plan.active:
        return
    reasons = f": {saved.reasons}" if saved.reasons else ""
    st.caption(words.md(f"Opened: {saved.name}{reasons}"))
    definitions = answers.subscriptions().definitions
    since = [saved.changed(asked.change), *saved.differences(asked.change.base, definitions)] if saved.fingerprint else []
    if since := [one for one in since if one]:
        st.info(words.md(words.held(" ".join(since))), icon=":material/history:")
