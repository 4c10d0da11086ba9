"""Why they leave: of all who began, the share that chose to go and the share lost to failed payments."""

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, curves, theme
from cs_models.charts.lines import end_labels

COLUMNS = curves.COLUMNS
CAUSES = {"voluntary": ("Chose to leave", theme.GAIN), "involuntary": ("Failed payment", theme.LOSS)}
HEIGHT = 300


def build(height: float, scale: float):
    return curves.build(height, scale, "Months since the first payment", "Left so far", ".0%")


def last_month(causes, to_month: int) -> int:
    """The last month with at least 20 customers observed, at most `to_month`."""
    enough = np.flatnonzero(np.asarray(causes.at_risk) >= words.FEW_CUSTOMERS)
    return int(min(to_month, enough[-1])) if len(enough) else 0


def frame(causes, to_month: int, height: float = HEIGHT) -> pd.DataFrame:
    """Tidy table from `Causes`: two lines with their bands and their names at the end."""
    last, rows, ends = last_month(causes, to_month), [], []
    for cause, (name, role) in CAUSES.items():
        value, low, high = (getattr(causes, f"{cause}{end}") for end in ("", "_lower", "_upper"))
        for month in range(last + 1):
            rows.append(
                {
                    "part": "line",
                    "role": role,
                    "name": name,
                    "month": month,
                    "value": float(value[month]),
                    "low": float(low[month]),
                    "high": float(high[month]),
                    "text": words.percent(value[month]),
                }
            )
        ends.append((role, name, last, float(value[last]), f"{name} {words.percent(value[last], 0)}"))
    top = max(row["high"] for row in rows) or 1.0
    return pd.DataFrame(rows + end_labels(ends, height - theme.AXES, top), columns=COLUMNS)


def table(causes, to_month: int) -> pd.DataFrame:
    """The numbers behind the chart; the three shares of a row sum to 1."""
    own = slice(0, last_month(causes, to_month) + 1)
    return pd.DataFrame(
        {
            "Month": causes.tenure[own],
            "Still here": causes.staying[own],
            "Chose to leave": causes.voluntary[own],
            "95% from": causes.voluntary_lower[own],
            "95% to": causes.voluntary_upper[own],
            "Failed payment": causes.involuntary[own],
            "95% from ": causes.involuntary_lower[own],
            "95% to ": causes.involuntary_upper[own],
            "Still observed": causes.at_risk[own],
        }
    )


def example() -> pd.DataFrame:
    class Left:
        tenure = np.arange(25)
        voluntary, involuntary = 0.3 * (1 - 0.9**tenure), 0.1 * (1 - 0.9**tenure)
        voluntary_lower, voluntary_upper = voluntary * 0.9, voluntary * 1.1
        involuntary_lower, involuntary_upper = involuntary * 0.9, involuntary * 1.1
        at_risk = np.linspace(900, 60, 25).astype(int)

    return frame(Left, 36)


CHART = Chart("causes", "Why they leave", COLUMNS, build, example, height=HEIGHT)
