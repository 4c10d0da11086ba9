"""Exports of billing systems by name: one book in every layout gives one answer, in each vendor's own words."""

import importlib.util
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import cs_models as cs
from cs_models.importers import layouts, template_csv, vendors
from cs_models.importers.vendor_money import billing_cycle
from cs_models.problems import ImportProblem, Problem
from cs_models.recount import redefined

_spec = importlib.util.spec_from_file_location("layouts_renderer", Path(__file__).with_name("layouts_renderer.py"))
lr = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lr)

# what a layout cannot carry, and so cannot answer
NO_INTERVAL = {"chartmogul_intervals", "chartmogul_movements", "zuora_subscriptions", "stripe_mrr"}
NO_REASON = {"zuora_charges", "woocommerce", "baremetrics", "braintree", "paddle", "chartmogul_subscriptions",
             "recurly_lines", "zuora_invoice_items", "lago_fees", "chartmogul_intervals", "chartmogul_movements",
             "stripe_mrr"}  # fmt: skip
NO_PRICE = {"paddle", "zuora_subscriptions"}
NO_PLAN = {"chartmogul_movements", "paddle", "zuora_subscriptions", "stripe_mrr", "stripe_invoices",
           "recurly_invoices", "recurly_transactions", "lago_invoices"}  # fmt: skip
# bills that do not say for how long: a year's cannot be told from a month's
MONTHLY = {"stripe_invoices", "recurly_invoices", "recurly_transactions", "lago_invoices"}
# payments name no subscription: two beside each other cannot be told apart
ONE_EACH = MONTHLY | {"stripe_payments", "stripe_charges", "recurly_lines", "zuora_invoice_items", "lago_fees",
                      "stripe_mrr"}  # fmt: skip
# rows are changes or bills, and a period is made of several
LOGS = ONE_EACH | {"chartmogul_movements"}
READABLE = [name for name, layout in vendors().items() if layout.roles]
REFUSED = [name for name, layout in vendors().items() if not layout.roles]


@pytest.fixture(scope="module")
def subs():
    return lr.book()


def told(found) -> dict[str, str]:
    return {finding.id: finding.sentence for finding in found.report.findings}


def asked(found) -> dict:
    return {question.id: question for question in found.report.questions}


def accounted(found) -> bool:
    report, entries = found.report, found.report.entries.to_pydict()
    rows = {kind: [r for r, k in zip(entries["row"], entries["kind"], strict=True) if k == kind] for kind in
            ("rejected", "repaired")}
    periods = found.rows.num_rows + found.aside.num_rows
    return (report.accepted + report.repaired + report.rejected == report.rows
            and len(set(rows["rejected"])) == report.rejected
            and found.aside.num_rows == report.set_aside
            and (found.layout in LOGS or periods == report.accepted + report.repaired))


def answer(found, interval=True, reason=True):
    frame = cs.life_table(found).frame
    if not interval:
        frame = frame.drop(columns="interval")
    if not reason:
        frame = frame.drop(columns="involuntary")
    paying = len(set(found.rows["customer"].to_pylist()))
    return paying, found.active, round(found.active_mrr * 100), frame.to_dict("list")


def carried(name, subs):
    """The part of a book that a layout can carry."""
    held = Counter(s.customer for s in subs)
    found = [s for s in subs if (name not in ONE_EACH or held[s.customer] == 1) and not (name in MONTHLY and s.yearly)]
    return [lr.from_the_first(s) for s in found] if name == "stripe_mrr" else found


def read_as(name, data):
    """Read up to the day of the export, at a typed price where the layout has none."""
    found = cs.read(data.replace(b"price", b"n/a") if name in NO_PRICE else data, as_of=lr.AS_OF)
    return found.with_price(10) if name in NO_PRICE else found


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def untouched_by_order(found):
    rows = found.rows.drop_columns(["row"]).to_pylist()
    return sorted(map(repr, rows)), found.report.accepted, found.report.rejected, found.report.set_aside


# --- one book, one answer ---


def test_the_book_is_worth_rendering(subs):
    assert sum(s.ending for s in subs) >= 3 and sum(s.yearly for s in subs) >= 10
    assert sum(s.reason == "payment_failed" for s in subs) >= 5 and len({s.customer for s in subs}) < len(subs)


@pytest.mark.parametrize("renderer", lr.RENDERERS, ids=lambda renderer: renderer.__name__)
def test_one_book_gives_one_answer_in_every_layout(renderer, subs):
    name = renderer.__name__
    subs = carried(name, subs)
    assert len(subs) > 30
    found = read_as(name, lr.render(renderer, subs))
    assert found.layout == name and accounted(found)
    plain = lr.render(lr.periods, subs)
    expected = read_as(name, plain)
    parts = {"interval": name not in NO_INTERVAL, "reason": name not in NO_REASON}
    assert answer(found, **parts)[:3] == answer(expected, **parts)[:3]
    if name in NO_INTERVAL:
        # yearly payers cannot be told apart there: the book is read as monthly too
        expected = read_as(name, plain.replace(b"annual", b"monthly"))
    if name == "stripe_mrr":  # a column per month: whether its customers survive it, only the next would say
        expected = redefined(expected, last_day="not seen")
    assert answer(found, **parts)[3] == answer(expected, **parts)[3]


@pytest.mark.parametrize("renderer", lr.RENDERERS, ids=lambda renderer: renderer.__name__)
def test_plans_keep_their_names(renderer, subs):
    plans = cs.read(lr.render(renderer, subs), as_of=lr.AS_OF).rows["plan"].to_pylist()
    assert {(name or "").removesuffix(" annual") for name in plans} == ({""} if renderer.__name__ in NO_PLAN else set(lr.PLANS))


@pytest.mark.parametrize("renderer", lr.RENDERERS, ids=lambda renderer: renderer.__name__)
def test_the_order_of_rows_and_the_delimiter_change_nothing(renderer, subs):
    first = cs.read(lr.render(renderer, subs))
    other = cs.read(lr.render(renderer, subs, shuffled=5, delimiter=";"))
    assert first.as_of == other.as_of and untouched_by_order(first) == untouched_by_order(other)
    assert [q.sentence for q in first.report.questions] == [q.sentence for q in other.report.questions]


@pytest.mark.parametrize("renderer", lr.RENDERERS, ids=lambda renderer: renderer.__name__)
def test_the_last_day_is_found_within_a_month_of_the_export(renderer, subs):
    found = cs.read(lr.render(renderer, subs))
    assert abs((found.as_of - lr.AS_OF).days) <= 31


def test_groups_are_kept_and_people_are_not(subs):
    found = cs.read(lr.render(lr.stripe_dashboard, subs))
    assert found.segments == ("plan", "interval", "region (metadata)")
    assert told(found)["personal"] == "Personal columns are not used: Customer Email."
    assert not any("@" in str(row) for row in found.rows.to_pylist())


# --- recognition ---


@pytest.mark.parametrize("name", READABLE)
def test_the_example_of_every_vendor_is_recognised_and_read(name):
    data, layout = template_csv(name).encode(), vendors()[name]
    proposal, found = cs.inspect(data), cs.read(data)
    assert proposal.layout == found.layout == name and proposal.complete and layout.title == proposal.title
    assert f" {layout.title}." in told(found)["layout"] and told(found)["layout"].startswith("This looks like a")
    assert (found.report.accepted, found.report.rejected) == (len(layout.template) - 1, 0) and accounted(found)
    assert found.active == 2 and {field.name for field in found.rows.schema} >= {"row", "mrr", "duration", "churned"}
    assert not [finding for finding in found.report.findings if finding.count and finding.id != "not_segments"]
    for role in layout.roles:
        assert role.title and role.help


def test_every_vendor_knows_only_its_own_file():
    for name in READABLE:
        headers = vendors()[name].template[0]
        fitting = [other for other, layout in vendors().items() if layout.score(headers) > 0]
        assert fitting == [name]
    for shape in layouts():
        assert not [name for name, one in vendors().items() if one.score(layouts()[shape].template[0]) > 0]
    assert not set(layouts()) & set(vendors())


def test_headers_in_capitals_are_recognised(subs):
    data = lr.render(lr.recurly, subs)
    header, rest = data.split(b"\r\n", 1)
    assert cs.inspect(header.upper() + b"\r\n" + rest).layout == "recurly"


def test_a_named_shape_goes_before_the_vendor():
    data = template_csv("baremetrics").encode()
    assert cs.read(data, layout="periods", mapping={"customer": "customer_oid"}).layout == "periods"


@pytest.mark.parametrize("name", REFUSED)
def test_known_files_without_subscriptions_are_refused_in_a_sentence(name):
    layout = vendors()[name]
    header = ",".join(group[0] for group in layout.signature)
    with pytest.raises(ImportProblem, match=f"^This looks like an? {layout.title}. .*\\.$"):
        cs.read(csv(header, ",".join("1" for _ in layout.signature)))


# --- states ---

STRIPE = "id,Customer ID,Status,Amount,Interval,Created (UTC),Current Period Start (UTC),Current Period End (UTC)"


def stripe(*rows: str, more: str = "Canceled At (UTC),Ended At (UTC)") -> bytes:
    return csv(f"{STRIPE},{more}", *rows)


def by_customer(found) -> dict:
    rows = found.rows.to_pylist() + [row | {"aside": row["why"]} for row in found.aside.to_pylist()]
    return {row["customer"]: row for row in rows}


def test_stripe_canceled_has_ended_past_due_pays_unpaid_failed_and_incomplete_never_paid():
    found = cs.read(stripe(
        "1,A,canceled,49.00,month,2025-01-10 09:00,2025-03-10 09:00,2025-04-10 09:00,2025-03-15 09:00,2025-04-10 09:00",
        "2,B,past_due,49.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
        "3,C,unpaid,49.00,month,2025-01-10 09:00,2025-04-10 09:00,2025-05-10 09:00,,",
        "4,D,incomplete_expired,49.00,month,2025-05-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
        "5,E,trialing,49.00,month,2025-05-01 09:00,2025-05-01 09:00,2025-06-01 09:00,,",
        "6,F,resting,49.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
    ))  # fmt: skip
    rows = by_customer(found)
    assert (rows["A"]["churned"], rows["A"]["ended_on"], rows["A"]["duration"]) == (True, date(2025, 4, 10), 3)
    assert not rows["B"]["churned"] and rows["B"]["ended_on"] is None and found.active == 2
    assert (rows["C"]["ended_on"], rows["C"]["end_reason"]) == (date(2025, 4, 10), "involuntary")
    assert rows["D"]["aside"] == "never paid" and rows["E"]["aside"] == "trial" and found.report.set_aside == 2
    assert not rows["F"]["churned"] and '"resting"' in told(found)["status_unknown"]
    assert found.as_of == date(2025, 5, 10) and accounted(found)


def test_an_end_that_nobody_dates_is_rejected_not_guessed():
    row = "1,A,canceled,49.00,month,2025-01-10 09:00,,,,"
    found = cs.read(stripe(row, "2,B,active,49.00,month,2025-02-10 09:00,,,,"))
    assert found.report.rejected == 1 and "no date says when" in found.report.entries["reason"][0].as_py()


def test_without_a_column_of_ends_service_runs_to_the_end_of_the_period_unless_it_was_cut_short():
    found = cs.read(stripe(
        "1,A,canceled,49.00,month,2025-01-10 09:00,2025-03-10 09:00,2025-04-10 09:00,2025-03-15 09:00",
        "2,B,canceled,49.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,2025-05-12 09:00",
        "3,C,active,49.00,month,2025-01-10 09:00,2025-05-12 09:00,2025-06-12 09:00,",
        more="Canceled At (UTC)",
    ))  # fmt: skip
    rows = by_customer(found)
    assert (rows["A"]["ended_on"], rows["B"]["ended_on"]) == (date(2025, 4, 10), date(2025, 5, 12))


def test_whoever_has_left_is_gone_on_the_day_the_file_knows():
    rows = ("1,A,canceled,49.00,month,2025-01-10 09:00,2025-03-20 09:00,2025-04-20 09:00,2025-03-25 09:00",
            "2,B,canceled,49.00,month,2025-01-10 09:00,2025-02-10 09:00,2025-03-28 09:00,",
            "3,C,active,49.00,month,2025-03-12 09:00,2025-03-12 09:00,2025-04-12 09:00,")
    found = cs.read(stripe(*rows, more="Canceled At (UTC)"))
    assert found.as_of == date(2025, 3, 28) and found.active == 1
    assert by_customer(found)["A"]["ended_on"] == date(2025, 3, 25) and "ended_ahead" not in told(found)
    early = cs.read(stripe(*rows, more="Canceled At (UTC)"), as_of="2025-03-20")
    assert early.active == 3 and told(early)["ended_ahead"].startswith("2 rows have ended by their status")


RECURLY = "uuid,account_code,state,activated_at,canceled_at,expires_at,unit_amount,currency,updated_at"


def test_recurly_canceled_is_still_live_and_expired_has_ended():
    found = cs.read(csv(
        RECURLY,
        "1,A,canceled,2025-01-05 10:00:00,2025-03-20 10:00:00,2025-04-05 10:00:00,10.00,USD,2025-03-20 10:00:00",
        "2,B,expired,2025-01-05 10:00:00,2025-02-20 10:00:00,2025-03-05 10:00:00,10.00,USD,2025-03-05 10:00:00",
        "3,C,active,2025-01-05 10:00:00,,,10.00,USD,2025-03-05 10:00:00",
    ))  # fmt: skip
    rows = by_customer(found)
    assert found.as_of == date(2025, 3, 20) and found.active == 2
    assert (rows["A"]["churned"], rows["B"]["churned"], rows["B"]["duration"]) == (False, True, 2)


@pytest.mark.parametrize("state", ["canceled", "active", "future", "trial"])
def test_the_click_on_cancel_is_known_by_the_last_day_in_every_state(state):
    header = RECURLY.removesuffix(",updated_at")
    found = cs.read(csv(
        header,
        f"1,A,{state},2025-01-05 10:00:00,2025-03-20 10:00:00,2025-04-05 10:00:00,10.00,USD",
        "2,B,active,2025-03-05 10:00:00,,,10.00,USD",
    ))  # fmt: skip
    assert found.as_of == date(2025, 3, 20)


def test_chargebee_non_renewing_is_live_though_cancelled_at_is_set():
    header = "id,customer_id,status,started_at,current_term_start,current_term_end,cancelled_at,billing_period_unit," \
             "billing_period,plan_amount,cancel_reason"
    found = cs.read(csv(
        header,
        "1,A,non_renewing,1736499600,1741597200,1744275600,1744275600,month,1,5000,",
        "2,B,cancelled,1736499600,1739178000,1741597200,1741597200,month,1,5000,not_paid",
        "3,C,in_trial,1741597200,1741597200,1742806800,,month,1,5000,",
    ))  # fmt: skip
    rows = by_customer(found)
    assert found.as_of == date(2025, 3, 10) and found.active_mrr == 50.0
    assert rows["A"]["ended_on"] == date(2025, 4, 10) and not rows["A"]["churned"]
    assert rows["B"]["end_reason"] == "involuntary" and rows["C"]["aside"] == "trial"


def test_a_live_status_with_a_running_term_goes_before_an_end_that_has_passed():
    header = "id,customer_id,status,started_at,current_term_start,current_term_end,cancelled_at,billing_period_unit," \
             "billing_period,plan_amount"
    again = "1,A,active,2025-01-10,2025-05-10,2025-06-10,2025-03-10,month,1,5000"
    rows = ("2,B,active,2025-05-12,2025-05-12,2025-06-12,,month,1,5000",
            "3,C,active,2025-01-10,2025-03-10,2025-04-10,2025-04-10,month,1,5000")
    found = cs.read(csv(header, again, *rows))
    assert by_customer(found)["A"]["ended_on"] is None and found.active == 2
    assert by_customer(found)["C"]["churned"] and told(found)["runs_on"].startswith("1 row is live by its status")


WOO = "subscription_id,subscription_status,customer_id,start_date,trial_end_date,next_payment_date,cancelled_date," \
      "end_date,billing_period,billing_interval,order_shipping,order_shipping_tax,order_tax,order_total"


def test_woocommerce_pending_cancel_is_live_zero_is_no_date_and_tax_is_no_revenue():
    found = cs.read(csv(
        WOO,
        "1,wc-pending-cancel,7,2025-01-05 10:00:00,0,0,2025-03-01 10:00:00,2025-03-25 10:00:00,month,1,5,0.5,4.5,50.00",
        "2,wc-active,8,2025-03-05 10:00:00,0,2025-04-05 10:00:00,0,0,month,1,0,0,0,30.00",
        "3,wc-cancelled,9,2025-01-05 10:00:00,0,0,2025-02-01 10:00:00,2025-02-05 10:00:00,month,1,0,0,0,30.00",
    ))  # fmt: skip
    assert found.active == 2 and found.active_mrr == 70.0 and found.report.repaired == 0
    assert by_customer(found)["9"]["duration"] == 1


@pytest.mark.parametrize("marker", ["", "0", "null", "NULL", "9999-12-31"])
def test_markers_of_an_open_end_leave_a_subscription_live(marker):
    header = "customer_oid,subscription_started_at,subscription_canceled_at,plan_amount,plan_interval"
    rows = (f"A,2025-01-05,{marker},1000,month", "B,2025-01-05,2025-02-05,1000,month", "C,2025-02-05,,1000,month")
    found = cs.read(csv(header, *rows))
    assert not by_customer(found)["A"]["churned"] and by_customer(found)["B"]["churned"] and found.active == 2


# --- questions ---


def test_request_or_end_of_service_is_asked_with_the_money_it_moves():
    data = stripe(
        "1,A,canceled,50.00,month,2025-01-10 09:00,2025-04-10 09:00,2025-05-10 09:00,2025-02-20 09:00,2025-05-10 09:00",
        "2,B,active,30.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,2025-05-01 09:00,",
        "3,C,active,30.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
    )
    found = cs.read(data)
    question = asked(found)["end_date"]
    assert question.guess == "end of paid service" and question.alternatives == ("end of paid service", "cancel request")
    # May 10 instead of February 20: 4 paid months begun instead of 2, at 50 each
    assert "1 row has an earlier day" in question.sentence and "100.00 USD of service apart" in question.sentence
    assert "1 row has a request but no end yet, with 30.00 USD a month" in question.sentence
    assert found.active == 2 and by_customer(found)["A"]["duration"] == 4
    other = cs.read(data, answers={"end_date": "cancel request"})
    assert other.active == 1 and by_customer(other)["A"]["duration"] == 2 and asked(other)["end_date"].answered
    with pytest.raises(Problem, match="end_date"):
        cs.read(data, answers={"end_date": "whenever"})


def test_a_booked_end_of_stripe_is_known_from_the_flag():
    data = stripe(
        "1,A,active,30.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,2025-05-09 09:00,,true",
        "2,B,active,30.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,,false",
        more="Canceled At (UTC),Ended At (UTC),Cancel At Period End",
    )
    rows = by_customer(cs.read(data))
    assert rows["A"]["ended_on"] == date(2025, 6, 10) and not rows["A"]["churned"] and not rows["B"]["ended_on"]


BARE = "customer_oid,subscription_oid,subscription_started_at,plan_amount,plan_interval,plan_interval_count,plan_currency"


def test_cents_or_units_is_asked_and_shown_both_ways():
    data = csv(BARE, "A,1,2025-01-05,4900,month,1,usd", "B,2,2025-02-05,58800,year,1,usd")
    found = cs.read(data)
    question = asked(found)["amount_unit"]
    assert question.guess == "cents" and found.active_mrr == 98.0
    assert "49.00 USD a month" in question.sentence and "4,900.00 USD a month" in question.sentence
    assert cs.read(data, answers={"amount_unit": "units"}).active_mrr == 9800.0
    with pytest.raises(Problem, match="amount_unit"):
        cs.read(data, answers={"amount_unit": "pence"})


def test_amounts_with_decimals_are_no_cents_and_yen_have_none():
    found = cs.read(csv(BARE, "A,1,2025-01-05,49.50,month,1,usd", "B,2,2025-02-05,10,month,1,usd"))
    assert asked(found)["amount_unit"].guess == "units" and found.active_mrr == 59.5
    yen = cs.read(csv(BARE, "A,1,2025-01-05,4900,month,1,jpy", "B,2,2025-02-05,100,month,1,jpy"))
    assert yen.active_mrr == 5000 and "amount_unit" not in asked(yen)


def test_whole_numbers_of_a_layout_in_units_are_asked_about_too():
    row = "2,B,active,{},month,2025-01-10 09:00,,,,"
    assert asked(cs.read(stripe(row.format("4900"), row.format("4900").replace("B", "C"))))["amount_unit"].guess == "units"
    assert not asked(cs.read(stripe(row.format("49.00"), row.format("49.00").replace("B", "C"))))


def test_a_payment_given_back_pays_for_nothing_and_a_part_of_it_for_less():
    header = "id,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Status,Customer ID"
    found = cs.read(csv(
        header,
        "1,2025-01-05 10:00,20.00,20.00,usd,20.00,Refunded,A",
        "2,2025-01-05 10:00,20.00,5.00,usd,20.00,Paid,B",
        "3,2025-01-06 10:00,20.00,0.00,usd,20.00,Paid,C",
        "4,2025-01-06 10:00,20.00,0.00,usd,20.00,Failed,D",
    ))  # fmt: skip
    assert sorted(found.rows["mrr"].to_pylist()) == [1500, 2000] and found.report.set_aside >= 1


def test_a_matrix_of_stripe_goes_by_the_id_and_shows_no_names():
    found = cs.read(template_csv("stripe_mrr").replace("Bob", "Ada").encode())
    assert found.customers == 3 and found.active_mrr == 98.0 and not found.segments
    assert found.as_of == date(2024, 8, 31)


def test_movements_in_cents_are_a_question_too(subs):
    data = lr.render(lr.chartmogul_movements, subs)
    found, other = cs.read(data, as_of=lr.AS_OF), cs.read(data, as_of=lr.AS_OF, answers={"amount_unit": "units"})
    assert other.active_mrr == 100 * found.active_mrr and asked(found)["amount_unit"].guess == "cents"
    average = found.active_mrr / found.active
    for question in (asked(found)["amount_unit"], asked(other)["amount_unit"]):
        assert f"come to {average:,.2f} USD a month" in question.sentence
        assert f"as whole units, to {100 * average:,.2f}" in question.sentence
    with pytest.raises(Problem, match="amount_unit"):
        cs.read(data, answers={"amount_unit": "pence"})
    yen = cs.read(data.replace(b"USD", b"JPY"), as_of=lr.AS_OF)
    assert yen.active_mrr == 100 * found.active_mrr


def test_currencies_are_never_added():
    with pytest.raises(ImportProblem, match="EUR in 1 rows, USD in 1 rows"):
        cs.read(csv(BARE, "A,1,2025-01-05,4900,month,1,usd", "B,2,2025-02-05,4900,month,1,eur"))


# --- intervals and money ---


@pytest.mark.parametrize("word, count, months, days", [
    ("month", "", 1, 0), ("months", "12", 12, 0), ("year", "1", 12, 0), ("Annual", "", 12, 0), ("P1Y", "", 12, 0),
    ("P1M", "", 1, 0), ("P3M", "", 3, 0), ("1 Year", "", 12, 0), ("month", "3", 3, 0), ("quarter", "", 3, 0),
    ("day", "28", 1, 28), ("day", "45", 1, 45), ("week", "2", 1, 14), ("day", "90", 3, 90), ("P28D", "", 1, 28),
    ("day", "365", 12, 365), ("fortnight", "", 0, 0), ("year", "9", 0, 0),
])  # fmt: skip
def test_words_for_billing_cycles(word, count, months, days):
    assert billing_cycle(word, count) == (months, days)


RECHARGE = "id,customer_id,created_at,cancelled_at,price,quantity,status,product_title,order_interval_unit," \
           "order_interval_frequency,_fivetran_deleted"


def test_cycles_of_days_become_months_and_a_unit_price_counts_per_unit():
    found = cs.read(csv(
        RECHARGE,
        "1,A,2025-01-05 10:00:00,,19.95,1,ACTIVE,Box,day,28,FALSE",
        "2,B,2025-01-05 10:00:00,,10.00,3,ACTIVE,Box,month,1,FALSE",
    ))  # fmt: skip
    # 19.95 x 30.4375 / 28 = 21.69
    assert sorted(found.rows["mrr"].to_pylist()) == [2169, 3000] and found.active_mrr == 51.69
    assert told(found)["day_cycles"].startswith("1 row is billed in days")


def test_money_per_month_is_per_month_whatever_the_cycle():
    header = "CUSTOMER_UUID,CUSTOMER_SUBSCRIPTION_ID,PLAN_NAME,MRR,ARR,CURRENCY,INTERVAL_UNIT,INTERVAL_COUNT," \
             "START_DATE,END_DATE"
    found = cs.read(csv(header, "A,1,Box,2169,26028,USD,day,28,2025-01-05,", "B,2,Box,1000,12000,USD,week,2,2025-01-05,"))
    assert sorted(found.rows["mrr"].to_pylist()) == [1000, 2169]


def test_records_deleted_after_they_ended_are_history_and_others_are_not():
    rows = ("1,A,2025-01-05 10:00:00,2025-03-05 10:00:00,10.00,1,CANCELLED,Box,month,1,TRUE",
            "2,B,2025-01-05 10:00:00,,10.00,1,ACTIVE,Box,month,1,TRUE",
            "3,C,2025-01-05 10:00:00,,10.00,1,ACTIVE,Box,month,1,FALSE")
    found = cs.read(csv(RECHARGE, *rows))
    assert set(by_customer(found)) == {"A", "C"} and found.report.entries["reason"].to_pylist() == [
        "deleted at the source"]


def test_without_a_column_of_intervals_the_length_of_the_period_tells():
    data = stripe(
        "1,A,active,588.00,2025-01-10 09:00,2025-01-10 09:00,2026-01-10 09:00,,",
        "2,B,active,49.00,2025-01-10 09:00,2025-02-01 09:00,2025-03-01 09:00,,",
        "3,C,active,49.00,2025-02-01 09:00,2025-02-01 09:00,2025-02-09 09:00,,",
    ).replace(b",Interval,", b",")
    found = cs.read(data)
    assert sorted(found.rows["term"].to_pylist()) == [1, 1, 12] and found.active_mrr == 147.0
    assert "interval_from_period" in told(found) and "interval" in found.segments


# --- rows that do not count ---

API = "id,customer_id,status,start_date,current_period_start,cancel_at_period_end,canceled_at,ended_at,unit_amount," \
      "_fivetran_active,_fivetran_synced,livemode"


def test_of_several_versions_only_the_newest_counts():
    old = "s1,A,active,1735689600,1735689600,FALSE,,,4900,false,1738368000,TRUE"
    new = "s1,A,canceled,1735689600,1735689600,FALSE,1738368000,1738368000,4900,true,1740787200,TRUE"
    lone = "s2,B,active,1735689600,1735689600,FALSE,,,4900,false,1738368000,TRUE"
    for rows in ((old, new, lone), (new, lone, old)):
        found = cs.read(csv(API, *rows))
        assert found.customers == 2 and found.active == 1 and by_customer(found)["A"]["churned"]
        assert found.report.entries["reason"].to_pylist() == ["older version of s1"] and accounted(found)


def test_equally_new_rows_of_another_price_are_items_and_their_order_changes_nothing():
    old = "s1,A,active,1735689600,1735689600,FALSE,,,900,true,1738368000,TRUE"
    items = ["s1,A,active,1735689600,1735689600,FALSE,,,4900,true,1740787200,TRUE",
             "s1,A,active,1735689600,1735689600,FALSE,,,1900,true,1740787200,TRUE"]
    # the same item twice, differing in a column that tells nothing of its age
    twin = "s1,A,active,1735776000,1735689600,FALSE,,,1900,true,1740787200,TRUE"
    rows = [old, *items, twin, "s2,B,active,1735689600,1735689600,FALSE,,,4900,true,1740787200,TRUE"]
    found, other = (cs.read(csv(API, *some), answers={"amount_unit": "cents"}) for some in (rows, rows[::-1]))
    assert found.active_mrr == 117.0 and found.report.rejected == 2 and accounted(found)
    assert untouched_by_order(found) == untouched_by_order(other)


def test_an_exact_copy_is_a_duplicate_not_a_version():
    row = "s1,A,active,1735689600,1735689600,FALSE,,,4900,true,1738368000,TRUE"
    found = cs.read(csv(API, row, row))
    assert found.report.entries["reason"].to_pylist() == ["duplicate of row 2: only one is kept"]


def test_test_data_is_left_out():
    row = "s{},{},active,1735689600,1735689600,FALSE,,,4900,true,1738368000,{}"
    found = cs.read(csv(API, row.format(1, "A", "TRUE"), row.format(2, "B", "FALSE")))
    assert found.customers == 1 and "test data" in found.report.entries["reason"][0].as_py()


def test_two_subscriptions_of_a_customer_are_both_kept():
    found = cs.read(csv(BARE, "A,1,2025-01-05,4900,month,1,usd", "A,2,2025-01-05,4900,month,1,usd"))
    assert found.customers == 1 and found.active_mrr == 98.0 and found.report.rejected == 0


def test_paid_time_begins_after_the_trial_and_a_trial_that_ends_is_no_churn():
    data = stripe(
        "1,A,active,49.00,month,2025-01-01 09:00,2025-05-15 09:00,2025-06-15 09:00,,,2025-01-01 09:00,2025-01-15 09:00",
        "2,B,canceled,49.00,month,2025-01-01 09:00,2025-01-01 09:00,2025-01-15 09:00,2025-01-09 09:00,"
        "2025-01-15 09:00,2025-01-01 09:00,2025-01-15 09:00",
        # a trial in the middle of a paid life only moves the day of billing
        "3,C,active,49.00,month,2024-01-01 09:00,2025-05-15 09:00,2025-06-15 09:00,,,2025-04-01 09:00,2025-05-15 09:00",
        more="Canceled At (UTC),Ended At (UTC),Trial Start (UTC),Trial End (UTC)",
    )
    found = cs.read(data)
    rows = by_customer(found)
    assert rows["A"]["started_on"] == date(2025, 1, 15) and rows["A"]["duration"] == 4
    assert rows["B"]["aside"] == "trial" and rows["C"]["started_on"] == date(2024, 1, 1)
    assert int(cs.life_table(found).frame["churned"].sum()) == 0 and "no churn" in told(found)["trials"]


def test_renewals_of_revenuecat_are_one_subscription(subs):
    found = cs.read(lr.render(lr.revenuecat, subs), as_of=lr.AS_OF)
    reasons = found.report.entries["reason"].to_pylist()
    assert len(reasons) == 2 and reasons[0].startswith("test data") and "of this customer" in reasons[1]
    assert by_customer(found)["T1"]["aside"] == "trial"


def test_the_day_given_must_not_lie_before_every_start():
    with pytest.raises(Problem, match="before every start"):
        cs.read(csv(BARE, "A,1,2025-01-05,4900,month,1,usd"), as_of="2024-01-01")


# --- bills ---

INVOICE = "id,updated_at,created,customer_id,amount_due,amount_paid,attempt_count,status,livemode,tax,total"


def test_a_bill_counts_once_without_tax_and_test_data_are_rejected_with_a_reason():
    found = cs.read(csv(
        INVOICE,
        "in_1,2025-01-02,2025-01-01,A,1200,1200,1,paid,TRUE,200,1200",
        "in_2,2025-02-01,2025-02-01,A,1200,0,1,open,TRUE,200,1200",
        "in_2,2025-02-03,2025-02-01,A,1200,0,4,uncollectible,TRUE,200,1200",
        "in_3,2025-02-01,2025-02-01,B,1200,1200,1,paid,FALSE,200,1200",
        "in_4,2025-02-05,2025-02-05,C,2400,2400,1,paid,TRUE,400,2400",
    ), as_of="2025-02-20")  # fmt: skip
    rows = by_customer(found)
    # A paid 10.00 without tax for January, and what was due in February could not be collected
    assert (rows["A"]["mrr"], rows["A"]["churned"], rows["A"]["end_reason"]) == (1000, True, "involuntary")
    assert (rows["C"]["mrr"], rows["C"]["churned"]) == (2000, False) and "B" not in rows
    entries = found.report.entries.to_pylist()
    assert [(one["row"], one["reason"].split(":")[0]) for one in entries] == [
        (3, "older version of this bill"), (5, "test data, no real bill")]  # fmt: skip
    assert (found.report.rows, found.report.accepted, found.report.rejected) == (5, 3, 2) and accounted(found)


def test_a_file_of_nothing_but_test_bills_is_refused_in_a_sentence():
    with pytest.raises(ImportProblem, match="None of the 1 rows"):
        cs.read(csv(INVOICE, "in_3,2025-02-01,2025-02-01,B,1200,1200,1,paid,FALSE,200,1200"))


@pytest.mark.parametrize("kind, active", [("charge", 1), ("credit", 0)])
def test_a_credit_gives_back_the_payment_before_it(kind, active):
    header = "id,created_at,updated_at,account_id,type,state,collection_method,net_terms,currency,total,refundable_amount"
    found = cs.read(csv(header, "1,2025-01-05,2025-01-05,A,charge,paid,automatic,0,USD,10.00,10.00",
                        f"2,2025-01-06,2025-01-06,A,{kind},paid,automatic,0,USD,10.00,10.00"))  # fmt: skip
    assert found.active == active


def test_a_fee_of_lago_counts_for_its_days_and_usage_is_no_subscription():
    header = ("customer_external_id,issuing_date,fee_item_type,subscription_external_id,fee_from_date,fee_to_date,"
              "fee_amount_currency,fee_taxes_amount_cents,fee_total_amount_cents")  # fmt: skip
    found = cs.read(csv(
        header, "A,2025-01-01,subscription,s1,2025-01-01,2025-12-31,EUR,2000,14000",
        "B,2025-01-05,subscription,s2,2025-01-05,2025-02-04,EUR,0,3000", "B,2025-02-05,charge,s2,2025-01-05,2025-02-04,EUR,0,9900",
    ), as_of="2025-01-31")  # fmt: skip
    rows = by_customer(found)
    # 120.00 a year without tax, 30.00 a month
    assert (rows["A"]["mrr"], rows["A"]["term"], rows["B"]["mrr"]) == (1000, 12, 3000) and found.active_mrr == 40.0
    assert "not a bill of a subscription" in found.report.entries["reason"][0].as_py()
