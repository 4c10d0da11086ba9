"""The board's figures by month and as of today, kept for everybody on this server."""

import streamlit as st

from pages.shared import cache


@st.cache_resource(max_entries=24, show_spinner="Following MRR by month")
def metrics(data: str):
    """(by month, as of today)"""
    import cs_models as cs
    from cs_models.metrics_today import as_they_stand

    subs = cache.subscriptions(data)
    by_month = cs.metrics(subs)
    return by_month, as_they_stand(by_month, subs.as_of)


COMPUTED = (metrics,)
