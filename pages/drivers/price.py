"""The price-change question: its inputs, its answer in words, its checks, and the way to the Scenarios
page.
"""

import streamlit as st

from cs_models import explanations, words
from cs_models.event_cells import month_name
from cs_models.event_words import ASSOCIATION, answer, doubts, held_equal, number
from cs_models.event_words import checks as checked
from cs_models.problems import Problem
from pages.drivers import choices
from pages.shared import answers, layout, session

WHO = {"both": "Everybody", "existing": "Customers who were there already", "new": "New customers only"}


def _key(name: str) -> str:
    """Inputs belong to a data set: months and plans of another mean nothing here."""
    return f"price-{name}-{session.data_id()}"


def ask(subs) -> tuple | None:
    """Month, rise, scope and control of the question; None until a month is chosen."""
    if not subs.has_dates:
        raise Problem(
            "This file has no dates, so there is no month to look before and after. Bring a start per "
            "subscription."
        )
    months = answers.price_months()
    if not months:
        raise Problem("The data cover less than 18 months: 12 before a price change and 6 after are needed.")
    moves = [move for move in answers.price_rises() if move.month in months]
    suggestions(moves)
    best = moves[0] if moves else None
    with layout.cards(4):
        month = st.selectbox(
            "First month at the new price", months, months.index(best.month) if best else None,
            format_func=month_name, key=_key("month"), placeholder="Choose a month", persist_state="session",
        )  # fmt: skip
        rise = st.number_input(
            "Rise in %", 0.5, 300.0, round(100 * best.rise, 1) if best else 10.0, 0.5, key=_key("rise"),
            persist_state="session", help=words.md(explanations.typed()) or None,
        )  # fmt: skip
        scope = st.selectbox(
            "Who met it", list(WHO), list(WHO).index(best.scope) if best else 0,
            format_func=WHO.get, key=_key("scope"), persist_state="session",
        )  # fmt: skip
        controls = choices.control_groups(subs)
        control = st.selectbox(
            "Kept their price (optional)", list(controls), format_func=controls.get, key=_key("control"),
            persist_state="session",
            help="A plan or group whose price did not change takes away whatever hit everybody.",
        )  # fmt: skip
    if month is None:
        st.info("Choose the month in which the price changed.", icon=":material/calendar_month:")
        return None
    return month, round(rise / 100, 6), scope, control


def suggestions(moves) -> None:
    """Rises that the data show, one button each."""
    if not moves:
        st.caption("No month shows a rise of many customers' prices, so name the month yourself.")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Found in your data:", width="content")
        for move in moves:
            st.button(
                words.md(words.held(move.sentence)), key=f"move-{move.month}-{move.scope}",
                on_click=choose, args=(move,),
                icon=":material/sell:", type="tertiary", wrap=True,
            )  # fmt: skip


def choose(move) -> None:
    """Callback: put a found rise into the inputs."""
    session.put(_key("month"), move.month)
    session.put(_key("rise"), round(100 * move.rise, 1))
    session.put(_key("scope"), move.scope)


def say(study) -> None:
    """The answer, and before it whatever speaks against leaning on it."""
    if study.lasting is None:
        st.info(words.md(words.held(answer(study))), icon=":material/visibility_off:")
        return
    if doubt := doubts(study):
        st.warning(words.md(doubt), icon=":material/warning:")
    st.markdown(f"**{words.md(words.held(answer(study)))}**")
    with layout.cards(3 if study.shock else 2):
        if study.shock:
            low, loss, high = study.one_off[1], study.one_off[0], study.one_off[2]
            layout.kpi(
                "Left at once because of it", words.percent(loss), f"95 %: {_span(low, high)}", HELP["loss"]
            )
        layout.kpi("Pace of leaving since", f"{words.ratio(study.lasting.ratio)} times",
                   f"95 %: {words.ratio(study.lasting.low)} to {words.ratio(study.lasting.high)}", HELP["lasting"])  # fmt: skip
        size, low, high = study.elasticity
        layout.kpi("Elasticity of leaving", number(size), f"95 %: {number(low)} to {number(high)}",
                   HELP["elasticity"])  # fmt: skip
    st.caption(words.md(words.held(f"{held_equal(study)} {ASSOCIATION}")))


HELP = {
    "loss": "Share of customers lost in the first two months on top of the lasting effect.",
    "lasting": "Pace of leaving from the third month on (for new customers: from their start) against "
    "what was expected "
    "without the change. 1 is the same pace.",
    "elasticity": "Churn is multiplied by (1 + rise) to this power. 0.6 turns a 10 % rise into 5.9 % more "
    "churn.",
}


def _span(low: float, high: float) -> str:
    return f"{words.percent(low)} to {words.percent(high)}"


def checks(study) -> None:
    """What the same method finds where nothing happened."""
    rows = checked(study)
    if not rows or session.presenting():
        return
    with st.expander(
        f"Checks: what the method finds where nothing happened ({len(rows)})", icon=":material/fact_check:"
    ):
        for row in rows:
            st.markdown(f"- {words.md(words.held(row))}")


def set_lever(lever) -> None:
    """Callback: the price lever takes these values; the others stay as they stand."""
    for parameter in lever.parameters():
        session.put(f"{type(lever).__name__}.{parameter.name}", getattr(lever, parameter.name))


def use(study) -> None:
    """Into the price lever, with the label of its origin."""
    if session.presenting():
        return
    lever = study.lever()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Use this in Scenarios", key="use-price", on_click=set_lever, args=(lever,),
                     icon=":material/tune:"):  # fmt: skip
            st.switch_page("pages/scenarios/page.py")
        loss = f"{words.percent(lever.one_off_loss)} leave on the day, " if lever.scope != "new" else ""
        st.caption(words.md(words.held(
            f"Rise {words.percent(lever.rise)}, {loss}lasting effect {words.decimal(lever.churn_elasticity, 1)}: "
            f"{study.evidence}"
            f"{_limits(study, lever)}.")), width="content")  # fmt: skip


def _limits(study, lever) -> str:
    """Says so where the estimate could be nothing, or where the lever cannot take it as it is."""
    parts = [] if study.lasting.found else ["it could be nothing"]
    if abs(study.elasticity[0] - lever.churn_elasticity) > 0.051:
        parts.append(f"the estimate {number(study.elasticity[0])} is cut to what the lever allows")
    return f" ({'; '.join(parts)})" if parts else ""
