"""The second lock: no page is run for somebody the gate should not have let in. Where people sign in, the way out."""

import streamlit as st

from cs_models import words
from pages.shared import session, who


def closed() -> None:
    """End this run: the gate in front let somebody by of whom nobody knows who he is."""
    st.title("Sign in first", anchor=False)
    st.markdown("This server shows nothing to somebody it does not know.")
    if who.rules().kind == who.OIDC:
        st.button("Sign in", key="sign-in", on_click=st.login, icon=":material/login:")
    st.stop()


def way_out() -> None:
    """Who is signed in, and the button that ends it; only where this server itself signs people in, and on no wall."""
    if who.rules().kind != who.OIDC or session.presenting():
        return
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        st.caption(words.md(who.signed_in()), width="content")
        st.button("Sign out", key="sign-out", on_click=st.logout, type="tertiary", icon=":material/logout:")
