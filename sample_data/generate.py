"""Write the sample files again, byte for byte: ``python -m sample_data.generate``.

subscriptions.csv        one row per paid spell on one plan, about 4,500 customers over 48 months
subscriptions_dirty.csv  a few hundred rows with faults listed in subscriptions_dirty.json
snapshot.csv             one row per customer with tenure and churned yes/no
truth.json               what the first file is truly worth

Only uniform numbers are drawn, because numpy keeps that stream unchanged between versions; durations come
from the closed-form survival by inversion. No clock is read.
"""

import csv
import io
import json
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from sample_data import dirty, market, snapshot, truth

FOLDER = Path(__file__).resolve().parent
HEADER = ("customer_id", "segment", "channel", "plan", "billing_interval", "price", "start_date", "end_date",
          "end_reason")
LONG = 600   # periods of survival table: nobody observed lasts longer than MONTHS


@dataclass(frozen=True)
class Row:
    """One spell on one plan; ``end`` is None while it runs and is the first day not served otherwise."""

    customer: str
    segment: str
    channel: str
    plan: str
    interval: str
    price: float      # per billing period
    start: date
    end: date | None
    reason: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of HEADER."""
        return (self.customer, self.segment, self.channel, self.plan, self.interval, f"{self.price:.2f}",
                self.start.isoformat(), self.end.isoformat() if self.end else "", self.reason)


def add_months(day: date, months: int) -> date:
    """``day`` plus whole months, clipped to the month's end: 31 January plus 1 is 28 (29) February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def pick(shares, chance: float) -> int:
    """Index of the share the uniform number falls into."""
    return int(min(np.searchsorted(np.cumsum(shares), chance, side="right"), len(shares) - 1))


def periods_paid(survival: np.ndarray, chance: float) -> int:
    """Billing periods paid before leaving: the first n with S(n) < chance."""
    return int(np.searchsorted(-survival, -chance, side="right"))


def start_day(month: int, chance: float) -> date:
    """A day of acquisition month 0, 1, ... from the 2nd on.

    Nobody starts on the 1st: with an as_of at a month's end his last period would count as served in full
    one day before its end could be seen.
    """
    first = add_months(market.FIRST_MONTH, month)
    return first.replace(day=2 + int(chance * (monthrange(first.year, first.month)[1] - 1)))


def closed(row: Row, periods: int, term: int, reason: str) -> Row:
    """The row ended after that many paid periods, or still running when that day is after as_of."""
    end = add_months(row.start, periods * term)
    return replace(row, end=end, reason=reason) if end <= market.AS_OF else row


def with_expansion(row: Row, periods: int, group: market.Group, reason: str, chance: float) -> list[Row]:
    """The spell as one row, or as two back to back when the customer moved to plan Plus on the way."""
    moved = 1 + int(np.log(chance) / np.log(1 - truth.expansion_per_period(group)))
    switch = add_months(row.start, moved * group.term)
    if moved >= periods or switch > market.AS_OF:
        return [closed(row, periods, group.term, reason)]
    plus = round(truth.plus_price(row.price / group.term) * group.term, 2)
    after = replace(row, plan="Plus", price=plus, start=switch)
    return [replace(row, end=switch), closed(after, periods - moved, group.term, reason)]


def comeback(left: Row, group: market.Group, chances: np.ndarray) -> list[Row]:
    """A second spell of a monthly payer who left, at the list price of the day he returns."""
    gap = market.COMEBACK_GAP[0] + int(chances[1] * (1 + market.COMEBACK_GAP[1] - market.COMEBACK_GAP[0]))
    start = add_months(left.end, gap)
    if group.interval != "monthly" or chances[0] >= market.COMEBACK_SHARE or start > market.AS_OF:
        return []
    row = replace(left, plan="Core", price=group.monthly_price(start), start=start, end=None, reason="")
    return [closed(row, periods_paid(group.survival(LONG), chances[2]), 1, why_left(chances[3]))]


def why_left(chance: float) -> str:
    """The cause does not depend on the customer's type."""
    return "failed payment" if chance < market.INVOLUNTARY_SHARE else "voluntary"


def customer_rows(number: int, month: int, chances: np.ndarray, survivals: list[np.ndarray]) -> list[Row]:
    """All rows of one customer, from ten uniform numbers."""
    index = pick([g.share for g in market.GROUPS], chances[0])
    group, start = market.GROUPS[index], start_day(month, chances[1])
    channel = list(market.CHANNELS)[pick(list(market.CHANNELS.values()), chances[2])]
    row = Row(f"C-{number:05d}", group.segment, channel, "Core", group.interval,
              round(group.monthly_price(start) * group.term, 2), start, None)
    periods = periods_paid(survivals[index], chances[3])
    rows = with_expansion(row, periods, group, why_left(chances[4]), 1 - chances[5])
    return rows + (comeback(rows[-1], group, chances[6:]) if rows[-1].end else [])


def subscriptions(seed: int = market.SEED) -> list[Row]:
    """All rows of the sample, customers in order of acquisition month."""
    months = np.repeat(np.arange(market.MONTHS), market.new_customers())
    chances = np.random.default_rng(seed).random((len(months), 10))
    survivals = [group.survival(LONG) for group in market.GROUPS]
    return [row for number, month in enumerate(months)
            for row in customer_rows(number + 1, int(month), chances[number], survivals)]


def as_csv(header, lines) -> str:
    """Comma separated text with plain line feeds, the same bytes on every system."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()


def counts(rows: list[Row]) -> dict[str, int]:
    """What a reader can check by eye."""
    return {"rows": len(rows), "customers": len({row.customer for row in rows}),
            "active_customers": sum(row.end is None for row in rows)}


def as_json(value: object) -> str:
    """Readable, stable JSON."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def files(seed: int = market.SEED) -> dict[str, str]:
    """File name -> content of every generated file."""
    rows = subscriptions(seed)
    faulty, faults = dirty.with_faults([row.cells() for row in rows if row.customer <= "C-00260"])
    return {
        "subscriptions.csv": as_csv(HEADER, [row.cells() for row in rows]),
        "truth.json": as_json(truth.known_truth(seed, counts(rows))),
        "subscriptions_dirty.csv": as_csv(HEADER, faulty),
        "subscriptions_dirty.json": as_json(faults),
        "snapshot.csv": as_csv(snapshot.HEADER, snapshot.lines(seed + 1)),
    }


def main() -> None:
    """Write every file beside this module."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
