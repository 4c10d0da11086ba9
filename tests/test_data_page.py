"""The Data page: every kind of file, answers that shape what is said, and what was only looked at goes."""

import gzip
import os
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cs_models import reading_apart
from cs_models.importers import layout, template_csv
from cs_models.readers import ENDINGS
from cs_models.reading_apart import LONG_ONES
from pages.data import progress, waiting
from pages.shared import cache

ROOT = Path(__file__).resolve().parents[1]
PERIODS = (ROOT / "sample_data" / "subscriptions.csv").read_bytes()
SMALL = b"customer,start,end,mrr\nA,2025-01-01,2025-03-31,50\nB,2025-02-15,,60\nC,2025-04-15,,60\n"
LAST_DAY = b"customer,start,end,mrr\nlate,2024-12-05,2024-12-31,50\n" + b"".join(
    b"C%d,2024-0%d-01,%s,50\n" % (n, 1 + n % 6, b"2024-12-31" if n % 2 else b"2024-0%d-20" % (7 + n % 3))
    for n in range(20)
)
AHEAD = b"customer,start,end,mrr\n" + b"".join(
    b"C%d,2024-0%d-01,%s,50\n" % (n, 1 + n % 9, b"2025-06-20" if n < 5 else b"") for n in range(30)
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()
    return tmp_path


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def page(**link: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    return clean(at.switch_page("pages/data/page.py").run())


def open_file(data: bytes, name: str = "export.csv", at: AppTest | None = None) -> AppTest:
    at = at or page()
    at.file_uploader[0].upload(name, data)
    return clean(at.run())


def click(at: AppTest, key: str) -> AppTest:
    return clean(at.button(key=key).click().run())


def confirmed(data: bytes, name: str = "export.csv") -> AppTest:
    return click(open_file(data, name), "use")


def said(at: AppTest) -> str:
    """All sentences of the page."""
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.title)
    return " ".join(part.value for kind in kinds for part in kind).replace("\\", "").replace("\xa0", " ")


def widget(found, ending: str):
    (one,) = [one for one in found if str(one.key).endswith(ending)]
    return one


def uploads(folder: Path) -> list[str]:
    return [path.name for path in (folder / "uploads").iterdir() if len(path.name) == 64]


def unfold(at: AppTest, key: str) -> AppTest:
    at.session_state[key] = True
    return clean(at.run())


# --- every kind of file ---


def test_the_uploader_takes_what_the_readers_read():
    box = page().file_uploader[0]
    assert set(box.proto.type) == {f".{ending}" for ending in ENDINGS}
    assert all(word in box.label for word in ("CSV", "Excel", "Parquet", "JSON", "zipped"))


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "csv.gz", "jsonl"])
def test_other_kinds_open_like_the_csv(kind, tmp_path, make_workbook):
    frame = pd.DataFrame([line.split(",") for line in SMALL.decode().split()[1:]],
                         columns=["customer", "start", "end", "mrr"])  # fmt: skip
    path = tmp_path / f"book.{kind}"
    if kind == "xlsx":
        path.write_bytes(make_workbook({"Sheet1": [list(frame.columns), *frame.values.tolist()]}))
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(SMALL))
    else:
        frame.to_json(path, orient="records", lines=True)
    at = open_file(path.read_bytes(), path.name)
    assert [one.value for one in at.metric][:4] == ["3", "3", "0", "0"]
    assert "customer" in widget(at.selectbox, "-periods-customer").value
    assert len(click(at, "use").query_params["ds"]) == 32


def test_a_vendors_export_is_named():
    at = open_file(template_csv("stripe_dashboard").encode())
    named = f"This looks like a {layout('stripe_dashboard').title}."
    assert named in [one.value.replace("\\", "") for one in at.info] and said(at).count(named) == 1


def test_what_was_detected_is_shown_and_can_be_said_otherwise():
    data = "customer;start;end;mrr;city\nA;2025-01-01;;50;Köln\nB;2025-02-15;;60;Malmö\n".encode("cp1252")
    at = open_file(data)
    (box,) = [one for one in at.expander if one.label.startswith("How the file was opened")]
    assert "semicolon" in box.label and "row 1" in box.label
    widget(at.selectbox, "-delimiter").set_value("comma").run()
    assert not clean(at).metric, "one column only: nothing can be read"
    widget(at.selectbox, "-delimiter").set_value("semicolon").run()
    assert clean(at).metric[0].value == "2"


def test_a_choice_that_cannot_be_read_can_be_taken_back():
    at = open_file(SMALL)
    widget(at.selectbox, "-header_row").set_value("30").run()
    assert clean(at).error and "Row 30 is not in the file" in said(at)
    widget(at.selectbox, "-header_row").set_value("1").run()
    assert not clean(at).error and at.metric


# --- what only the owner knows ---


def test_a_sentence_follows_the_answer():
    at = open_file(LAST_DAY)
    assert "they are read as still subscribed" in said(at)
    widget(at.radio, "-live_at_end").set_value("left").run()
    assert "they are read as gone" in said(clean(at)) and "read as still subscribed" not in said(at)
    assert widget(at.radio, "-live_at_end").value == "left"
    at = click(at, "use")
    assert cache.subscriptions(at.query_params["ds"]).active == 0


def test_ends_after_the_last_day_are_told_beside_the_date_and_one_click_sets_it():
    at = open_file(AHEAD)
    assert "5 rows with an end after 1 Sep 2024" in said(at)
    assert "set the date to 20 Jun 2025" in said(at)
    click(at, "set-day-2025-06-20")
    assert at.date_input[0].value.isoformat() == "2025-06-20"
    assert "with an end after" not in said(at)
    subs = cache.subscriptions(click(at, "use").query_params["ds"])
    assert subs.as_of.isoformat() == "2025-06-20" and subs.active == 25


# --- what stays on disk ---


def test_what_was_only_looked_at_leaves_the_disk(folder):
    at = open_file(SMALL)
    assert len(uploads(folder)) == 1
    click(at, "drop")
    assert not uploads(folder)
    open_file(b"a,b\n1,2\n", at=at)
    assert len(uploads(folder)) == 1
    click(at, next(one.key for one in at.button if str(one.key).startswith("drop")))
    assert not uploads(folder), "a refused file too"


def test_what_is_in_use_stays_when_somebody_looks_at_it_again(folder):
    at = confirmed(SMALL)
    open_file(SMALL, at=at)
    click(at, "drop")
    assert len(uploads(folder)) == 1 and cache.store().has(at.query_params["ds"])


# --- the open data set ---


def test_definitions_are_switched_and_said():
    at = page()
    assert "Counted with the usual definitions" in said(at)
    widget(at.number_input, "-gap_days").set_value(60).run()
    click(at, "redefine")
    identity = at.query_params["ds"]
    assert cache.subscriptions(identity).definitions.gap == 60
    assert "a gap of up to 60 days is the same customer" in said(at)
    assert "Sample data, defined otherwise" in said(at), "it still is a sample"
    click(at, "delete")
    assert not cache.store().has(identity)


def moved(wait: int = 60) -> bytes:
    """120 of 200 customers go from Old to New in one week of March 2025, two months apart."""
    rows = ["customer,start,end,plan,mrr"]
    for n in range(200):
        start = f"2023-{1 + n % 12:02d}-{1 + n % 28:02d}"
        end = pd.Timestamp("2025-03-01") + pd.Timedelta(days=n % 4)
        rows.append(f"o{n},{start},{end.date() if n < 120 else ''},Old,50")
        if n < 120:
            rows.append(f"o{n},{(end + pd.Timedelta(days=wait)).date()},,New,55")
    rows += [f"u{n},2024-{1 + n % 12:02d}-03,2025-{1 + n % 6:02d}-20,Basic,20" for n in range(100)]
    rows.append("last,2025-08-01,,Basic,20")
    return "\n".join(rows).encode()


def test_a_move_of_a_plan_is_told_and_joined():
    at = confirmed(moved())
    assert "120 customers" in said(at) and "moved from it to New" in said(at)
    click(at, "join-moves")
    assert "They count as one stay" in said(at)
    assert not [one for one in at.button if one.key == "join-moves"]


def test_one_month_by_each_rule():
    at = unfold(page(), "tie-out")
    box = at.selectbox(key="tie-month")
    table = next(frame.value for frame in at.dataframe if "Rule" in frame.value)
    assert list(table["Rule"]) == ["Perennial", "ChartMogul", "Stripe", "ProfitWell", "Baremetrics"]
    box.set_value(box.options[3]).run()
    other = next(frame.value for frame in clean(at).dataframe if "Rule" in frame.value)
    assert str(other["To the end of"].iloc[0]).startswith(box.options[3])
    assert "ChartMogul:" in said(at)


def test_findings_say_what_they_move_when_asked():
    at = page(ds="sample-faults")
    assert "12-month CLV by" not in said(at)
    unfold(at, "effects")
    assert "2 rows end before they start: leaving them out moves" in said(at)
    assert "12-month CLV by" in said(at)


def test_the_screen_shows_values_as_they_are_and_the_file_is_safe():
    at = confirmed(b"customer,start,end,mrr\nA,2025-01-01,,50\nB,=1+1,,60\nC,2025-02-01,,60\n")
    table = next(frame.value for frame in at.dataframe if "Reason" in frame.value)
    assert table["Value"].tolist() == ["=1+1"]
    assert cache.subscriptions(at.query_params["ds"]).report.frame()["value"].tolist() == ["'=1+1"]


# --- next month ---

NAMES = b"who,from,till,amount\n"


def mapped(at: AppTest) -> AppTest:
    roles = {"customer": "who", "start": "from", "end": "till", "price": "(not in the file)", "mrr": "amount"}
    for role, header in roles.items():
        widget(at.selectbox, f"-periods-{role}").set_value(header)
    return clean(at.run())


def test_next_months_file_is_read_the_same_way(folder):
    at = mapped(open_file(NAMES + b"A,2025-01-01,2025-01-31,50\nB,2025-02-15,,60\n"))
    click(at, "use")
    again = open_file(NAMES + b"A,2025-01-01,2025-01-31,50\nB,2025-02-15,,60\nC,2025-03-15,,60\n")
    assert "those of the last file with these column names" in said(again)
    assert widget(again.selectbox, "-periods-mrr").value == "amount" and again.metric[0].value == "3"
    click(again, "afresh")
    assert widget(again.selectbox, "-periods-mrr").value == "(not in the file)"


def test_a_saved_mapping_comes_in_and_a_wrong_one_is_told(folder):
    at = mapped(open_file(NAMES + b"A,2025-01-01,2025-01-31,50\nB,2025-02-15,,60\n"))
    click(at, "use")
    subs = cache.subscriptions(at.query_params["ds"])
    text = waiting.memory_of(subs, NAMES.decode().strip().split(",")).to_json()
    click(at, "delete")
    assert not list((folder / "mappings").iterdir()), "it goes with the data"
    fresh = open_file(NAMES + b"D,2025-01-01,2025-01-31,50\nE,2025-02-15,,60\n")
    for wrong, told in (
        (b"\xff\xfe{", "This is not a mapping saved here"),
        (text.replace('"amount"', '"fee"').encode(), "takes columns that this file does not have: fee"),
    ):
        saved_mapping(fresh).upload("m.json", wrong)
        assert told in said(clean(fresh.run())) and not fresh.metric
    saved_mapping(fresh).upload("m.json", text.encode())
    clean(fresh.run())
    assert widget(fresh.selectbox, "-periods-mrr").value == "amount" and fresh.metric


def saved_mapping(at: AppTest):
    (box,) = [one for one in at.file_uploader if str(one.key).startswith("memory-")]
    return box


# --- two files ---


def test_events_and_their_prices_are_joined(folder):
    log = b"A,2025-01-01,p1\nA,2025-03-01,p2\nB,2025-02-01,p1\nC,2025-04-01,p2\n"
    events = b"customer,change date,plan_id\n" + log
    prices = b"plan_id,plan_name,price\np1,Basic,10\np2,Pro,30\n"
    at = open_file(events, "events.csv")
    (box,) = [one for one in at.file_uploader if str(one.key).startswith("second-")]
    box.upload("plans.csv", prices)
    clean(at.run())
    assert "Joined with the 2 rows of the second file" in said(at)
    click(at, "use")
    assert cache.subscriptions(at.query_params["ds"]).active_mrr == 70.0
    assert len(uploads(folder)) == 2, "both files stay with the data set: its effects are counted from them"


def test_the_second_file_can_be_taken_away_again(folder):
    log = b"customer,change date,plan_id\nA,2025-01-01,1\nA,2025-03-01,2\nB,2025-02-01,1\n"
    at = open_file(log, "events.csv")
    assert "This log has no prices" in said(at)
    (box,) = [one for one in at.file_uploader if str(one.key).startswith("second-")]
    box.upload("plans.csv", b"plan_id,plan_name,price\n1,Basic,10\n2,Pro,30\n")
    clean(at.run())
    assert "Joined with" in said(at) and len(uploads(folder)) == 2
    click(at, "drop-second")
    assert "Joined with" not in said(at) and "This log has no prices" in said(at) and len(uploads(folder)) == 1
    assert "Which plan means that they left?" in said(at)
    assert not cache.subscriptions(click(at, "use").query_params["ds"]).has_price


def test_the_day_of_the_export_is_asked_before_the_data_are_used():
    data = b"customer,start,end,mrr\nA,2025-01-01,2025-03-01,50\nB,2025-01-15,,60\nC,2025-02-01,,60\n"
    at = open_file(data)
    assert "Until which day does the file know everything?" in said(at) and "paid for whole months so far" in said(at)
    click(at, "set-day-2025-03-31")
    assert at.date_input[0].value.isoformat() == "2025-03-31"
    assert cache.subscriptions(click(at, "use").query_params["ds"]).as_of.isoformat() == "2025-03-31"
    kept = cache.subscriptions(confirmed(data).query_params["ds"])
    (asked,) = [one for one in kept.report.questions if one.id == "as_of"]
    assert asked.answered and kept.as_of.isoformat() == asked.guess == "2025-03-01"


# --- for how long it stays ---


def test_for_how_long_data_stay_is_said_and_chosen(folder):
    at = confirmed(SMALL)
    data = at.query_params["ds"]
    (choice,) = [one for one in at.radio if str(one.key).startswith("stay-")]
    assert (choice.value, cache.store().stay(data)) == ("day", "day")
    assert any("24 hours after they were last open" in one.label for one in at.expander)
    clean(choice.set_value("tab").run())
    assert cache.store().stay(data) == "tab"
    assert any("15 minutes after the last page is closed" in one.label for one in at.expander)
    assert not [one for one in page().radio if str(one.key).startswith("stay-")], "the sample stays"


def test_a_long_file_that_waits_for_others_says_so_and_can_be_taken_away(folder, monkeypatch):
    monkeypatch.setattr(reading_apart, "LONG", 10)
    with ExitStack() as taken:
        for _ in range(LONG_ONES.most):
            taken.enter_context(LONG_ONES.one(Event()))
        at = open_file(SMALL)
        assert [one.label for one in at.status] == ["2 other files are being read; yours is next"]
        at = click(at, "cancel-reading")
        assert "Reading was cancelled" in said(at) and not uploads(folder)


@pytest.mark.parametrize("ahead, said", [(1, "yours is next"), (2, "1 other waits before yours"), (4, "3 others wait before yours")])
def test_the_place_in_the_line_is_said(ahead, said):
    assert progress.turn(ahead) == f"2 other files are being read; {said}"
