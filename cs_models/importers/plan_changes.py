"""A log of plan changes with a price table: each row says which plan a customer is on from that day."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.importers import canonical, common, period_dates
from cs_models.importers.amounts import per_month
from cs_models.importers.billing import Cycles, read_cycles
from cs_models.importers.columns import Column, matches
from cs_models.importers.grouping import book_of, customer_codes, group_days, ranks
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Levels, Stretches, stretches
from cs_models.importers.periods import LAYOUT as PERIODS
from cs_models.importers.plan_codes import ask_codes
from cs_models.importers.words import read_reasons
from cs_models.importers.suspects import ask_test_accounts
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions

LEFT = (
    r"^\W*(churn(ed)?|cancel(l?ed|lation)?|none|no plan|left|ended|expired|unsubscribed|inactive|terminated)"
    r"\W*$"
)
TRIAL = r"\b(free.?)?trial\b|_trial|trial_"
YEARLY = r"annual|yearly|per year|12.?month|1.?year"


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Each row holds until the next of the same customer; a plan called churn or cancelled is the end.

    Trials are set aside: the clock starts with the first paid plan, and who leaves straight from the trial
    has never been a customer, so that is no churn. A yearly plan is known by its interval or by its name.
    """
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    ledger = Ledger(table, roles["customer"])
    common.reject_missing_customer(roles["customer"], ledger)
    read = period_dates.read_days({"date": roles["date"]}, ("date",), answers, ledger)["date"]
    _reject_missing_plan(roles["plan"], ledger)
    left, trial = (roles["plan"].spread(matches(roles["plan"].values, word)) for word in (LEFT, TRIAL))
    if "price" not in roles:
        day = np.where(ledger.kept, read.day, 0)
        coded = ask_codes(roles["plan"], customer_codes(roles["customer"]), day, answers, ledger)
        left, trial = left | coded[0], trial | coded[1]
    cycles = _cycles(roles, ledger)
    term = cycles.term
    price, currency = _prices(roles, left | trial, answers, ledger)
    common.reject_duplicates(columns, ledger)
    ask_test_accounts(roles["customer"], columns, answers, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    rows = np.flatnonzero(ledger.kept)
    day = np.where(ledger.kept, read.day, 0)
    today = canonical.last_day(int(day[rows].max()), int(day[rows].min()), as_of, ledger)
    customer, plan = customer_codes(roles["customer"]), ranks(roles["plan"])
    days = group_days(rows, customer, day, left, plan, columns=columns)
    _tell_same_day(days, customer, ledger)
    price = cycles.as_terms(price) if price is not None else None
    monthly = per_month(price, term) if price is not None else np.ones(len(term), np.int64)
    levels = Levels(
        days.first(customer), days.first(day), days.last(np.arange(len(term))), days.last(monthly),
        ~days.last(left), days.last(term), days.last(plan),
    )  # fmt: skip
    found = stretches(levels, today)
    aside = _trials(found, trial, ledger)
    money = (
        dict(mrr=None, price=None)
        if price is None
        else dict(mrr=np.where(aside != "", 0, found.mrr), price=price[found.place])
    )
    book = book_of(
        found,
        table,
        columns,
        roles,
        mapping,
        ledger,
        currency,
        aside=aside,
        reason=_reasons(found, roles),
        **money,
    )
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, book, today)


def _reject_missing_plan(plan: Column, ledger: Ledger) -> None:
    missing = plan.spread(plan.blank) & ledger.kept
    ledger.reject(missing, plan, "no plan: fill in which plan holds from this day")
    ledger.find(
        "no_plan", missing, "row has no plan", "rows have no plan", "Fill in which plan holds from that day."
    )


def _cycles(roles: Mapping[str, Column], ledger: Ledger) -> Cycles:
    """From the interval column, else from the name of the plan ("pro annual" is 12 months)."""
    if "interval" in roles:
        return read_cycles(roles, ledger)
    plan = roles["plan"]
    term = np.where(plan.spread(matches(plan.values, YEARLY)), 12, 1).astype(np.int64)
    return Cycles(term, np.zeros(len(term)))


def _prices(roles: Mapping[str, Column], unpaid: np.ndarray, answers, ledger: Ledger):
    currency = common.read_currency(roles.get("currency"), ledger)
    if "price" not in roles:
        return None, currency or "USD"
    found, symbol = common.read_money(roles["price"], currency, answers, ledger, may_be_blank=unpaid)
    return np.where(ledger.kept, found.per_row, 0), symbol or currency or "USD"


def _tell_same_day(days, customer: np.ndarray, ledger: Ledger) -> None:
    at = np.zeros(len(customer), bool)
    at[days.first(np.arange(len(customer)))[days.sizes > 1]] = True
    ledger.find(
        "same_day_changes",
        at,
        "customer changes plan more than once on a day: the last by name counts, a churn after all",
        "customers change plan more than once on a day: the last by name counts, a churn after all",
        "Add the time of day or correct the dates if another order is meant.",
    )


def _trials(found: Stretches, trial: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Why a stretch is set aside: "trial", or "left in the trial" for those who never paid."""
    on_trial = trial[found.place]
    who = found.levels.customer[found.first]
    paid = np.zeros(int(who.max(initial=0)) + 1, bool)
    paid[who[~on_trial]] = True
    never = on_trial & ~paid[who] & ~found.periods.open
    at, gone = (np.zeros(len(ledger.rows), bool) for _ in range(2))
    at[found.place[on_trial]] = True
    gone[found.place[never]] = True
    ledger.find("trial", at, "row is a trial and is set aside: the clock starts with the first paid plan",
                "rows are trials and are set aside: the clock starts with the first paid plan")  # fmt: skip
    ledger.find("left_in_trial", gone, "customer left straight from the trial, which is no churn: never paid",
                "customers left straight from the trial, which is no churn: they never paid")  # fmt: skip
    return np.where(never, "left in the trial", np.where(on_trial, "trial", "")).astype(object)


def _reasons(found: Stretches, roles: Mapping[str, Column]) -> pa.DictionaryArray | None:
    column = roles.get("end_reason")
    if column is None:
        return None
    ends = np.where(found.last >= 0, found.levels.place[np.maximum(found.last, 0)], 0)
    return read_reasons(column).take(pa.array(column.codes[ends])).dictionary_encode()


class PlanChanges(Layout):
    """Periods with an end column are no log of changes; with neither ends nor prices nobody could be seen to leave."""

    def score(self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None) -> float:
        """As for every layout, below 1 where the file has ends of its own, and above that of periods where they would
        have neither ends nor money.
        """
        base, known = super().score(headers, given), PERIODS.recognise(headers)
        if "end" in known:
            return min(base, 0.3)
        return base + 1 if base > 1 and not {"mrr", "price"} & set(known) else base


LAYOUT = PlanChanges(
    name="plan_changes",
    title="Log of plan changes",
    about="One row per change: from that day the customer is on that plan; prices can be in a second file.",
    roles=(
        Role("customer", "Customer", True, PERIODS.role("customer").aliases[:-2],
             "The id of the customer, the same in all of its rows."),
        Role("date", "Day of the change", True,
             ("change_date", "changed_at", "changed_on", "plan_change_date", "event_date", "effective_date",
              "effective_from", "start_date", "valid_from", "occurred_at", "timestamp"),
             "From this day on the plan holds."),
        Role("plan", "New plan", True,
             ("new_plan", "plan_name", "to_plan", "plan_to", "current_plan", "next_plan", "plan_code",
             "plan_id",
              "product_name", "tier"),
             "The plan from that day on; one called churn or cancelled is the end."),
        Role("plan_id", "Id of the plan", False, ("new_plan_id", "plan_code"),
             "Joins the log with the price table."),
        Role("price", "Price per billing period", False, PERIODS.role("price").aliases,
             "Money per payment: the yearly price for yearly plans."),
        Role("interval", "Billing interval", False, PERIODS.role("interval").aliases,
             "How often they pay; without it a plan called annual or yearly is billed every 12 months."),
        Role("end_reason", "Reason for leaving", False, PERIODS.role("end_reason").aliases,
             "Failed payments are told apart from decisions to leave."),
        Role("currency", "Currency", False, PERIODS.role("currency").aliases, "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "change date", "new plan", "price", "billing interval", "segment"),
        ("C-001", "2024-01-15", "Basic", "19.00", "monthly", "Small business"),
        ("C-001", "2024-04-15", "Pro", "490.00", "annual", "Small business"),
        ("C-002", "2024-02-01", "Pro", "49.00", "monthly", "Enterprise"),
        ("C-002", "2024-07-01", "churn", "", "monthly", "Enterprise"),
    ),
    available="All pages.",
    usual=False,
)  # fmt: skip
