"""One seeded book of subscriptions, written the way each billing system exports it (header as they write it)."""

import csv
import io
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

AS_OF = date(2025, 6, 30)
PLANS = {"Basic": (1900, 22800), "Pro": (4900, 58800), "Team": (9900, 106800)}   # cents a month, cents a year
REGIONS = ("EU", "US", "APAC")


@dataclass(frozen=True)
class Sub:
    """One paid subscription: `click` is the request to leave, `end` the end of paid service (None = none yet)."""

    number: int
    customer: str
    plan: str
    yearly: bool
    start: date
    click: date | None
    end: date | None
    reason: str   # "", "too expensive" or "payment_failed"
    region: str

    @property
    def price(self) -> int:
        return PLANS[self.plan][self.yearly]

    @property
    def monthly(self) -> int:
        return self.price // 12 if self.yearly else self.price

    @property
    def live(self) -> bool:
        return self.end is None or self.end > AS_OF

    @property
    def ending(self) -> bool:
        """Will not renew, but is served until its end."""
        return self.end is not None and self.end > AS_OF

    @property
    def renewed(self) -> date:
        """First day of the period paid last."""
        until, step = self.end or AS_OF + timedelta(1), 12 if self.yearly else 1
        k = 0
        while months_on(self.start, (k + 1) * step) < until:
            k += 1
        return months_on(self.start, k * step)

    @property
    def paid_until(self) -> date:
        step = 12 if self.yearly else 1
        return self.end if self.end else months_on(self.renewed, step)


def months_on(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    return date(at // 12, at % 12 + 1, day.day)


def book(seed: int = 3, size: int = 90) -> list[Sub]:
    """Paid subscriptions of `size` customers; some come back, some hold two, some have asked to leave."""
    chance, found = random.Random(seed), []
    for n in range(size):
        start = months_on(date(2023, 1, chance.randint(1, 28)), chance.randint(0, 28))
        for again in range(chance.choice((1, 1, 1, 2))):
            sub = _one(chance, len(found), f"C{n:03d}", start)
            found.append(sub)
            # back after a gap, or a second one beside the first
            start = months_on(sub.end, 4) if sub.end else months_on(start, 1)
            if start > AS_OF:
                break
    return found


def _one(chance: random.Random, number: int, customer: str, start: date) -> Sub:
    plan, yearly = chance.choice(list(PLANS)), chance.random() < 0.25
    step, k = (12 if yearly else 1), 1
    while chance.random() > (0.35 if yearly else 0.08) and months_on(start, k * step) <= AS_OF:
        k += 1
    end = months_on(start, k * step)
    if months_on(start, (k - 1) * step) > AS_OF or (end > AS_OF and chance.random() < 0.75):
        return Sub(number, customer, plan, yearly, start, None, None, "", chance.choice(REGIONS))
    failed = chance.random() < 0.3 and end <= AS_OF
    click = end if failed else end - timedelta(chance.randint(1, 150 if yearly else 45))
    click = max(click, start)
    if click > AS_OF:
        return Sub(number, customer, plan, yearly, start, None, None, "", chance.choice(REGIONS))
    reason = "payment_failed" if failed else "too expensive"
    return Sub(number, customer, plan, yearly, start, click, end, reason, chance.choice(REGIONS))


# --- words for days and money ---


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def stamp(value: date | None, empty: str = "") -> str:
    return f"{value.isoformat()} 09:30:00" if value else empty


def minute(value: date | None) -> str:
    return f"{value.isoformat()} 09:30" if value else ""


def micro(value: date | None) -> str:
    return f"{value.isoformat()} 09:30:00.000000" if value else ""


def zulu(value: date | None) -> str:
    return f"{value.isoformat()}T09:30:00Z" if value else ""


def epoch(value: date | None) -> str:
    return str(int(datetime.combine(value, time(9, 30), UTC).timestamp())) if value else ""


def units(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def clicked(sub: Sub) -> date | None:
    return sub.click if sub.click and sub.click <= AS_OF else None


def stopped(sub: Sub) -> date | None:
    """What a system that writes the end only when it has come knows."""
    return None if sub.live else sub.end


TRIAL_START, TRIAL_END = date(2025, 6, 20), date(2025, 7, 4)

# --- one row per subscription in each layout; the rows that must not count come behind ---


def periods(subs: list[Sub]):
    yield "customer start end plan interval price end_reason region".split()
    for s in subs:
        yield [s.customer, day(s.start), day(s.end), s.plan, "annual" if s.yearly else "monthly", units(s.price),
               s.reason, s.region]


def stripe_dashboard(subs: list[Sub]):
    yield ["id", "Customer ID", "Customer Email", "Status", "Cancellation Reason", "Plan", "Quantity", "Currency",
           "Interval", "Amount", "Created (UTC)", "Start Date (UTC)", "Current Period Start (UTC)",
           "Current Period End (UTC)", "Trial Start (UTC)", "Trial End (UTC)", "Canceled At (UTC)", "Ended At (UTC)",
           "Cancel At Period End", "region (metadata)"]
    for s in subs:
        yield [f"sub_{s.number}", s.customer, f"{s.customer}@example.test", "active" if s.live else "canceled",
               s.reason, s.plan, "1", "usd", "year" if s.yearly else "month", units(s.price), minute(s.start),
               minute(s.start), minute(s.renewed), minute(s.paid_until), "", "", minute(clicked(s)),
               minute(stopped(s)), str(s.ending).lower(), s.region]
    yield ["sub_t", "T1", "t@example.test", "trialing", "", "Pro", "1", "usd", "month", "49.00", minute(TRIAL_START),
           minute(TRIAL_START), minute(TRIAL_START), minute(TRIAL_END), minute(TRIAL_START), minute(TRIAL_END), "",
           "", "false", "EU"]
    yield ["sub_i", "T2", "i@example.test", "incomplete_expired", "", "Pro", "1", "usd", "month", "49.00",
           minute(TRIAL_START), minute(TRIAL_START), minute(TRIAL_START), minute(TRIAL_END), "", "", "",
           minute(TRIAL_START), "false", "EU"]


def stripe_api(subs: list[Sub]):
    yield ["id", "_fivetran_synced", "_fivetran_active", "cancel_at_period_end", "canceled_at", "created",
           "current_period_end", "current_period_start", "customer_id", "ended_at", "livemode", "quantity",
           "start_date", "status", "trial_end", "trial_start", "plan_name", "unit_amount", "currency",
           "recurring_interval", "recurring_interval_count", "cancellation_reason", "region"]
    synced = epoch(AS_OF)

    def row(s, active="true", status="", live="TRUE", synced=synced):
        status = status or ("active" if s.live else "canceled")
        return [f"sub_{s.number}", synced, active, str(s.ending).upper(), epoch(clicked(s)), epoch(s.start),
                epoch(s.paid_until), epoch(s.renewed), s.customer, epoch(stopped(s)), live, "1", epoch(s.start),
                status, "", "", s.plan, str(s.monthly if s.yearly else s.price), "usd", "month", "1", s.reason,
                s.region]

    for s in subs:
        full = row(s)
        full[17], full[19] = str(s.price), "year" if s.yearly else "month"
        if s.number % 3 == 0:   # an older version, when it still ran
            old = list(full)
            old[1], old[2], old[4], old[9], old[13] = epoch(AS_OF - timedelta(40)), "false", "", "", "active"
            yield old
        yield full
    test = row(subs[0])
    yield ["sub_test", *test[1:8], "TEST", test[9], "FALSE", *test[11:]]


def recurly(subs: list[Sub]):
    yield ["id", "created_at", "updated_at", "activated_at", "canceled_at", "expires_at", "account_id", "plan_name",
           "uuid", "state", "current_period_started_at", "current_period_ends_at", "trial_started_at",
           "trial_ends_at", "currency", "unit_amount", "quantity", "interval_unit", "interval_length",
           "expiration_reason", "region"]
    for s in subs:
        state = "canceled" if s.ending else "active" if s.live else "expired"
        new = [str(s.number), stamp(s.start), stamp(AS_OF), stamp(s.start), stamp(clicked(s)),
               stamp(s.end if clicked(s) else None), s.customer, s.plan, f"u{s.number}", state, stamp(s.renewed),
               stamp(s.paid_until), "", "", "USD", units(s.price), "1", "months", "12" if s.yearly else "1",
               {"payment_failed": "nonpayment"}.get(s.reason, s.reason), s.region]
        if s.number % 4 == 0:
            old = list(new)
            old[2], old[4], old[5], old[9] = stamp(AS_OF - timedelta(100)), "", "", "active"
            yield old
        yield new


def chargebee(subs: list[Sub]):
    yield ["id", "customer_id", "plan_id", "plan_quantity", "plan_unit_price", "plan_amount", "billing_period",
           "billing_period_unit", "currency_code", "status", "trial_start", "trial_end", "current_term_start",
           "current_term_end", "created_at", "started_at", "activated_at", "cancelled_at", "cancel_reason", "region"]
    for s in subs:
        status = "non_renewing" if s.ending else "active" if s.live else "cancelled"
        reason = {"payment_failed": "not_paid"}.get(s.reason, s.reason)
        yield [str(s.number), s.customer, s.plan, "1", str(s.price), str(s.price), "1",
               "year" if s.yearly else "month", "USD", status, "", "", epoch(s.renewed), epoch(s.paid_until),
               epoch(s.start), epoch(s.start), epoch(s.renewed), epoch(s.end), reason, s.region]
    yield ["t", "T1", "Pro", "1", "4900", "4900", "1", "month", "USD", "in_trial", epoch(TRIAL_START),
           epoch(TRIAL_END), epoch(TRIAL_START), epoch(TRIAL_END), epoch(TRIAL_START), epoch(TRIAL_START),
           epoch(TRIAL_START), "", "", "EU"]


def zuora_charges(subs: list[Sub]):
    yield ["id", "_fivetran_deleted", "account_id", "billing_period", "charge_number", "charge_type",
           "effective_end_date", "effective_start_date", "is_last_segment", "mrr", "name", "original_id", "segment",
           "transaction_currency", "version", "updated_date"]
    for s in subs:
        new = [f"r{s.number}", "FALSE", s.customer, "Annual" if s.yearly else "Month", f"C-{s.number}", "Recurring",
               day(s.end), day(s.start), "TRUE", units(s.monthly), s.plan, f"o{s.number}", "1", "USD", "2",
               micro(AS_OF)]
        if s.number % 5 == 0:
            yield [f"q{s.number}", *new[1:6], "", *new[7:14], "1", micro(AS_OF - timedelta(30))]
        yield new
    yield ["u1", "FALSE", "C000", "Month", "C-u", "Usage", "", day(date(2024, 1, 1)), "TRUE", "", "Calls", "ou", "1",
           "USD", "1", micro(AS_OF)]
    yield ["d1", "TRUE", "C000", "Month", "C-d", "Recurring", "", day(date(2024, 1, 1)), "TRUE", "99.00", "Pro",
           "od", "1", "USD", "1", micro(AS_OF)]


def recharge(subs: list[Sub]):
    yield ["id", "address_id", "customer_id", "created_at", "cancelled_at", "next_charge_scheduled_at", "price",
           "quantity", "cancellation_reason", "status", "product_title", "sku", "order_interval_unit",
           "order_interval_frequency", "charge_interval_frequency", "updated_at", "_fivetran_deleted", "region"]
    for s in subs:
        # a subscription that will not renew is only cancelled when its end has come
        yield [str(s.number), "1", s.customer, stamp(s.start), stamp(stopped(s)), "", units(s.price), "1",
               s.reason if not s.live else "", "ACTIVE" if s.live else "CANCELLED", s.plan, "S", "month",
               "12" if s.yearly else "1", "1", stamp(AS_OF), "FALSE", s.region]


def woocommerce(subs: list[Sub]):
    yield ["subscription_id", "subscription_status", "customer_id", "start_date", "trial_end_date",
           "next_payment_date", "last_payment_date", "cancelled_date", "end_date", "billing_period",
           "billing_interval", "order_shipping", "order_shipping_tax", "order_tax", "order_total", "order_currency",
           "billing_email", "order_items", "region"]
    for s in subs:
        status = "wc-pending-cancel" if s.ending else "wc-active" if s.live else "wc-cancelled"
        total = s.price + 500 + 50 + 810
        yield [str(s.number), status, s.customer, stamp(s.start), "0",
               stamp(None if s.end else s.paid_until, "0"), stamp(s.renewed), stamp(clicked(s), "0"),
               stamp(s.end, "0"), "year" if s.yearly else "month", "1", "5.00", "0.50", "8.10", units(total), "USD",
               f"{s.customer}@example.test", f"product_id:7|name:{s.plan}|quantity:1", s.region]


def baremetrics(subs: list[Sub]):
    yield ["plan_oid", "plan_name", "plan_currency", "plan_amount", "plan_interval", "plan_interval_count",
           "customer_oid", "customer_name", "customer_email", "subscription_oid", "subscription_started_at",
           "subscription_canceled_at", "subscription_quantity", "region"]
    for s in subs:
        yield [s.plan, s.plan, "USD", str(s.price), "month", "12" if s.yearly else "1", s.customer, "A B",
               f"{s.customer}@example.test", f"s{s.number}", day(s.start), day(s.end), "1", s.region]


def chartmogul_intervals(subs: list[Sub]):
    yield ["CUSTOMER_UUID", "MRR", "START_DATE", "END_DATE", "PLAN_UUID", "QUANTITY", "SUBSCRIPTION_UUID",
           "SUBSCRIPTION_SET_UUID", "SUB_SET_PLAN_UUIDS", "IS_FREE", "IS_TRIAL"]
    for s in subs:
        yield [s.customer, str(s.monthly), zulu(s.start), zulu(s.end), s.plan, "1", f"s{s.number}", "", "", "FALSE",
               "FALSE"]
    yield ["T1", "4900", zulu(TRIAL_START), "", "Pro", "1", "t", "", "", "FALSE", "TRUE"]


def payments(s: Sub) -> list[date]:
    """First days of the paid periods."""
    step, starts = (12 if s.yearly else 1), [s.start]
    while starts[-1] < s.renewed:
        starts.append(months_on(s.start, len(starts) * step))
    return starts


def stripe_payments(subs: list[Sub]):
    yield ["id", "Description", "Seller Message", "Created (UTC)", "Amount", "Amount Refunded", "Currency",
           "Converted Amount", "Converted Amount Refunded", "Fee", "Tax", "Converted Currency", "Mode", "Status",
           "Statement Descriptor", "Customer ID", "Customer Description", "Customer Email", "Captured", "Card ID"]

    def row(s, number, day, status="Paid", back=0):
        name = f"{s.plan} annual" if s.yearly else s.plan
        return [f"ch_{number}", name, "ok", minute(day), units(s.price), units(back), "usd", units(s.price),
                units(back), "0.80", "0.00", "usd", "Live", status, "", s.customer, "", "x@example.test", "true", ""]

    for s in subs:
        for k, start in enumerate(payments(s)):
            yield row(s, f"{s.number}_{k}", start)
        if s.reason == "payment_failed":
            yield row(s, f"{s.number}_f", s.end, "Failed")
    # paid and given back in full: it pays for nothing
    yield row(Sub(998, "R1", "Pro", False, date(2025, 6, 1), None, None, "", "EU"), "r", date(2025, 6, 1),
              "Refunded", 4900)


def chartmogul_movements(subs: list[Sub]):
    yield ["DATE", "CUSTOMER_NAME", "MRR_MOVEMENT", "MRR", "MOVEMENT_TYPE", "CURRENCY_CODE", "CUSTOMER_EXTERNAL_ID",
           "SUBSCRIPTION_EXTERNAL_ID", "UUID", "RANK"]
    known: set[str] = set()
    for s in sorted(subs, key=lambda s: s.start):
        kind = "reactivation" if s.customer in known else "new_biz"
        known.add(s.customer)
        yield [zulu(s.start), "A B", str(s.monthly), "", kind, "USD", s.customer, f"s{s.number}", f"a{s.number}", "1"]
        if not s.live:
            yield [zulu(s.end), "A B", str(-s.monthly), "", "churn", "USD", s.customer, f"s{s.number}",
                   f"b{s.number}", "1"]


def revenuecat(subs: list[Sub]):
    yield ["rc_original_app_user_id", "country", "product_identifier", "start_time", "end_time",
           "effective_end_time", "store", "is_trial_period", "is_sandbox", "price_in_usd", "purchase_price_in_usd",
           "store_transaction_id", "renewal_number", "unsubscribe_detected_at", "billing_issues_detected_at",
           "ownership_type", "product_duration"]
    for s in subs:
        step, starts = (12 if s.yearly else 1), payments(s)
        for k, start in enumerate(starts):
            last = k == len(starts) - 1
            failed = last and s.reason == "payment_failed"
            yield [s.customer, s.region, s.plan, stamp(start), stamp(months_on(start, step)),
                   stamp(s.paid_until if last else starts[k + 1]), "app_store", "false", "false", units(s.price),
                   units(s.price), f"t{s.number}-{k}", str(k + 1),
                   stamp(clicked(s)) if last and not failed else "", stamp(s.end) if failed else "", "PURCHASED",
                   "P1Y" if s.yearly else "P1M"]
    yield ["C000", "EU", "Pro", stamp(TRIAL_START), stamp(TRIAL_END), stamp(TRIAL_END), "app_store", "false", "true",
           "49.00", "49.00", "x1", "1", "", "", "PURCHASED", "P1M"]
    yield ["T1", "EU", "Pro", stamp(TRIAL_START), stamp(TRIAL_END), stamp(TRIAL_END), "app_store", "true", "false",
           "0.00", "0.00", "x2", "1", "", "", "PURCHASED", "P1M"]
    yield ["F1", "EU", "Pro", stamp(TRIAL_START), stamp(TRIAL_END), stamp(TRIAL_END), "app_store", "false", "false",
           "49.00", "49.00", "x3", "1", "", "", "FAMILY_SHARED", "P1M"]


# --- lists of subscriptions that know less: no click, no price, no interval ---


def eve(value: date | None) -> str:
    """The last day served."""
    return day(value - timedelta(1)) if value else ""


def braintree(subs: list[Sub]):
    yield ["id", "customer_id", "plan_id", "price", "status", "first_billing_date", "next_billing_date",
           "billing_period_start_date", "billing_period_end_date", "currency_iso_code", "updated_at", "region"]
    for s in subs:
        yield [f"b{s.number}", s.customer, s.plan, units(s.price), "Active" if s.live else "Canceled", day(s.start),
               day(s.paid_until) if s.live and not s.ending else "", day(s.renewed), eve(s.paid_until), "USD",
               zulu(AS_OF), s.region]
    yield ["bp", "T1", "Pro", "49.00", "Pending", day(TRIAL_END), day(TRIAL_END), "", "", "USD", zulu(AS_OF), "EU"]


def paddle(subs: list[Sub]):
    yield ["id", "customer_id", "status", "currency_code", "started_at", "first_billed_at", "next_billed_at",
           "canceled_at", "current_billing_period_starts_at", "current_billing_period_ends_at",
           "billing_cycle_interval", "billing_cycle_frequency", "updated_at"]
    for s in subs:
        # who has left has no current period
        period = [zulu(s.renewed), zulu(s.paid_until)] if s.live else ["", ""]
        yield [f"sub_{s.number}", s.customer, "active" if s.live else "canceled", "USD", zulu(s.start), zulu(s.start),
               "", zulu(stopped(s)), *period, "year" if s.yearly else "month", "1", zulu(AS_OF)]
    yield ["sub_t", "T1", "trialing", "USD", zulu(TRIAL_START), "", zulu(TRIAL_END), "", zulu(TRIAL_START),
           zulu(TRIAL_END), "month", "1", zulu(AS_OF)]


def zuora_subscriptions(subs: list[Sub]):
    yield ["id", "account_id", "name", "original_id", "version", "is_latest_version", "status", "term_type",
           "subscription_start_date", "subscription_end_date", "cancelled_date", "cancel_reason", "updated_date",
           "_fivetran_deleted"]
    for s in subs:
        reason = {"payment_failed": "Unpaid"}.get(s.reason, s.reason)
        new = [f"z{s.number}", s.customer, f"A-S{s.number}", f"o{s.number}", "2", "TRUE",
               "Active" if s.live else "Cancelled", "EVERGREEN", day(s.start), day(s.end), day(stopped(s)), reason,
               micro(AS_OF), "FALSE"]
        if s.number % 4 == 0:
            yield [f"y{s.number}", *new[1:4], "1", "FALSE", "Active", *new[7:9], "", "", "",
                   micro(AS_OF - timedelta(60)), "FALSE"]
        yield new
    yield ["zd", "T1", "A-Sd", "od", "1", "TRUE", "Draft", "EVERGREEN", day(TRIAL_START), "", "", "", micro(AS_OF),
           "FALSE"]


def chartmogul_subscriptions(subs: list[Sub]):
    yield ["CUSTOMER_UUID", "CUSTOMER_NAME", "CUSTOMER_SUBSCRIPTION_ID", "PLAN_NAME", "QUANTITY", "MRR", "ARR",
           "CURRENCY", "INTERVAL_UNIT", "INTERVAL_COUNT", "START_DATE", "END_DATE", "STATUS"]
    for s in subs:
        yield [s.customer, "A B", f"s{s.number}", s.plan, "1", str(s.monthly), str(12 * s.monthly), "USD",
               "year" if s.yearly else "month", "1", zulu(s.start), zulu(s.end), "Active" if s.live else "Cancelled"]


def from_the_first(s: Sub) -> Sub:
    """The same subscription with all days on the first of their month: a matrix of months knows no others."""
    first = [value and value.replace(day=1) for value in (s.start, s.click, s.end)]
    return Sub(s.number, s.customer, s.plan, s.yearly, *first, s.reason, s.region)


def stripe_mrr(subs: list[Sub]):
    months = [months_on(date(2023, 1, 1), k) for k in range(30)]
    yield ["Customer ID", "Customer", "Customer Email", "Currency", *(month.isoformat()[:7] for month in months)]
    for customer in dict.fromkeys(s.customer for s in subs):
        own = [s for s in subs if s.customer == customer]
        paid = [sum(s.monthly for s in own if s.start <= m and (s.end is None or m < s.end)) for m in months]
        yield [customer, "A B", "x@example.test", "usd", *map(units, paid)]


# --- bills: one row per payment ---


def bills_of(subs: list[Sub]):
    """Subscription, number of the bill, and the first day it is for."""
    return [(s, f"{s.number}_{k}", start) for s in subs for k, start in enumerate(payments(s))]


def failed_of(subs: list[Sub]):
    return [(s, f"{s.number}_f", s.end) for s in subs if s.reason == "payment_failed"]


def period_of(s: Sub, start: date) -> date:
    return months_on(start, 12 if s.yearly else 1)


def stripe_invoices(subs: list[Sub]):
    yield ["id", "_fivetran_synced", "created", "customer_id", "amount_due", "amount_paid", "attempt_count", "currency",
           "livemode", "is_deleted", "period_start", "period_end", "status", "subtotal", "tax", "total"]

    def row(s, number, start, status="paid", live="TRUE", synced=AS_OF):
        total = str(s.price + 931)
        return [f"in_{number}", stamp(synced), epoch(start), s.customer, total, total if status == "paid" else "0", "1",
                "usd", live, "FALSE", stamp(months_on(start, -1)), stamp(start), status, str(s.price), "931", total]

    for s, number, start in bills_of(subs):
        if s.number % 5 == 0:
            yield row(s, number, start, "open", synced=AS_OF - timedelta(20))
        yield row(s, number, start)
    for s, number, at in failed_of(subs):
        yield row(s, number, at, "uncollectible")
    stranger = Sub(999, "TEST", "Pro", False, date(2025, 6, 1), None, None, "", "EU")
    yield row(stranger, "t", stranger.start, live="FALSE")
    yield row(stranger, "v", stranger.start, "void")


def stripe_charges(subs: list[Sub]):
    yield ["id", "_fivetran_synced", "amount", "amount_refunded", "captured", "created", "currency", "customer_id",
           "description", "failure_code", "invoice_id", "livemode", "paid", "payment_intent_id", "status"]

    def row(s, number, at, status="succeeded", back=0, live="TRUE"):
        name = f"{s.plan} annual" if s.yearly else s.plan
        return [f"ch_{number}", stamp(AS_OF), str(s.price), str(back), "TRUE", epoch(at), "usd", s.customer, name,
                "card_declined" if status == "failed" else "", "", live, "", f"pi_{number}", status]

    for s, number, start in bills_of(subs):
        yield row(s, number, start)
    for s, number, at in failed_of(subs):
        yield row(s, number, at, "failed")
    stranger = Sub(999, "TEST", "Pro", False, date(2025, 6, 1), None, None, "", "EU")
    yield row(stranger, "t", stranger.start, live="FALSE")
    yield row(stranger, "r", stranger.start, back=stranger.price)


def recurly_invoices(subs: list[Sub]):
    yield ["id", "created_at", "updated_at", "account_id", "type", "origin", "state", "collection_method", "net_terms",
           "currency", "paid", "total", "subtotal", "refundable_amount", "discount", "tax"]

    def row(s, number, at, state="paid", kind="charge", changed=AS_OF):
        return [number, stamp(at), stamp(changed), s.customer, kind, "renewal", state, "automatic", "0", "USD",
                units(s.price), units(s.price + 931), units(s.price), units(s.price), "0.00", "9.31"]

    for s, number, start in bills_of(subs):
        if s.number % 5 == 0:
            yield row(s, number, start, "failed", changed=AS_OF - timedelta(9))
        yield row(s, number, start)
    for s, number, at in failed_of(subs):
        yield row(s, number, at, "failed")
    stranger = Sub(999, "R1", "Pro", False, date(2025, 6, 1), None, None, "", "EU")
    yield row(stranger, "r1", stranger.start)
    yield row(stranger, "r2", stranger.start, kind="credit")


def recurly_lines(subs: list[Sub]):
    yield ["id", "created_at", "updated_at", "account_id", "invoice_id", "original_line_item_invoice_id", "type", "state",
           "plan_code", "currency", "amount", "tax", "proration_rate", "start_date", "end_date"]
    for s, number, start in bills_of(subs):
        yield [number, stamp(start), stamp(AS_OF), s.customer, f"i{number}", "", "charge", "invoiced", s.plan, "USD",
               units(s.price), "0.00", "", stamp(start), stamp(period_of(s, start))]


def recurly_transactions(subs: list[Sub]):
    yield ["id", "created_at", "voided_at", "collected_at", "account_id", "type", "currency", "amount", "status",
           "gateway_message"]
    for s, number, start in bills_of(subs):
        yield [number, stamp(start), "", stamp(start), s.customer, "purchase", "USD", units(s.price), "success", ""]
    for s, number, at in failed_of(subs):
        yield [number, stamp(at), "", stamp(at), s.customer, "purchase", "USD", units(s.price), "declined", "No funds"]
    yield ["v", stamp(date(2025, 6, 1)), "", stamp(date(2025, 6, 1)), "V1", "verify", "USD", "1.00", "success", ""]


def zuora_invoice_items(subs: list[Sub]):
    yield ["id", "_fivetran_deleted", "account_id", "charge_amount", "charge_date", "charge_name", "invoice_id",
           "service_start_date", "service_end_date", "tax_amount", "transaction_currency", "updated_date"]
    for s, number, start in bills_of(subs):
        yield [number, "FALSE", s.customer, units(s.price), micro(start), s.plan, f"i{number}", day(start),
               eve(period_of(s, start)), "9.31", "USD", micro(AS_OF)]
    yield ["d", "TRUE", "T1", "49.00", micro(AS_OF), "Pro", "id", day(AS_OF), day(AS_OF), "0", "USD", micro(AS_OF)]


def lago_fees(subs: list[Sub]):
    yield ["lago_id", "issuing_date", "customer_external_id", "fee_item_type", "subscription_external_id",
           "subscription_plan_code", "fee_from_date", "fee_to_date", "fee_amount_currency", "fee_units",
           "fee_taxes_amount_cents", "fee_total_amount_cents"]
    for s, number, start in bills_of(subs):
        yield [number, day(start), s.customer, "subscription", f"s{s.number}", s.plan, day(start),
               eve(period_of(s, start)), "USD", "1", "931", str(s.price + 931)]
    yield ["u", day(AS_OF), "C000", "charge", "s0", "Pro", day(AS_OF), day(AS_OF), "USD", "7", "0", "9900"]


def lago_invoices(subs: list[Sub]):
    yield ["lago_id", "issuing_date", "customer_external_id", "invoice_type", "payment_status", "status", "currency",
           "fees_amount_cents", "coupons_amount_cents", "taxes_amount_cents", "total_amount_cents"]

    def row(s, number, at, paid="succeeded", kind="subscription"):
        return [number, day(at), s.customer, kind, paid, "finalized", "USD", str(s.price + 500), "500", "931",
                str(s.price + 931)]

    for s, number, start in bills_of(subs):
        yield row(s, number, start)
    for s, number, at in failed_of(subs):
        yield row(s, number, at, "failed")
    yield row(Sub(999, "O1", "Pro", False, date(2025, 6, 1), None, None, "", "EU"), "o", date(2025, 6, 1), kind="one_off")


RENDERERS = (
    stripe_payments, stripe_dashboard, stripe_api, recurly, chargebee, zuora_charges, recharge, woocommerce, baremetrics,
    chartmogul_intervals, chartmogul_movements, revenuecat, braintree, paddle, zuora_subscriptions,
    chartmogul_subscriptions, stripe_mrr, stripe_invoices, stripe_charges, recurly_invoices, recurly_lines,
    recurly_transactions, zuora_invoice_items, lago_fees, lago_invoices,
)


def render(layout, subs: list[Sub], shuffled: int | None = None, delimiter: str = ",") -> bytes:
    """The book as a file; `shuffled` is a seed for another order of the rows."""
    header, *rows = layout(subs)
    if shuffled is not None:
        random.Random(shuffled).shuffle(rows)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()
