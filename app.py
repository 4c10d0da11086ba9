"""The app's front door: which pages there are, in which order. Everything else lives in pages/ and cs_models/."""

import streamlit as st

from pages.shared import session

st.set_page_config(page_title="Perennial", page_icon="assets/favicon.png", layout="wide")

page = st.navigation(
    [
        st.Page("pages/overview/page.py", title="Overview", default=True,
                help="Where things stand: what a customer is worth and how many stay."),
        st.Page("pages/data/page.py", title="Data", url_path="data",
                help="Load a billing export, check how it was read, and see what became of every row."),
        st.Page("pages/retention/page.py", title="Retention", url_path="retention",
                help="How long customers stay, by group and by sign-up month."),
        st.Page("pages/lifetime_value/page.py", title="Lifetime value", url_path="lifetime_value",
                help="What a new customer and the customers of today are worth, with ranges."),
        st.Page("pages/scenarios/page.py", title="Scenarios", url_path="scenarios",
                help="Ask what-if: annual plans, prices, old prices kept, less churn."),
    ],
    position="hidden" if session.presenting() else "top",
)  # fmt: skip

with session.visit():
    page.run()
