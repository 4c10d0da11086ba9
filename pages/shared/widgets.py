"""Inputs drawn from declarations: a lever's fields carry label, range, help and evidence."""

import streamlit as st

from cs_models import words
from cs_models.levers import ALL, Lever, Parameter
from cs_models.problems import Problem
from pages.shared import answers, figures, link, session

# A question needs more than one lever where one alone changes nothing.
TOGETHER = {"Grandfathering": ("PriceIncrease", "Grandfathering")}
# Whose value a question is about, where it is not that of whom the page speaks of.
ABOUT = {"Grandfathering": "existing"}


def _key(lever: str, parameter: str) -> str:
    return f"{lever}.{parameter}"


def levers_from_widgets() -> tuple[Lever, ...]:
    """All levers as they stand, drawn on this page or not."""
    return tuple(
        lever(**{p.name: session.value(_key(name, p.name)) for p in lever.parameters()})
        for name, lever in ALL.items()
    )


def set_levers(levers: tuple[Lever, ...]) -> None:
    """Put every lever where a scenario has it; those it does not name go to rest. For callbacks only."""
    given = {type(lever).__name__: lever for lever in levers}
    for lever in levers:
        _refuse_beyond(lever)
    for name, kind in ALL.items():
        lever = given.get(name, kind.at_rest())
        for parameter in kind.parameters():
            session.put(_key(name, parameter.name), getattr(lever, parameter.name))


def _refuse_beyond(lever: Lever) -> None:
    """A file may hold what the core can work out and a slider cannot show."""
    for parameter in lever.parameters():
        value = getattr(lever, parameter.name)
        bounded = parameter.kind in ("share", "number", "months") and value is not None
        if bounded and not parameter.low <= value <= parameter.high:
            raise Problem(
                f"{lever.title}, {parameter.label.lower()}: {value:g} lies beyond what this page shows "
                f"({parameter.low:g} to {parameter.high:g})."
            )


def rest_all() -> None:
    set_levers(())
    session.put("view", link.OTHERS["view"])


def ask(name: str) -> None:
    """Set the levers for one preset question."""
    chosen = TOGETHER.get(name, (name,))
    set_levers(tuple(ALL[lever].suggested() for lever in chosen))
    if name in ABOUT:
        session.put("view", ABOUT[name])


def questions() -> None:
    """The preset questions, one button each."""
    with st.container(horizontal=True, gap="small"):
        for name, lever in ALL.items():
            st.button(lever.question, key=f"ask-{name}", on_click=ask, args=(name,))


def lever(name: str) -> None:
    """One lever: its first field open, the others folded under it."""
    kind = ALL[name]
    first, *others = kind.parameters()
    with st.container(gap="xxsmall"):
        st.markdown(f"**{words.md(kind.title)}**")
        parameter(name, first)
        with st.expander("Who, when, assumptions", key=f"more-{name}", type="compact"):
            for other in others:
                parameter(name, other)


def parameter(lever: str, declared: Parameter) -> None:
    """One widget from one declaration. Its value is there already (rest, or what the link said)."""
    key = _key(lever, declared.name)
    common = {"key": key, "help": _help(declared), "persist_state": "session"}
    if declared.kind == "segments":
        _groups(declared, common)
    elif declared.kind == "choice":
        names = dict(declared.choices)
        st.selectbox(declared.label, list(names), format_func=names.get, **common)
    elif declared.optional and declared.rest is None:
        st.number_input(
            declared.label,
            int(declared.low),
            int(declared.high),
            step=int(declared.step),
            placeholder="always",
            **common,
        )
    elif declared.kind == "months":
        st.slider(
            declared.label,
            int(declared.low),
            int(declared.high),
            step=int(declared.step),
            format="%d months",
            **common,
        )
    elif declared.kind == "money":
        st.number_input(
            declared.label, float(declared.low), step=float(declared.step), format="%.2f", **common
        )
    else:
        form = "percent" if declared.kind == "share" else "%.1f"
        st.slider(
            declared.label,
            float(declared.low),
            float(declared.high),
            step=float(declared.step),
            format=form,
            **common,
        )


def _groups(declared: Parameter, common: dict) -> None:
    """Names of customer groups, where there is more than one to choose from."""
    there = dict.fromkeys(" / ".join(map(str, cell.segment)) for cell in answers.base().cells)
    names = list(there | dict.fromkeys(session.value(common["key"])))
    if len(names) > 1:
        st.multiselect(declared.label, names, placeholder="everybody", **common)


def _help(declared: Parameter) -> str:
    """What it means, and where the suggested number comes from."""
    return words.md(f"{declared.help} Source of the suggested number: {declared.evidence}.".strip())


def growth() -> None:
    """Whether those who stay pay more with tenure, as seen so far."""
    if answers.can_grow():
        names = {"flat": "As today", "seen": "As it grew so far"}
        st.segmented_control("What those who stay pay", list(names), format_func=names.get, required=True,
                             key="growth", help=words.HELP["growth"])


def price(currency: str) -> None:
    """What a customer pays a month: asked only of data without prices."""
    st.number_input(
        f"Price per customer and month, {currency}",
        0.0,
        link.HIGHEST[link.PRICE],
        step=1.0,
        format="%.2f",
        key=link.PRICE,
        help=words.md(words.HELP["typed_price"]),
        persist_state="session",
        width=320,
    )


def economics() -> None:
    """The numbers the data do not hold; the same on every page that shows money."""
    common = {"persist_state": "session"}
    if answers.lacks_price():
        price(answers.subscriptions().currency)
    st.slider(
        "Gross margin",
        0.0,
        1.0,
        step=0.01,
        format="percent",
        key="gross_margin",
        help=words.md(words.HELP["gross_margin"]),
        **common,
    )
    st.slider(
        "Discount rate a year",
        0.0,
        0.5,
        step=0.005,
        format="percent",
        key="discount_rate",
        help=words.md(words.HELP["discount_rate"]),
        **common,
    )
    st.number_input(
        "Service cost per customer and month",
        0.0,
        step=1.0,
        format="%.2f",
        key="service_cost",
        help=words.md(words.HELP["service_cost"]),
        **common,
    )
    cac()


def cac() -> None:
    """What it costs to win a customer: asked wherever it decides a number."""
    st.number_input(
        "Cost to win a customer (CAC)",
        0.0,
        step=10.0,
        format="%.2f",
        key="cac",
        help=words.md(words.HELP["cac"]),
        persist_state="session",
    )


def retention_spend() -> None:
    """What programmes to keep customers cost in a month."""
    st.number_input(
        words.LABELS[link.SPEND],
        0.0,
        link.HIGHEST[link.SPEND],
        step=100.0,
        format="%.2f",
        key=link.SPEND,
        help=words.md(words.HELP[link.SPEND]),
        persist_state="session",
    )


def measure(subs) -> str:
    """Customers, or their revenue gross or net; only customers where the file has no dates or no prices."""
    if not (subs.has_dates and subs.has_price):
        session.put("measure", link.OTHERS["measure"])
        return link.OTHERS["measure"]
    names = {"logos": "Customers", "gross": "Gross revenue", "net": "Net revenue"}
    return st.segmented_control(
        "What is kept",
        link.MEASURES,
        format_func=names.get,
        key="measure",
        required=True,
        persist_state="session",
        help=words.md(words.HELP["measure"]),
    )


def by(subs) -> str:
    """Which groups the retention curves are drawn for; "" for everybody together."""
    names = {"": "Everybody", **figures.group_names(subs)}
    if len(answers.life_table().intervals) > 1:
        names["interval"] = "Billing interval"
    if subs.has_dates:
        names["year"] = "Year of sign-up"
    return st.selectbox(
        "Split by", list(names), format_func=names.get, key="by", persist_state="session", width=280
    )


def split(subs) -> None:
    """Which groups are fitted apart before they are valued."""
    names = {link.NO_SPLIT: "Nothing: everybody alike", **figures.group_names(subs)}
    session.put("split", answers.split() or link.NO_SPLIT)
    st.selectbox(
        "Customer groups",
        list(names),
        format_func=names.get,
        key="split",
        persist_state="session",
        help="Groups are fitted one by one. Where those who pay more also stay longer, valuing everybody "
        "alike would be too low.",
    )


def horizon() -> None:
    st.segmented_control(
        "Horizon",
        link.HORIZONS,
        format_func=lambda n: f"{n} months",
        key="horizon",
        required=True,
        persist_state="session",
        help="How far ahead value is counted.",
    )


def titled(bridge: dict[str, float]) -> dict[str, float]:
    """The steps of a bridge under the names leaders use."""
    return {ALL[name].title if name in ALL else name: step for name, step in bridge.items()}


def view(change) -> None:
    """New customers, existing ones, or the whole book: those the data have."""
    names = {"new": "New customers", "existing": "Existing customers", "portfolio": "Whole book"}
    there = [name for name in link.VIEWS if name in figures.books(change)]
    session.put("view", answers.book(change))
    st.segmented_control(
        "Whose value",
        there,
        format_func=names.get,
        key="view",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
