"""What counts as leaving: the switches a business may set differently, each declared once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import pyarrow.compute as pc

from cs_models.problems import Problem

LONGEST_GAP = 3650
FITS_ALL = "Files with one row per customer (snapshots) have no dates, so this changes nothing there."
NOTHING = "so this changes nothing here."
# the answer to the importers' question "Which date is the end?" says the same as a definition
END_DATE, REQUEST = "end_date", "cancel request"


@dataclass(frozen=True, eq=False)
class Switch:
    """One definition as a page shows it. `choices` are the answers; none = a whole number of days from 0.

    `needs`: the column without which it changes nothing, `absent`: why; "" = any file with dates will do.
    `spoken`: whether its usual choice is worth saying.
    """

    name: str
    label: str
    help: str
    choices: tuple[str, ...]
    default: str
    said: Mapping[str, str]
    needs: str = ""
    absent: str = ""
    spoken: bool = True

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


def _switch(
    label: str, help: str, choices: tuple[str, ...], default: str,
    needs: str = "", absent: str = "", spoken: bool = True, **said: str,
):  # fmt: skip
    texts = {(key.replace("_", " ") if key != "any" else "*"): text for key, text in said.items()}
    known = dict(label=label, help=help, choices=choices, said=texts)
    return field(default=default, metadata=known | dict(needs=needs, absent=absent, spoken=spoken))


@dataclass(frozen=True)
class Definitions:
    """How customers are counted; the defaults are the rules this project is tested against.

    Answers carry them: ``read(..., answers={"gap_days": "60"})``, so that they are part of the data set's
    digest, of links and of every cache. The first five change counts of leaving, never what the file says is
    billed today: active customers and MRR stay those of the billing system. The others (`recognised` to
    `grain`) say who is a customer today and what he pays, as billing systems differ in it too.

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
        "frequent otherwise. Curves of those who pay for longer than a month wait for the renewal either way. " + FITS_ALL,
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
        apart="customers moved from one plan to another around one date left and came back", spoken=False,
    )  # fmt: skip
    recognised: str = _switch(
        "When churn is recognised",
        "Period end: on the day paid service ends. Cancel click: on the day leaving is asked for, though "
        "service that is paid runs on. After grace: dated as at the period end, but only once the days of "
        "grace are over; until then they may still pay and count as subscribed. The click needs a column of "
        "cancel requests beside the ends. " + FITS_ALL,
        ("period end", "cancel click", "after grace"), "period end",
        period_end="churn counts from the end of the paid period", cancel_click="churn counts from the click on cancel",
        after_grace="churn counts from the end of the paid period, once the days of grace are over",
    )  # fmt: skip
    grace_days: str = _switch(
        "Days of grace",
        "How long after the end of the paid period somebody still counts as subscribed, where churn is "
        "recognised after grace; without effect otherwise.",
        (), "30", spoken=False, any="there are {} days of grace",
    )  # fmt: skip
    paused: str = _switch(
        "Paused subscriptions",
        "Active: a pause is no leaving. Left: they leave on the day the pause begins (where the file does not "
        "say when: with the current period, else on the last day the file knows).",
        ("active", "left"), "active", "standing", f"No subscription in this file is paused, {NOTHING}", False,
        active="paused subscriptions are active", left="paused subscriptions have left",
    )  # fmt: skip
    past_due: str = _switch(
        "Subscriptions whose payment is past due",
        "Active: they may still pay. Left: they leave, by failed payment, on the first day of the period that "
        "is not paid (where the file does not say, on the last day it knows).",
        ("active", "left"), "active", "standing", f"No subscription in this file is past due, {NOTHING}", False,
        active="subscriptions past due are active", left="subscriptions past due have left",
    )  # fmt: skip
    discounts: str = _switch(
        "Discounts",
        "Taken off: monthly revenue is what is really paid. Left in: it is the price before discounts, as if "
        "every discount ended.",
        ("taken off", "left in"), "taken off",
        "discount", f"The file has no column of discounts, {NOTHING}", False,
        taken_off="discounts are taken off monthly revenue", left_in="monthly revenue is before discounts",
    )  # fmt: skip
    grain: str = _switch(
        "Customers with several subscriptions at once",
        "Customer: who holds any subscription is one customer, with the sum of what they pay. Subscription: "
        "each is counted by itself, so that one of two that ends is a departure. " + FITS_ALL,
        ("customer", "subscription"), "customer", spoken=False,
        customer="several subscriptions of a customer are one customer",
        subscription="each subscription is counted as a customer of its own",
    )  # fmt: skip

    last_day: str = _switch(
        "Departures on the day after the last known day",
        "Seen: whoever is still here has stayed through the month that ends on the last known day. Not seen: the file "
        "cannot hold who leaves on the day after it, so that month is not counted as survived; right for a book billed "
        "on the 1st and exported at the end of a month. " + FITS_ALL,
        ("seen", "not seen"), "seen", spoken=False,
        seen="departures on the day after the last known day would show",
        not_seen="departures on the day after the last known day are not in the file yet",
    )  # fmt: skip
    late_ends: str = _switch(
        "Days after a renewal within which an end means it was not paid",
        "For plans paid for several months at once. Many billing systems try a failed payment again for days or weeks and "
        "end the plan only then: its last paid day is the renewal, and no second year was paid. Who still runs is a customer, "
        "however young the last renewal. 0: an end after a renewal means that it was paid. " + FITS_ALL,
        (), "0", "term", f"Nobody in this file pays for longer than a month at once, {NOTHING}", False,
        any="whoever is ended up to {} days after a renewal did not pay it",
        **{"0": "whoever is ended after a renewal has paid it"},
    )  # fmt: skip

    @classmethod
    def switches(cls) -> tuple[Switch, ...]:
        """Every definition in the order of the screen."""
        return tuple(Switch(name=one.name, default=one.default, **one.metadata) for one in fields(cls))

    @classmethod
    def of(cls, source) -> "Definitions":
        """From subscriptions, or from answers; other answers are left to others. Problem for a wrong one."""
        answers = source if isinstance(source, Mapping) else source.answers
        if answers.get(END_DATE) == REQUEST:
            answers = {"recognised": "cancel click", **answers}
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
            usual = [one.phrase(one.default) for one in known.values() if one.spoken]
            return f"Counted with the usual definitions: {'; '.join(usual)}."
        other = [known[name].phrase(choice) for name, choice in self.changed.items()]
        return f"Counted with other definitions than usual: {'; '.join(other)}."


def idle(subs) -> dict[str, str]:
    """Name of a definition -> why it changes nothing in these data. Example: {"paused": "No subscription in
    this file is paused, so this changes nothing here."}
    """
    if not subs.has_dates:
        return {one.name: f"The file has no dates, {NOTHING}" for one in Definitions.switches()}
    told = {one.name: one.absent for one in Definitions.switches() if not _held(subs, one)}
    if "asked_on" not in subs.rows.column_names:
        told["recognised"] = "No cancel request stands beside the ends, so that the click changes nothing here."
    return told


def _held(subs, switch: Switch) -> bool:
    if switch.needs == "term":
        return "term" not in subs.rows.column_names or (pc.max(subs.rows["term"]).as_py() or 1) > 1
    if switch.needs != "standing":
        return not switch.needs or switch.needs in subs.rows.column_names
    words = subs.rows["standing"].unique().to_pylist() if "standing" in subs.rows.column_names else []
    return switch.name.replace("_", " ") in words
