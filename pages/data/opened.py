"""The open data set: definitions, moves of whole plans, one month by each vendor's rules, how it was read."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.definitions import Definitions, idle
from cs_models.importers import layout as layout_of
from cs_models.problems import Problem
from pages.data import counting, waiting
from pages.data.check import NONE
from pages.shared import cache, layout, session, sweeper, who


def moves_of_plans(subs) -> None:
    """Moves of a whole plan to another, what they do to churn and value, and the button that joins them."""
    if not subs.has_dates:
        return
    found = waiting.migrations(session.data_id())
    for at, move in enumerate(found):
        note = st.success if move.joined else st.warning
        note(words.md(move.sentence), title="A move of a whole plan", icon=":material/moving:")
        if not move.joined and at == len(found) - 1 and who.counts_again(session.data_id()):
            st.button(
                "Count them as one stay",
                key="join-moves",
                on_click=waiting.save_again,
                args=({"join_migrations": "yes"},),
                icon=":material/join:",
            )


def once_more(subs) -> None:
    """The button that counts the same table again, for what it knows by now."""
    if not (subs.origin.get("source") and who.counts_again(session.data_id())):
        return
    st.button("Count this table again", key="count-again", on_click=counting.again, args=(session.data_id(),),
              icon=":material/refresh:", help="With the same columns, groups and definitions, up to a later day. What was "
              "counted before stays.")  # fmt: skip


def definitions(subs) -> None:
    """What counts as leaving: a switch per definition, and the sentence every result carries."""
    now, may = subs.definitions, who.counts_again(session.data_id())
    with st.expander("What counts as leaving", icon=":material/tune:"):
        st.caption(words.md(now.sentence()))
        chosen, silent = {}, idle(subs)
        with st.grid(2, min_column_width=280):
            for one in Definitions.switches():
                chosen[one.name] = switch(one, getattr(now, one.name), silent.get(one.name, ""))
        changed = {name: choice for name, choice in chosen.items() if choice != getattr(now, name)}
        st.button(
            "Count again with these definitions",
            key="redefine",
            disabled=not changed or not may,
            on_click=waiting.save_again,
            args=(changed,),
            icon=":material/refresh:",
            help="Opens the same rows as a data set of its own; the link names it.",
        )
        if not may:
            st.caption(who.NOT_COUNTED if who.edits() else who.LOOK_ONLY)
    if now.changed:
        st.info(words.md(now.sentence()), icon=":material/tune:")


def switch(one, current: str, silent: str, of: str = "") -> str:
    """A choice, or a number of days; `silent` says why it changes nothing in these data, `of` which data they are."""
    with st.container(gap="xxsmall"):
        chosen = _switch(one, current, of or session.data_id()[:8])
        if silent:
            st.caption(words.md(silent))
    return chosen


def _switch(one, current: str, of: str) -> str:
    key = f"def-{of}-{one.name}"
    if one.choices:
        return st.selectbox(
            one.label,
            one.choices,
            one.choices.index(current),
            key=key,
            help=words.md(one.help),
            format_func=lambda choice: words.plain(choice).capitalize(),
        )
    return str(st.number_input(one.label, 0, 3650, int(current), key=key, help=words.md(one.help)))


def tie_out(subs) -> None:
    """Customers and MRR at month ends, and one month by our rules and by four vendors'."""
    if not subs.has_dates:
        return
    box = st.expander(
        "Tie out with your billing system", on_change="rerun", key="tie-out", icon=":material/balance:"
    )
    if not box.open:
        return
    with box:
        try:
            book(subs)
        except Problem as error:
            st.info(words.md(error), icon=":material/info:")


def book(subs) -> None:
    ends = waiting.months(session.data_id())
    st.caption("Customers and monthly revenue at the end of each day, as the file tells them.")
    shown = ends.iloc[::-1].rename(columns={"day": "Day", "customers": "Customers", "mrr": "MRR"})
    names = ["Day", "Customers", *(["MRR"] if subs.has_price else [])]
    layout.grid(shown[names], {"MRR": "%,.2f", "Customers": "%,d"}, alt="Customers and MRR at month ends")
    over = [m for m, d in zip(ends["month"], ends["day"]) if pd.Timestamp(d).is_month_end]
    if len(over) < 2:
        return
    label = "Why our number differs: one month by each rule"
    chosen = st.selectbox(label, over[:0:-1], key="tie-month", width=320)
    rules = waiting.month(session.data_id(), chosen)
    counts = {"Customers at start": "%,d", "Left": "%,d"}
    layout.grid(lines(rules, subs), counts, alt="One month by our rules and by four vendors'")
    st.markdown("\n".join(f"- {words.md(sentence)}" for sentence in rules["sentence"]))


def lines(rules: pd.DataFrame, subs) -> pd.DataFrame:
    """The counts of each rule in words."""
    known = {"rule": "Rule", "from_day": "From the end of", "to_day": "To the end of",
             "customers_start": "Customers at start", "churned": "Left", "churn_rate": "Churn",
             "churned_mrr": "MRR lost", "mrr_churn": "MRR churn"}  # fmt: skip
    shown = rules[list(known)].copy()
    for name in ("churn_rate", "mrr_churn"):
        shown[name] = [words.percent(one) if pd.notna(one) else words.ABSENT for one in rules[name]]
    shown["churned_mrr"] = [
        words.money(one, subs.currency) if pd.notna(one) else words.ABSENT for one in rules["churned_mrr"]
    ]
    return shown.rename(columns=known)


def how_read(subs) -> None:
    """The columns the data set was read from, and the small file that reads next month's the same way."""
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
        if kept := waiting.open_memory():
            st.download_button(
                "Save this mapping",
                kept.to_json(),
                "perennial-mapping.json",
                "application/json",
                key="memory-out",
                on_click="ignore",
                icon=":material/download:",
                help="Names of columns and your answers, no cell of the file. It reads next month's export "
                "the same way, here or at a colleague's.",
            )


def shared() -> None:
    """Who may open these data, and the owner's choice; nothing where all are one person."""
    data = session.data_id()
    if session.is_sample() or not who.tells_apart():
        return
    if not who.owns(data):
        st.caption("Another person's data, shared with everybody on this server.")
        return
    now = who.shared(data)
    title = "Everybody on this server may open these data" if now else "These data are yours alone"
    with st.expander(title, icon=":material/group:" if now else ":material/lock:", key=f"shared-{data[:8]}"):
        key = f"share-{data[:8]}"
        st.toggle("Share these data with everybody on this server", now, key=key, on_change=share, args=(key,))
        st.caption("With them go the scenarios saved on them, with their comments. Only you may delete the data or take "
                   "them back.")  # fmt: skip


@session.or_tell
def share(key: str) -> None:
    """Callback: the open data set to everybody, or to its owner alone."""
    who.share(session.data_id(), bool(session.seen(key)))


def stays() -> None:
    """For how long these data stay on this server, and the choice."""
    if not who.owns(session.data_id()):
        return
    words_of, now = sweeper.stay(), cache.store().stay(session.data_id())
    with st.expander(words.md(f"These data stay on this server {words_of[now]}"), icon=":material/schedule:"):
        key = f"stay-{session.data_id()[:8]}"
        st.radio(
            "How long they stay",
            list(words_of),
            list(words_of).index(now),
            key=key,
            format_func=lambda name: words_of[name].capitalize(),
            on_change=let_stay,
            args=(key,),
        )
        st.caption(
            "Then the upload, the rows and all that was worked out from them leave this server by themselves. A page that "
            "is open keeps them. Saving a scenario keeps them until somebody deletes them."
        )


@session.or_tell
def let_stay(key: str) -> None:
    """Callback: for how long the open data set stays once nobody has it open."""
    if who.owns(session.data_id()):
        cache.store().let_stay(session.data_id(), str(session.seen(key)))


def delete() -> None:
    """Two clicks, and the file, the table and what was computed from them are gone; saved headlines stay."""
    if not who.owns(session.data_id()):
        return
    with st.popover("Delete this data", icon=":material/delete:"):
        st.markdown(
            "The upload and everything made from it are removed from this machine. This cannot be undone. "
            "Saved scenarios stay on the page Saved, with the headline they were saved with."
        )
        if who.tells_apart():
            st.markdown("Whoever has loaded the same file himself still has his own.")
        st.button("Delete for good", key="delete", on_click=waiting.delete)
