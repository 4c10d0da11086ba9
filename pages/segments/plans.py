"""Which plan is looked at: the one on the Scenarios page, or a tactic of the playbook."""

import streamlit as st

from cs_models import words
from cs_models.levers import ALL
from cs_models.playbook import TACTICS, price_of
from pages.shared import link, session

OWN = "own"


def choose(base) -> tuple:
    """Levers of the plan that is chosen; () for none."""
    own = on_the_table(base)
    names = ({OWN: "The plan on the Scenarios page"} if own else {}) | {one.key: one.title for one in TACTICS}
    kept = session.seen("four-plan")
    chosen = st.selectbox("Plan", list(names), None if kept is None and not own else 0, format_func=names.get,
                          key="four-plan", placeholder="Choose a plan", persist_state="session", width=360)  # fmt: skip
    if chosen is None:
        st.info("Choose a tactic, or put a plan together on the Scenarios page.", icon=":material/tune:")
        return ()
    if chosen == OWN:
        return own
    tactic = next(one for one in TACTICS if one.key == chosen)
    st.caption(words.md(words.held(tactic.evidence)))
    return tactic.levers(base)


def on_the_table(base) -> tuple:
    """The levers of the Scenarios page that are set; groups by their short names become labels again."""
    labels = {link.short(name): name for name in (" / ".join(map(str, cell.segment)) for cell in base.cells)}
    found = []
    for name, kind in ALL.items():
        values = {one.name: session.value(f"{name}.{one.name}") for one in kind.parameters()}
        if values.get("segments"):
            values["segments"] = tuple(labels.get(short, "?") for short in values["segments"])
        lever = kind(**values)
        if not lever.is_at_rest():
            found.append(lever)
    return tuple(found)


def new_price(base) -> float:
    """What a new customer pays a month."""
    return price_of(base, new=True)
