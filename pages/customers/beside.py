"""A second file about the same customers: joined by id, shown beside them, counted only where asked.

What it holds stays in the visitor's own session: not on disk, not with other visitors, not in the address.
"""

import streamlit as st

from cs_models import words
from cs_models.customer_columns import MOST_COUNTED, TODAY
from cs_models.problems import Problem
from pages.shared import answers_customers, layout, session, who


def ask():
    """(the columns or None, headers that count, whether names and addresses are shown)"""
    own = session.data_id()
    if not who.edits():  # a viewer uploads nothing
        return None, (), False
    with layout.card(
        "More about these customers",
        "A file with a row per customer, named as in the export: NPS, usage, tickets, last login. It stays "
        "in this session and is gone with it.",
    ):
        st.file_uploader("Second file", key=f"beside-{own}", label_visibility="collapsed")
        found = session.uploaded_bytes(f"beside-{own}")
        if found is None:
            return None, (), False
        try:
            extra = answers_customers.customer_columns(*found)
        except Problem as error:
            st.error(words.md(str(error)), icon=":material/error:")
            return None, (), False
        st.caption(words.md(extra.sentence))
        personal = bool(extra.personal) and st.toggle(
            "Show names, e-mail addresses and the like in the list", key=f"beside-personal-{own}"
        )
        counted = st.multiselect(
            "Columns that count in the chance to leave", extra.countable, key=f"beside-count-{own}",
            max_selections=MOST_COUNTED, placeholder="None: they are shown only",
        )  # fmt: skip
        if counted:
            st.warning(words.md(TODAY), icon=":material/warning:")
        return extra, tuple(counted), personal
