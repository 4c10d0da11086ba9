"""A scenario kept with all that decides its numbers: reasons, horizon, economics, definitions, data, seed, version.

The file is an ordinary scenario file with more in it: whatever reads scenarios reads its levers. It holds no file
names and no customers, and the same file on the same data gives the same numbers to the cent.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace

from cs_models.assumptions import Assumptions
from cs_models.comparison import Change, compare
from cs_models.definitions import Definitions
from cs_models.problems import Problem
from cs_models.scenario import VERSION as SCHEMA
from cs_models.scenario import Scenario
from cs_models.words import MINUS, money, months, percent

VERSION = "0.1.0"  # of the product, as in pyproject.toml
PRINT = 16  # letters of the data's digest: enough to know it again, nothing to find it by
LONGEST_NAME, LONGEST_REASONS = 200, 4000
CENT = 0.005


@dataclass(frozen=True)
class Economics:
    """What the desk typed beside the data: shares, money per customer-month, money per new customer."""

    gross_margin: float = 0.8
    discount_rate: float = 0.10
    service_cost: float = 0.0
    cac: float = 0.0
    by: tuple[str, ...] = ()
    expansion: bool = False

    @classmethod
    def of(cls, base: Assumptions) -> "Economics":
        grows = any(cell.growth is not None for cell in base.cells)
        return cls(base.gross_margin, base.discount_rate, base.service_cost, base.cac, tuple(base.by), grows)


@dataclass(frozen=True)
class Figure:
    """The headline when it was saved: money of one book, with its 95 % range."""

    book: str
    delta: float
    low: float
    high: float
    currency: str = "USD"


@dataclass(frozen=True)
class SavedScenario:
    """One decision as it was decided upon.

    name, reasons: text of its author; scenario: the levers; horizon: months; heterogeneity: "types" or "aggregate"
    definitions: switches that were not at their usual choice; fingerprint: first 16 letters of the digest of the data
    seed, draws: of the bootstrap; version: of the product; figure: the headline then, None where none was worked out
    price: what customers pay a month, typed for data without prices; 0 where the data hold prices

    >>> from cs_models.levers import ALL
    >>> kept = SavedScenario("Autumn", Scenario("Autumn", (ALL["PriceIncrease"](rise=0.1),)), reasons="Costs rose.")
    >>> SavedScenario.from_json(kept.to_json()) == kept
    True
    """

    name: str
    scenario: Scenario
    reasons: str = ""
    horizon: int = 36
    heterogeneity: str = "types"
    economics: Economics = Economics()
    definitions: dict = field(default_factory=dict)
    fingerprint: str = ""
    seed: int = 0
    draws: int = 0
    version: str = VERSION
    figure: Figure | None = None
    price: float = 0.0

    @classmethod
    def of(cls, change: Change, name: str = "", reasons: str = "", definitions: Definitions = Definitions(),
           seed: int = 0, price: float = 0.0, book: str = "") -> "SavedScenario":
        """What is on the desk now; `book`: whose value its figure is, else the headline's. seed: the one the assumptions were fitted with; their draws are counted."""
        base, main = change.base, change.difference(book or change.book)
        drawn = next((len(cell.draws.weights) for cell in base.cells if cell.draws is not None), 0)
        figure = Figure(main.book, *(round(value, 2) for value in (main.delta, main.low, main.high)), base.currency)
        name = (name or change.plan.name)[:LONGEST_NAME]
        return cls(name, Scenario(name, change.plan.levers), reasons[:LONGEST_REASONS], change.horizon,
                   change.heterogeneity, Economics.of(base), dict(definitions.changed), base.digest[:PRINT], int(seed),
                   drawn, VERSION, figure, float(price))

    def to_json(self) -> str:
        """The whole as a small file; its levers stand as in any scenario file."""
        return json.dumps(self._data(), indent=2, ensure_ascii=False) + "\n"

    def canonical(self) -> str:
        """One line that is equal for equal scenarios: what a database keeps."""
        return json.dumps(self._data(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def _data(self) -> dict:
        data = json.loads(self.scenario.to_json())
        levers = data.pop("levers")
        more = {"reasons": self.reasons, "horizon": self.horizon, "heterogeneity": self.heterogeneity,
                "economics": asdict(self.economics), "definitions": self.definitions, "data": self.fingerprint,
                "seed": self.seed, "draws": self.draws, "version": self.version,
                "figure": None if self.figure is None else asdict(self.figure)}
        if self.price:
            more["price"] = self.price
        return {**data, "name": self.name, **more, "levers": levers}

    @classmethod
    def from_json(cls, text: str) -> "SavedScenario":
        """Read a saved or a plain scenario file; a Problem says what is wrong with it."""
        scenario = Scenario.from_json(text)  # refuses what is no scenario, by name
        data = json.loads(text)
        return cls(scenario.name[:LONGEST_NAME], scenario, _text(data, "reasons", LONGEST_REASONS),
                   _whole(data, "horizon", 36, 1, 1200), _one_of(data, "heterogeneity", ("types", "aggregate")),
                   _part(data, "economics", Economics), _definitions(data), _text(data, "data", PRINT),
                   _whole(data, "seed", 0, 0, 2**63), _whole(data, "draws", 0, 0, 100_000),
                   _text(data, "version", 20) or VERSION, _part(data, "figure", Figure) if data.get("figure") else None,
                   _amount(data, "price"))

    def assumptions(self, base: Assumptions) -> Assumptions:
        """These customers under the economics that were saved; nothing is refitted."""
        said = self.economics
        return base.with_economics(gross_margin=said.gross_margin, discount_rate=said.discount_rate,
                                   service_cost=said.service_cost, cac=said.cac)

    def compare(self, base: Assumptions) -> Change:
        """The comparison as it was saved, on these customers: same economics, horizon and view."""
        return compare(self.assumptions(base), self.scenario, self.horizon, self.heterogeneity)

    def of_these(self, base: Assumptions) -> bool:
        """Whether it was saved with these data, or with none named."""
        return base.digest.startswith(self.fingerprint)

    def differences(self, base: Assumptions, definitions: Definitions = Definitions(), seed: int = 0) -> tuple[str, ...]:
        """Why the numbers may differ from those saved, as sentences; () where all is as it was."""
        now, then, found = Economics.of(base), self.economics, []
        if not self.of_these(base):
            found.append("It was saved with other data: the numbers are those of the customers on the desk now.")
        if dict(definitions.changed) != self.definitions:
            found.append("It was saved with other definitions of leaving and of revenue.")

        def paid(amount: float) -> str:
            return money(amount, base.currency)

        for name, label, said in (("gross_margin", "gross margin", percent), ("discount_rate", "discount rate", percent),
                                  ("service_cost", "service cost", paid), ("cac", "CAC", paid)):
            if getattr(now, name) != getattr(then, name):
                found.append(f"The {label} was {said(getattr(then, name))}; now it is {said(getattr(now, name))}.")
        if now.by != then.by:
            found.append("It was saved with customers divided into other groups.")
        if now.expansion != then.expansion:
            found.append("It was saved with" + ("" if then.expansion else "out") + " the growth of those who stay.")
        if self.draws and seed != self.seed:
            found.append("Its range was drawn with another seed.")
        if self.version != VERSION:
            found.append("It was saved by another version of the model.")
        return tuple(found)

    def changed(self, change: Change) -> str:
        """The saved headline beside the one of now, as a sentence; "" where they agree to the cent or none was saved."""
        was = self.figure
        if was is None:
            return ""
        now = change.point(was.book) if change.difference(was.book) else None
        if now is None or abs(now - was.delta) <= CENT + 1e-9 * abs(now):
            return ""
        return (f"When it was saved it said {money(was.delta, was.currency, sign=True)} over {months(self.horizon)}; "
                f"now it says {money(now, change.base.currency, sign=True)}.").replace("+" + MINUS, MINUS)

    def renamed(self, name: str, reasons: str | None = None) -> "SavedScenario":
        """The same with another name and, if given, other reasons."""
        name = name[:LONGEST_NAME]
        kept = self.reasons if reasons is None else reasons[:LONGEST_REASONS]
        return replace(self, name=name, reasons=kept, scenario=Scenario(name, self.scenario.levers))


def _text(data: dict, name: str, longest: int) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise Problem(f"In this scenario file {name!r} must be text; found {type(value).__name__}.")
    return value[:longest]


def _amount(data: dict, name: str) -> float:
    value = data.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise Problem(f"In this scenario file {name!r} must be a number from 0 on; found {value!r}.")
    return float(value)


def _whole(data: dict, name: str, usual: int, least: int, most: int) -> int:
    value = data.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Problem(f"In this scenario file {name!r} must be a whole number from {least} to {most}; found {value!r}.")
    return value


def _one_of(data: dict, name: str, allowed: tuple[str, ...]) -> str:
    value = data.get(name, allowed[0])
    if value not in allowed:
        raise Problem(f"In this scenario file {name!r} must be {' or '.join(allowed)}; found {value!r}.")
    return value


def _definitions(data: dict) -> dict:
    given = data.get("definitions") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Problem("In this scenario file the definitions must be names with their choices.")
    known = {one.name for one in Definitions.switches()}
    if unknown := sorted(set(given) - known):
        raise Problem(f"This scenario file has an unknown definition {unknown[0][:40]!r}. Known: {', '.join(sorted(known))}.")
    return dict(Definitions.of(given).changed)


def _part(data: dict, name: str, cls):
    """A small record of the file in its own types; unknown entries and wrong types are refused by name."""
    given = data.get(name) or {}
    known = {one.name: one.type for one in fields(cls)}
    if not isinstance(given, dict) or set(given) - set(known):
        raise Problem(f"In this scenario file {name!r} may hold {', '.join(known)} only.")
    try:
        return cls(**{key: _as(known[key], value) for key, value in given.items()})
    except (TypeError, ValueError) as error:
        raise Problem(f"In this scenario file {name!r} holds a value of the wrong kind, or misses one.") from error


def _as(kind, value):
    if kind is float and not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < float("inf"):
        return float(value)
    if kind is bool and isinstance(value, bool) or kind is str and isinstance(value, str):
        return value
    if kind not in (float, bool, str) and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError(kind)
