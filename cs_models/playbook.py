"""Twelve tactics that raise lifetime value, each as modest settings of levers, ranked on these customers."""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.beliefs import monte_carlo
from cs_models.comparison import ROUNDING, Change, compare
from cs_models.doubts import Belief
from cs_models.headline import cases
from cs_models.levers import ALL, Lever
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.valuation import Valuation, evaluate
from cs_models.words import money, money_interval, months, with_interval

COSTS = ("cost", "care", "reward", "cost_share")  # fields of levers that are money spent on the tactic
AHEAD = 0.25  # part of the difference from which on years paid ahead are told
DOUBT_RUNS = 32  # a quarter of a second a tactic


@dataclass(frozen=True)
class Tactic:
    """One tactic: what it is, the levers it stands for, and what speaks for the size that is assumed.

    settings: (lever, its fields); a field whose name ends in _of_price is a cost in monthly prices of a customer
    measured: whether an experiment or a published measurement stands behind the size, else it is an assumption
    """

    key: str
    title: str
    how: str
    settings: tuple[tuple[str, dict], ...]
    evidence: str
    measured: bool = False

    def levers(self, base: Assumptions) -> tuple[Lever, ...]:
        """The levers at the declared settings, costs in the money of these customers."""
        found = {name: ALL[name](**_fields(declared, base)) for name, declared in self.settings}
        return tuple(found[name] for name in ALL if name in found)  # in the order of the Scenarios page


TACTICS = (
    Tactic("onboarding", "Better onboarding", "Help every new customer to a first success in the first weeks.",
           (("Onboarding", {"reduction": 0.15, "first_months": 3, "cost_of_price": 0.25}),),
           "An experiment halved leaving in the first week, with no effect later; one article puts 23 % of churn down to "
           "poor onboarding. Assumed: 15 % less churn in three months, a quarter of a monthly price each.", True),
    Tactic("content", "Content that is worth reading", "Guides, examples and courses that keep the product in use.",
           (("ChurnReduction", {"reduction": 0.02, "cost_of_price": 0.003}),),
           "No measured size is known to us: readers would stay anyway. Assumed: 2 % less churn for 0.3 % of the price."),
    Tactic("service", "Excellent service", "Quick answers on every channel, and fewer reasons to ask.",
           (("ChurnReduction", {"reduction": 0.05, "cost_of_price": 0.02}),),
           "An article says a third of customers switch after one bad experience (asked, not observed). Assumed: 5 % "
           "less churn for 2 % of the price."),
    Tactic("relationships", "Relationships", "An account manager and business reviews for the fifth that is worth it.",
           (("AccountManagement", {"reduction": 0.15, "care": 0.12, "reach": 0.20}),),
           "Cost: 10 to 15 % of gross margin, as an article reports. Effect assumed: 15 % less churn among those looked "
           "after; size it with a trial."),
    Tactic("feedback", "Feedback and NPS", "Ask, act on the answer, and let promoters recommend you.",
           (("ChurnReduction", {"reduction": 0.02, "cost_of_price": 0.003}),
            ("Referral", {"brought": 1.0, "reward_of_price": 1.0})),
           "77 % of satisfied customers are said to tell others; how many come because of it is seldom measured. Assumed: "
           "one customer more from 100 a year for a month's price each, and 2 % less churn."),
    Tactic("pain", "Remove common pain points", "Count the reasons people complain or leave and mend the most frequent.",
           (("ChurnReduction", {"reduction": 0.06, "cost_of_price": 0.02, "phase_in": 6}),),
           "Assumed: 6 % less churn within half a year for 2 % of the price; your own reasons of leaving say better."),
    Tactic("personal", "Personal offers", "Show each customer the part of the product that fits.",
           (("ChurnReduction", {"reduction": 0.02, "cost_of_price": 0.005}),
            ("Expansion", {"attach": 0.02, "uplift": 0.15, "first": 3, "last": 12, "cost_share_of_margin": 1.0})),
           "Assumed: 2 % less churn and 2 % of customers who buy 15 % more, for half a per cent of the price."),
    Tactic("software", "Customer-success software", "A health score, and playbooks that start when it falls.",
           (("ChurnReduction", {"reduction": 0.08, "reach": 0.5, "cost_of_price": 0.015}),
            ("WinBack", {"returning": 0.02, "cost_of_price": 0.5})),
           "The score only points; the contact must help. Assumed: 8 % less churn for the half that is reached and 2 % of "
           "leavers won back, for 1.5 % of the price of those reached."),
    Tactic("annual", "Annual billing", "Offer a year ahead at a discount, and remind before it renews.",
           (("AnnualBilling", {"adoption": 0.15, "discount": 0.10, "selection": 1.0}),),
           "10 to 20 % off is usual and 20 to 30 % of monthly payers take it. Assumed: 15 % take 10 % off, the loyal "
           "first; who takes it decides the sign.", True),
    Tactic("upsell", "Upsell and cross-sell", "Offer the next step when a customer nears the limit of the plan.",
           (("Expansion", {"attach": 0.05, "uplift": 0.20, "first": 3, "last": 12, "cost_share_of_margin": 1.0}),),
           "70 to 95 % of revenue from expansion, as articles say, is what mature firms report, not an effect. Assumed: "
           "5 % of customers buy 20 % more; they stay no longer for it."),
    Tactic("dunning", "Recover failed payments", "Retry at good times, remind, and let cards be renewed. Both "
           "shares are benchmarks of billing systems, not figures of your file.",
           (("Dunning", {"recovered": 0.60, "cost_of_price": 0.002}),),
           "Half of failed payments are recovered at the median, 70 to 85 % with good practice. Assumed: 60 %, for 0.2 % "
           "of the price.", True),
    Tactic("price", "Price, with old prices kept a year", "Raise the price for new customers now, for others in a year.",
           (("PriceIncrease", {"rise": 0.05, "one_off_loss": 0.0075}), ("Grandfathering", {"months": 12, "until": "months"})),
           "A pricing study says 5 % of price is 22 % of profit where nobody leaves. Assumed: 5 % up, churn reacts as usual, "
           "0.75 % leave on the day; “Did our last price change drive customers away?” measures yours.", True),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Play:
    """A tactic on these customers, over `horizon` months: money of the whole book, discounted, CAC taken off.

    delta, low, high, said: exactly what the Scenarios page says of the same levers: the difference as money comes in,
    its 95 % range by chance in the data, and the sentence. `doubted` has the range with doubt about the sizes.
    earned: the same difference as it is earned: of a year paid ahead only the months served within the horizon
    cost: what the tactic itself takes, 0 for none; per_customer: change of the value of a new customer, else of an
    existing one; rank: place in the playbook, from 1
    """

    tactic: Tactic
    levers: tuple[Lever, ...]
    horizon: int
    delta: float
    low: float
    high: float
    said: str
    earned: float
    cost: float
    per_customer: float
    currency: str
    rank: int = 0

    @property
    def per_cost(self) -> float | None:
        """What 1 of cost brings, the cost not taken off; None where nothing is spent."""
        return (self.delta + self.cost) / self.cost if self.cost > 0 else None

    @property
    def sentence(self) -> str:
        """What the settings would do to the whole book, what is spent on it, and what of it is not earned yet."""
        if not self.delta:
            return self.said
        one = money(1.0, self.currency)
        back = "Nothing is spent on it" if self.per_cost is None else (
            f"Every {one} spent brings {money(self.per_cost, self.currency)} back")  # fmt: skip
        return f"{self.said} {back}.{self._ahead}"

    @property
    def gain(self) -> str:
        """What it brings as it is earned; the cash beside it where years paid ahead make it another figure.

        "$68.1K as earned over 36 months; $306.5K in cash, as years paid ahead reach beyond them"
        """
        over = months(self.horizon)
        if not self._prepaid:
            return f"{with_interval(self.delta, self.low, self.high, self.currency)} over {over}"
        cash = money(self.delta, self.currency)
        return f"{money(self.earned, self.currency)} as earned over {over}; {cash} in cash, as years paid ahead reach beyond them"

    @property
    def label(self) -> str:
        """Its name; with what is earned, where cash has the other sign and so stands at a place one would not look."""
        return self.tactic.title + (f", earned {money(self.earned, self.currency)}" if self.delta * self.earned < 0 else "")

    @property
    def _prepaid(self) -> bool:
        """Whether years paid ahead make cash another story than what is earned."""
        return abs(self.delta - self.earned) > AHEAD * abs(self.delta)

    @property
    def _ahead(self) -> str:
        """What is earned, where that is another story than cash."""
        if not self._prepaid:
            return ""
        verb = "adds" if self.earned > 0 else "loses"
        return (f" That is cash: counted month by month as it is served, it {verb} "
                f"{money(abs(self.earned), self.currency)}, as years paid ahead reach beyond the horizon.")


@dataclass(frozen=True, eq=False)
class Doubt:
    """A tactic with doubt about its assumptions: low, high: 95 % range of the difference with chance in the data and
    each assumption drawn between its low and high, never narrower than by chance alone;
    pays: share of cases above 0, None where nothing changes; beliefs: what was doubted
    """

    low: float
    high: float
    pays: float | None
    beliefs: tuple[Belief, ...]
    currency: str

    @property
    def sentence(self) -> str:
        if not self.beliefs:
            return "Nothing in it rests on an assumption."
        ends = money_interval(self.low, self.high, self.currency, sign=True)
        n = len(self.beliefs)
        return f"With doubt about {n} {'assumption' if n == 1 else 'assumptions'}: {ends}; it pays in {cases(self.pays)}."

    @property
    def table(self) -> list[dict[str, str]]:
        """Per assumption: what, set to, may be, evidence."""
        found = []
        for one in self.beliefs:
            said = [one.dial.words(value, self.currency) for value in (one.likely, one.low, one.high)]
            found.append({"Assumption": one.dial.label, "Set to": said[0], "May be": f"{said[1]} to {said[2]}",
                          "Evidence": one.dial.parameter.evidence})
        return found


def rank_tactics(base: Assumptions, horizon: int = 36, tactics: tuple[Tactic, ...] = TACTICS) -> tuple[Play, ...]:
    """The tactics on these customers, the largest change of the whole book as it is earned first.

    Months paid ahead that are served after the horizon are left out of the order (`earned`): a year's bill in the last
    month is a loan, not a gain. Each tactic alone: `compare` with the same draws before and after; cost = the same with every cost of the tactic
    at 0, less that with it. For a CFO: which conversation to have first. The sizes are modest assumptions, the same
    for every company, and no forecast: the order says what your customers' prices, ages and ways of leaving make of
    them. Two tactics overlap; the Scenarios page adds them properly.
    """
    found = sorted((play(base, tactic, horizon) for tactic in tactics), key=lambda one: (-one.earned, one.tactic.key))
    return tuple(replace(one, rank=place) for place, one in enumerate(found, 1))


def best(plays: tuple[Play, ...]) -> str:
    """The first of a playbook in a sentence; where another one is first in cash, whose bar is the longest, that one too."""
    first, most = plays[0], max(plays, key=lambda one: one.delta)
    if first.earned <= 0:
        return "At these modest settings no tactic pays for itself"
    other = f". In cash it is “{most.tactic.title}”" if most.delta > first.delta else ""
    return f"“{first.tactic.title}” would do most at a modest setting: {first.gain}{other}"


def play(base: Assumptions, tactic: Tactic, horizon: int = 36) -> Play:
    """One tactic on these customers."""
    if not (base.has_new or base.has_existing):
        raise Problem("There are no customers, today or to come, on whom a tactic could work.")
    change = _change(base, tactic, horizon)
    sure, earned = change.portfolio, (float(earned_value(one)) for one in (change.scenario, change.baseline))
    after, before = earned
    settled = 0.0 if abs(after - before) <= ROUNDING * abs(before) else after - before
    return Play(tactic, change.plan.levers, horizon, sure.delta, sure.low, sure.high, change.headline("portfolio"),
                settled, _cost(change), change.point(), base.currency)  # fmt: skip


def doubted(base: Assumptions, one: Play, runs: int = DOUBT_RUNS) -> Doubt:
    """The range of a tactic with doubt about what is assumed of it, as the Scenarios page draws it, in fewer runs.

    For a CFO: how wrong the modest setting may be, and whether the tactic would pay even so. Doubt comes on top of
    chance: where an assumption can only be worse, the range still reaches as far up as chance alone. 8 ms a run.
    """
    found = monte_carlo(_change(base, one.tactic, one.horizon), "portfolio", runs)
    low, high = min(found.both.low, one.low, one.delta), max(found.both.high, one.high, one.delta)
    return Doubt(low, high, found.by_both, found.beliefs, base.currency)


def _change(base: Assumptions, tactic: Tactic, horizon: int) -> Change:
    return compare(base, Scenario(tactic.title, tactic.levers(base)), horizon)


def earned_value(valuation: Valuation) -> np.ndarray:
    """Discounted margin of the whole book as it is earned: recognised MRR less every cost, (...)."""
    book, h = valuation.book, valuation.horizon
    return (book.mrr - book.cost)[..., :h] @ valuation.assumptions.discount_factor[:h]


def _cost(change: Change) -> float:
    """What the costs of the levers take from the book."""
    free = tuple(replace(lever, **dict.fromkeys(_spent(lever), 0.0)) for lever in change.plan.levers)
    if free == change.plan.levers:
        return 0.0
    plan = Scenario("", free)
    without = evaluate(change.base, plan.active, change.horizon, detail=change.plan.detail | plan.detail).portfolio
    spent = without - change.scenario.portfolio
    return spent if spent > ROUNDING * abs(without) else 0.0


def _spent(lever: Lever) -> list[str]:
    return [parameter.name for parameter in lever.parameters() if parameter.name in COSTS]


def price_of(base: Assumptions, new: bool = False) -> float:
    """What a customer of today pays a month on average; of a new one where asked, or where nobody is there today."""
    if base.has_existing and not (new and base.has_new):
        return base.active_mrr / base.customers
    return sum(cell.new_share * cell.new_price for cell in base.cells)


def _fields(declared: dict, base: Assumptions) -> dict:
    """Declared settings as fields of the lever: costs in prices become money."""
    found = {}
    for name, value in declared.items():
        if name.endswith("_of_price"):
            found[name.removesuffix("_of_price")] = round(value * price_of(base), 2)
        elif name == "cost_share_of_margin":
            found["cost_share"] = round((1 - base.gross_margin) * value, 2)
        else:
            found[name] = value
    return found

