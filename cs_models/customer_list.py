"""The list of customers for the screen and the file: who is on it, in which order, with which words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.calls import CallList
from cs_models.health import NOTHING, SOON, Health
from cs_models.problems import Problem

SHOWN = 200  # rows on the screen; the file has all
SORTS = {
    "saved": "Value a call saves",
    "leaves": "Chance to leave",
    "mrr": "MRR",
    "due": "Next renewal",
    "tenure": "Newest first",
}
FALLING = ("saved", "leaves", "mrr")
FORMATS = {
    "Leaves within 3 months": "percent", "Stays 12 months": "percent", "Renews": "percent",
    "Of that, failed payment": "percent", "MRR": "%,.2f", "MRR change, 6 months": "%,.2f",
    "Value left": "%,.0f", "Value a call saves": "%,.2f",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Who is asked for: customers whose `column` (g0, g1, ...) has one of `values`, whose renewal falls due
    within `due` months (longer terms only; 0 = everybody), whose id holds `text`; ordered by one of SORTS.
    """

    column: str = ""
    values: tuple[str, ...] = ()
    due: int = 0
    text: str = ""
    sort: str = "saved"

    def __post_init__(self):
        if self.sort not in SORTS:
            raise Problem(f"The list can be ordered by {', '.join(SORTS)}; found {self.sort!r}.")


def candidates(health: Health, calls: CallList | None) -> pd.DataFrame:
    """Every customer with what a call saves, where money is known: the call list first, then the others."""
    if calls is None:
        return health.frame.assign(leaves=1 - health.frame["stay_3"])
    rest = health.frame[~health.frame["code"].isin(calls.frame["code"])]
    rest = rest.assign(leaves=1 - rest["stay_3"], worth=np.nan, saved=0.0)
    rows = pd.concat([calls.frame, rest], ignore_index=True)
    return rows.assign(this_week=np.arange(len(rows)) < calls.contacts)


def chosen(rows: pd.DataFrame, health: Health, wanted: Wanted = Wanted()) -> pd.DataFrame:
    """The rows asked for, in the order asked for; those of equal rank in the order of the call list."""
    keep = np.ones(len(rows), bool)
    if wanted.column and wanted.values:
        keep &= np.isin(health.value(wanted.column, rows).astype(str), wanted.values)
    if wanted.due:
        keep &= ((rows["interval"] > 1) & (rows["due"] <= wanted.due)).to_numpy()
    if wanted.text:
        keep &= rows["customer"].astype(str).str.contains(wanted.text, case=False, regex=False).to_numpy()
    found = rows[keep]
    if wanted.sort == "saved" or wanted.sort not in found:
        return found
    if wanted.sort == "due":
        found = found.assign(_months=np.where(found["interval"] > 1, found["due"], np.inf))
        return found.sort_values("_months", kind="stable").drop(columns="_months")
    return found.sort_values(wanted.sort, ascending=wanted.sort not in FALLING, kind="stable")


def table(rows: pd.DataFrame, health: Health, extra: Mapping[str, np.ndarray] | None = None) -> pd.DataFrame:
    """The rows with the headings a reader needs, and the reason of each; all text as one harmless line."""
    longer = (rows["interval"] > 1).to_numpy()
    shown = {"Customer": [words.plain(name) for name in rows["customer"]]}
    if "this_week" in rows:
        shown["This week"] = np.where(rows["this_week"], "call", "")
    shown |= {
        "Leaves within 3 months": rows["leaves"].to_numpy(),
        "Why": [_soon(row, why) for row, why in zip(rows.itertuples(), health.reasons(rows))],
        "MRR": rows["mrr"].to_numpy(),
    }
    if "saved" in rows:
        shown |= {"Value left": rows["worth"].to_numpy(), "Value a call saves": rows["saved"].to_numpy()}
    shown |= {
        "Tenure, months": rows["tenure"].to_numpy(),
        "Billing": rows["interval"]
        .map({n: words.interval_name(n) for n in rows["interval"].unique()})
        .to_numpy(),
    }
    if longer.any():
        months = [_when(name, due) for name, due in zip(rows["renewal"], rows["due"])]
        shown["Renewal"] = np.where(longer, months, "")
        shown["Renews"] = np.where(longer, rows["stay_due"], np.nan)
    shown["Stays 12 months"] = rows["stay_12"].to_numpy()
    if rows["failing"].notna().any():
        shown["Of that, failed payment"] = rows["failing"].to_numpy()
    if rows["gained"].any():
        shown["MRR change, 6 months"] = rows["gained"].to_numpy()
    if rows["returns"].any():
        shown["Returned"] = rows["returns"].to_numpy()
    for column, title in health.columns.items():
        shown.setdefault(words.plain(title), [words.plain(v) for v in health.value(column, rows)])
    for title, texts in (extra or {}).items():
        shown[f"{title} (second file)" if title in shown else title] = texts
    frame = pd.DataFrame(shown)
    return frame.round({name: 3 for name, form in FORMATS.items() if form == "percent" and name in frame})


def _soon(row, why: str) -> str:
    """A renewal within three months goes before the marks."""
    if row.interval == 1 or row.due > SOON:
        return why
    renews = f"renews {'in ' + words.month(row.renewal) if row.renewal else _when('', row.due)}"
    return renews if why == NOTHING else f"{renews}, {why}"


def _when(month: str, due: int) -> str:
    return month or f"in {words.months(int(due))}"
