"""The list of customers: filters, the first rows on the screen, everybody as a file. Never on a wall."""

import streamlit as st

from cs_models import words
from cs_models.customer_list import FORMATS, SHOWN, SORTS, Wanted, candidates, chosen, table
from pages.shared import layout, session
from cs_models.exports.tables import csv_bytes

NOBODY = ""


def listing(health, calls, extra=None, personal: bool = False) -> None:
    """Ids of customers stand here because the list is what was asked for; a wall shows none."""
    if session.presenting():
        return
    with layout.card(
        "Customers, and why each may leave",
        'A mark counts above others billed alike: "1.6 times" leaves 1.6 times as fast, other marks equal.',
    ):
        rows = candidates(health, calls)
        found = chosen(rows, health, asked(health, money=calls is not None))
        shown = found.head(SHOWN)
        if found.empty:
            st.info("No customer fits these filters.", icon=":material/filter_alt_off:")
            return
        more = f"The first {SHOWN} are shown; the file has all." if len(found) > SHOWN else ""
        st.caption(words.md(f"{words.counted(len(found), 'customer')}. {more}"))
        frame = table(shown, health, more_of(shown, extra, personal))
        layout.grid(
            frame, FORMATS, key="customer-list", alt="Customers with their chance to leave and its reasons"
        )
        st.download_button(
            "Download the list as CSV",
            lambda: csv_bytes(table(found, health, more_of(found, extra, personal))),
            "customers.csv",
            "text/csv",
            key="customer-list-csv",
            on_click="ignore",
            icon=":material/download:",
        )


def more_of(rows, extra, personal: bool) -> dict:
    """The columns of the second file for these rows; names and addresses only where the switch is on."""
    return extra.shown(rows["customer"], personal) if extra is not None else {}


def asked(health, money: bool) -> Wanted:
    """The filters. Options of a group are values of the data; nothing of it goes into the address bar."""
    own = session.data_id()
    titles = {NOBODY: "Everybody", **health.columns}
    sorts = [name for name in SORTS if money or name != "saved"]
    with layout.cards(4):
        sort = st.selectbox("Order", sorts, format_func=SORTS.get, key=f"list-sort-{money}")
        column = st.selectbox("Group", list(titles), format_func=titles.get, key=f"list-column-{own}")
        values = ()
        if column:
            levels = sorted({str(value) for value in health.levels[column]})
            values = st.multiselect("Which", levels, key=f"list-values-{own}-{column}", placeholder="All")
        text = st.text_input("Id holds", key=f"list-text-{own}", placeholder="Any")
        due = 0
        if health.frame["interval"].max() > 1:
            due = st.selectbox("Renewal within", [0, 1, 3, 6, 12], key=f"list-due-{own}",
                               format_func=lambda n: words.months(n) if n else "Any time")  # fmt: skip
    return Wanted(column, tuple(values), due, text.strip(), sort)
