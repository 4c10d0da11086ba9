"""What leaving out a vendor's test data, drafts and versions moves: the difference to the file that counts them."""

import pytest

import cs_models as cs
from cs_models.import_effect import import_effects
from cs_models.recount import redefined

HEAD = ("id,customer_id,status,start_date,current_period_start,cancel_at_period_end,canceled_at,ended_at,unit_amount,"
        "_fivetran_synced,livemode,is_deleted")  # fmt: skip


def rows() -> list[list[str]]:
    """120 customers at 50 a month; every third has left after 2 to 11 months."""
    found = []
    for n in range(120):
        start, left = f"2024-{n % 12 + 1:02d}-01", n % 3 == 0
        end = f"2025-{n % 10 + 1:02d}-01" if left else ""
        found.append([f"s{n}", f"C{n}", "canceled" if left else "active", start, "2025-11-01", "FALSE", end, end,
                      "5000", "2025-11-30", "TRUE", "FALSE"])  # fmt: skip
    return found


def data(lines: list[list[str]]) -> bytes:
    return "\n".join([HEAD, *map(",".join, lines), ""]).encode()


def read(lines):
    return cs.read(data(lines), answers={"amount_unit": "cents"})


def told(lines, id: str):
    (found,) = [one for one in import_effects(read(lines), data(lines)) if one.id == id]
    return found


def clv(subs) -> float:
    return cs.value(cs.Assumptions.from_data(subs, draws=0), 12).clv


@pytest.mark.parametrize("column, word, id, against", [
    (10, "FALSE", "test_mode", "counting them as real"), (11, "TRUE", "deleted", "counting them")])  # fmt: skip
def test_rows_left_out_are_valued_against_the_file_that_counts_them(column, word, id, against):
    spoiled, counted = rows(), rows()
    for n in (1, 4, 6, 9):
        spoiled[n][column] = word
    found, without = told(spoiled, id), read(spoiled)
    # two of the four are live, at 50 a month each
    assert found.count == 4 and found.mrr == -100.0 and found.against == against
    assert found.mrr == without.active_mrr - read(counted).active_mrr
    assert found.clv_share == pytest.approx(clv(without) / clv(read(counted)) - 1)


def test_older_versions_would_count_twice():
    lines = rows()
    for n in (1, 2, 4):
        old = list(lines[n])
        old[9], old[8] = "2025-06-30", "3000"
        lines.append(old)
    found = told(lines, "older_versions")
    assert found.count == 3 and found.mrr == -90.0
    assert "against counting every version as a subscription" in found.sentence


def test_an_end_without_a_day_has_a_monthly_revenue_and_no_value():
    lines = rows()
    for n in (0, 3):
        lines[n][4] = lines[n][6] = lines[n][7] = ""
    found = told(lines, "end_missing")
    assert found.count == 2 and found.clv_share is None and "only a monthly revenue of $100" in found.sentence


def test_effects_are_told_under_other_definitions_too():
    lines = rows()
    lines.append([*lines[1][:8], "0", *lines[1][9:]])
    lines[-1][:2] = ["s999", "C999"]
    subs = redefined(read(lines), recognised="after grace")
    (found,) = [one for one in import_effects(subs, data(lines)) if one.id == "free"]
    assert found.count == 1 and found.mrr == 0.0


@pytest.mark.parametrize("recognised, mrr", [("period end", -50.0), ("cancel click", 0.0)])
def test_rows_read_again_are_counted_by_the_definitions_too(recognised, mrr):
    lines = rows()
    lines[1][6], lines[1][10] = "2025-10-01", "FALSE"   # has asked to leave, and is test data
    lines[2][6] = "2025-10-01"
    subs = redefined(read(lines), recognised=recognised)
    (found,) = [one for one in import_effects(subs, data(lines)) if one.id == "test_mode"]
    assert found.mrr == mrr
