"""Unit economics by channel or any other group, where what it costs to win a customer there is known."""

import csv
import io
import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.flows import flows
from cs_models.paybacks import earned
from cs_models.problems import Problem
from cs_models.uncertainty import span
from cs_models.valuation import PAYBACK, evaluate, payback
from cs_models.words import count

ALL = "All together"
COSTS = {"cac": ("cac", "cost per customer", "cost per new", "cost per acqui", "cost of acqui", "acquisition cost", "cost per sign",
                 "customer cost", "cost of customer", "cost of new"),
         "spend": ("spend", "cost", "budget", "expense")}  # fmt: skip
OF_SOMETHING_ELSE = re.compile(r"\bper\b(?! month| customer| new| acqui| sign)")  # a cost per lead is neither
BY_MONTH = re.compile(r"(?<![a-z])per[ _]month|(?<![a-z])monthly|/ ?month")  # an amount, not a month
GROUP_WORDS, MONTH_WORDS = ("group", "segment", "channel", "name"), ("month", "date", "period")
MOST_ROWS = 100_000
LARGEST = 1 << 20  # bytes of such a table


@dataclass(frozen=True)
class Cost:
    """What winning customers of a group costs: `cac`, money per customer, or `spend`, money a month; the other None."""

    cac: float | None = None
    spend: float | None = None

    def __post_init__(self):
        for amount in (self.cac, self.spend):
            if amount is not None and not (math.isfinite(amount) and 0 <= amount <= 1e12):
                raise Problem(f"A CAC or a spend must be an amount of 0 or more; found {amount!r}.")


def economics_by_group(base: Assumptions, costs: dict[str, Cost], horizon: int = 36) -> pd.DataFrame:
    """One row per group with new customers and a cost, as in `base` fitted by that column; the last row is all of them.

    Columns group, new (customers a month), cac, clv, ratio, low, high (LTV:CAC over the horizon and its 95 % range),
    payback_months (margin of all who joined), own_months (payments until a customer who stays has earned CAC), reached,
    reached_low, reached_high (share of customers who stay that long).

    CAC = spend / new customers of the group a month, where spend is given. reached = S(m), m the month in which the
    margin of somebody who is still here has covered CAC; the others left before and cost more than they brought. For a
    CFO: a channel may pay on average while most of its customers never do. Differences between channels are an
    association: who comes by a channel differs in more than the channel. The range is chance in the customers seen;
    what was spent is taken as typed.
    Nobody leaves, 100 a month at full margin, CAC 360: 4 payments, all of them reach it.
    """
    known = {cell.segment for cell in base.cells if cell.new_share > 0}
    names = {" / ".join(map(str, segment)): segment for segment in known}
    if unknown := [name for name in costs if name not in names]:
        there = ", ".join(sorted(names)[:5]) or "none"
        raise Problem(f"No new customers are known of “{unknown[0]}”. Groups with new customers: {there}.")
    ahead = base.check_horizon(horizon)
    point = _parts(evaluate(base, (), ahead), base)
    drawn = _parts(evaluate(base, (), min(PAYBACK, base.months), drawn=base.has_draws), base)
    new = float(base.acquisitions[0])
    rows, sums = [], []
    for name, cost in costs.items():
        share = sum(size for size, _ in point[names[name]])
        cac = cost.cac if cost.cac is not None else _cac(name, cost.spend, new * share)
        if cac is None:
            continue
        parts = [*zip(point[names[name]], drawn[names[name]])]
        rows.append({"group": name, **_row(parts, cac, new * share, base, ahead)})
        sums.append((parts, cac, share))
    if len(rows) > 1:
        cac = sum(cac * share for _, cac, share in sums) / sum(share for *_, share in sums)
        every = [part for parts, *_ in sums for part in parts]
        rows.append({"group": ALL, **_row(every, cac, sum(row["new"] for row in rows), base, ahead,
                                          [cac for parts, cac, _ in sums for _ in parts])})  # fmt: skip
    columns = ("group", "new", "cac", "clv", "ratio", "low", "high", "payback_months", "own_months", "reached",
               "reached_low", "reached_high")  # fmt: skip
    table = pd.DataFrame(rows, columns=list(columns))
    for name in ("payback_months", "own_months"):  # None among numbers would become NaN
        table[name] = pd.Series([row[name] for row in rows], dtype=object)
    return table


def _cac(name: str, spend: float | None, new: float) -> float | None:
    if spend is None:
        return None
    if not new > 0:
        raise Problem(f"Nobody of “{name}” joined lately, so its spend cannot be divided by customers. Type its CAC.")
    return spend / new


def _parts(valuation, base: Assumptions) -> dict[tuple, list]:
    """(share of new customers, money over 120 months or what was drawn) of every billing interval, by segment."""
    found: dict = {}
    for group, money in valuation.parts:
        if group.book == "new":
            long = money if group.months >= PAYBACK else flows(group.until(PAYBACK), base.gross_margin, base.service_cost)
            found.setdefault(group.segment, []).append((group.size, long))
    return found


def _row(parts, cac: float, new: float, base: Assumptions, horizon: int, each: list | None = None) -> dict:
    """The figures of one group from its billing intervals; `each`: CAC of every part, where they differ."""
    size = sum(share for (share, _), _ in parts)
    worth = [sum(_worth(money, base, horizon) for _, money in half) / size for half in zip(*parts)]
    clv, around = float(worth[0]), span(worth[1])
    each = each or [cac] * len(parts)
    months = [_own(money, cost) for ((_, money), _), cost in zip(parts, each)]
    shares = [sum(_there(money, month) for (_, money), month in zip(half, months)) / size for half in zip(*parts)]
    reached, whose = float(shares[0]), span(np.asarray(shares[1]))
    pooled = sum(earned(money) for (_, money), _ in parts) / size
    paid = cac > 0
    return {
        "new": new, "cac": cac, "clv": clv, "ratio": clv / cac if paid else None,
        "low": around.low / cac if paid else None, "high": around.high / cac if paid else None,
        "payback_months": payback(pooled, cac), "own_months": _longest(months),
        "reached": reached, "reached_low": whose.low, "reached_high": whose.high}  # fmt: skip


def _worth(money, base: Assumptions, horizon: int) -> np.ndarray:
    return money.margin[..., :horizon] @ base.discount_factor[:horizon]


def _own(money, cac: float) -> int | None:
    """Payments until somebody who is still here has earned `cac`; None if not within 120."""
    here = money.in_force > 1e-9
    own = np.where(here, earned(money) / np.where(here, money.in_force, 1.0), 0.0)
    return payback(own, cac)


def _there(money, payments: int | None):
    """Customers of the part who make the payment that covers the cost; nothing to cover: everybody."""
    return np.zeros(money.in_force.shape[:-1]) if payments is None else money.in_force[..., max(payments - 1, 0)]


def _longest(months: list) -> int | None:
    """Payments of the billing interval that takes longest; None where one never gets there."""
    return None if None in months else max(months)


def costs_of(data: bytes) -> dict[str, Cost]:
    """`read_costs` of the bytes of a file; Problem where it is no text, or larger than any such table."""
    if len(data) > LARGEST:
        raise Problem("The table of costs is larger than 1 MB. Bring sums per group, not single payments.")
    try:
        return read_costs(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Problem("The table of costs is not text. Save it as CSV in UTF-8.") from None


def read_costs(text: str) -> dict[str, Cost]:
    """Costs from a small table: a row per group (or per group and month), one column for the group and one with CAC (or
    cost per customer) or spend (cost, budget) in its name, as comma, semicolon or tab separated text.

    Several rows of a group with months are added up and divided by the number of months in the table: spend a month.
    New customers are those of lately, so bring the spend of lately.
    Raises Problem with the remedy. Example: "channel,cac\\nPartner,672.20" gives Partner a CAC of 672.20.
    """
    rows = _cells(text)
    if len(rows) < 2:
        raise Problem("The table of costs needs a header and a row per group, for example: channel,cac and Partner,670.")
    head = [cell.strip().lower() for cell in rows[0]]
    months = [i for i, name in enumerate(head) if any(word in name for word in MONTH_WORDS) and not BY_MONTH.search(name)]
    kind, at = next(((kind, i) for kind, words in COSTS.items() for word in words for i, name in enumerate(head)
                     if word in name.replace("_", " ") and not OF_SOMETHING_ELSE.search(name.replace("_", " "))
                     and i not in months), (None, None))  # fmt: skip
    if kind is None:
        raise Problem("The table of costs has no column called CAC or spend (nor cost or budget). "
                      "Rename the one that holds the amounts.")
    month = months[0] if months else None
    named = [i for i, name in enumerate(head) if i != at and any(word in name for word in GROUP_WORDS)]
    group = next(iter(named + [i for i in range(len(head)) if i not in (at, month)]), None)
    if group is None:
        raise Problem("The table of costs has no column with the names of the groups beside the amounts.")
    return _summed(rows[1:], group, at, month, kind)


def _cells(text: str) -> list[list[str]]:
    first = text.lstrip("\ufeff").strip().splitlines()[:1]
    mark = max(",;\t", key=first[0].count) if first else ","
    rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark) if any(cell.strip() for cell in row)]
    if len(rows) > MOST_ROWS:
        raise Problem(f"The table of costs has more than {count(MOST_ROWS)} rows. Bring sums per group.")
    return rows


def _summed(rows, group: int, at: int, month: int | None, kind: str) -> dict[str, Cost]:
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    months = {row[month].strip()[:7] for row in rows if month is not None and len(row) > month}
    for number, row in enumerate(rows, 2):
        if len(row) <= max(group, at) or not row[at].strip():
            continue
        name, amount = row[group].strip(), _amount(row[at], number)
        sums[name], counts[name] = sums.get(name, 0.0) + amount, counts.get(name, 0) + 1
    if not sums:
        raise Problem("The table of costs holds no amounts.")
    if kind == "cac":
        if twice := [name for name, n in counts.items() if n > 1]:
            raise Problem(f"“{twice[0]}” has more than one CAC in the table. Leave one row for each group.")
        return {name: Cost(cac=amount) for name, amount in sums.items()}
    return {name: Cost(spend=amount / max(len(months), 1)) for name, amount in sums.items()}


def column_of(names, groups: dict[str, list[str]]) -> str | None:
    """The column whose groups a table of costs names most of; None where it names none.

    >>> column_of(("Partner", "Email"), {"segment": ["Small", "Large"], "channel": ["Partner", "Email", "Events"]})
    'channel'
    """
    known = {column: len(set(names) & set(there)) for column, there in groups.items()}
    best = max(known, key=known.get, default=None)
    return best if best is not None and known[best] else None


def _amount(text: str, row: int) -> float:
    cleaned = text.strip().replace(" ", "").lstrip("$€£")
    try:
        found = float(cleaned.replace(",", "") if "." in cleaned or cleaned.count(",") > 1 else cleaned.replace(",", "."))
    except ValueError:
        raise Problem(f"Row {row} of the table of costs: “{text.strip()[:40]}” is not an amount.") from None
    if not math.isfinite(found) or found < 0:
        raise Problem(f"Row {row} of the table of costs: an amount must be 0 or more.")
    return found
