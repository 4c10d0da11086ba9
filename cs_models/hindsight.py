"""What an earlier forecast said and what came: the numbers of a back-test, and their sentences."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from cs_models import words

COLUMNS = ("step", "day", "happened", "predicted", "low", "high", "constant", "line")
AGO = {6: "Six", 12: "Twelve", 18: "Eighteen", 24: "Twenty-four"}
NAIVE = {"constant": "the one-number formula", "line": "a straight line"}


@dataclass(frozen=True, eq=False)
class BackTest:
    """What the model would have said on `day`, and what came until `as_of`, `months` later.

    `customers`, `revenue` (None without prices): frames with a row per month since (step 0 = that day) and
    the columns of COLUMNS. happened: counted. predicted: expected; low, high: its 95 % prediction band.
    constant: the one-number formula, the same churn every month. line: as many leave each month as lately.
    Revenue is MRR in money, all forecasts at the prices of that day; its further column `same` is what those
    who stayed would pay at those prices.
    `cohorts`: a row per sign-up month: cohort, customers (that day), happened, predicted, low, high, error,
    inside, constant, and with prices mrr_happened, mrr_predicted.
    `history`: whole months of data before that day; `churn`: the one churn rate known then, per month;
    `left_out`: customers of that day whom the model could not forecast, and who are in no number here.
    `early`: the file ends plans before what is paid is over, so what came counts to the end of the paid term.
    """

    months: int
    day: date
    as_of: date
    history: int
    churn: float
    customers: pd.DataFrame
    revenue: pd.DataFrame | None
    cohorts: pd.DataFrame
    left_out: int = 0
    currency: str = "USD"
    notes: tuple[str, ...] = field(default=())
    early: bool = False

    def last(self, what: str = "customers") -> pd.Series:
        """The row of `as_of` of "customers" or "revenue": what was said of today, and what came."""
        return getattr(self, what).iloc[-1]

    def error(self, what: str = "customers", forecast: str = "predicted") -> float | None:
        """What came against what was said: happened / forecast - 1; None where nobody was expected.

        1,190 stayed where 1,204 were expected: -0.012.
        """
        row = self.last(what)
        return float(row["happened"] / row[forecast] - 1) if row[forecast] > 0 else None

    def inside(self, what: str = "customers") -> bool:
        """Whether today's number lies in the prediction band of that day."""
        row = self.last(what)
        return bool(row["low"] <= row["happened"] <= row["high"])

    @property
    def coverage(self) -> float:
        """Share of the sign-up months whose number of today lies in its own 95 % band; near .95 if honest."""
        return float(self.cohorts["inside"].mean())

    def closest(self, what: str = "customers") -> str:
        """The forecast that came nearest to today: "predicted", "constant" or "line"; the model on a tie."""
        row = self.last(what)
        return min(("predicted", *NAIVE), key=lambda name: abs(row[name] - row["happened"]))

    def sentence(self, what: str = "customers") -> str:
        """The answer: "Twelve months ago this model would have said 1,204 (1,160 to 1,250) of 1,523 customers stay;
        1,190 did (-1.2 %)".
        """
        row, start = self.last(what), getattr(self, what)["happened"].iloc[0]
        said, low, high, before, came = (self._said(value, what) for value in (
            row["predicted"], row["low"], row["high"], start, row["happened"]))  # fmt: skip
        said = said if low == high == said else f"{said} ({low} to {high})"
        who = "customers stay" if what == "customers" else "a month stay"
        ago = f"{AGO.get(self.months, self.months)} months ago"
        return f"{ago} this model would have said {said} of {before} {who}; {came} did{self._off(what)}"

    def range_sentence(self, what: str = "customers") -> str:
        """Whether that was within what it called likely, and by which side it failed if not."""
        row = self.last(what)
        ends = f"{self._said(row['low'], what)} to {self._said(row['high'], what)}"
        told = " Who cancelled since stays until the paid term is over." if self.early else ""
        if self.inside(what):
            return f"That lies inside the 95 % range it would have given, {ends}.{told}"
        side = "too hopeful" if row["happened"] < row["low"] else "too cautious"
        return f"That lies outside the 95 % range it would have given, {ends}: the model was {side}.{told}"

    @property
    def caution(self) -> str:
        """One sentence for every page about money when the forecast of customers missed its own range; else "".

        Revenue is not asked: prices that changed since are no fault of the model.
        """
        if self.inside():
            return ""
        row = self.last()
        side, way = ("hopeful", "high") if row["happened"] < row["low"] else ("cautious", "low")
        return (
            f"{self.sentence()}. That is outside its own 95 % range ({self._said(row['low'], 'customers')} to "
            f"{self._said(row['high'], 'customers')}): the model was too {side}, so values here may be too {way}. "
            "The page Back-test shows it."
        )

    def naive_sentence(self, what: str = "customers") -> str:
        """What the two simple forecasts would have said, and whether one of them was closer."""
        row = self.last(what)
        told = [
            f"{name} would have said {self._said(row[own], what)}{self._off(what, own)}"
            for own, name in NAIVE.items()
        ]
        text = f"Simpler rules, same customers: {', '.join(told)}."
        nearest = self.closest(what)
        return text if nearest == "predicted" else f"{text} Here {NAIVE[nearest]} was closer than the model."

    def cohort_sentence(self) -> str:
        """How many sign-up months kept their own range."""
        kept, all_ = int(self.cohorts["inside"].sum()), len(self.cohorts)
        share = f" ({words.percent(self.coverage, 0)})" if all_ > 1 else ""
        months = words.counted(all_, "sign-up month")
        return f"{words.count(kept)} of {months} ended inside their own 95 % range{share}."

    def price_sentence(self) -> str:
        """What the model forecasts only in part: the bills of those who stayed have changed; "" without prices."""
        if self.revenue is None or not self.last("revenue")["same"]:
            return ""
        row = self.last("revenue")
        change = row["happened"] / row["same"] - 1
        if abs(change) < 0.0005:
            return "Those who stayed pay what they paid then."
        way = "more" if change > 0 else "less"
        return (
            f"Those who stayed pay {words.percent(abs(change))} {way} than on that day: growth as seen until then is in "
            "the forecast, new prices since are not."
        )

    def _said(self, value: float, what: str) -> str:
        return words.count(value) if what == "customers" else words.money(value, self.currency)

    def _off(self, what: str, forecast: str = "predicted") -> str:
        error = self.error(what, forecast)
        return "" if error is None else f" ({words.percent(error, sign=True)})"
