"""Files of billing systems as they are published: each is read and accounted for, or refused with a sentence."""

import re

import pytest

import cs_models as cs

pytestmark = pytest.mark.reference

# a row is a payment there, and a period is made of several
BILLS = {"stripe_invoices", "stripe_charges", "recurly_invoices", "recurly_lines", "recurly_transactions",
         "zuora_invoice_items"}  # fmt: skip
# layout, rows, accepted, rejected, set aside, active
READ = {
    "fivetran_recharge__subscription_data": ("recharge", 2, 2, 0, 0, 0),
    "fivetran_recharge__subscription_history_data": ("recharge", 2, 2, 0, 0, 1),
    "fivetran_recurly__invoice_history_data": ("recurly_invoices", 5, 5, 0, 1, 1),
    "fivetran_recurly__line_item_history_data": ("recurly_lines", 5, 5, 0, 0, 1),
    "fivetran_recurly__transaction_data": ("recurly_transactions", 5, 2, 3, 0, 0),
    "fivetran_recurly__subscription_history_data": ("recurly", 5, 4, 1, 0, 2),
    "fivetran_stripe__charge_data": ("stripe_charges", 16, 16, 0, 0, 0),
    "fivetran_stripe__invoice_data": ("stripe_invoices", 2, 1, 1, 0, 1),
    "fivetran_stripe__subscription_data": ("stripe_api", 2, 2, 0, 2, 0),
    "fivetran_stripe__subscription_history_data": ("stripe_api", 2, 2, 0, 2, 0),
    "fivetran_zuora__invoice_item_data": ("zuora_invoice_items", 6, 6, 0, 2, 0),
    "fivetran_zuora__rate_plan_charge_data": ("zuora_charges", 5, 3, 2, 2, 1),
    "fivetran_zuora__subscription_data": ("zuora_subscriptions", 5, 3, 2, 1, 2),
    "woocommerce_subscriptions__wcs-import-sample": ("woocommerce", 10, 10, 0, 0, 6),
}


def published(reference_data):
    found = sorted((reference_data / "export_formats" / "verbatim").glob("*.csv"))
    assert len(found) == 39
    return found


def test_every_published_file_is_read_or_refused_with_a_sentence(reference_data):
    read = {}
    for path in published(reference_data):
        try:
            found = cs.read(path)
        except cs.ImportProblem as problem:
            assert re.match(r"This looks like an? [A-Z].*\.$", str(problem)), (path.name, str(problem))
            continue
        report = found.report
        assert report.accepted + report.repaired + report.rejected == report.rows
        if found.layout not in BILLS:
            # a draft without a day is set aside and has no period
            drafts = report.set_aside - found.aside.num_rows
            assert found.rows.num_rows + found.aside.num_rows + drafts == report.accepted + report.repaired
            assert drafts == (found.layout == "zuora_subscriptions")
        read[path.stem] = (found.layout, report.rows, report.accepted, report.rejected, report.set_aside, found.active)
    assert read == READ


def test_the_recurly_versions_end_in_two_live_subscriptions(reference_data):
    path = reference_data / "export_formats/verbatim/fivetran_recurly__subscription_history_data.csv"
    found = cs.read(path)
    # 99.00 and 5,596.00 a month; nine minutes of service count as one paid month
    assert found.active_mrr == 5695.0 and sorted(found.rows["duration"].to_pylist())[:2] == [1, 1]
    assert found.report.entries["reason"].to_pylist() == ["older version of 81fe13285947f866c70b8102aa8f231d"]


def test_the_recharge_cycle_of_45_days(reference_data):
    path = reference_data / "export_formats/verbatim/fivetran_recharge__subscription_history_data.csv"
    # 11.95 x 30.4375 / 45
    assert cs.read(path).active_mrr == 8.08
