"""What lies on the shelf: a scenario as somebody saved it, a comment, and what can go wrong."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from cs_models.problems import Problem
from cs_models.saved import VERSION, Figure, SavedScenario
from cs_models.words import clock, money, money_interval, months

LOCAL = "local"  # the author where nobody signed in and no name was typed
LONGEST_AUTHOR, LONGEST_COMMENT, LONGEST_DATA_NAME, LONGEST_HEADLINE = 200, 4000, 300, 1000
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Unavailable(Problem):
    """The shelf cannot be read or written now; everything else goes on."""


class Conflict(Problem):
    """Somebody saved a newer version meanwhile; `newest` is theirs, and nothing of either is lost."""

    def __init__(self, newest: "Entry") -> None:
        super().__init__(self.told(newest))
        self.newest = newest

    @staticmethod
    def told(newest: "Entry", zone: str = "UTC") -> str:
        """The sentence, by the clock of whoever reads it."""
        return (
            f"{newest.author} saved a newer version of “{newest.name}” on {clock(newest.created_at, zone)}. Nothing of "
            "yours is lost: keep theirs, keep yours as a copy, put yours on top of theirs, or compare the two."
        )


@dataclass(frozen=True)
class Draft:
    """What is to be saved: the scenario, and what its owner calls the data it was worked out on.

    data_set: id of the data on this server; data_day: the last day of them, None without dates
    headline: the sentence at the top when it was saved
    """

    saved: SavedScenario
    data_set: str
    data_name: str = ""
    data_day: date | None = None
    headline: str = ""


@dataclass(frozen=True)
class Entry:
    """One version of a scenario as it was saved; it is never changed afterwards.

    family: id of the first version, shared by all versions; number: 1, 2, ... within the family
    parent: the version (or, for a copy, the scenario) it was made from; body: `SavedScenario.canonical()`
    author: the name others read; author_id: the digest of the person, "" where persons are not told apart
    schema_version: of the scenario file; engine_version: of the product; deleted: whether its family is put away
    """

    id: str
    family: str
    number: int
    parent: str | None
    created_at: datetime
    author: str
    name: str
    reasons: str
    data_set: str
    fingerprint: str
    data_name: str
    data_day: date | None
    engine_version: str
    schema_version: int
    headline: str
    body: str
    author_id: str = ""
    deleted: bool = False

    @property
    def saved(self) -> SavedScenario:
        """The scenario itself; Problem (a sentence) where this version of the product cannot read it any more."""
        try:
            return SavedScenario.from_json(self.body)
        except Problem as error:
            said = "" if self.engine_version == VERSION else f" It was saved by version {self.engine_version}."
            raise Problem(f"“{self.name}” cannot be opened by this version.{said} {error}") from error

    @property
    def figure(self) -> Figure | None:
        """The headline's number when it was saved; None where none was, or where it cannot be read."""
        try:
            return self.saved.figure
        except Problem:
            return None

    @property
    def amount(self) -> str:
        """The number with its range as text, and over how long; "" where none was saved."""
        was = self.figure
        if was is None:
            return ""
        ends = money_interval(was.low, was.high, was.currency, sign=True)
        return f"{money(was.delta, was.currency, sign=True)} ({ends}) over {months(self.saved.horizon)}"


@dataclass(frozen=True)
class Comment:
    """What somebody said about a scenario; it stands beside all its versions."""

    id: str
    scenario: str
    author: str
    created_at: datetime
    text: str


def is_id(text: object) -> bool:
    """Whether a text from an address may be the id of a scenario.

    >>> is_id("Xy3_aB-9kQ0z"), is_id("../etc"), is_id(None)
    (True, False, False)
    """
    return isinstance(text, str) and ID.fullmatch(text) is not None
