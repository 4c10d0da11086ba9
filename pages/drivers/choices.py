"""Small arrangements for this page: the groups that may have kept their price, tables for reading."""

import json

import pandas as pd

from pages.shared import figures

NOBODY = ""
MOST_VALUES = 12  # more are a list of customers, not plans


def control_groups(subs) -> dict[str, str]:
    """What the control can be: "" for none, then a column and value as JSON -> how it is called on screen."""
    found = {NOBODY: "None"}
    if not subs.has_rows:
        return found
    for own, title in figures.group_names(subs).items():
        values = subs.rows[own].unique().drop_null().to_pylist()
        if 2 <= len(values) <= MOST_VALUES:
            found |= {json.dumps([own, str(value)]): f"{title}: {value}" for value in sorted(values, key=str)}
    return found


def share_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `Comparison.table` with headings."""
    names = {
        "payers": "Payers",
        "compared": "Compared",
        "share": "Still here",
        "low": "95% from",
        "high": "95% to",
    }
    return rows.rename(columns=names)
