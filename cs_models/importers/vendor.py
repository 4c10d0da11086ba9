"""Billing systems by name: an export of theirs is recognised by its header and read by its own words.

A vendor declares headers, what its status words mean, units and which rows do not count; everything else is
shared here. The steps: leave out what is no subscription, read states, days and money, choose the end of paid
service, set trials apart, and hand paid periods to the common last part.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers import beside, canonical, common, vendor_dates, vendor_money, vendor_rows
from cs_models.importers.canonical import Book
from cs_models.importers.columns import BLANK, Column, shorten, tidy
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import Periods, days_since_epoch
from cs_models.importers.segments import segment_columns
from cs_models.importers.vendor_rows import TRIAL, WAITING
from cs_models.problems import ImportProblem, Problem
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions, normalised

# above what any general shape can reach: a vendor's own header goes first
SURE = 100
ROLES = {
    "customer": ("Customer", "The id of the customer, the same in all of its rows."),
    "other_customer": ("Customer, if the first is blank", "Who the row belongs to without a customer id."),
    "subscription": ("Subscription", "The id of the subscription; versions of it share this id."),
    "segment": ("Part of the subscription", "Number of the stretch of time a row is about."),
    "date": ("Day of the change", "From this day on the customer pays the changed amount."),
    "change": ("Change of MRR", "How much more or, with a minus, less they pay a month from then on."),
    "movement": ("Kind of movement", "New, expansion, contraction, churn or reactivation."),
    "amount": ("Amount", "What was paid for the whole period."),
    "refunded": ("Refunded", "What was paid back of it: taken off."),
    "start": ("Start", "First day of the subscription."),
    "ended": ("End of paid service", "When the subscription really ends; blank while it runs."),
    "cancelled": ("Cancel request", "When leaving was asked for; paid service may run on."),
    "cancel_at": ("Booked end", "An end that was set in advance."),
    "ends_with_period": ("Ends with the period", "Whether the current period is the last one."),
    "period_start": ("Current period from", "First day of the period paid last."),
    "period_end": ("Current period until", "End of the period paid last."),
    "trial_start": ("Trial from", "First day of the trial."),
    "trial_end": ("Trial until", "Last day of the trial; paid time is counted from here."),
    "in_trial": ("Is a trial", "Yes for rows that are trials."),
    "status": ("Status", "The state of the subscription, in the words of the billing system."),
    "plan": ("Plan", "What was bought."),
    "interval": ("Billing interval", "How often they pay."),
    "interval_count": ("Intervals per payment", "3 with months is a quarter."),
    "mrr": ("Monthly recurring revenue", "Money per month, whatever the billing interval."),
    "price": ("Price per billing period", "Money per payment: the yearly price for yearly plans."),
    "quantity": ("Quantity", "Seats or units; a price per unit is multiplied by it."),
    "less": ("Not revenue (1)", "Tax or shipping inside the price: taken off."),
    "less_2": ("Not revenue (2)", "Tax or shipping inside the price: taken off."),
    "less_3": ("Not revenue (3)", "Tax or shipping inside the price: taken off."),
    "currency": ("Currency", "One currency per file."),
    "end_reason": ("Reason for leaving", "Failed payments are told apart from decisions to leave."),
    "paused_on": ("Paused", "Since when the subscription is paused, or when the pause is to begin."),
    "discount": ("Discount", "What a discount takes off the price of a billing period."),
    "kind": ("Kind of charge", "Only recurring charges count."),
    "failed_on": ("Payment failed on", "Whoever left after a failed payment did not choose to."),
    "opted_out_on": ("Opted out on", "When renewal was switched off; paid service runs on."),
    "record": ("Bill", "The id of the bill; versions of it share this id."),
    "test_mode": ("Test data", "Yes for test data, which is left out."),
    "live_mode": ("Live mode", "No for test data, which is left out."),
    "deleted": ("Deleted", "Yes for records deleted at the source."),
    "version": ("Version", "Number of the version; the highest counts."),
    "current": ("Newest version", "Yes for the version in force."),
    "updated": ("Changed", "When the record was last changed."),
    "synced": ("Exported", "When the record was exported."),
}


@dataclass(frozen=True, eq=False)
class VendorLayout(Layout):
    """The export of one billing system.

    `signature`: groups of headers as written (upper and lower case alike), of each at least one must be in
    the file. `statuses`: word -> state. `cents`: amounts are whole minor units. `per_unit`: headers of prices
    that are multiplied by the quantity. `recurring`: words of the kind of charge that counts. `key`: roles
    that name one subscription (or part of it) through all of its versions. `keep_deleted`: records deleted after
    they ended are history and stay. `plan_pattern`: what to take of a plan. `booked_ends`: ends are written
    ahead, and do not tell the day of export. `renewals`: a row is one renewal, and its id names no
    subscription. `discounted`: prices are those after discounts.
    """

    signature: tuple[tuple[str, ...], ...] = ()
    statuses: Mapping[str, int] = field(default_factory=dict)
    cents: bool = False
    per_unit: tuple[str, ...] = ()
    recurring: tuple[str, ...] = ()
    key: tuple[str, ...] = ("subscription",)
    keep_deleted: bool = False
    plan_pattern: str = ""
    booked_ends: bool = False
    renewals: bool = False
    discounted: bool = False

    def score(self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None) -> float:
        """More than any general shape when every group of the signature is there, 0 otherwise."""
        found = {" ".join(header.lower().split()) for header in headers}
        if not all(any(_among(name, found) for name in group) for group in self.signature):
            return 0.0
        return SURE + len(self.signature) + len(self.recognise(headers, given)) / 100

    def recognise(
        self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None
    ) -> dict[str, str]:
        """Which header plays which role; only the headers the vendor is known to write."""
        given = given or {}
        mapping = {role: header for role, header in given.items() if header}
        free: dict[str, str] = {}
        for header in headers:
            if header not in mapping.values():
                free.setdefault(normalised(header), header)
        for role in self.roles:
            alias = next((a for a in role.words if a in free), None)
            if alias and role.name not in given:
                mapping[role.name] = free.pop(alias)
        return mapping


def _among(name: str, headers: set[str]) -> bool:
    """Whether a header is there; a name that begins with ^ is a pattern."""
    return name in headers or (name[0] == "^" and any(re.search(name, header) for header in headers))


def vendor(
    name: str, title: str, columns: Mapping[str, str], signature: str, template: str,
    statuses: Mapping[int, str] | None = None, required: str = "customer start", **more,
) -> VendorLayout:
    """Declare a layout.

    `columns`: role -> headers separated by "|", best first. `signature`: groups separated by ";", headers of
    a group by "|". `statuses`: state -> words separated by blanks. `template`: example rows, one a line.
    """
    roles = tuple(
        Role(role, ROLES[role][0], role in required.split(), tuple(words.split("|")), ROLES[role][1])
        for role, words in columns.items()
    )
    groups = tuple(tuple(group.strip().lower().split("|")) for group in signature.split(";"))
    meaning = {word: state for state, words in (statuses or {}).items() for word in words.split()}
    rows = tuple(tuple(line.strip().split(",")) for line in template.strip().splitlines())

    def build_this(table, mapping, as_of, answers):
        return build(layout, table, mapping, as_of, answers)

    layout = VendorLayout(
        name, title, f"As {title.split(' ')[0]} writes it.", roles, build_this, rows, "All pages.",
        signature=groups, statuses=meaning, **more,
    )  # fmt: skip
    return layout


def looks_like(title: str) -> str:
    """The sentence that names an export: "This looks like a Stripe subscriptions export." """
    return f"This looks like {'an' if title[0] in 'AEIO' else 'a'} {title}."


def not_subscriptions(name: str, title: str, signature: str, instead: str) -> VendorLayout:
    """A known export without subscriptions in it: refused with a sentence that names the one to take."""

    def refuse(table, mapping, as_of, answers):
        raise ImportProblem(f"{looks_like(title)} {instead}")

    groups = tuple(tuple(group.strip().lower().split("|")) for group in signature.split(";"))
    return VendorLayout(name, title, instead, (), refuse, ((),), "Nothing: it is refused.", signature=groups)


def build(
    layout: VendorLayout, table: TextTable, mapping: Mapping[str, str], as_of: date | None,
    answers: Mapping[str, str],
) -> Subscriptions:
    """Turn the rows of a vendor's export into paid periods; every row ends accepted, repaired or rejected."""
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    customer = _customer(roles)
    ledger = Ledger(table, customer)
    ledger.note("layout", looks_like(layout.title))
    common.reject_missing_customer(customer, ledger)
    states = vendor_rows.read_states(layout.statuses, roles, ledger)
    common.reject_duplicates(columns, ledger)
    vendor_rows.leave_out(layout, roles, states, ledger)
    read = vendor_dates.read_days(roles, answers, ledger)
    vendor_dates.reject_bad_starts(read, states, ledger)
    common.tidy_repairs(roles | {"customer": customer}, ledger)
    common.refuse_if_nothing_left(ledger, layout)
    cycle = vendor_money.read_cycles(roles, read, ledger)
    common.refuse_if_nothing_left(ledger, layout)
    today = vendor_dates.known_day(layout, read, states, cycle.term, as_of, ledger)
    mrr, price, currency, off = vendor_money.read_money(layout, roles, cycle, answers, ledger)
    start, end, aside = vendor_dates.choose(roles, read, states, today, (mrr, currency), answers, ledger)
    common.refuse_if_nothing_left(ledger, layout)
    place = np.flatnonzero(read["start"].good)
    plan = _plan(roles.get("plan"), layout.plan_pattern)
    rest = vendor_rows.groupable(common.unmapped(table, columns, mapping), ledger)
    segments, headers = segment_columns(rest, ledger)
    named = {name: mapping[name] for name in ("plan", "interval") if name in mapping}
    if "interval" not in named and cycle.from_period:
        named["interval"] = "billing interval"
    reasons = canonical.end_reasons(roles.get("end_reason"), len(ledger.rows))
    reasons = vendor_rows.told_by_days(reasons, roles, states)
    book = Book(
        place=place,
        customer=customer.text(None).take(place),
        periods=Periods(start[place], end.day[place], ~end.good[place], cycle.term[place]),
        currency=currency,
        mrr=None if mrr is None else mrr[place],
        price=None if price is None else price[place],
        plan=None if plan is None else plan.take(place),
        reason=reasons.take(place),
        aside=aside[place],
        aside_rows=np.isin(states, (TRIAL, WAITING)) & ~read["start"].good,
        segments=tuple(segment.take(place) for segment in segments),
        headers=tuple(headers),
        named=named,
        asides=beside.columns(layout, roles, read, states, (start, end, off, today), place),
    )
    _refuse_too_early(start, as_of, ledger)
    return canonical.subscriptions(layout, mapping, answers, ledger, book, today)


def _customer(roles: Mapping[str, Column]) -> Column:
    """The customer column, its blank cells filled from the second one (an e-mail when there is no id)."""
    first, second = roles["customer"], roles.get("other_customer")
    if second is None or not first.blank.any():
        return first
    blank = first.spread(first.blank)
    own, other = first.raw.take(pa.array(first.codes)), second.raw.take(pa.array(second.codes))
    return _as_column(first.header, pc.if_else(blank, other, own))


def _as_column(header: str, cells: pa.Array) -> Column:
    encoded = cells.dictionary_encode()
    values, tidied = tidy(encoded.dictionary)
    return Column(header, encoded.dictionary, values, encoded.indices.to_numpy(zero_copy_only=False), tidied)


def _plan(column: Column | None, pattern: str):
    if column is None:
        return None
    if pattern:
        found = pc.struct_field(pc.extract_regex(column.raw, pattern), "plan")
        column = _as_column(column.header, pc.coalesce(found, column.raw).take(pa.array(column.codes)))
    return column.text(BLANK)


def _refuse_too_early(start: np.ndarray, as_of: date | None, ledger: Ledger) -> None:
    if as_of is not None and days_since_epoch(as_of) < int(start[ledger.kept].min()):
        raise Problem(
            f"The day {as_of.isoformat()} lies before every start in "
            f"{shorten(ledger.table.name) or 'the file'}. Choose a later day."
        )
