"""What counts as leaving: the switches a business may set differently, each declared once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from cs_models.problems import Problem

LONGEST_GAP = 3650
FITS_ALL = "Files with one row per customer (snapshots) have no dates, so this changes nothing there."


@dataclass(frozen=True, eq=False)
class Switch:
    """One definition as a page shows it. `choices` are the answers; none = a whole number of days from 0."""

    name: str
    label: str
    help: str
    choices: tuple[str, ...]
    default: str
    said: Mapping[str, str]

    def checked(self, text: str) -> str:
        """The answer in its one spelling, else a sentence."""
        if self.choices and text in self.choices:
            return text
        if not self.choices and text.isascii() and text.isdigit() and int(text) <= LONGEST_GAP:
            return str(int(text))
        allowed = " or ".join(f'"{c}"' for c in self.choices) or f"a whole number from 0 to {LONGEST_GAP}"
        raise Problem(f'The answer to "{self.name}" must be {allowed}, not "{text[:40]}".')

    def phrase(self, choice: str) -> str:
        """What a choice means, as part of a sentence."""
        return self.said.get(choice) or self.said["*"].format(choice)


def _switch(label: str, help: str, choices: tuple[str, ...], default: str, **said: str):
    texts = {(key.replace("_", " ") if key != "any" else "*"): text for key, text in said.items()}
    return field(default=default, metadata=dict(label=label, help=help, choices=choices, said=texts))


@dataclass(frozen=True)
class Definitions:
    """How customers are counted; the defaults are the rules this project is tested against.

    Answers carry them: ``read(..., answers={"gap_days": "60"})``, so that they are part of the data set's
    digest, of links and of every cache. They change counts of leaving, never what the file says is billed
    today: active customers and MRR stay those of the billing system.

    >>> Definitions.of({"gap_days": "60"}).sentence()
    'Counted with other definitions than usual: a gap of up to 60 days is the same customer.'
    """

    gap_days: str = _switch(
        "Days away that still are the same customer",
        "A customer who pays again after no more than this many days never left. A longer gap is a "
        "departure and a return. 0 counts any day between; use 1 where ends are given as the last day "
        "served. " + FITS_ALL,
        (), "45", any="a gap of up to {} days is the same customer",
    )  # fmt: skip
    plan_change: str = _switch(
        "A change of plan or billing interval",
        "Not churn: the customer goes on with the months served so far. Churn: the change ends the "
        "customer's stay, as app stores count it, and the new plan begins as a return. " + FITS_ALL,
        ("not churn", "churn"), "not churn",
        not_churn="a change of plan is not churn", churn="a change of plan or billing interval is churn",
    )  # fmt: skip
    same_day: str = _switch(
        "Customers who leave at once",
        "Keep: they paid one month and left. Set aside: rows that end on the day they start (trial "
        "sign-ups, technical duplicates), or also those that end in the calendar month in which they "
        "start, stay out of the curves. " + FITS_ALL,
        ("keep", "set aside", "set aside the same month"), "keep",
        keep="whoever leaves at once counts as one paid month",
        set_aside="rows that end on the day they start are set aside",
        set_aside_the_same_month="rows that end in the month they start are set aside",
    )  # fmt: skip
    incomplete: str = _switch(
        "Whoever left inside a paid month or year that is not over",
        "As counted: they have left. Complete periods only: they are served until the paid month or year is "
        "over and count as subscribed until then. The second is fairer where the file gives the day of "
        "cancelling: their neighbours who stay are not counted in that month yet, so leaving looks too "
        "frequent otherwise. " + FITS_ALL,
        ("as counted", "complete periods only"), "as counted",
        as_counted="whoever left inside a paid period that is not over has left",
        complete_periods_only="whoever left is served until the paid month or year is over",
    )  # fmt: skip
    join_migrations: str = _switch(
        "Moves of a whole plan to another",
        "Yes: customers whom you moved from one plan to another around one date are the same customers, "
        "however long the gap between the two. Apart: each is a departure and a return. " + FITS_ALL,
        ("no", "yes", "apart"), "no",
        no="moves of a whole plan are read like any change of plan",
        yes="customers moved from one plan to another around one date are the same customers",
        apart="customers moved from one plan to another around one date left and came back",
    )  # fmt: skip

    @classmethod
    def switches(cls) -> tuple[Switch, ...]:
        """Every definition in the order of the screen."""
        return tuple(Switch(name=one.name, default=one.default, **one.metadata) for one in fields(cls))

    @classmethod
    def of(cls, source) -> "Definitions":
        """From subscriptions, or from answers; other answers are left to others. Problem for a wrong one."""
        answers = source if isinstance(source, Mapping) else source.answers
        given = {one.name: one.checked(answers[one.name]) for one in cls.switches() if one.name in answers}
        return cls(**given)

    @property
    def gap(self) -> int:
        return int(self.gap_days)

    @property
    def changed(self) -> dict[str, str]:
        """The choices that are not the default: {} when everything is as usual."""
        chosen = {one: getattr(self, one.name) for one in self.switches()}
        return {one.name: choice for one, choice in chosen.items() if choice != one.default}

    def sentence(self) -> str:
        """What every result says about how it was counted."""
        known = {one.name: one for one in self.switches()}
        if not self.changed:
            usual = [one.phrase(one.default) for one in known.values() if one.name != "join_migrations"]
            return f"Counted with the usual definitions: {'; '.join(usual)}."
        other = [known[name].phrase(choice) for name, choice in self.changed.items()]
        return f"Counted with other definitions than usual: {'; '.join(other)}."


def redefined(subs, **choices: str):
    """The same rows under other definitions, without reading the file again.

    ``redefined(subs, gap_days="60")``; other answers stay as they were. The digest names the choices, so that
    nothing that was cached for the old ones is taken for the new. Problem for a choice that does not exist.
    """
    wrong = set(choices) - {one.name for one in Definitions.switches()}
    if wrong:
        raise Problem(f"There is no definition {sorted(wrong)[0]!r}.")
    answers = {**subs.answers, **choices}
    Definitions.of(answers)
    if answers == dict(subs.answers):
        return subs
    key = json.dumps([subs.digest, sorted(choices.items())])
    return replace(subs, answers=answers, digest=hashlib.sha256(key.encode()).hexdigest())
