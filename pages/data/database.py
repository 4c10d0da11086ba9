"""A table of the team's own database, or a folder on this server: its columns, its day, and how far the counting is."""

from dataclasses import replace
from datetime import date

import streamlit as st

from cs_models import sizing, words
from cs_models.definitions import Definitions
from cs_models.problems import Problem
from cs_models.warehouse import facts, mapping, repeats, text_days
from cs_models.warehouse.columns import HUNDREDTHS, WHOLE, Columns, kind_of
from cs_models.warehouse.dialects import can_write, listed
from cs_models.warehouse.settings import sources
from pages.data import counting
from pages.data.opened import switch
from pages.shared import layout, session

HELP = (
    "Whoever looks after this server names databases in its secrets file, as docs/warehouse.md in the folder of this app "
    "says. A connection is never typed on a page."
)
ONLY_COUNTS = (
    "The rows stay where they are. They are counted there, and what comes back are counts by month: no customer's id and no "
    "row of a customer. What is asked can be read below before anything is counted."
)
NONE = "(not in the table)"
WRITES = (
    "This connection may change the table. Nothing here writes, and the session is opened read-only; still, ask for a role "
    "that can only read."
)
LEFT_OUT = (
    "Left out, because their files cannot be read together: {names}. The files of a folder must be of one kind, all with the "
    "same columns."
)
SUPPORTED = ("gap_days", "plan_change", "same_day", "incomplete", "last_day", "late_ends")
COPIES = "{rows} another one exactly: each counts once, as in an upload."
SPREAD = (
    "{rows} of subscriptions that lie in several folders or files here, as exports of the same book do, one for each month. "
    "Only the last: each counts as the last one tells it, that in which somebody joined latest. Count each: its money counts "
    "in every one of them."
)
SAME = "Rows that tell of the same subscription"
CONFLICTS = "{rows} customer and start with another one and differ only in amount or end: two subscriptions, or one told twice?"
UNPAID = (
    "Many plans here are ended in the first {days} days after a renewal: most likely their payment had failed, so they are "
    "counted as ended by that renewal. Set the days to 0 below if it was paid."
)
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "PLN", "BRL", "INR")


def intake() -> None:
    """The way in, beside the upload."""
    with layout.card("From your own database, or a folder on this server", "For more rows than an upload takes."):
        try:
            known = sources()
        except Problem as error:
            layout.problem(error)
            known = None
        if known:
            _sources(known)
        elif known is not None:
            st.caption(f"No database is known to this server yet. {HELP}")
        larger()


def _sources(known: dict) -> None:
    """Which of them, and the button that looks at its tables."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Where the rows lie", list(known), key="source", width=320, help=HELP, format_func=words.plain)
        st.button("Choose a table", key="source-open", on_click=counting.choose, args=("source",),
                  icon=":material/database:")  # fmt: skip


def larger() -> None:
    """What a longer book costs, on paper, beside what to switch on."""
    with st.expander("What would 100 million customers cost?", icon=":material/straighten:"):
        st.caption(
            "Beyond 1 million customers these are estimates, and time is a range. What comes home hangs on months and groups (60 "
            "and 4 here), never on customers, so every page is as quick as with a thousand."
        )
        st.dataframe(sizing.table(), hide_index=True, alt="Cost of counting by number of customers")
        st.markdown("\n".join(f"- {step}" for step in sizing.steps()))
        st.caption(words.md(sizing.assumptions()))


def check() -> None:
    """Table, columns, day and definitions; one button counts."""
    source = counting.source()
    st.subheader(words.md(f"Counted where the rows lie: {source.name}"), anchor=False)
    st.button("Choose other data", key="source-drop", on_click=counting.drop, type="tertiary",
              icon=":material/arrow_back:")  # fmt: skip
    if counting.under_way():
        return
    if text := session.told():
        st.warning(words.md(text), icon=":material/rule:")
    st.info(words.md(ONLY_COUNTS), icon=":material/lock:")
    tables = counting.probe("tables", lambda it: listed(source.dialect, it, source.schema))
    if out := counting.probe("left out", source.left_out):
        st.warning(words.md(LEFT_OUT.format(names=", ".join(out))), icon=":material/folder_off:")
    if not tables:
        raise Problem("There is no table that this connection may see. Ask for the right to read one.")
    alone = len({schema for schema, _ in tables}) == 1  # the name of the only schema tells nothing
    names = {key[1] if alone else ".".join(filter(None, key)): key for key in tables}
    by_name = {name: ".".join(source.dialect.quoted(part) for part in key if part) for name, key in names.items()}
    at = [*by_name.values()].index(counting.table_before()) if counting.table_before() in by_name.values() else 0
    picked = st.selectbox("Table or view", list(names), at, key="source-table", width=420, format_func=words.plain)
    (schema, table), quoted = names[picked], by_name[picked]
    if counting.probe(("writes", quoted), lambda it: can_write(source.dialect, it, quoted)):
        st.warning(WRITES, icon=":material/edit_off:")
    known = tables[schema, table]
    known = known | counting.probe(("days", quoted), lambda it: source.days(it, quoted, known))
    columns = mapped(source, quoted, table, known)
    if columns is None:
        return
    columns = repeated(source, quoted, ordered(source, quoted, columns), table, known)
    as_of = day(source, quoted, columns)
    rules = definitions(source, quoted, columns, as_of)
    old = counting.before(quoted).get("currency")
    at = CURRENCIES.index(old) if old in CURRENCIES else 0
    currency = st.selectbox("Currency", CURRENCIES, at, key="source-currency", width=160, help="One currency per table.")
    asked = counting.Asked(source.dialect, quoted, picked, columns, as_of, currency, rules, source.name)
    with st.expander("What is asked", icon=":material/code:"):
        st.caption("These texts, and the same again for each group. Each gives counts by month; none a row of a customer.")
        for title, text in asked.texts().items():
            st.markdown(f"**{title}**")
            st.code(text, language="sql")
    st.button("Count these data", key="count", on_click=counting.start, args=(asked,), icon=":material/functions:")


def mapped(source, table: str, name: str, known: dict[str, str]):
    """A selectbox per role, filled with what was recognised; groups and unit. None while something is missing."""
    old = counting.before(table).get("columns", {})
    guess = {role: name for role, name in old["roles"].items() if name in known} if old else recognised(source, table, known)
    with layout.card("Columns", "Recognised by name and type. Change what is wrong."):
        chosen = {}
        with st.grid(4, min_column_width=150):
            for role in mapping.roles():
                options = [NONE, *(name for name in known if mapping.fits(role.name, known[name]))]
                start = options.index(guess[role.name]) if guess.get(role.name) in options else 0
                key = f"source-{table}-{role.name}"
                title = role.title + (" *" if role.required else "")
                chosen[role.name] = st.selectbox(title, options, start, key=key, help=words.md(role.help) or None,
                                                 format_func=words.plain)  # fmt: skip
        roles = {name: column for name, column in chosen.items() if column != NONE}
        if lacking := mapping.missing(roles):
            st.warning(words.md(f"Choose the column for: {', '.join(lacking)}."), icon=":material/rule:")
            return None
        left = mapping.candidates(known, roles, source.places(name))
        asked = ("groups", table, roles["customer"], *left)
        few = counting.probe(asked, lambda it: facts.groups_of(source.dialect, it, table, left, roles["customer"]))
        groups = st.multiselect("Groups to compare", few, [name for name in old.get("groups", few) if name in few][: mapping.MOST_GROUPS],
                                key=f"source-{table}-groups",
                                max_selections=mapping.MOST_GROUPS, format_func=words.plain,
                                help="Columns with 2 to 20 different values that several customers share. Each is counted apart.")  # fmt: skip
        unit = st.radio("Amounts are in", (WHOLE, HUNDREDTHS), horizontal=True,
                        index=int(old["unit"] == HUNDREDTHS if old else "cents" in (roles.get("mrr") or roles.get("price", "")).lower()),
                        key=f"source-{table}-unit", help="Billing systems often store 49.00 as 4900.")  # fmt: skip
    kinds = {role: kind_of(known[column]) for role, column in roles.items()}
    kinds |= {f"c{i}": kind_of(known[column]) for i, column in enumerate(groups)}
    return Columns(roles, tuple(groups), unit, kinds)


def recognised(source, table: str, known: dict[str, str]) -> dict[str, str]:
    """Role -> column by name and type, and the billing interval by its values where no name tells it."""
    guess = mapping.recognised(known)
    left = () if "interval" in guess else mapping.texts(known, guess)
    found = left and counting.probe(("interval", table, *left), lambda it: facts.interval_of(source.dialect, it, table, left))
    return guess | {"interval": found} if found else guess


def ordered(source, quoted: str, columns):
    """The columns with the order of day and month; asked where the days do not tell."""
    key = ("order", quoted, *sorted(columns.roles.items()))
    found = counting.probe(key, lambda it: text_days.order(source.dialect, it, quoted, columns))
    if not found.doubt:
        return replace(columns, order=found.first)
    first = counting.before(quoted).get("columns", {}).get("order", found.first)
    return replace(columns, order=_asked("Is the day or the month first?", found.doubt, ("day", "month"), first,
                                         f"source-{quoted}-order"))  # fmt: skip


def repeated(source, quoted: str, columns, table: str, known: dict[str, str]):
    """The columns with what becomes of rows that say again what another one says; told, and asked where it is a matter of
    what they mean.
    """
    columns = replace(columns, compared=repeats.compared(known), places=source.places(table))
    key = ("repeats", quoted, *sorted(columns.roles.items()))
    found = counting.probe(key, lambda it: repeats.repeats(source.dialect, it, quoted, columns))
    columns, old = repeats.settled(columns, found), counting.before(quoted).get("columns", {})
    if found.copies:
        st.info(words.md(COPIES.format(rows=words.counted(found.copies, "row repeats", "rows repeat"))), icon=":material/content_copy:")
    if found.spread:
        text = SPREAD.format(rows=words.counted(found.spread, "row"))
        columns = replace(columns, folders=_asked(SAME, text, repeats.FOLDERS, old.get("folders", columns.folders), f"source-{quoted}-folders"))
    if found.conflicts:
        text = CONFLICTS.format(rows=words.counted(found.conflicts, "row shares", "rows share"))
        columns = replace(columns, conflicts=_asked(SAME, text, repeats.CONFLICTS, old.get("conflicts", columns.conflicts), f"source-{quoted}-conflicts"))
    return columns


def _asked(title: str, text: str, answers: tuple[str, ...], guess: str, key: str) -> str:
    with layout.card(title, text):
        return st.radio(title, answers, answers.index(guess), key=key, horizontal=True, label_visibility="collapsed")


def day(source, table: str, columns) -> date:
    """The last day the table knows, with the latest event as the guess."""
    today = date.today()
    key = ("span", table, *sorted(columns.roles.items()))
    span = counting.probe(key, lambda it: facts.span_of(source.dialect, it, table, columns, today))
    with layout.card("The table knows everything up to", "Subscriptions open on this day count as still running."):
        picked = st.date_input("Last known day", span.last_known or today, format="YYYY-MM-DD", width=280,
                               max_value=today, key=f"source-{table}-day", label_visibility="collapsed")  # fmt: skip
        st.caption(words.md(f"{words.counted(span.rows, 'row')}, first start {words.day(span.first)}, latest event "
                            f"{words.day(span.last_known)}."))  # fmt: skip
    return picked or span.last_known or today


def definitions(source, table: str, columns, as_of: date) -> Definitions:
    """What counts as leaving, as far as a table tells; whether renewals before late ends were paid is read off its counts."""
    asked = counting.Asked(source.dialect, table, "", columns, as_of)
    key = ("late", table, as_of, *sorted(columns.roles.items()))
    days = counting.probe(key, asked.usual_days) if "interval" in columns.roles else "0"
    if days != "0":
        st.info(words.md(UNPAID.format(days=days)), icon=":material/event_busy:")
    with st.expander("What counts as leaving", icon=":material/tune:"), st.grid(2, min_column_width=280):
        old = {"late_ends": days} | counting.before(table).get("rules", {})
        told = {one.name: switch(one, str(old.get(one.name, one.default)), "", f"{table}-{as_of}-{days}")
                for one in Definitions.switches() if one.name in SUPPORTED}  # fmt: skip
    return Definitions(**told)
