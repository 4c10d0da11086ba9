"""Unit economics by channel or segment: what winning customers costs is typed or uploaded."""

from contextlib import suppress

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import ranges
from cs_models.channel_economics import LARGEST, column_of, costs_of
from cs_models.problems import Problem
from pages.shared import answers_segments, figures, layout, link, session, who

FORMATS = {"New a month": "%,.1f", "CAC": "%,.0f", "Lifetime value": "%,.0f", "LTV:CAC": "%.2f", "95% from": "%.2f",
           "95% to": "%.2f", "Reach payback": "percent", "95% from ": "percent", "95% to ": "percent"}  # fmt: skip


def card(subs, horizon: int) -> None:
    with layout.card(
        "What each channel costs and brings",
        f"LTV:CAC over {words.months(horizon)} and the share of customers who stay until they have earned their own CAC.",
    ):
        columns = figures.group_names(subs)
        if not columns:
            st.info("The file has no column that parts the customers into groups.", icon=":material/group_work:")
            return
        told = link.costs_of(session.value(link.COSTS), ())[0]
        if session.seen("cost-column") is None and told in columns:
            session.put("cost-column", told)
        place, given = st.container(), _given()
        if given and session.seen("_cost-table") != given:  # another table: the column it is about
            session.put("_cost-table", given)
            _choose(given, columns)
        column = place.selectbox("Group by", list(columns), format_func=columns.get, key="cost-column",
                              persist_state="session", width=280)  # fmt: skip
        try:
            costs = _uploaded(given) or _typed(column)
            if not costs:
                st.info("Type a CAC or a monthly spend for one group, or upload a table with a row per group.",
                        icon=":material/edit:")  # fmt: skip
                return
            table = answers_segments.economics_by_group(column, costs, horizon)
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        _show(table, subs)


def _given() -> bytes:
    """The table of costs somebody brought; b"" without."""
    if not who.edits():
        return b""
    file = st.file_uploader("Table of costs (optional): group, and CAC or spend; months are averaged", ["csv", "txt"],
                            key="cost-file")  # fmt: skip
    return b"" if file is None else bytes(file.getbuffer()[: LARGEST + 1])


def _choose(given: bytes, columns: dict[str, str]) -> None:
    """Group by the column the table names groups of; a table that cannot be read is told of below."""
    with suppress(Problem):
        named = costs_of(given)
        if found := column_of(named, {own: answers_segments.groups(own) for own in columns}):
            session.put("cost-column", found)


def _uploaded(given: bytes) -> dict:
    if not given:
        return {}
    return {name: {"cac": cost.cac, "spend": cost.spend} for name, cost in costs_of(given).items()}


def _typed(column: str) -> dict:
    """Costs typed into a table, kept in the link; the groups there under short names."""
    names = answers_segments.groups(column)[: link.MOST_COSTS]
    key = f"costs-{session.data_id()}-{column}"
    amounts = {name: st.column_config.NumberColumn(min_value=0.0, max_value=1e12) for name in ("CAC", "Spend a month")}
    typed = st.data_editor(_start(key, column, names), hide_index=True, disabled=["Group"], column_config=amounts,
                           placeholder=words.ABSENT, key=key)  # fmt: skip
    found = {}
    for row in typed.to_dict("records"):
        cac, spend = (None if pd.isna(row[name]) else float(row[name]) for name in ("CAC", "Spend a month"))
        if cac is not None or spend is not None:
            found[row["Group"]] = {"cac": cac, "spend": None if cac is not None else spend}
    if found or link.costs_of(session.value(link.COSTS), ())[0] == column:  # another column's costs stay
        session.put(link.COSTS, link.costs_text(column, found))
    return found


def _start(key: str, column: str, names: list[str]) -> pd.DataFrame:
    """What the table begins with: the same as long as it is on the page, or what is typed would be lost."""
    def begin() -> pd.DataFrame:
        told, costs = link.costs_of(session.value(link.COSTS), names)
        costs = costs if told == column else {}
        rows = [(name, *(costs.get(name, {}).get(kind) for kind in ("cac", "spend"))) for name in names]
        frame = pd.DataFrame(rows, columns=["Group", "CAC", "Spend a month"])
        return frame.astype({"CAC": float, "Spend a month": float})

    return session.as_begun(key, begin)


def _show(table: pd.DataFrame, subs) -> None:
    known = table[table["ratio"].notna()]
    if not known.empty:
        points = known.assign(name=known["group"], value=known["ratio"])
        frame = ranges.frame(points).assign(text=[words.ratio(one) for one in known["ratio"]])
        alt = "; ".join(f"{row.group}: LTV to CAC {words.ratio(row.ratio)}" for row in known.itertuples())
        layout.chart("ranges", frame, alt, "channel-ratio", ranges.height(frame), money=False)
    layout.grid(_table(table), FORMATS, key="channel-table", alt="LTV:CAC, payback and survival to payback by group")
    st.caption("An association: who comes by a channel differs in more than the channel. Ranges are chance in the customers "
               "seen; the costs are taken as typed. Payback counts those who left as well; payback if he stays is when "
               "somebody who stays has earned his CAC, on the billing interval that takes longest. Below 1 a customer costs more than the horizon brings.")  # fmt: skip


def _table(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Group": table["group"], "New a month": table["new"], "CAC": table["cac"], "Lifetime value": table["clv"],
        "LTV:CAC": table["ratio"], "95% from": table["low"], "95% to": table["high"],
        "Payback": [words.payback(months) for months in table["payback_months"]],
        "Payback if he stays": [words.payback(months) for months in table["own_months"]],
        "Reach payback": table["reached"], "95% from ": table["reached_low"], "95% to ": table["reached_high"]})  # fmt: skip
