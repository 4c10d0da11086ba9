"""The Overview page: every metric with its value, day, n and definition, for every kind of file."""

import pyarrow as pa
import pytest
from page_parts import ask
from test_pages import SNAPSHOT, app, captions, cards, charts, clean, confirmed, go, own_folder  # noqa: F401

from cs_models.importers import layouts, template_csv
from cs_models.metrics_today import BALANCES, FLOWS
from cs_models.words import HELP, LABELS


def told(text: str) -> str:
    return str(text or "").replace("\\", "").replace("\xa0", " ").replace("\u2060", "")


def shown(at) -> dict:
    return {told(m.label): m for m in at.metric}


def test_every_metric_has_its_value_day_n_definition_and_history():
    found = shown(app())
    for name in [*BALANCES, *FLOWS]:
        one = found[LABELS[name]]
        assert told(one.value) not in ("", "–") and "Oct 2026" in told(one.delta), name
        assert told(one.help) == told(HELP[name]) and len(one.proto.chart_data) == 24, name
        assert name == "active" or told(one.proto.delta_description)[0].isdigit(), name


def test_four_numbers_stand_on_top():
    top = [told(m.label) for m in app().metric][:4]
    assert top == ["Lifetime value, 36 months", "MRR", LABELS["nrr"], "Customer churn a month"]


def test_the_first_thing_on_the_landing_page_is_a_question_and_a_press_sets_its_levers():
    at = app()
    assert told(at.title[0].value) == "A new customer is worth $5,588 over 36 months ($5,494 to $5,695)"
    asked = [told(b.label) for b in at.button if str(b.key).startswith("ask-")][:5]
    assert asked == ["Sell annual plans?", "Raise prices?", "Let existing customers keep the price?",
                     "Fix onboarding or failed payments first?", "Grow the accounts we have?"]  # fmt: skip
    at.button(key="ask-PriceIncrease").click().run()
    clean(at)
    assert at.query_params["PriceIncrease.rise"] == "0.1"
    assert told(at.title[0].value).startswith("Raising prices 10 % for everybody adds $")


def test_the_numbers_are_those_of_the_core():
    found = shown(app())
    mrr = found["MRR"]
    assert told(mrr.value) == "$1.0M" and told(mrr.proto.delta_description) == "2,951 customers"
    assert told(found["Churned MRR"].value) == "−$15.9K"
    assert "October 2026: MRR rose by $24.3K; $40.2K came, $15.9K went." in cards(app())
    assert "Of all customers 2.4 % left within the month; of the 62 whose" in captions(app())


def test_a_question_that_was_folded_away_leads_to_its_answer():
    at = ask(app(), "Onboarding")
    assert "Onboarding.reduction" in at.query_params and told(at.title[0].value).startswith("Cutting churn by 30 %")


def test_what_a_customer_costs_is_asked_and_counted():
    at = app()
    assert not {"CAC", "Retention cost per customer"} & set(shown(at))
    assert "type it above" in captions(at)
    at.number_input(key="cac").set_value(900.0)
    at.number_input(key="retention_spend").set_value(5902.0).run()
    found = shown(clean(at))
    ratio = found["LTV:CAC, 36 months"]
    assert told(ratio.value) == "6.21" and told(ratio.delta).startswith("95 %: 6.1")
    assert told(found["Retention cost per customer"].value) == "$2.00"
    assert told(found["Payback in cash"].value) == "1 month"
    assert told(found["Payback in margin"].value) == "5 months"
    assert at.query_params["cac"] == "900.0" and at.query_params["retention_spend"] == "5902.0"


def test_a_month_that_is_not_over_is_said():
    rows = [f"c{n},2024-{1 + n % 12:02d}-05,{'' if n % 3 else '2025-10-20'},50" for n in range(90)]
    rows.append("last,2025-12-12,,50")
    at = go(confirmed("\n".join(["customer,start,end,mrr", *rows]).encode()), "overview")
    assert "December 2025 is pale: the file ends on 12 Dec 2025" in captions(at)
    found = shown(at)
    assert told(found["MRR"].delta) == "12 Dec 2025" and told(found["New MRR"].delta) == "Nov 2025"
    assert told(found["Churn at renewal"].delta) == "nobody was due"


def test_a_snapshot_says_what_is_missing():
    at = go(confirmed(SNAPSHOT, "snapshot.csv"), "overview")
    info = " ".join(part.value for part in at.info)
    assert "no dates" in info and "revenue kept over twelve months are left out" in info
    top = [told(m.label) for m in at.metric][:4]
    assert top[:2] == ["Lifetime value, 36 months", "MRR"]
    assert top[2:] == ["Value of today's customers", "Churn expected a month"]
    assert len(charts(at)) == 1


def test_a_file_without_prices_says_what_is_missing():
    rows = "".join(f"c{n},2025-0{1 + n % 5}-01,{'' if n % 2 else '2025-07-28'}\n" for n in range(60))
    at = go(confirmed(f"customer,start,end\n{rows}".encode()), "overview")
    assert any("no price" in part.value for part in at.info) and not at.metric
    at = app("overview", ds=at.query_params["ds"], price="20")
    assert told(shown(at)["MRR"].value) == "$1,200", "60 customers on 1 May at the typed price"


@pytest.mark.parametrize("shape", layouts())
def test_every_kind_of_file_opens(shape):
    at = go(confirmed(template_csv(shape).encode(), f"{shape}.csv"), "overview")
    assert not at.exception and len(at.title) == 1


def test_the_tables_hold_every_month_and_sum():
    from cs_models.charts.movements import table
    from pages.overview import board
    from pages.shared import cache_metrics

    frame, _ = cache_metrics.metrics("sample")
    rows = table(frame)
    came = rows[["New", "Reactivated", "Expansion", "Contraction", "Churned"]].sum(axis=1)
    assert ((rows["MRR at start"] + came - rows["MRR at end"]).abs() < 0.005).all() and len(rows) == 48
    every = board.table(frame)
    assert every["Month"].iloc[0] == "2026-10" and {LABELS["grr"], LABELS["renewal_churn"]} <= set(every)
    assert every[LABELS["logo_churn"]].iloc[0] == pytest.approx(frame["logo_churn"].iloc[-1])


def line(at, chart: int, part: str) -> dict:
    """Month -> value of a line, out of what the browser is sent."""
    sent = charts(at)[chart].proto
    packed = sent.datasets[0].data.data if len(sent.datasets) else sent.data.data
    frame = pa.ipc.open_stream(packed).read_pandas()
    return frame[(frame["part"] == part) & (frame["role"] != "gain")].set_index("month")["value"].to_dict()


def test_one_number_says_how_many_new_customers_stay_on_every_page():
    at = app()
    overview = line(at, 1, "fit")
    retention, scenarios = line(go(at, "retention"), 0, "fit"), line(go(at, "scenarios"), 1, "line")
    assert max(scenarios) == 36
    for month in (12, 24, 36):
        assert overview[month] == retention[month] == pytest.approx(scenarios[month], rel=1e-9)


def test_the_churn_figures_stand_side_by_side_and_each_help_says_where():
    at = app()
    at.session_state["which-churn"] = True
    (figures,) = [table.value for table in clean(at.run()).table]
    assert len(figures) == 6 and told(figures["A month"]["Customer churn a month"]) == "2.40 %"
    assert told(shown(at)["Customer churn a month"].value) == "2.4 %"
    for name in ("logo_churn", "gross_churn", "expected_churn"):
        assert "How the churn figures differ stands on Overview" in HELP[name].replace("how the two differ", "How the churn figures differ")
