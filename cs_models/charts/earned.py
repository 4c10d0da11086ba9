"""Margin so far per customer who joined: a thin line per intake, the average, the acquisition cost across."""

import pandas as pd

from cs_models import words
from cs_models.charts import Chart, curves, theme

COLUMNS = curves.COLUMNS
HEIGHT = 320
FORMATS = {"Margin so far": "%,.0f"}


def build(height: float, scale: float):
    return curves.build(height, scale, "Months since sign-up", "Margin so far", "")


def frame(cohorts: pd.DataFrame, average: pd.DataFrame, cac: float, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from the frames of `CohortValue`; cohorts of fewer than 20 customers are left out."""
    large = cohorts[cohorts["customers"] >= words.FEW_CUSTOMERS]
    behind = average[average["customers"] >= words.FEW_CUSTOMERS]
    lines = large[["cohort", "age", "value"]].itertuples(index=False, name=None)
    rows = [_row("thin", theme.BASELINE, *own, currency) for own in lines]
    average = behind[["age", "value"]].itertuples(index=False, name=None)
    rows += [_row("line", theme.GAIN, "Average", *own, currency) for own in average]
    if rows and rows[-1]["part"] == "line":
        end = rows[-1]
        rows.append({**end, "part": "end", "text": f"Average {end['text']}", "low": None, "high": None})
    if cac > 0:
        text = f"Cost to win a customer {words.money(cac, currency)}"
        level = {"part": "level", "role": theme.LOSS, "name": "Cost", "month": 0}
        rows.append({**level, "value": cac, "text": text})
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(part: str, role: str, name: str, age: int, value: float, currency: str) -> dict:
    own = {"part": part, "role": role, "name": str(name), "month": int(age), "value": float(value)}
    return own | {"low": float(value), "high": float(value), "text": words.money(value, currency)}


def table(paid_back: pd.DataFrame) -> pd.DataFrame:
    """A row per intake: how old, what it has brought, when that covered the acquisition cost."""
    names = {
        "cohort": "Signed up",
        "customers": "Customers",
        "age": "Months lived",
        "so_far": "Margin so far",
        "paid_back_in": "Earned back in month",
    }
    return paid_back[list(names)].rename(columns=names)


def example() -> pd.DataFrame:
    rows = [(f"2025-{c:02d}", a, 40, 80.0 * a * (1 + c / 50)) for c in range(1, 7) for a in range(13 - c)]
    cohorts = pd.DataFrame(rows, columns=["cohort", "age", "customers", "value"])
    sums = {"customers": ("customers", "sum"), "value": ("value", "mean")}
    average = cohorts.groupby("age", as_index=False).agg(**sums)
    return frame(cohorts, average, 400.0)


CHART = Chart("earned", "Margin so far by sign-up month", COLUMNS, build, example, height=HEIGHT)
