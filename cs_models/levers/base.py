"""What every lever is: one decision, declared once, that turns groups into groups."""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, lru_cache

import numpy as np

from cs_models.group import Group
from cs_models.levers.fields import Parameter, parameters
from cs_models.words import months, short_percent


class Stage(IntEnum):
    """The fixed order in which levers act, whatever the click order; levers do not commute."""

    PRICE_RULE = 0
    PRICE = 1
    HAZARD = 2
    LOSS = 3
    BILLING = 4
    CASH = 5
    COST = 6
    ACQUISITION = 7


@dataclass(frozen=True)
class Detail:
    """How finely a lever needs the existing book cut by tenure: the first `young` months, and by anniversary."""

    young: int = 0
    anniversary: bool = False

    def __or__(self, other: "Detail") -> "Detail":
        return Detail(max(self.young, other.young), self.anniversary or other.anniversary)


@dataclass(frozen=True, eq=False)
class Joining:
    """Customers to come, by month from today; arrays (months,).

    volume: customers won; cac: what each costs; referrals: customers that one customer in force brings in a month;
    reward: what each of those costs; segments and mix: labels of their groups, and the share of those who join that
    each makes, (segments, months).
    """

    volume: np.ndarray
    cac: np.ndarray
    referrals: np.ndarray
    reward: np.ndarray
    segments: tuple[str, ...] = ()
    mix: np.ndarray | None = None

    def thinned(self, reached: tuple[str, ...], factor: np.ndarray) -> "Joining":
        """Customers of these groups, () for all, come `factor` times as often; the others as before. (months,)"""
        if not reached or not self.segments:
            return replace(self, volume=self.volume * factor)
        theirs = np.array([[label in reached] for label in self.segments])
        weight = self.mix * np.where(theirs, factor, 1.0)
        total = weight.sum(axis=0)
        return replace(self, volume=self.volume * total, mix=weight / np.where(total > 0, total, 1.0))


@lru_cache(maxsize=1024)
def _grown(start: int, phase_in: int, first: int, months: int) -> np.ndarray:
    """Share of an effect in months first, first + 1, ... from today; kept, because every group asks for it."""
    found = np.clip((first + np.arange(months) - start + 1) / (phase_in + 1), 0.0, 1.0)
    found.flags.writeable = False
    return found


@dataclass(frozen=True)
class Lever:
    """Base of all levers. A subclass declares its fields with cs_models.levers.fields and writes `apply`."""

    title = ""
    question = ""
    stage = Stage.HAZARD
    order = 0  # place in the business story on the page
    start, phase_in = 0, 0  # months from today until it begins, and over which it grows; levers declare them as fields
    segments = ()  # labels of the groups it reaches, () for all; levers declare it as a field
    spends = ()  # names of the figures that are paid for the decision itself: a programme's cost, a reward

    def __post_init__(self):
        for parameter in self.parameters():
            checked = parameter.check(self.title, getattr(self, parameter.name))
            object.__setattr__(self, parameter.name, checked)

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        return parameters(cls)

    @classmethod
    def at_rest(cls) -> "Lever":
        """The lever set so that it changes nothing: the page starts here, and the neutral law is about it."""
        return _at_rest(cls)

    @classmethod
    def suggested(cls) -> "Lever":
        """The setting a preset question starts from: the declared defaults, unless one follows from another."""
        return cls()

    def is_at_rest(self) -> bool:
        """Whether this setting changes nothing, so that the baseline is returned exactly."""
        return self == self.at_rest()

    def is_idle(self, plan: tuple["Lever", ...]) -> bool:
        """Whether it changes nothing beside the other levers of its plan; a lever that only softens another may be."""
        return self.is_at_rest()

    def why_nothing(self, plan: tuple["Lever", ...]) -> str:
        """Why a decision that is set brings nothing beside the other levers of its plan, as a sentence; mostly ""."""
        return ""

    def nobody_left(self, cells, book: str) -> str:
        """Why it finds nobody to act on among these cells in "new", "existing" or "portfolio", as a clause; mostly ""."""
        return ""

    def unpaid(self) -> "Lever":
        """The same decision if it cost nothing."""
        return replace(self, **dict.fromkeys(self.spends, 0.0)) if self.spends else self

    def detail(self) -> Detail:
        """How finely `apply` needs the existing book cut by tenure."""
        return Detail()

    @property
    def settles(self) -> int:
        """The month from which nothing changes any more: whoever joins later meets the whole of it from the first day."""
        return self.start + self.phase_in

    def in_effect(self, group: Group) -> np.ndarray:
        """How much of the lever is in effect in each month of the group, 0..1: from `start`, growing over `phase_in`."""
        return _grown(self.start, self.phase_in, group.joined, group.months)

    def by_month(self, months: int) -> np.ndarray:
        """The same by month from today: for what acts on customers to come. (months,)"""
        return _grown(self.start, self.phase_in, 0, months)

    def reaches(self, group: Group, scope: str = "both") -> bool:
        """Whether the lever is for this book and this segment."""
        return in_scope(group, scope) and (not self.segments or label(group.segment) in self.segments)

    def acts_on(self, book: str) -> bool:
        """Whether it can move the value of a customer of "new" or "existing"; the whole book any lever can move."""
        asked = getattr(self, "scope", "both") in ("both", book)
        return book == "portfolio" or asked and self.stage is not Stage.ACQUISITION

    def without_effect(self, book: str) -> tuple[str, ...]:
        """Names of figures that are set and move nothing in a book on which the lever acts."""
        return ()

    def dormant(self, book: str) -> tuple[str, ...]:
        """Names of figures that move nothing in a book, whatever they say, as long as the others of the lever are as set."""
        return ()

    def acting(self, book: str) -> tuple:
        """What it does in a book: equal for two settings that differ in dormant figures alone, () for one that does not act."""
        if not self.acts_on(book):
            return ()
        asleep = self.dormant(book)
        return type(self), *(... if one.name in asleep else getattr(self, one.name) for one in self.parameters())

    def joining(self, joining: Joining) -> Joining:
        """Customers to come after the decision; most levers change nothing there."""
        return joining

    def apply(self, groups: list[Group]) -> list[Group]:
        """The groups after the decision. Customers are conserved; no group is changed in place."""
        raise NotImplementedError

    def note(self, name: str, value: float) -> str:
        """What a value of one figure comes to, as "13 % of those asked", where that is another figure; mostly nothing."""
        return ""

    def sentence(self) -> str:
        """The decision as a phrase that can begin a sentence: "Raising prices 10 % for new customers"."""
        raise NotImplementedError

    def spares(self, lever: "Lever") -> bool:
        """Whether it keeps every existing customer from meeting another decision."""
        return False

    def phrase(self, plan: tuple["Lever", ...], customers: bool = True, book: str = "") -> str:
        """The same beside the other levers of its plan; customers: whether the data have customers of today; book: whose
        value is spoken of, where a phrase leaves out what moves nothing in it."""
        return self.sentence()


@cache
def _at_rest(kind: type[Lever]) -> Lever:
    """Asked of every lever whenever anything moves; a lever never changes."""
    return kind(**{p.name: p.rest for p in kind.parameters()})


def once(known: dict, group: Group, names: tuple[str, ...], make) -> dict:
    """New paths of a group, worked out once for all groups of one age that share the paths of these names.

    known: kept for one run of `apply`, while the groups it is about exist.
    """
    key = (group.book, group.age, group.joined, group.months, *[id(getattr(group, name)) for name in names])
    if key not in known:
        known[key] = make(group)
    return known[key]


def percent(share: float) -> str:
    """0.1 -> "10 %", 0.167 -> "16.7 %": the short form used inside lever sentences."""
    return short_percent(share)


def tenure(group: Group) -> np.ndarray | None:
    """Completed months of the group's customers at each month, (months,); None for those past every early lever."""
    if group.book == "existing" and group.age is None:
        return None
    return _counted(group.age or 0, group.months)


@lru_cache(maxsize=1024)
def _counted(first: int, months: int) -> np.ndarray:
    found = first + np.arange(months)
    found.flags.writeable = False
    return found


def whom_and_when(lever: Lever, scope: str = "both") -> str:
    """The end of a lever's phrase: " for new customers of EMEA / Pro from month 3 on, growing over 6 months"; "" for
    everybody at once.
    """
    who = {"new": " for new customers", "existing": " for existing customers"}.get(scope, "")
    if lever.segments:
        names = ", ".join(lever.segments) if len(lever.segments) <= 3 else f"{len(lever.segments)} groups"
        who = f"{who} of {names}" if who else f" for {names}"
    later = f" from month {lever.start} on" if lever.start else ""
    grows = f", growing over {months(lever.phase_in)}" if lever.phase_in else ""
    return who + later + grows


def label(segment: tuple) -> str:
    """A group of customers as levers and pages name it."""
    return " / ".join(map(str, segment))


def in_scope(group: Group, scope: str) -> bool:
    """Whether a decision for new, existing or both kinds of customers reaches this group."""
    return scope == "both" or group.book == scope
