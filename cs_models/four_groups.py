"""Four groups of today's customers, by what they are worth and by how far they can grow; counts, never names."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.engine.holdings import holdings
from cs_models.expansion import expansions
from cs_models.from_data import EVERYBODY
from cs_models.levers.base import Detail
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.valuation import evaluate

GROUPS = ("vip", "potential", "core", "secondary")  # in the order in which a customer is asked where he belongs
TITLES = {"vip": "VIP", "potential": "Potential", "core": "Core", "secondary": "Secondary"}
STANCES = {
    "vip": "Look after them by name: an owner for each, a review before every renewal, no surprise in a bill.",
    "potential": "Show them more of what they could use. Paying what others like them pay, they would be VIPs.",
    "core": "Keep them content without fuss: dependable service, reminders before a renewal, working cards.",
    "secondary": "Serve them well by self-service. Spend hours here only where it costs almost nothing.",
}
CEILINGS = ("auto", "plan", "group")
FEW = 0.01  # share of customers with room below which a plan's prices are taken for a list
CEILING = 0.90  # share of the customers of a plan who pay no more than its ceiling
YEAR = 12
WHOLE = 1200  # months of tenure cut apart: everybody


@dataclass(frozen=True)
class Cutoffs:
    """Where the groups part. top: share of customers, the most valuable first, who are VIP; middle: share who are VIP
    or valuable enough for core; room: least part of the plan's ceiling still open for potential, 0..1; growth:
    least growth from upgrades seen at that age, a share of MRR over 12 months (where nobody ever paid more: valuable enough for core).
    ceiling: whom a customer is measured against: "plan", payers of the same plan and group; "group", all plans of the
    group; "auto": the plan, unless prices inside plans are so alike that fewer than 1 % would have the room asked for.
    """

    top: float = 0.20
    middle: float = 0.60
    room: float = 0.25
    growth: float = 0.01
    ceiling: str = "auto"

    def __post_init__(self):
        if self.ceiling not in CEILINGS:
            raise Problem(f"The ceiling is one of {', '.join(CEILINGS)}; found {self.ceiling!r}.")
        for name in ("top", "middle", "room", "growth"):
            if not 0 <= getattr(self, name) <= 1:
                raise Problem(f"The threshold “{name}” must lie between 0 and 1; found {getattr(self, name)!r}.")
        if self.middle < self.top:
            raise Problem("VIP and core together cannot be fewer customers than VIP alone: raise the second share.")


@dataclass(frozen=True, eq=False)
class FourGroups:
    """Today's customers in four groups.

    rows: one per place and MRR: columns group, customers, mrr (money, of one customer), value (residual margin of one
    customer), reach (the same at the ceiling), room (0..1), growth (share of MRR in 12 months, NaN unknown), left
    (chance to leave within 12 months)
    vip_from, core_from: money per customer at which the groups part; cutoffs: what was asked; horizon: months
    growth_seen: whether the file shows upgrades at all; ceiling: "plan" or "group", as it was measured
    """

    rows: pd.DataFrame
    cutoffs: Cutoffs
    vip_from: float
    core_from: float
    horizon: int
    growth_seen: bool
    ceiling: str

    @property
    def table(self) -> pd.DataFrame:
        """One row per group, the four in their order: group, customers, share, mrr, residual, per_customer, churn (of
        customers, next 12 months), room (MRR up to the ceilings, money a month)."""
        return summed(self.rows)

    @property
    def customers(self) -> float:
        return float(self.rows["customers"].sum())


@dataclass(frozen=True, eq=False)
class Moved:
    """How a plan moves customers between the groups, at the thresholds of today.

    flows: customers by group today (rows) and with the plan (columns); before, after: tables as `FourGroups.table`.
    """

    flows: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def moved(self) -> float:
        """Customers who change group."""
        return float(self.flows.to_numpy().sum() - np.trace(self.flows.to_numpy()))


def customer_groups(subs, base: Assumptions, horizon: int = 36, cutoffs: Cutoffs = Cutoffs()) -> FourGroups:
    """VIP, potential, core and secondary customers.

    A customer's value = residual value of a unit of MRR in his group, billing interval and tenure x his own MRR, less
    the service cost of his place (as in `value_concentration`); over everybody it sums to `Valuation.residual`. Room =
    1 - MRR / ceiling, the ceiling being the 90th percentile of MRR among customers of the same plan and group (or of
    all plans of the group, see `Cutoffs`). VIP: the `top` most valuable share; of the others potential: room and
    growth of at least the thresholds (growth not seen: valuable enough for core instead); of the rest core:
    within the `middle` most valuable share; secondary: everybody else. For a CFO: where a rare hour goes first.

    Growth is what customers of that age were seen to add; that they would add more if asked is not in it.
    Raises Problem without prices or customers. Example: ten customers alike but one who pays ten times as much, top .1:
    that one is VIP and nobody else.
    """
    book, seen, ceiling = _book(subs, base, cutoffs)
    worth, left = _worth(base, (), horizon, Detail())
    rows = _valued(book, worth, left)
    vip, core = (least_of_top(rows["value"], rows["customers"], share) for share in (cutoffs.top, cutoffs.middle))
    rows["group"] = assigned(rows, vip, core, cutoffs, seen)
    return FourGroups(rows, cutoffs, vip, core, horizon, seen, ceiling)


def moved_by(found: FourGroups, base: Assumptions, levers: tuple) -> Moved:
    """The same customers valued after a plan, at the thresholds of today; room and growth stay as they are.

    A programme's cost per customer is shared out by MRR within a place, so sums are exact and single values near.
    For a CFO: which plan lifts ordinary customers to where they deserve an owner, and which sinks some.
    """
    detail = Detail()
    for lever in levers:
        detail = detail | lever.detail()
    worth, left = _worth(base, levers, found.horizon, detail)
    after = _valued(found.rows.drop(columns=["value", "reach", "left", "group"]), worth, left)
    after["group"] = assigned(after, found.vip_from, found.core_from, found.cutoffs, found.growth_seen)
    pairs = pd.DataFrame({"from": found.rows["group"], "to": after["group"], "customers": after["customers"]})
    flows = pairs.pivot_table("customers", "from", "to", "sum", fill_value=0.0)
    return Moved(flows.reindex(index=GROUPS, columns=GROUPS, fill_value=0.0), found.table, summed(after))


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums of each group; see `FourGroups.table`."""
    n = rows["customers"]
    each = pd.DataFrame({
        "group": rows["group"], "customers": n, "mrr": rows["mrr"] * n, "residual": rows["value"] * n,
        "left": rows["left"] * n, "room": (rows["ceiling"] - rows["mrr"]).clip(lower=0) * n})  # fmt: skip
    total = each.groupby("group").sum().reindex(GROUPS, fill_value=0.0)
    some = total["customers"].where(total["customers"] > 0)
    return pd.DataFrame({
        "group": list(GROUPS), "customers": total["customers"].to_numpy(),
        "share": (total["customers"] / n.sum()).to_numpy(), "mrr": total["mrr"].to_numpy(),
        "residual": total["residual"].to_numpy(), "per_customer": (total["residual"] / some).to_numpy(),
        "churn": (total["left"] / some).to_numpy(), "room": total["room"].to_numpy()})  # fmt: skip


def assigned(rows: pd.DataFrame, vip: float, core: float, cutoffs: Cutoffs, growth_seen: bool) -> np.ndarray:
    """The group of each row: VIP by value first, then potential by what room would make of it, then core by value.
    Where nobody was seen to pay more, room alone would call every small customer promising: then only the valuable are.
    """
    grows = rows["growth"] >= cutoffs.growth if growth_seen else rows["value"] >= core
    room = (rows["room"] >= cutoffs.room) & (rows["room"] > 0) & (rows["reach"] >= vip) & grows
    asked = [rows["value"] >= vip, room, rows["value"] >= core]
    return np.select(asked, ["vip", "potential", "core"], "secondary")


def least_of_top(value, count, share: float) -> float:
    """The least value among the most valuable `share` of customers; nobody (inf) for 0. Whoever is worth as much as
    the last of them is among them.

    >>> least_of_top([5.0, 1.0], [1, 9], 0.1), least_of_top([5.0, 1.0], [1, 9], 0.2)
    (5.0, 1.0)
    """
    value, count = np.asarray(value, float), np.asarray(count, float)
    if share <= 0 or not count.sum() > 0:
        return float("inf")
    order = np.argsort(-value, kind="stable")
    reached = np.cumsum(count[order]) / count.sum()
    return float(value[order][min(np.searchsorted(reached, share - 1e-12), len(order) - 1)])


def _book(subs, base: Assumptions, cutoffs: Cutoffs) -> tuple[pd.DataFrame, bool, str]:
    """Places and MRR of today's customers with the ceiling of their plan and the growth seen at their age."""
    if not subs.has_price:
        raise Problem("This file has no price, so nobody can be valued. Map MRR or a price, or type one.")
    plan = ("plan",) if "plan" in subs.columns and "plan" not in base.by else ()
    names = [f"k{i}" for i in range(len((*base.by, *plan)))]
    book = holdings(subs, (*base.by, *plan))
    book.columns = [*book.columns[:1], *names, *book.columns[1 + len(names):]]  # our own names, not the user's
    book["mrr"] = book["mrr"].to_numpy(float) / 10.0 ** minor_digits(subs.currency)
    book["customers"] = book["customers"].astype(float)
    if book.empty:
        raise Problem("Nobody is subscribed today, so there are no customers to group.")
    book = book.sort_values([*names, "interval", "tenure", "mrr"], ignore_index=True)  # the engine keeps no order
    own = names[: len(base.by)]
    keys = book[[*own, "interval", "tenure"]].itertuples(index=False, name=None)
    book["place"] = [((key[:-2] or EVERYBODY), int(key[-2]), int(key[-1])) for key in keys]
    alike = {"plan": names, "group": [k for k, name in zip(names, base.by) if subs.resolve(name) != "plan"]}
    used = "plan" if cutoffs.ceiling == "auto" else cutoffs.ceiling
    book = _with_room(book, alike[used])
    wide = book.loc[book["room"] >= max(cutoffs.room, 1e-9), "customers"].sum()
    if cutoffs.ceiling == "auto" and wide < FEW * book["customers"].sum():
        used, book = "group", _with_room(book, alike["group"])
    growth = _growth(subs, base)
    book["growth"] = [growth(place) for place in book["place"]]
    return book[["place", "customers", "mrr", "ceiling", "room", "growth"]], bool((book["growth"] > 0).any()), used


def _with_room(book: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    top = ceilings(book, within)
    room = 1 - np.divide(book["mrr"].to_numpy(), top, out=np.ones(len(book)), where=top > 0)
    return book.assign(ceiling=top, room=np.maximum(room, 0.0))


def ceilings(book: pd.DataFrame, within: list[str]) -> np.ndarray:
    """The 90th percentile of MRR among customers of the same group, for every row: 9 of 10 pay no more."""
    found = np.zeros(len(book))
    for rows in book.groupby(within, sort=False).indices.values() if within else [np.arange(len(book))]:
        part = book.iloc[rows].sort_values("mrr")
        reached = part["customers"].cumsum() / part["customers"].sum()
        found[rows] = part["mrr"].iloc[int(np.searchsorted(reached, CEILING - 1e-12))]
    return found


def _growth(subs, base: Assumptions):
    """Growth of MRR from upgrades over the next 12 months at a place, as seen so far; NaN where nobody can see it."""
    try:
        found = expansions(subs, base.by)
    except Problem:
        return lambda place: float("nan")

    def at(place) -> float:
        segment, interval, tenure = place
        seen = found.get((*(() if segment == EVERYBODY else segment), interval))
        if seen is None or not seen.bands:
            return float("nan")
        rates = [_rate(seen, month) for month in range(tenure + 1, tenure + YEAR + 1)]
        return float(np.prod([1 + rate for rate in rates]) - 1)

    return lru_cache(maxsize=None)(at)


def _rate(seen, month: int) -> float:
    """Upgrades a month as a share of MRR at risk, in the band of that month of tenure; 0 beyond what was seen."""
    for band in seen.bands:
        if band.first <= month <= band.last:
            return float(band.expansion / band.mrr) if band.mrr > 0 else 0.0
    return 0.0


def _valued(book: pd.DataFrame, worth: dict, left: dict) -> pd.DataFrame:
    """The rows with the value of one customer and the chance to leave; places the fit does not know stay out."""
    rows = book[[place in worth for place in book["place"]]].reset_index(drop=True)
    if rows.empty:
        raise Problem("None of today's customers could be valued, so they cannot be grouped.")
    per_mrr, fixed = np.array([worth[place] for place in rows["place"]]).T
    gone = [left[place] for place in rows["place"]]
    value, reach = (per_mrr * rows[name].to_numpy() - fixed for name in ("mrr", "ceiling"))
    return rows.assign(value=value, reach=np.maximum(value, reach), left=gone)


def _worth(base: Assumptions, levers: tuple, horizon: int, detail: Detail) -> tuple[dict, dict]:
    """(segment, interval, tenure) -> (residual value of one unit of MRR, service cost of a customer), and -> the
    share who leave within 12 months. Every tenure is a group of its own; levers act on types as everywhere.
    """
    apart = detail | Detail(young=WHOLE)
    free = _sums(evaluate(base.with_economics(service_cost=0.0), levers, horizon, detail=apart))
    paid = _sums(evaluate(base, levers, horizon, detail=apart)) if base.service_cost else free
    year = _left(evaluate(base, levers, min(YEAR + 1, base.months), detail=apart))
    before, worth, left = {}, {}, {}
    for g in base.groups("existing", apart):
        size, mrr = before.get((g.segment, g.interval, g.age), (0.0, 0.0))
        before[g.segment, g.interval, g.age] = size + g.size, mrr + g.price * g.count
    for place, (size, mrr) in before.items():
        if size > 0:
            worth[place] = (free[place] / mrr if mrr else 0.0, (free[place] - paid[place]) / size)
            left[place] = 1 - year[place] / size
    return worth, left


def _sums(valuation) -> dict:
    """Residual value by place; a decision may have divided a group, its parts keep their place."""
    found: dict = {}
    for group, money in valuation.parts:
        if group.book == "existing":
            place = group.segment, group.interval, group.age
            found[place] = found.get(place, 0.0) + float(valuation.present(money))
    return found


def _left(valuation) -> dict:
    """Customers still here at the end of the year, by place."""
    found: dict = {}
    for group, money in valuation.parts:
        if group.book == "existing":
            place = group.segment, group.interval, group.age
            found[place] = found.get(place, 0.0) + float(money.in_force[-1])
    return found
