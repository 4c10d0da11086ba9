"""What every file tells: the answer, where it comes from, what it rests on. Made once, drawn by each kind of file."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from cs_models import story, sums, words
from cs_models.beliefs import BeliefRange
from cs_models.bridge import lever_title
from cs_models.cautions import caution, grave
from cs_models.charts import bridge, survival, theme
from cs_models.comparison import Change, Difference
from cs_models.definitions import Definitions
from cs_models.dials import Dial
from cs_models.glossary import HELP, LABELS
from cs_models.headline import OF, cases
from cs_models.exports.tables import line
from cs_models.saved import PRINT, VERSION
from cs_models.portfolio_view import caution as cut_at_the_horizon
from cs_models.scenario import introduced
from cs_models.uncertainty import Range, interval
from cs_models.valuation import value

HORIZONS = (12, 24, 36, 60)
SHORT = 60  # letters of a plan that a headline names; a longer one is "this plan", and stands below
EVERYBODY = "every group"
MODEL = "the data, by the fitted curves"


@dataclass(frozen=True)
class Source:
    """Where numbers come from, as the owner of the data knows it.

    made: the day of the export, from the caller; link: the address of the saved scenario; assumed: the file names no
    currency; few: that the data are too small to be believed, as a sentence.
    """

    data: str
    customers: int
    as_of: date | None
    made: date | None = None
    definitions: str = ""
    seed: int = 0
    link: str = ""
    assumed: bool = False
    few: str = ""

    @classmethod
    def of(cls, subs, data: str = "", made: date | None = None, seed: int = 0, link: str = "", few: str = "") -> "Source":
        """From subscriptions; data: their name where the file's own is not to be told."""
        told = Definitions.of(subs).sentence()
        name = line(data or subs.source_name or "Data")
        return cls(name, subs.paying, subs.as_of, made, told, seed, link, "currency" not in subs.mapping, few)


@dataclass(frozen=True)
class Setting:
    """One value of one decision, with where it comes from."""

    decision: str
    label: str
    value: str
    evidence: str


@dataclass(frozen=True, eq=False)
class Story:
    """The answer and all it rests on, ready to be drawn.

    headline: the sentence with its range; plan: the decisions as a phrase, "" where nothing is decided
    facts: (label, text) of the data, day, version and seed; footer: the same in one line
    lines: a Difference per book, the headline's first; steps: decision -> money, summing to its difference
    worth: (horizon in months, money, low, high) of the headline's book today
    curves: by month as `Change.curves`; settings, assumptions: with their sources; must: what must be true, sentences
    doubt: the range with doubt about the assumptions, a sentence; "" where it was not worked out
    caution: what must be seen beside the headline, as on the page; mostly ""
    """

    headline: str
    plan: str
    facts: tuple[tuple[str, str], ...]
    footer: str
    horizon: int
    currency: str
    lines: tuple[Difference, ...]
    steps: dict[str, float]
    worth: tuple[tuple[int, float, float, float], ...]
    curves: pd.DataFrame
    settings: tuple[Setting, ...]
    assumptions: tuple[Setting, ...]
    must: tuple[str, ...]
    notes: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    change: Change
    doubt: str = ""
    caution: str = ""

    @property
    def main(self) -> Difference:
        return self.lines[0]

    @property
    def below(self) -> str:
        """The decisions as a sentence, where the headline does not name them."""
        named = not self.plan or self.plan[1:] in self.headline
        return "" if named else introduced(self.plan)

    @property
    def owner(self) -> str:
        """Whose money the headline speaks of: "per new customer"."""
        return OF[self.main.book]

    def money(self, value: float, sign: bool = False) -> str:
        return words.money(value, self.currency, sign=sign)

    def after(self, one: Difference) -> str:
        """The value with the plan, as it follows from today's and the difference as they are written."""
        return self.money(sums.level_after(one.before, one.after, self.currency))

    def around(self, low: float, high: float, sign: bool = False) -> str:
        return words.money_interval(low, high, self.currency, sign=sign)

    @property
    def bridge(self) -> pd.DataFrame:
        """The table the bridge is drawn from."""
        return bridge.frame(self.main.before, self.steps, self.main.after, self.currency)

    @property
    def bridge_alt(self) -> str:
        return words.bridge_alt(self.main.before, self.steps, self.main.after, self.currency)

    def staying(self, height: float) -> pd.DataFrame:
        """The table the survival curves are drawn from; one curve where nothing is decided."""
        found = survival.frame(self.curves, self.horizon, height)
        return found if self.plan else found[found["role"] == theme.BASELINE]

    @property
    def staying_message(self) -> str:
        """What the curves say, as the title of a picture."""
        return story.staying(self.curves, bool(self.plan))

    @property
    def staying_alt(self) -> str:
        return f"{self.who} still subscribed. {survival.spoken(self.staying(320))}"

    @property
    def who(self) -> str:
        return "New customers" if self.main.book == "new" else "Today's customers"

    @property
    def pays(self) -> str:
        """How sure it is that the plan pays, by chance in the data alone; "" where nothing changes."""
        chance = self.main.probability
        return "" if chance is None else f"Pays in {cases(chance)}, by chance in the data alone"


def tell(change: Change, source: Source, book: str | None = None, must: tuple[str, ...] = (),
         belief: BeliefRange | None = None) -> Story:
    """The story of a comparison; a plan without decisions tells where things stand.

    book: whose value the headline is about, else the change's own. must: what must be true, from
    `what_must_be_true`, and belief, from `monte_carlo`, take seconds and are therefore the caller's choice.
    """
    lines = _lines(change, book or change.book)
    plan = line(change.decisions)
    steps = _titled(change.difference(lines[0].book).bridge) if plan else {}
    worth = tuple(_worth(change.base, lines[0].book, months) for months in HORIZONS if months <= change.base.months)
    facts = _facts(change, source)
    notes = filter(None, (cut_at_the_horizon(change, lines[0].book), *change.base.notes))
    return Story(_headline(change, lines[0], worth), plan, facts, _footer(change, source), change.horizon,
                 change.base.currency, lines, steps, worth, change.curves_of(lines[0].book), _settings(change),
                 _assumptions(change), must, tuple(map(line, notes)), _definitions(source), change,
                 _doubt(belief, change.base.currency), _caution(change, source))


def _caution(change: Change, source: Source) -> str:
    return line(caution(tuple(filter(None, (source.few, *grave(change.base.notes))))))


def _doubt(belief: BeliefRange | None, currency: str) -> str:
    if belief is None or not belief.beliefs:
        return ""
    about = words.counted(len(belief.beliefs), "assumption")
    ends = words.money_interval(belief.both.low, belief.both.high, currency, sign=True)
    return f"With doubt about {about} as well: {ends}; it pays in {cases(belief.by_both)}."


def _headline(change: Change, main: Difference, worth) -> str:
    if change.plan.active:
        long = len(change.decisions) > SHORT
        return line(change.headline(main.book, subject="this plan" if long else ""))
    around = next((Range(low, high) for months, _, low, high in worth if months == change.horizon), None)
    return words.value_headline(main.before, change.horizon, change.base.currency, around, main.book) + "."


def _lines(change: Change, book: str) -> tuple[Difference, ...]:
    found = {name: change.difference(name) for name in ("new", "existing", "portfolio")}
    names = [book, *(name for name in found if name != book)]
    return tuple(one for name in names if (one := found[name]) is not None)


def _titled(steps: dict[str, float]) -> dict[str, float]:
    return {lever_title(name): step for name, step in steps.items()}


def _worth(base, book: str, months: int) -> tuple[int, float, float, float]:
    found, around = value(base, months), interval(base, months)[book]
    name = {"new": "clv", "existing": "residual_per_customer", "portfolio": "portfolio"}[book]
    return months, getattr(found, name), around.low, around.high


def _facts(change: Change, source: Source) -> tuple[tuple[str, str], ...]:
    base = change.base
    found = [
        ("Data", source.data),
        ("Fingerprint of the data", base.digest[:PRINT] or "none"),
        ("Data through", words.day(source.as_of) if source.as_of else "no day stated"),
        ("Customers who ever paid", words.count(source.customers)),
        ("Currency", _currency(change, source)),
        ("Horizon", words.months(change.horizon)),
        ("Range", "95 %, chance in the data; not a wrong belief about how customers react"),
        ("Model", f"Perennial {VERSION}, seed {source.seed}, "
                  + ("types of customers" if change.heterogeneity == "types" else "all customers alike")),
    ]
    found += [("Made on", words.day(source.made))] if source.made else []
    found += [("Saved scenario", line(source.link))] if source.link else []
    return tuple(found)


def _currency(change: Change, source: Source) -> str:
    return f"{change.base.currency} assumed" if source.assumed else change.base.currency


def _footer(change: Change, source: Source) -> str:
    parts = [source.data, f"through {words.day(source.as_of)}" if source.as_of else "no day stated",
             words.counted(source.customers, "customer"), _currency(change, source), f"data {change.base.digest[:8]}",
             f"model {VERSION}, seed {source.seed}"]
    return " · ".join([*parts, *([f"made {words.day(source.made)}"] if source.made else [])])


def _settings(change: Change) -> tuple[Setting, ...]:
    """Every parameter of the active decisions."""
    plan, found = change.plan, []
    for lever in sorted(plan.active, key=lambda lever: lever.order):
        for parameter in lever.parameters():
            value = getattr(lever, parameter.name)
            said = _said(plan, lever, parameter, value, change.base.currency)
            found.append(Setting(lever.title, parameter.label, said, parameter.evidence))
    return tuple(found)


def _said(plan, lever, parameter, value, currency: str) -> str:
    if parameter.kind == "choice":
        return dict(parameter.choices)[value]
    if parameter.kind == "segments":
        return ", ".join(map(line, value)) or EVERYBODY
    return Dial(plan, plan.levers.index(lever), parameter, "").words(value, currency)


def _assumptions(change: Change) -> tuple[Setting, ...]:
    base, typed = change.base, "set on the desk, not in the data"
    grows = any(cell.growth is not None for cell in base.cells)
    rows = [
        ("Economics", "Gross margin", words.percent(base.gross_margin), typed),
        ("Economics", "Discount rate a year", words.percent(base.discount_rate), typed),
        ("Economics", "Service cost per customer and month", words.money(base.service_cost, base.currency), typed),
        ("Economics", "CAC, not taken off lifetime value", words.money(base.cac, base.currency), typed),
        ("Customers", "Customers today", words.count(base.customers), "the data"),
        ("Customers", "MRR today", words.money(base.active_mrr, base.currency), "the data"),
        ("Customers", "New customers a month", words.decimal(base.acquisitions[0], 1), "the data"),
        ("Customers", "What those who stay pay later",
         "grows with tenure, as seen so far" if grows else "the same for ever", typed),
        ("Customers", "Groups fitted apart", words.count(len(base.cells)), MODEL),
    ]
    return tuple(Setting(*row) for row in rows)


def _definitions(source: Source) -> tuple[tuple[str, str], ...]:
    """How customers are counted and what the figures mean."""
    counted = (("What counts as leaving", source.definitions),) if source.definitions else ()
    return (*counted, *((LABELS[name], HELP[name]) for name in ("clv", "residual", "payback_months")),
            ("95 % range", "From fitting the curves again to resampled data; before and after use the same resamples."),
            ("Bridge", "What each decision adds, averaged over the orders in which they could be taken; sums exactly."))
