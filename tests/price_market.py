"""A simulated market with one price change whose effect is known: counts by sign-up month, no customers
needed.
"""

import numpy as np
import pandas as pd

import cs_models as cs
from cs_models.life_table import COUNTS

FIRST = 12 * 2021 + 1  # January 2021
MONTHS, JOINING, CHANGE = 48, 300, 30
SHOCK, LASTING = 1.6, 1.12
SEASON = 0.25 * np.cos(2 * np.pi * (np.arange(12) - 1) / 12) + 0.10 * np.sin(4 * np.pi * np.arange(12) / 12)


def label(month: int) -> str:
    return f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02d}"


def market(
    seed, shock=SHOCK, lasting=LASTING, season=True, trend=0.05, joining=JOINING,
    luck=0.0, frailty=0.0, control=False,
    months=MONTHS, change=CHANGE, churn=0.06, meant="both",
):  # fmt: skip
    """A life table by plan and cohort; `luck`: sd of a cohort's own level, `frailty`: sd of the customers'
    levels.

    Plan "kept" (with `control`) has 0.8 times the churn and never meets the change.
    """
    draw = np.random.default_rng(seed)
    rows = []
    own = draw.normal(0, luck, months) if luck else np.zeros(months)
    levels = np.exp(frailty * np.array([-1.2247, 0, 1.2247])) if frailty else np.ones(1)
    shares = np.array([1 / 3] * 3) if frailty else np.ones(1)
    for plan, level in (("moved", 1.0), ("kept", 0.8))[: 1 + control]:
        for start in range(months):
            alive = draw.multinomial(draw.poisson(joining / (1 + control)), shares)
            for k in range(1, months - start):
                month = start + k
                pace = churn * k**-0.25 * level * np.exp(own[start] + trend * month / 12)
                pace *= np.exp(SEASON[(FIRST + month) % 12]) if season else 1.0
                met = {"both": True, "existing": start < change, "new": start >= change}[meant]
                if plan == "moved" and month >= change and met:
                    pace *= shock if month < change + 2 else lasting
                left = draw.binomial(alive, -np.expm1(-pace * levels))
                rows.append((k, alive.sum(), left.sum(), plan, label(FIRST + start)))
                alive = alive - left
    frame = pd.DataFrame(rows, columns=["tenure", "at_risk", "churned", "plan", "cohort"])
    frame = frame.assign(interval=1, involuntary=0, censored=0, in_force=frame["at_risk"])
    return cs.LifeTable(frame[["plan", "cohort", "interval", "tenure", *COUNTS]], ("plan", "cohort"))


def change_month(change=CHANGE) -> str:
    return label(FIRST + change)
