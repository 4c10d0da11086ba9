"""Why our number differs: one calendar month counted by our rules and by those four vendors publish.

All rules see the same rows, so what differs is the rule and never the file. Sources, read in November 2026:

* ChartMogul, standard formula: help.chartmogul.com, articles 207340419 (customers) and 203359341 (MRR).
* Stripe Billing: support.stripe.com/questions/calculating-subscriber-churn-rate-in-billing.
* ProfitWell: paddle.com/help/profitwell-metrics, "Are cancellations in the first month counted as churn?" and
  "ProfitWell vs Chargebee".
* Baremetrics: help.baremetrics.com, article 5380347, and changelog.baremetrics.com/churn-update-4pqo9O.

A vendor that sees other dates than the file (the click instead of the end of the paid period, a retry window)
differs further; the file cannot tell.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import pyarrow.compute as pc

from cs_models.engine.counts import open_rows
from cs_models.engine.presence import activity, daily_book
from cs_models.problems import Problem
from cs_models.subscriptions import MONTH_GRIDS, minor_digits
from cs_models.words import count, money, percent

COLUMNS = (
    "rule", "from_day", "to_day", "customers_start", "churned", "churn_rate", "mrr_start", "churned_mrr",
    "mrr_churn", "sentence",
)  # fmt: skip
THIRTY = timedelta(days=30)


@dataclass(frozen=True)
class Book:
    """Active customers and their MRR (money) at the end of a day: started by then, not ended by then."""

    day: date
    customers: int
    mrr: float


def book_at(subs, day: date) -> Book:
    """Active customers and MRR at the end of a day, to tie out with the billing system.

    A subscription whose end is that day has left. On `subs.as_of` these are `subs.active` and
    `subs.active_mrr`. Problem for a day beyond as_of or a file without dates.
    """
    _check(subs, day)
    with open_rows(subs, ()) as query:
        customers, mrr = query.connection.execute(daily_book(_number(day))).fetchone()
    return Book(day, int(customers), int(mrr or 0) / _unit(subs))


def month_ends(subs, months: int = 24) -> pd.DataFrame:
    """month, day, customers, mrr: the book at the last month ends the file knows, oldest first.

    The last line is as_of itself where its month is not over. Problem when no row is left to count.
    """
    _check(subs, subs.as_of)
    first = pc.min(subs.rows["started_on"]).as_py()
    if first is None:
        raise Problem("All rows of this file are set aside, so there is no month with a paying customer.")
    days, day = [subs.as_of], subs.as_of.replace(day=1) - timedelta(days=1)
    while day >= first and len(days) < months:
        days.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    with open_rows(subs, ()) as query:
        found = [query.connection.execute(daily_book(_number(one))).fetchone() for one in reversed(days)]
    frame = pd.DataFrame(found, columns=["customers", "mrr"]).astype({"customers": "int64"})
    frame["mrr"] = frame["mrr"].fillna(0) / _unit(subs)
    frame.insert(0, "day", sorted(days))
    frame.insert(0, "month", [f"{one:%Y-%m}" for one in sorted(days)])
    return frame


def reconcile(subs, month: str) -> pd.DataFrame:
    """Churn of one calendar month by five rules, a line each, with the sentence that says how it is counted.

    Columns: rule, from_day and to_day (days on whose end the window opens and closes), customers_start,
    churned, churn_rate, mrr_start, churned_mrr, mrr_churn, sentence; money in units, rates as shares, missing
    where a vendor publishes no formula, the file has no price, or a rule of 30 days meets a file of months only.

    * Perennial: everybody whose stay ended in the month by the definitions of the data set, those who joined
      in it included; a return within the gap is no departure. Over the customers at its start.
    * ChartMogul: who had a subscription at the start and none at the end; whoever joined and left, or left
      and came back, inside the month is not counted. MRR: churn and contraction over MRR at the start.
    * Stripe: every time somebody's MRR fell to zero in 30 days, joiners and second times included, over
      customers 30 days ago plus the new ones of those 30 days. Churned MRR as published; no rate is.
    * ProfitWell: departures of the calendar month without those who joined in it. Its pages give no
      denominator; customers at the start of the month are taken.
    * Baremetrics: customers who cancelled in 30 days, joiners included, over those 30 days ago. MRR: lost to
      downgrades and cancellations over MRR 30 days ago. (Annual plans by themselves it counts over a year.)

    `month`: "2025-12". Problem when it is not over at as_of, lies before the file, or has no form of a month.
    """
    first, last = _month(month)
    _check(subs, last)
    opening = first - timedelta(days=1)
    with open_rows(subs, ()) as query:
        whole, thirty = (_activity(query, since, last) for since in (opening, last - THIRTY))
    if not whole["customers"] and not whole["new"]:
        raise Problem(f"Nobody in the file was a customer in {month}. Choose a later month.")
    rules = [
        _rule("Perennial", opening, last, whole, "ended", whole["customers"], "ended_mrr",
              "everybody whose stay ended in the month, joiners of the month included, over the customers at "
              f"its start; a return within {subs.definitions.gap_days} days is no departure"),
        _rule("ChartMogul", opening, last, whole, "gone", whole["customers"], "lost_mrr",
              "customers at the start of the month who have nothing at its end; who joined and left, or left "
              "and came back, in the month is not counted; MRR with downgrades"),
        _rule("Stripe", last - THIRTY, last, thirty, "falls", thirty["customers"] + thirty["new"],
              "falls_mrr",
              "every fall to no MRR in 30 days, joiners and second times included, over the customers 30 "
              "days ago plus the new ones since; it publishes no formula for the MRR rate", rate=False),
        _rule("ProfitWell", opening, last, whole, "falls_old", whole["customers"], "falls_old_mrr",
              "departures of the month without those who joined in it, over the customers at its start"),
        _rule("Baremetrics", last - THIRTY, last, thirty, "fallen", thirty["customers"], "fallen_lost_mrr",
              "customers who cancelled in 30 days, joiners included, over those 30 days ago; MRR with "
              "downgrades"),
    ]  # fmt: skip
    if subs.layout in MONTH_GRIDS:
        rules = [rule if rule["from_day"] == opening else _without_days(rule) for rule in rules]
    frame = pd.DataFrame([_line(subs, rule) for rule in rules], columns=list(COLUMNS))
    return frame.astype({"customers_start": "Int64", "churned": "Int64"})


def _activity(query, opening: date, last: date) -> dict[str, int]:
    found = query.connection.execute(activity(_number(opening), _number(last)))
    return dict(zip((one[0] for one in found.description), map(int, found.fetchone())))


def _rule(name, opening, last, counts, churned, below, lost, how, rate=True) -> dict:
    return dict(
        rule=name, from_day=opening, to_day=last, customers_start=counts["customers"],
        churned=counts[churned], churn_rate=counts[churned] / below if below else None,
        mrr_start=counts["mrr"], churned_mrr=counts[lost],
        mrr_churn=counts[lost] / counts["mrr"] if rate and counts["mrr"] else None, sentence=how,
    )  # fmt: skip


def _without_days(rule: dict) -> dict:
    """A rule of 30 days on a file of months: who left on the 1st would stand before the window opens, or not."""
    counted = ("customers_start", "churned", "churn_rate", "mrr_start", "churned_mrr", "mrr_churn")
    return rule | dict.fromkeys(counted, None)


def _line(subs, rule: dict) -> dict:
    found = dict(rule)
    if rule["churned"] is None:
        needs = "needs the day on which each customer left, and this file knows months only"
        return found | {"sentence": f"{rule['rule']}: {needs}. It counts {rule['sentence']}."}
    for name in ("mrr_start", "churned_mrr"):
        found[name] = float(rule[name]) / _unit(subs) if subs.has_price else None
    found["mrr_churn"] = rule["mrr_churn"] if subs.has_price else None
    text = f"{rule['rule']}: {count(rule['churned'])} left"
    if rule["churn_rate"] is not None:
        text += f", {percent(rule['churn_rate'])}"
    if subs.has_price:
        text += f", with {money(found['churned_mrr'], subs.currency)} of MRR"
        text += f", {percent(found['mrr_churn'])}" if found["mrr_churn"] is not None else ""
    found["sentence"] = f"{text}. Counted are {rule['sentence']}."
    return found


def _month(month: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{month}-01")
    except (TypeError, ValueError):
        raise Problem(f'A month is written like 2025-12, not "{str(month)[:40]}".') from None
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _check(subs, day: date | None) -> None:
    if not subs.has_dates:
        raise Problem("This file has no dates, so no month can be compared with a billing system.")
    if day > subs.as_of:
        raise Problem(f"The file knows days up to {subs.as_of}; choose a month that is over by then.")


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _unit(subs) -> float:
    return 10.0 ** minor_digits(subs.currency)
