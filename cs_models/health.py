"""Customer health: each customer's chance to be subscribed in 3 and 12 months, and why it is low.

An association, not an effect: a plan whose customers leave more does not make them leave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.engine.people import (
    CHANGED,
    FRESH,
    LATELY,
    LIVED,
    People,
    band_of,
    open_people,
)
from cs_models.health_model import BAND, HealthModel, choose, fit_health, with_todays
from cs_models.notice import notice, renewing
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

SOON, YEAR = 3, 12  # months ahead
NEVER = 1000
REASONS, NOTABLE = 3, 1.1  # at most so many reasons, each raising the chance of leaving by a tenth or more
NOTHING = "nothing stands out"
NOT_KNOWN = "(not known)"
ASSOCIATION = (
    "This is an association: customers with these marks left more often so far. "
    "It does not say that the mark is why."
)


@dataclass(frozen=True, eq=False)
class Health:
    """`frame`, one row per active customer, those most likely to leave within 3 months first:

    customer (the file's own id), interval (months between payments), tenure (completed months), mrr and
    gained (money a month; growth of the MRR in the last 6 months), since_rise (months since the price of the
    plan rose, NaN = never), returns, failed (a payment failed before), due (months to the next renewal or
    payment), renewal ("2026-12"), stay_3, stay_12, stay_due (chance to be subscribed in 3 and 12 months, and
    after the next renewal; NaN where nobody like them has faced one), failing (of the chance to leave, the
    share through a failed payment; NaN where the file gives no such reasons), noticed (of those billed alike who
    will not renew, the share gone by this month of the paid term), and codes g0, g1, ...

    `columns`: header of each g column; `levels`: the values behind its codes; `in_use`: what counts;
    `tenure_alone`: the model that knows tenure and billing interval only.
    """

    frame: pd.DataFrame
    model: HealthModel
    tenure_alone: HealthModel
    columns: Mapping[str, str]
    levels: Mapping[str, list]
    as_of: date | None
    currency: str

    def value(self, column: str, rows: pd.DataFrame | None = None) -> np.ndarray:
        """The texts of a group column for these rows."""
        frame = self.frame if rows is None else rows
        return np.array([*map(str, self.levels[column]), ""], object)[frame[column].to_numpy(int)]

    @property
    def in_use(self) -> tuple[str, ...]:
        """What the chance is made of beside tenure and billing interval, the clearest first, in words."""
        return tuple(self.columns.get(name, LIVED_WORDS.get(name, name)) for name in self.model.columns)

    def reasons(self, rows: pd.DataFrame) -> list[str]:
        """Per row the marks that raise the chance of leaving most above others billed alike, in words.

        "Plan: Starter (1.6 times), 4th month (1.3 times)" reads: customers on Starter leave 1.6 times as fast
        as the average customer billed alike, other marks equal, and those in their 4th month 1.3 times.
        """
        keys = ["interval", *_marks(rows, self.columns)]
        known = rows.groupby(keys, sort=False, dropna=False)
        number = known.ngroup().to_numpy()
        first = np.unique(number, return_index=True)[1]
        told = self._told(rows.iloc[first])
        return [told[i] for i in number]

    def _told(self, patterns: pd.DataFrame) -> list[str]:
        told = np.full(len(patterns), NOTHING, object)
        for interval, model in self.model.leaving.items():
            mine = np.flatnonzero((patterns["interval"] == interval).to_numpy())
            everybody = _codes(self.frame[self.frame["interval"] == interval], self.model.columns)
            if not len(mine) or not len(everybody[BAND]):
                continue
            own = _codes(patterns.iloc[mine], self.model.columns)
            lift = {
                name: np.exp(model.effect(name, own[name]) - model.effect(name, everybody[name]).mean())
                for name in own
            }
            for i, row in enumerate(mine):
                marks = sorted(
                    ((lift[name][i], name) for name in lift if lift[name][i] >= NOTABLE), reverse=True
                )
                parts = [
                    f"{self._word(name, patterns.iloc[row])} ({words.decimal(by, 1)} times)" for by, name in marks[:REASONS]
                ]
                told[row] = ", ".join(parts) or NOTHING
        return list(told)

    def _word(self, name: str, row: pd.Series) -> str:
        if name in self.columns:
            return f"{self.columns[name]}: {words.plain(self.levels[name][int(row[name])])}"
        if name == BAND:
            monthly, number = row["interval"] == 1, int(row["tenure"]) + 1
            renewal = (int(row["tenure"]) + int(row["due"])) // int(row["interval"])
            return f"{ordinal(number)} month" if monthly else f"{ordinal(renewal)} renewal"
        since = {"price": row["since_rise"], "change": row["since_change"]}.get(name, 0)
        ago = "this month" if since < 1 else f"{words.months(int(since))} ago"
        moved = "began to pay more" if row["up"] else "cut back"
        return {
            "price": f"price rose {ago}",
            "change": f"{moved} {ago}",
            "returned": "came back after leaving",
            "failed": "a payment failed before",
        }[name]


LIVED_WORDS = {
    "price": "price rises",
    "change": "changes of what they buy",
    "returned": "earlier returns",
    "failed": "earlier failed payments",
}


def ordinal(number: int) -> str:
    """
    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def customer_health(subs, leave_out: tuple[str, ...] = (), todays: tuple[str, ...] = ()) -> Health:
    """The chance of every active customer to be subscribed in 3 and 12 months, and after the next renewal.

    h = 1 - exp(-exp(level + effects)): a hazard regression on counts per billing interval with tenure, plan,
    the file's columns, price rises and changes of MRR shortly before, earlier returns and earlier failed
    payments; only those that part customers more than chance does; effects of rare levels are shrunk towards
    the average. Chance to stay = product of (1 - h) over the months ahead, at a longer term over the renewals
    among them; marks age on the way (a price rise is news for three months).

    For a CFO: who is likely to stop paying, by name. `leave_out`: headers of columns not to be used;
    `todays`: of columns that hold today's values (`customer_columns.with_columns`), which cannot be checked
    on earlier months and count on top of the rest. Raises `Problem` for files of cohorts and for a book with
    fewer than 10 departures. Example: a book whose only mark is monthly churn of 5 % gives
    everybody .95^3 = .857 and .95^12 = .540.
    """
    by = tuple(name for name in subs.segments if subs.resolve(name) != "term" and name not in leave_out)
    subs.need_rows()
    with open_people(subs, by) as people:
        model = learn(people, tuple(f"g{i}" for i, name in enumerate(by) if name not in todays))
        late = {f"g{i}": _unknown(people.levels[i]) for i, name in enumerate(by) if name in todays}
        if late:
            cells = people.cells((*model.columns, *late))
            now = prepared(people.today(), subs)
            here = {term: _codes(part, (*model.columns, *late)) for term, part in now.groupby("interval")}
            model = with_todays(model, cells, late, here)
        alone = fit_health(people.cells(()), ())
        today = people.today()
        ids = people.ids.take(today["customer"].to_numpy()).to_numpy(zero_copy_only=False)
    frame = prepared(today, subs)
    frame.insert(0, "code", today["customer"].to_numpy())
    frame["customer"] = ids.astype(object)
    frame = frame.assign(**chances(frame, model))
    frame = frame.sort_values(["stay_3", "stay_12", "mrr"], ascending=[True, True, False], kind="stable")
    columns = {f"g{i}": subs.columns.get(name, name) for i, name in enumerate(by)}
    levels = {f"g{i}": values for i, values in enumerate(people.levels)}
    return Health(frame.reset_index(drop=True), model, alone, columns, levels, subs.as_of, subs.currency)


def _unknown(levels: list) -> int:
    """The code of "not known" among the levels of a column; one no customer has where all are known."""
    return levels.index(NOT_KNOWN) if NOT_KNOWN in levels else len(levels)


def learn(people: People, groups: tuple[str, ...]) -> HealthModel:
    """Choose among these group columns and fit; Problem where too few have left to learn from."""
    names = (*groups, *LIVED)
    columns = choose({name: people.marginal(name) for name in names}, people.periods)
    cells = people.cells(columns)
    enough(int(cells["churned"].sum()))
    return fit_health(cells, columns)


def enough(departures: int) -> None:
    if departures < 10:
        raise Problem(
            f"Too few departures to learn who is likely to leave: {departures}, and 10 are needed. "
            "Bring an export that also holds customers who have left."
        )


def prepared(today: pd.DataFrame, subs) -> pd.DataFrame:
    """The rows of the engine in money and months, with the next renewal."""
    unit = 10.0 ** minor_digits(subs.currency)
    term, tenure = today["term"].to_numpy(int), today["tenure"].to_numpy(int)
    due = term - tenure % term
    frame = today.rename(columns={"term": "interval"}).drop(columns="customer")
    frame = frame.assign(
        mrr=today["mrr"] / unit, gained=today["gained"] / unit, due=due, failed=today["failed"] == 1, noticed=0.0
    )
    for months, early in notice(subs).items():
        frame.loc[term == months, "noticed"] = early[tenure[term == months] % months]
    if subs.as_of is not None:
        month = 12 * subs.as_of.year + subs.as_of.month - 1 + due
        names = {m: f"{m // 12}-{m % 12 + 1:02d}" for m in np.unique(month)}
        frame["renewal"] = [names[m] for m in month]
    else:
        frame["renewal"] = ""
    return frame


def chances(frame: pd.DataFrame, model: HealthModel) -> dict[str, np.ndarray]:
    """stay_3, stay_12, stay_due and failing for prepared rows."""
    failing, due = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    for interval, fitted in model.leaving.items():
        mine = np.flatnonzero((frame["interval"] == interval).to_numpy())
        own = frame.iloc[mine]
        pace = _at_renewal(own, fitted, model.columns)
        due[mine] = _still(pace, own["noticed"].to_numpy())
        if interval in model.failing:
            failed = _at_renewal(own, model.failing[interval], model.columns) / pace
            failing[mine] = np.minimum(failed / (1 - own["noticed"].to_numpy()), 1.0)  # nobody gives notice of a failed payment
    ahead = {f"stay_{months}": staying(frame, model, months) for months in (SOON, YEAR)}
    return ahead | {"stay_due": np.exp(-due), "failing": failing}


def staying(frame: pd.DataFrame, model: HealthModel, months: int) -> np.ndarray:
    """Chance of each customer to be subscribed so many months ahead; NaN without a model of the interval."""
    pace = np.full(len(frame), np.nan)
    for interval, fitted in model.leaving.items():
        mine = np.flatnonzero((frame["interval"] == interval).to_numpy())
        own = frame.iloc[mine]
        pace[mine] = sum(_pace(own, fitted, model.columns, month) for month in range(1, months + 1))
    return np.exp(-pace)


def _pace(rows: pd.DataFrame, model, columns, month: int) -> np.ndarray:
    """-log of the chance to stay through the month so many ahead; 0 without a renewal in it."""
    faced = (rows["tenure"].to_numpy(int) + month) % rows["interval"].to_numpy(int) == 0
    noticed = np.where(rows["due"].to_numpy(int) == month, rows["noticed"].to_numpy(), 0.0)
    return np.where(faced, _still(model.pace(_codes(rows, columns, month)), noticed), 0.0)


def _still(pace: np.ndarray, noticed: np.ndarray) -> np.ndarray:
    """-log of the chance to renew of those who have not said that they will not (`notice.renewing`)."""
    return -np.log(renewing(np.exp(-pace), noticed))


def _at_renewal(rows: pd.DataFrame, model, columns) -> np.ndarray:
    return model.pace(_codes(rows, columns, rows["due"].to_numpy(int)))


def _codes(rows: pd.DataFrame, columns, month=None) -> dict[str, np.ndarray]:
    """The codes of these customers `month` months ahead (None: at their next renewal), as in training."""
    month = rows["due"].to_numpy(int) if month is None else month
    term = rows["interval"].to_numpy(int)
    codes = {BAND: band_of((rows["tenure"].to_numpy(int) + month) // term, term)}
    for name in columns:
        if name == "price":
            since = rows["since_rise"].fillna(NEVER).to_numpy(float) + month
            codes[name] = np.select([since <= FRESH, since <= LATELY], [1, 2], 0)
        elif name == "change":
            since = rows["since_change"].fillna(NEVER).to_numpy(float) + month
            codes[name] = np.where(since > CHANGED, 0, np.where(rows["up"] == 1, 1, 2))
        elif name == "returned":
            codes[name] = (rows["returns"].to_numpy(int) > 0).astype(int)
        else:
            codes[name] = rows[name].to_numpy(int)
    return codes


def _marks(rows: pd.DataFrame, columns: Mapping[str, str]) -> list[str]:
    """Columns that decide a customer's reasons."""
    return ["tenure", "since_rise", "since_change", "up", "returns", "failed", *columns]
