"""The inputs of the page: the decisions on the table, those one may add, and what the data do not hold.

Every widget is drawn from the declaration of its parameter: label, range, help, evidence, what one may doubt.
"""

import streamlit as st

from cs_models import explanations, words
from cs_models.doubts import beliefs
from cs_models.levers import ALL, Lever, Parameter
from cs_models.scenario import Scenario
from pages.shared import answers, plan, session, widgets

MATTER = 3  # figures of a decision in sight; the others are folded under them
WHO, WHEN = ("scope", "segments"), ("notice", "start", "phase_in")
PARTS = ("More about it", "Who", "When", "What customers do: assumed")


def sidebar(subs, given: tuple[Lever, ...]) -> None:
    """The decisions on the table in the order of the business story, then what the data do not hold; given: all levers."""
    with st.sidebar:
        there = plan.shown(given)
        doubts = _doubts(given) if there else {}
        for name in there:
            decision(name, doubts, given)
        more(there)
        if there:
            st.button("Reset to today", key="rest", on_click=plan.rest_all, type="tertiary",
                      icon=":material/restart_alt:")  # fmt: skip
        st.markdown("**How to count**")
        widgets.horizon()
        with st.expander("Margin, cost, CAC and groups"):  # drawn though closed: a link says what its inputs stand at
            widgets.economics()
            widgets.split(subs)


def _doubts(given: tuple[Lever, ...]) -> dict[str, str]:
    """Name of a belief -> what one may believe of it, in words."""
    found = beliefs(Scenario("", given))
    return {one.name: one.dial.span(one.low, one.high) for one in found}


def decision(name: str, doubts: dict[str, str], given: tuple[Lever, ...]) -> None:
    """One decision: the figures that matter open, who, when and what is assumed folded under them."""
    kind = ALL[name]
    first, others = kind.parameters()[:MATTER], kind.parameters()[MATTER:]
    with st.container(gap="xxsmall", border=True, key=f"decision-{name}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{words.md(kind.title)}**", width="stretch")
            st.button("Remove", key=f"off-{name}", on_click=plan.remove, args=(name,), type="tertiary",
                      help=f"Take out: {kind.title.lower()}")  # fmt: skip
        for declared in first:
            parameter(name, declared, doubts)
        if idle := explanations.no_effect(given[list(ALL).index(name)], answers.view(), given):
            st.caption(words.md(idle))
        box = st.expander("Who, when, assumptions", key=f"more-{name}", type="compact", on_change="rerun")
        if box.open:
            with box:
                _parts(name, others, doubts)


def _parts(name: str, others, doubts: dict[str, str]) -> None:
    for title, declared in zip(PARTS, _sorted(others), strict=True):
        if declared:
            st.caption(f"**{title}**")
            for one in declared:
                parameter(name, one, doubts)


def _sorted(others) -> tuple[list[Parameter], ...]:
    """Parameters by what they are about, in the order of PARTS."""
    who = [one for one in others if one.name in WHO]
    when = [one for one in others if one.name in WHEN]
    believed = [one for one in others if one.doubt or one.doubt_times]
    rest = [one for one in others if one not in who + when + believed]
    return rest, who, when, believed


def parameter(lever: str, declared: Parameter, doubts: dict[str, str]) -> None:
    """One widget from one declaration. Its value is there already (rest, or what the link said)."""
    key = plan.key(lever, declared.name)
    common = {"key": key, "help": _help(declared), "persist_state": "session"}
    if declared.kind == "segments":
        _groups(declared, common)
    elif declared.kind == "choice":
        names = dict(declared.choices)
        st.selectbox(declared.label, list(names), format_func=names.get, **common)
    else:
        _number(declared, common)
    if key in doubts:
        st.caption(f"One may believe {doubts[key]}.")


def _number(declared: Parameter, common: dict) -> None:
    whole = declared.kind == "months"
    kind = int if whole else float
    low, high, step = kind(declared.low), kind(declared.high), kind(declared.step)
    if declared.optional and session.value(common["key"]) is None:
        st.number_input(declared.label, low, high, step=step, placeholder="always", **common)
    elif declared.kind == "money":
        typed = words.md(explanations.typed(answers.subscriptions().currency))
        st.number_input(declared.label, low, step=step, format="%.2f", **common | {"help": f"{common['help']} {typed}"})
    else:
        said = "%d" if "month" in declared.label.lower() else "%d months"  # the label may say so already
        form = said if whole else "percent" if declared.kind == "share" else "localized"
        st.slider(declared.label, low, high, value=low, step=step, format=form, **common)
        if declared.names:
            st.caption(words.md(explanations.scale(declared.names)))


def _groups(declared: Parameter, common: dict) -> None:
    """Customer groups, where there is more than one to choose from; kept by their short names.

    A group chosen under another split stays chosen, so that splitting as before brings it back.
    """
    there = plan.groups()
    gone = [short for short in session.value(common["key"]) if short not in there]
    if len(there) < 2 and not gone:
        return
    names = there | dict.fromkeys(gone, plan.NOWHERE.capitalize())
    st.multiselect(declared.label, list(names), format_func=lambda short: words.plain(names[short]),
                   placeholder="Everybody", **common)  # fmt: skip


def _help(declared: Parameter) -> str:
    """What it means, and where the suggested number comes from."""
    return words.md(f"{declared.help} Source of the suggested number: {declared.evidence}.".strip())


def more(there: tuple[str, ...]) -> None:
    """Decisions that are not on the table, by what they are about."""
    left = {title: [name for name in names if name not in there] for title, names in plan.kinds().items()}
    label = "Add a decision" if there else "Put decisions together yourself"
    box = st.expander(label, icon=":material/add:", key="more", on_change="rerun")
    if not box.open:
        return
    with box, st.container(gap="xxsmall"):
        for title, names in left.items():
            if names:
                st.caption(words.md(title))
            for name in names:
                _button(ALL[name].title, f"add-{name}", plan.add, name)


def _button(label: str, key: str, press, name: str) -> None:
    st.button(label, key=key, on_click=press, args=(name,), type="tertiary")
