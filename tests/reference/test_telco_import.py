"""Real and published files read to the figures their sources state."""

import csv
from collections import Counter
from datetime import date

import pytest

from cs_models.importers import layouts, vendors
from cs_models.readers import read_text_table
from cs_models.reading import inspect, read

pytestmark = pytest.mark.reference


def test_ibm_telco_reads_to_its_published_counts(reference_data):
    subs = read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    churned = sum(subs.rows["churned"].to_pylist())
    assert (subs.customers, churned, subs.active) == (7043, 1869, 5174)
    assert (subs.report.rows, subs.report.accepted, subs.report.repaired, subs.report.rejected) == (
        7043,
        7043,
        0,
        0,
    )
    assert subs.active_mrr == 316_985.75
    assert subs.rows["duration"].to_pylist().count(0) == 11
    assert not subs.has_dates and subs.has_price and subs.as_of is None
    assert set(subs.rows["term"].to_pylist()) == {1}
    assert subs.resolve("Contract") == subs.resolve("plan") == "plan"
    assert set(subs.rows["plan"].to_pylist()) == {"Month-to-month", "One year", "Two year"}
    assert "TotalCharges" not in subs.segments and "PhoneService" in subs.segments
    assert any("not a cohort" in finding.sentence for finding in subs.report.findings)


def test_the_wider_telco_file_tells_the_same(reference_data):
    narrow = read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    wide = read(reference_data / "ibm_telco_33col" / "Telco_customer_churn.csv")
    assert (wide.customers, wide.active, wide.active_mrr) == (
        narrow.customers,
        narrow.active,
        narrow.active_mrr,
    )
    assert not {"Churn Value", "Churn Score", "City"} & set(wide.segments)


def test_the_mrr_playbook_asks_whether_the_last_day_is_the_end(reference_data):
    path = reference_data / "dbt_mrr_playbook" / "subscription_periods.csv"
    subs = read(path)
    assert (subs.customers, subs.report.rows, subs.report.accepted) == (55, 121, 121)
    assert subs.as_of == date(2020, 2, 1)
    question, day = subs.report.questions
    assert question.id == "live_at_end" and question.guess == "live" and day.id == "as_of"
    assert (subs.active, subs.active_mrr) == (4, 175.0)
    left = read(path, answers={"live_at_end": "left"})
    assert (left.active, left.active_mrr) == (0, 0.0)


def test_a_file_without_ids_and_prices(reference_data):
    subs = read(reference_data / "pysurvival_saas_churn" / "churn.csv")
    assert (subs.customers, sum(subs.rows["churned"].to_pylist())) == (2000, 932)
    assert not subs.has_price and subs.report.accepted == 2000


def test_a_workbook_tells_the_same_as_its_csv(reference_data):
    folder = reference_data / "ibm_telco_33col"
    book, text = (read(folder / f"Telco_customer_churn.{end}") for end in ("xlsx", "csv"))
    for column in set(text.rows.column_names) - {"row"}:
        assert book.rows[column].to_pylist() == text.rows[column].to_pylist(), column
    assert (book.customers, book.active, book.active_mrr) == (7043, 5174, 316_985.75)
    assert book.segments == text.segments
    raw = read_text_table(folder / "Telco_customer_churn.xlsx")
    reasons = Counter(raw.cells[f"c{raw.columns.index('Churn Reason')}"].to_pylist())
    assert (reasons["Moved"], reasons["Deceased"], reasons["Price too high"]) == (53, 6, 98)
    assert len(reasons) == 21 and reasons[""] == 5174
    assert book.mapping["end_reason"] == "Churn Reason"


def test_every_verbatim_export_gives_a_proposal(reference_data):
    files = sorted((reference_data / "export_formats" / "verbatim").glob("*.csv"))
    assert len(files) > 30
    for path in files:
        proposal = inspect(path)
        with path.open(newline="", encoding="utf-8-sig") as file:
            written = next(csv.reader(file))
        assert [header.strip() for header in written if header.strip()] == [
            header for header in proposal.headers if not header.startswith("column ")
        ]
        assert proposal.layout in layouts() | vendors() and len(proposal.preview) <= 20
