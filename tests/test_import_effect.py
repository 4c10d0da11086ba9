"""What a fault costs equals the difference to the same file with the fault mended by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

import cs_models as cs
from places import ROOT
from cs_models import locales
from cs_models.import_effect import MOST, Effect, effects_apart, import_effects
from cs_models.store import Store

AS_OF = "2025-12-31"
HEAD = "customer,start,end,plan,interval,mrr,region,currency"


def lines() -> list[str]:
    """300 customers, half of them gone; the price rises with the region."""
    draw = np.random.default_rng(4)
    rows = []
    for n in range(300):
        start = date(2024, 1, 1) + timedelta(days=int(draw.integers(600)))
        end = start + timedelta(days=int(draw.integers(15, 700)))
        ended = end < date(2025, 12, 31)
        rows.append(f"c{n},{start},{end if ended else ''},P,monthly,{50 + 10 * (n % 5 > 1)},{'EU' if n % 2 else 'US'},USD")
    return rows


def read(rows: list[str]):
    return cs.read("\n".join([HEAD, *rows]).encode(), as_of=AS_OF)


def effect(rows: list[str], id: str, source: bool = True) -> Effect:
    data = "\n".join([HEAD, *rows]).encode()
    subs = cs.read(data, as_of=AS_OF)
    found = [one for one in import_effects(subs, data if source else None) if one.id == id]
    assert len(found) == 1, subs.report.findings
    return found[0]


def clv(subs) -> float:
    return cs.value(cs.Assumptions.from_data(subs, draws=0), 12).clv


def spoiled(column: int, text: str, at=(3, 8, 20, 31), also=None) -> tuple[list[str], list[str]]:
    """The file with a fault in some live rows, and without it."""
    good, bad = lines(), lines()
    live = [n for n, row in enumerate(good) if row.split(",")[2] == ""]
    for n in (live[k] for k in at):
        cells = bad[n].split(",")
        cells[column] = text
        bad[n] = ",".join(cells)
        if also:
            good[n] = also(good[n])
    return bad, good


def cell(column: int, text: str):
    return lambda row: ",".join([*row.split(",")[:column], text, *row.split(",")[column + 1 :]])


def check(found: Effect, bad, mended, count: int) -> None:
    faulty, whole = read(bad), read(mended)
    assert found.count == count
    assert found.mrr == pytest.approx(faulty.active_mrr - whole.active_mrr, abs=0.005)
    assert found.clv_share == pytest.approx(clv(faulty) / clv(whole) - 1, abs=1e-9) and found.clv_share != 0


def test_rows_that_end_before_they_start():
    good, bad = lines(), lines()
    ended = [n for n, row in enumerate(good) if row.split(",")[2]][:12]
    for n in ended:
        name, start, end, *rest = good[n].split(",")
        bad[n] = ",".join([name, end, start, *rest])
    found = effect(bad, "end_before_start")
    check(found, bad, good, 12)
    said = "12 rows end before they start: leaving them out moves no active MRR"
    assert found.mrr == 0 and found.sentence.startswith(said) and "12-month CLV by" in found.sentence and found.sentence.endswith("with start and end swapped.")


@pytest.mark.slow
@pytest.mark.parametrize("column, text, id, also", [
    (0, "", "no_customer", lambda row: "new" + row), (7, "dollars!", "currency", None), (4, "often", "interval", None),
    (5, "a lot", "price_text", cell(5, "60")), (5, "", "price_missing", cell(5, "60")),
    (5, "-50", "price_negative", cell(5, "60"))])  # fmt: skip
def test_rows_left_out_for_a_cell(column, text, id, also):
    bad, good = spoiled(column, text, also=also)
    second = [f"c{n},2025-06-01,,Q,monthly,30,US,USD" for n in range(100)]  # of the same customers, and sound
    bad, good = bad + second, good + second
    assert sum(",60," in row for row in bad) > sum(",50," in row for row in bad), "60 is the usual price"
    found = effect(bad, id)
    check(found, bad, good, 4)
    assert found.mrr < 0 and "leaving them out moves active MRR by −$" in found.sentence


def test_a_part_of_the_file_is_read_as_the_whole():
    """500 rows that would do for both orders of day and month; only the rest of the file tells."""
    rows = [f"c{n},0{1 + n % 9}/{1 + n % 12:02d}/2024,{'' if n % 3 else '05/11/2025'},P,monthly,{40 + n % 2},US,USD"
            for n in range(600)]  # fmt: skip
    good = [*rows, *(f"d{n},02/{13 + n % 15}/2024,,P,monthly,40,US,USD" for n in range(50))]
    bad = [cell(5, "a lot")(row) if n in (10, 13, 16) else row for n, row in enumerate(good)]
    mended = [cell(5, "40")(row) if n in (10, 13, 16) else row for n, row in enumerate(good)]
    check(effect(bad, "price_text"), bad, mended, 3)


@pytest.mark.parametrize("column, text, id", [
    (1, "soon", "date_unreadable"), (1, "", "date_missing"), (1, "2025-02-30", "date_impossible"),
    (2, "1900-01-01", "date_placeholder")])  # fmt: skip
def test_without_a_day_only_the_revenue_is_told(column, text, id):
    bad, good = spoiled(column, text)
    found = effect(bad, id)
    assert found.clv_share is None and found.mrr == read(good).active_mrr - read(bad).active_mrr
    assert "without a usable day" in found.sentence and "CLV" not in found.sentence


def test_copies_count_once_and_free_rows_not_at_all():
    good = lines()
    live = [row for row in good if row.split(",")[2] == ""]
    found = effect([*good, live[0], live[0], live[1]], "duplicates")
    money = [float(row.split(",")[5]) for row in live]
    assert found.mrr == -(2 * money[0] + money[1]) and found.against == "counting every copy"
    free = [cell(5, "0")(row) if n % 9 == 0 else row for n, row in enumerate(good)]
    found = effect(free, "free")
    assert found.mrr == 0 and found.clv_share > 0.02, "free users would lower the mean price"


def test_repaired_rows_are_told_against_leaving_them_out():
    bad, good = spoiled(2, "9999-12-31", at=range(40))
    found = effect(bad, "open_end")
    out = [row for row, other in zip(good, bad) if row == other]
    assert found.count == 40 and found.mrr == read(good).active_mrr - read(out).active_mrr > 0
    assert found.clv_share == pytest.approx(clv(read(good)) / clv(read(out)) - 1, abs=1e-9)


def test_without_the_source_only_what_the_rows_tell():
    bad, _ = spoiled(5, "a lot")
    data = "\n".join([HEAD, *bad, bad[0]]).encode()
    assert [one.id for one in import_effects(cs.read(data, as_of=AS_OF))] == ["duplicates"]


def test_a_sound_file_and_a_file_without_prices_have_no_effects():
    assert import_effects(read(lines()), "\n".join([HEAD, *lines()]).encode()) == ()
    data = "customer,start,end\n" + "".join(f"{n},2025-01-01,\n" for n in range(30)) + "x,2025-02-01,2025-01-01\n"
    data = data.encode()
    assert import_effects(cs.read(data, as_of=AS_OF), data) == ()


def test_the_dirty_sample_in_the_order_of_its_findings(monkeypatch):
    path = ROOT / "sample_data" / "subscriptions_dirty.csv"
    subs = cs.read(path)
    found = import_effects(subs, path)
    order = [finding.id for finding in subs.report.findings]
    assert [order.index(one.id) for one in found] == sorted(order.index(one.id) for one in found)
    assert {"no_customer", "end_before_start", "price_text", "duplicates", "date_missing"} <= {one.id for one in found}
    assert all(abs(one.clv_share) < 0.05 for one in found if one.clv_share is not None)
    monkeypatch.setattr("cs_models.import_effect.MOST", 1)
    few = import_effects(subs, path)
    assert sum(one.clv_share is not None for one in few) == 1 < MOST and len(few) == len(found)


def test_two_files_that_make_one_data_set_have_effects_too(tmp_path):
    log = b"customer,change date,plan_id\n" + b"".join(
        b"C%d,2024-%02d-05,%d\n" % (n, 1 + n % 6, 1 + n % 2) for n in range(60)
    ) + b"".join(b"C%d,2024-%02d-05,3\n" % (n, 8 + n % 3) for n in range(0, 60, 2)) + b",2024-03-05,1\n" * 3
    prices = b"plan_id,plan_name,price\n1,Basic,9.00\n2,Pro,29.00\n3,churn,\n"
    subs = cs.read([log, prices])
    found = {one.id: one for one in import_effects(subs, [log, prices])}
    assert subs.layout == "plan_changes" and "no_customer" in found
    assert found["no_customer"].mrr < 0 and found["no_customer"].against
    assert "no_customer" not in {one.id for one in import_effects(subs)}, "without the files it cannot be told"
    store = Store(tmp_path)
    paths = tuple(store.upload_path(store.intake([data])) for data in (log, prices))
    with locales.use("de_DE"):
        assert {one.id: one for one in effects_apart(store, subs, paths)} == {one.id: one for one in import_effects(subs, [log, prices])}
    assert not store.ids() and not list((tmp_path / "datasets").iterdir()), "nothing of it stays on disk"
