"""Every page as a script: sample data, a snapshot, bad files, levers, links; never a traceback."""

import json
from pathlib import Path

import pytest
from page_parts import ask, press, unfold
from streamlit.testing.v1 import AppTest

from cs_models.importers import layouts, template_csv
from cs_models.levers import ALL
from cs_models.saved import SavedScenario
from cs_models.scenario import Scenario
from pages.shared import cache

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("overview", "data", "retention", "drivers", "lifetime_value", "scenarios", "saved", "playbook", "segments", "customers", "backtest", "methods")
SNAPSHOT = (ROOT / "sample_data" / "snapshot.csv").read_bytes()
PERIODS = (ROOT / "sample_data" / "subscriptions.csv").read_bytes()
FAULTY = (ROOT / "sample_data" / "subscriptions_dirty.csv").read_bytes()


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()


def app(page: str = "overview", **link: str) -> AppTest:
    """The app, opened at a page with a link's values."""
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    return go(at, page) if page != "overview" else clean(at)


def go(at: AppTest, page: str) -> AppTest:
    return clean(at.switch_page(f"pages/{page}/page.py").run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def title(at: AppTest) -> str:
    (one,) = at.title
    return one.value.replace("\\", "").replace("\xa0", " ")


def captions(at: AppTest) -> str:
    """All small print of a page, as it is read."""
    return " ".join(part.value for part in at.caption).replace("\\", "").replace("\xa0", " ")


def cards(at: AppTest) -> str:
    """All names of boxes."""
    return " ".join(part.value for part in at.markdown).replace("\\", "").replace("\xa0", " ")


def charts(at: AppTest) -> list:
    return at.get("vega_lite_chart")


def scenario(**lever) -> bytes:
    return json.dumps({"perennial_scenario": 1, "levers": [lever]}).encode()


def open_file(data: bytes, name: str = "export.csv") -> AppTest:
    """Upload on the Data page, up to the screen that asks for confirmation."""
    at = app("data")
    at.file_uploader[0].upload(name, data)
    return clean(at.run())


def confirmed(data: bytes, name: str = "export.csv") -> AppTest:
    at = open_file(data, name)
    return clean(at.button(key="use").click().run())


# --- sample data ---


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_sample_data_with_a_badge(name):
    at = app(name)
    assert len(title(at)) > 20 and not at.error
    badge = any("Sample data" in part.value for part in at.markdown)
    assert badge == (name != "saved"), "the sample must say that it is one; the team's list is of many data sets"


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("sample", ["sample-snapshot", "sample-faults"])
def test_every_page_opens_on_the_other_samples(name, sample):
    at = app(name, ds=sample)
    assert not at.error and at.query_params["ds"] == sample


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_has_words_for_those_who_cannot_see_it(name):
    at = app(name)
    assert (
        len(charts(at))
        == {"overview": 3, "data": 0, "retention": 5, "drivers": 3, "lifetime_value": 3, "scenarios": 2, "saved": 0, "playbook": 1, "segments": 2,
            "customers": 2, "backtest": 1, "methods": 0}[name]
    )
    assert all(len(chart.proto.alt) > 20 for chart in charts(at))


def test_the_headline_of_a_page_is_the_answer():
    assert title(app()).startswith("A new customer is worth $")
    assert "of 100 customers are still subscribed after 24 months" in title(app("retention"))
    assert "over 36 months ($" in title(app("lifetime_value"))
    assert title(app("scenarios")).startswith("What if? Today a new customer is worth $")


# --- links ---


def test_a_link_carries_data_levers_and_economics_to_any_page():
    at = app(
        "scenarios",
        **{"PriceIncrease.rise": "0.1", "gross_margin": "0.7", "horizon": "24", "view": "existing"},
    )
    assert at.slider(key="PriceIncrease.rise").value == 0.1
    assert "Raising prices 10 % for everybody" in title(
        at
    ) and "per existing customer over 24 months" in title(at)
    go(at, "overview")
    assert at.query_params["PriceIncrease.rise"] == "0.1", "a page without the lever must keep it in the link"
    go(at, "lifetime_value")
    assert at.slider(key="gross_margin").value == 0.7


def test_what_is_at_rest_is_not_in_the_link():
    at = app("scenarios")
    assert dict(at.query_params) == {}
    press(at, "add-ChurnReduction")
    at.slider(key="ChurnReduction.reduction").set_value(0.2).run()
    assert dict(at.query_params) == {"ChurnReduction.reduction": "0.2"}
    at.button(key="rest").click().run()
    assert dict(at.query_params) == {}


@pytest.mark.parametrize(
    "link",
    [
        {"PriceIncrease.rise": "99"},
        {"PriceIncrease.rise": "0.9"},
        {"PriceIncrease.rise": "nan"},
        {"PriceIncrease.scope": "<b>all</b>"},
        {"horizon": "37"},
        {"cac": "-1"},
        {"discount_rate": "0.9"},
        {"by": "c0; drop"},
        {"Grandfathering.months": "1e9"},
    ],
)
def test_a_broken_link_is_told_and_nothing_breaks(link):
    for page in ("scenarios", "lifetime_value", "retention"):
        at = app(page, **link)
        assert not at.error and dict(at.query_params) == {}
    at = app(**link)
    assert "cannot be used" in at.warning[0].value


@pytest.mark.parametrize("identity", ["0" * 32, "../../etc/passwd", "x"])
def test_a_link_to_data_that_are_gone_says_so(identity):
    at = app("overview", ds=identity)
    assert "not on this server" in at.warning[0].value
    assert "ds" not in at.query_params


def test_columns_of_another_file_mean_nothing():
    at = app("retention", by="c1")
    assert at.selectbox(key="by").value == "c1"
    at = app("retention", by="c99", split="c99")
    assert at.selectbox(key="by").value == "" and not at.error


# --- own files ---


def test_an_upload_is_confirmed_once_and_stays():
    at = open_file(PERIODS)
    assert at.selectbox[0].value == "periods"
    assert at.selectbox[1].value == "customer_id", "recognised columns must be chosen already"
    assert [m.value for m in at.metric][:4] == ["5\\,076", "5\\,076", "0", "0"]
    at.button(key="use").click().run()
    identity = at.query_params["ds"]
    assert len(identity) == 32
    for page in ("retention", "scenarios", "customers", "data", "methods"):  # that all open: the templates of every shape
        go(at, page)
        assert at.query_params["ds"] == identity
        assert not any("Sample data" in part.value for part in at.markdown)
    again = app("retention", ds=identity)
    assert title(again) == title(go(at, "retention"))


def test_nothing_is_opened_before_it_is_confirmed():
    at = open_file(FAULTY)
    go(at, "overview")
    assert "ds" not in at.query_params
    assert any("Sample data" in part.value for part in at.markdown)


def test_a_mapping_can_be_changed():
    at = open_file(b"who,from,till,amount\nA,2025-01-01,2025-03-31,50\nB,2025-01-15,,60\nC,2025-02-15,,60\n")
    assert "Choose the column for" in at.warning[0].value
    roles = {"customer": "who", "start": "from", "end": "till", "price": "(not in the file)", "mrr": "amount"}
    for role, header in roles.items():
        (box,) = [box for box in at.selectbox if str(box.key).endswith(f"-periods-{role}")]
        box.set_value(header)
    clean(at.run())
    assert not [one.value for one in at.warning if "Choose the column" in one.value]
    at.button(key="use").click().run()
    assert len(at.query_params["ds"]) == 32


def test_the_three_counts_sum_to_the_rows():
    at = app("data", ds="sample-faults")
    rows, accepted, repaired, rejected = (
        int(m.value.replace("\\", "").replace(",", "")) for m in at.metric[:4]
    )
    assert accepted + repaired + rejected == rows and rejected > 0
    table = next(frame.value for frame in at.dataframe if "Reason" in frame.value)
    assert len(table) >= rejected and set(table["What happened"]) <= {"left out", "repaired"}
    assert list(table.columns) == ["Row", "What happened", "Column", "Value", "Reason"]


def test_a_snapshot_says_what_it_is_and_calendar_pages_say_why_not():
    at = confirmed(SNAPSHOT, "snapshot.csv")
    assert any("not a cohort" in info.proto.title for info in at.info if hasattr(info.proto, "title")) or any(
        "cohort" in info.value for info in at.info
    )
    go(at, "retention")
    assert any("no dates" in info.value for info in at.info)
    assert len(charts(at)) == 2, "curves and ratios stay"
    go(at, "scenarios")
    assert "over 36 months" in title(at)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"customer_id,start_date,end_date,mrr\n",
        b"a,b,c\n1,2,3\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04" + b"\0" * 200,
        b"customer_id,start_date,end_date,mrr\nA,soon,later,free\n",
    ],
    ids=["empty", "header only", "no columns", "picture", "zip", "nothing readable"],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(data):
    at = open_file(data)
    told = [part.value for part in (*at.error, *at.warning)]
    assert told and all(20 < len(one) < 700 for one in told)
    assert not any("Traceback" in one or "Error:" in one for one in told)
    at.button(key="drop-bad" if any(b.key == "drop-bad" for b in at.button) else "drop").click().run()
    assert not clean(at).error


@pytest.mark.parametrize("shape", layouts())
def test_every_template_opens_on_every_page(shape):
    """A handful of rows is too little for most figures; a page says so and never breaks."""
    at = confirmed(template_csv(shape).encode(), f"{shape}.csv")
    for place in PAGES:
        assert len(title(go(at, place))) > 5


def test_no_price_no_money():
    at = confirmed(b"customer,start,end\nA,2025-01-01,2025-03-31\n" + b"".join(
        b"C%d,2025-0%d-01,2025-0%d-28\n" % (n, 1 + n % 5, 6 + n % 3) for n in range(40)))  # fmt: skip
    for page in ("overview", "lifetime_value", "scenarios", "playbook"):
        go(at, page)
        assert any("no price" in info.value for info in at.info), page


def test_text_of_the_file_is_shown_and_never_obeyed():
    name = "![x](http://evil.test/x.png) $5 vs $7"
    rows = "".join(f'C{n},2025-0{1 + n % 9}-01,,50,"{name if n % 2 else "plain"}"\n' for n in range(60))
    at = confirmed(f"customer,start,end,mrr,tier\n{rows}".encode(), "*bold* $1.csv")
    for page in PAGES:
        go(at, page)
        shown = [e.value for kind in ("markdown", "title", "caption", "error", "info", "warning", "metric")
                 for e in at.get(kind) if isinstance(e.value, str)]  # fmt: skip
        assert not [text for text in shown if "![x](" in text or "*bold*" in text]


def test_data_can_be_deleted(tmp_path):
    at = confirmed(FAULTY)
    identity = at.query_params["ds"]
    at.button(key="delete").click().run()
    assert "ds" not in clean(at).query_params
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "nothing of it may stay on disk"
    assert "not on this server" in app(ds=identity).warning[0].value


# --- levers ---


@pytest.mark.parametrize("name", ALL)
def test_every_lever_has_its_widgets_at_rest_and_a_question(name):
    at = app("scenarios")
    for parameter in ALL[name].parameters():
        assert at.session_state[f"{name}.{parameter.name}"] == parameter.rest
    ask(at, name)
    assert not at.error
    assert title(at).startswith("What if?") is False
    moved = [n for n in at.query_params if n.startswith(name)]
    assert moved, "a question must move its lever"


def test_keeping_old_prices_is_asked_of_existing_customers():
    """For new customers it changes nothing: they never had an old price."""
    at = app("scenarios")
    ask(at, "Grandfathering")
    assert at.query_params["view"] == "existing" and "PriceIncrease.rise" in at.query_params
    assert "per existing customer" in title(at)
    assert "Today's customers still subscribed" in cards(at) and "average over the orders" in captions(at)


def test_the_whole_book_says_what_is_in_it():
    said = captions(app("scenarios", view="portfolio"))
    assert "The whole book is the 2,951 customers of today and about 118 new ones a month" in said
    assert "New customers still subscribed" in cards(app("scenarios"))


def test_few_customers_and_a_poor_fit_are_told_beside_the_headline():
    few = b"customer,start,end,mrr\n" + b"".join(b"C%d,2025-0%d-01,,50\n" % (n, 1 + n % 9) for n in range(12))
    at = confirmed(few)
    for page in ("overview", "retention", "lifetime_value", "scenarios"):
        go(at, page)
        assert any("Too few customers to say" in w.value for w in at.warning), page
    assert not app("overview").warning, "the sample has thousands"


def test_a_fit_that_misses_the_observed_curve_is_told():
    """Half leave in month 1, half of the rest in month 13: no falling curve follows that."""
    ends = ["2023-01-31" if n % 2 else "2024-01-31" if n % 4 else "" for n in range(400)]
    rows = [f"C{n},2023-01-01,{end},50" for n, end in enumerate(ends)]
    rows += [f"D{n},2025-12-01,,50" for n in range(30)]
    at = confirmed("\n".join(["customer,start,end,mrr", *rows]).encode())
    for page in ("overview", "retention", "lifetime_value", "scenarios"):
        go(at, page)
        assert any("fitted curve is up to" in w.value.replace("\\", "") for w in at.warning), page


def test_a_group_without_a_curve_of_its_own_is_marked():
    ends = [f"2025-0{1 + n % 7}-15" if n % 2 else "" for n in range(200)]
    rows = [f"C{n},2024-0{1 + n % 9}-01,{end},50,big" for n, end in enumerate(ends)]
    rows += [f"S{n},2024-01-01,,500,small" for n in range(15)] + ["L,2025-12-01,,50,big"]
    at = confirmed("\n".join(["customer,start,end,mrr,tier", *rows]).encode())
    go(at, "lifetime_value")
    (table,) = [frame.value for frame in at.dataframe if "Curve" in frame.value]
    assert table.set_index("tier")["Curve"].to_dict() == {"big": "its own", "small": "shared: too few left"}
    assert "Too few have left for a curve of its own" in captions(at) and "By tier" in cards(at)


def test_an_assumed_currency_is_called_one():
    said = captions(app()).replace("\xa0", " ")
    assert "USD assumed" in said and "80 % gross margin, as preset" in said
    assert "as preset" not in captions(app(gross_margin="0.7"))
    eur = b"customer,start,end,mrr,currency\n" + b"".join(
        b"C%d,2025-0%d-01,,50,EUR\n" % (n, 1 + n % 9) for n in range(40))  # fmt: skip
    said = captions(go(confirmed(eur), "overview"))
    assert "EUR" in said and "assumed" not in said


def test_empty_cards_say_why():
    few = b"customer,start,end,mrr\n" + b"".join(
        b"C%d,2025-0%d-01,2025-0%d-28,50\n" % (n, 1 + n % 6, 3 + n % 6) for n in range(40))  # fmt: skip
    at = confirmed(few)
    for page in ("overview", "retention"):
        assert any("No sign-up month has 20" in info.value for info in go(at, page).info), page
    go(at, "lifetime_value")
    assert any("no column that parts the customers" in info.value for info in at.info)


def test_the_reference_of_each_column_is_named():
    assert "Compared with: Core (plan), Small business (segment)" in captions(app("drivers"))


def test_a_lever_changes_the_headline_and_the_bridge_sums():
    at = app("scenarios")
    today = at.metric[0].value
    assert at.metric[2].value.replace("\\", "") == "$0"
    press(at, "add-ChurnReduction")
    at.slider(key="ChurnReduction.reduction").set_value(0.2).run()
    assert "Cutting churn by 20 % adds $" in title(at) and "(likely $" in title(at)
    assert at.metric[0].value == today != at.metric[1].value
    assert at.metric[2].value.startswith("\\+")


def test_scenario_files_go_out_and_come_in():
    at = app("scenarios", **{"AnnualBilling.adoption": "0.3"})
    text = Scenario("mine", (ALL["ChurnReduction"](reduction=0.3),)).to_json()
    unfold(at, "files").file_uploader(key="scenario-in").upload("s.json", text.encode())
    clean(at.run())
    assert at.slider(key="ChurnReduction.reduction").value == 0.3
    assert at.session_state["AnnualBilling.adoption"] == 0.0, "levers the file does not name go to rest"


def test_a_scenario_file_brings_the_price_it_was_reckoned_with():
    """Without it the desk said that the scenario was saved with other data."""
    at = confirmed(b"customer,start,end\n" + b"".join(
        b"C%d,2025-0%d-01,2025-0%d-28\n" % (n, 1 + n % 5, 6 + n % 3) for n in range(60)))  # fmt: skip
    go(at, "scenarios").number_input(key="price").set_value(20.0).run()
    plan = Scenario("mine", (ALL["ChurnReduction"](reduction=0.3),))
    text = SavedScenario("mine", plan, fingerprint="0" * 16, price=30.0).to_json()
    unfold(at, "files").file_uploader(key="scenario-in").upload("s.json", text.encode())
    assert clean(at.run()).session_state["price"] == 30.0 and at.query_params["price"] == "30.0"


@pytest.mark.parametrize(
    "text",
    [b"{", b"[]", b"\xff\xfe\x00", scenario(lever="Bomb"), scenario(lever="PriceIncrease", rise=9.0)],
    ids=["broken", "list", "binary", "unknown lever", "beyond the slider"],
)  # fmt: skip
def test_a_bad_scenario_file_is_told_and_changes_nothing(text):
    at = app("scenarios", **{"AnnualBilling.adoption": "0.3"})
    unfold(at, "files").file_uploader(key="scenario-in").upload("s.json", text)
    clean(at.run())
    assert at.error and at.slider(key="AnnualBilling.adoption").value == 0.3


def test_payback_needs_cac_and_moves_with_it():
    at = app("lifetime_value")
    assert any("enter CAC" in m.delta for m in at.metric)
    at.number_input(key="cac").set_value(3000.0).run()
    assert at.query_params["cac"] == "3000.0"
    assert any("month" in m.value for m in clean(at).metric)
    # By way of a page without the widget; straight to one that has it is tried in the browser.
    go(at, "drivers")
    go(at, "scenarios")
    assert "month" in at.metric[3].value


def test_presentation_shows_the_answer_and_no_levers():
    at = app("scenarios", present="true", **{"PriceIncrease.rise": "0.1"})
    assert "Raising prices" in title(at) and not at.slider and not at.sidebar.children
    assert any("stSidebar" in part.value for part in at.html)
    assert "Payback" not in [m.label for m in at.metric], "there is no sidebar to enter CAC in"
    assert {"present-leave-p", "present-leave"} <= {b.key for b in at.button}, "P and Esc"
    at.button(key="present-leave").click().run()
    assert clean(at).slider and "present" not in at.query_params
