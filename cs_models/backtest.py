"""The forecast of an earlier day beside what came: would this model have been right?

The data are put back to how they stood that day (as_they_were), fitted as on any other day, and asked for the
customers and the MRR of every month since. What came is counted from the whole file.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models import words
from cs_models.as_they_were import at, months_before
from cs_models.assumptions import Assumptions
from cs_models.engine.stays import coded, follow, pace
from cs_models.hindsight import COLUMNS, BackTest
from cs_models.importers.durations import whole_months
from cs_models.notice import notice
from cs_models.prediction import Prediction, predict
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

CHOICES = (6, 12, 18, 24)  # how many months back one may look
HISTORY = 6  # months of data a forecast needs at least
BLENDED, RECENT = 12, 6  # months behind the one churn rate, and behind the straight line


def choices(subs) -> tuple[int, ...]:
    """How many months back the file allows: those of CHOICES with at least HISTORY months before them.

    Problem without dates, or when the file is younger than a year.
    """
    first = _first(subs)
    found = tuple(k for k in CHOICES if _history(first, months_before(subs.as_of, k)) >= HISTORY)
    if not found:
        raise Problem(
            f"The data reach back {words.months(_history(first, subs.as_of))}. A back-test needs at least "
            f"{HISTORY + CHOICES[0]}: {HISTORY} to learn from and {CHOICES[0]} to compare. "
            "Bring an export that begins earlier."
        )
    return found


def back_test(subs, months: int = 12, by=(), draws: int = 300, seed: int = 0) -> BackTest:
    """Fit on what was known `months` ago, forecast every month since, and compare with what happened.

    Forecast: of the customers with tenure k on that day the share S(k + t) / S(k) is still here t months
    later, with curves fitted to the data as they stood (`at`), monthly and annual payers apart, and by the
    groups of `by`. To a CFO: had we asked this model then, how far off would we be today?

    The 95 % band is one of prediction (`prediction.predict`): the error of the curve, from `draws` refits to
    resampled counts, and on top of it the luck of the future, customers going forward month by month with
    binomial chance. It does not cover a wrong model or a changed market: that is what the comparison shows.

    Happened: customers of that day whose stay (no pause longer than the definitions allow) had not ended by
    the later day (to the end of what is paid, where the file ends a term before that); a return after a longer pause
    does not count. Cohorts are the months in which stays began.
    Beside it two naive forecasts: one churn rate c for all, N (1 - c)^t with c = those who left over
    customers at the start of each month, the last 12 months before that day; and a straight line, each month
    as many fewer as left in an average one of the last 6.

    Raises `Problem` without dates, with less than 6 months of history, or when that day allows no fit. A file
    without prices gives customers only. Example: the sample data 12 months back, by segment: 1,693 of 2,185
    expected, 1,732 still here.
    """
    first = _first(subs)
    day = months_before(subs.as_of, months) if months >= 1 else subs.as_of
    if months < 1 or _history(first, day) < HISTORY:
        choices(subs)
        raise Problem(
            f"{months} months back is not possible here: look back a month or more, with {HISTORY} before."
        )
    names = tuple(name for name in ((by,) if isinstance(by, str) else by) if subs.resolve(name) != "term")
    days = [months_before(subs.as_of, months - step) for step in range(months + 1)]
    now = coded(subs if subs.has_price else _priced_at_one(subs))
    then = at(now, day)
    base = Assumptions.from_data(then, by=names, draws=draws, seed=seed, expansion=subs.has_price)
    early = tuple(notice(now))
    found = follow(then, now, names, _numbers(days), early)
    keys = [*(f"g{i}" for i in range(len(names))), "term"]
    heads, money = (_with_a_curve(frame, keys, base) for frame in (found.heads, found.money))
    if heads.empty:
        raise Problem(
            f"Nobody of {day.isoformat()} can be forecast from what was known then. Look less far back."
        )
    facts = ["customers", "mrr", "squares"]
    rows = heads.groupby([*keys, "tenure", "cohort"], as_index=False, observed=True)[facts].sum()
    forecast = predict(base, rows, keys, months, seed)
    everybody = found.heads["customers"].sum()
    churn, line = _naive(then, min(BLENDED, _history(first, day)), everybody, months)
    unit = 10.0 ** minor_digits(subs.currency)
    survivors = _survivors(heads, months)
    customers = _table(days, survivors.sum(axis=0), forecast.heads, forecast.head_band, churn, line)
    revenue = _revenue(days, money, forecast, churn, line, unit) if subs.has_price else None
    cohorts = _cohorts(survivors, forecast, churn, months)
    if subs.has_price:
        cohorts = cohorts.assign(**_cohort_money(money, forecast, months, unit))
    left_out = int(everybody - heads["customers"].sum())
    notes = (*base.notes, *_left_out_note(left_out))
    history = _history(first, day)
    return BackTest(
        months, day, subs.as_of, history, churn, customers, revenue, cohorts, left_out, subs.currency, notes,
        bool(early),
    )


def _with_a_curve(frame: pd.DataFrame, keys: list[str], base: Assumptions) -> pd.DataFrame:
    """The lines whose group and billing interval the model can forecast."""
    known = {(*(group.segment if base.by else ()), group.interval) for group in base.groups("existing")}
    return frame[[name in known for name in frame[keys].itertuples(index=False, name=None)]]


def _left_out_note(left_out: int) -> tuple[str, ...]:
    if not left_out:
        return ()
    who = words.counted(left_out, "customer")
    return (
        f"{who} of that day could not be forecast, as nobody like them had reached a renewal; no number "
        "here has them.",
    )


def _survivors(heads: pd.DataFrame, months: int) -> pd.DataFrame:
    """Customers still here by cohort (index) and step 0..months (columns)."""
    left = heads.pivot_table(index="cohort", columns="left", values="customers", aggfunc="sum", fill_value=0)
    gone = left.reindex(columns=range(1, months + 1), fill_value=0).cumsum(axis=1)
    gone.insert(0, 0, 0)
    return gone.rsub(left.sum(axis=1), axis=0)


def _naive(then, back: int, everybody: float, months: int) -> tuple[float, np.ndarray]:
    """The blended churn per month, and the straight line as a share of the customers, (months + 1,)."""
    seen = pace(then, _numbers([months_before(then.as_of, back - step) for step in range(back + 1)]))
    churn = float(seen["left"].sum() / max(seen["customers"].sum(), 1))
    slope = seen["left"].tail(RECENT).mean() / max(everybody, 1)
    return churn, np.maximum(1 - slope * np.arange(months + 1), 0.0)


def _table(days, happened, predicted, band, churn, line) -> pd.DataFrame:
    steps, start = np.arange(len(days)), predicted[0]
    naive = start * (1 - churn) ** steps, start * line
    columns = (steps, days, np.asarray(happened, float), predicted, *band, *naive)
    return pd.DataFrame(dict(zip(COLUMNS, columns)))


def _revenue(days, money, forecast: Prediction, churn, line, unit) -> pd.DataFrame:
    paid = money.groupby("step")[["mrr", "same"]].sum().reindex(range(len(days)), fill_value=0) / unit
    table = _table(days, paid["mrr"], forecast.money / unit, forecast.money_band / unit, churn, line)
    return table.assign(same=paid["same"].to_numpy())


def _cohorts(survivors: pd.DataFrame, forecast: Prediction, churn: float, months: int) -> pd.DataFrame:
    low, high = forecast.cohort_band
    start, came = survivors[0].to_numpy(), survivors[months].to_numpy()
    names = [f"{(c - 1) // 12}-{(c - 1) % 12 + 1:02d}" for c in forecast.cohorts]
    said = forecast.cohort_heads
    return pd.DataFrame(
        {
            "cohort": names,
            "customers": start,
            "happened": came,
            "predicted": said,
            "low": low,
            "high": high,
            "error": came / said - 1,
            "inside": (low <= came) & (came <= high),
            "constant": start * (1 - churn) ** months,
        }
    )


def _cohort_money(money: pd.DataFrame, forecast: Prediction, months: int, unit: float) -> dict:
    paid = money[money["step"] == months].groupby("cohort")["mrr"].sum()
    came = paid.reindex(forecast.cohorts, fill_value=0).to_numpy() / unit
    return {"mrr_happened": came, "mrr_predicted": forecast.cohort_money / unit}


def _priced_at_one(subs):
    """A file without prices, every row at one unit of money: only customers are read from the result."""
    at_one = pa.array(np.ones(subs.rows.num_rows, np.int64))
    rows = subs.rows.set_column(subs.rows.column_names.index("mrr"), "mrr", at_one)
    return replace(subs, rows=rows, mapping={**subs.mapping, "mrr": ""}, digest=f"{subs.digest}-at-one")


def _first(subs) -> date:
    """The first start of the file; a sentence without dates or rows."""
    at(subs, subs.as_of)
    first = pc.min(subs.rows["started_on"]).as_py()
    if first is None:
        raise Problem("All rows of this file are set aside, so there is nothing to look back on.")
    return first


def _history(first: date, day: date) -> int:
    """Whole months of data up to the end of `day`."""
    start, end = _numbers([first]), _numbers([day])
    return int(whole_months(start, end + 1)[0])


def _numbers(days: list[date]) -> np.ndarray:
    return np.array(days, dtype="datetime64[D]").astype(np.int64)
