"""Every chart under one contract: constant specs, fixed names, colours that people tell apart."""

import itertools
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cs_models.charts import (
    CHARTS,
    STAGE,
    bridge,
    cohorts,
    cumulative,
    earned,
    hazards,
    pace,
    ranges,
    retention,
    survival,
    theme,
)
from cs_models.charts.lines import MOST_POINTS, spread, thin

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
ALL = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
HOSTILE = "');alert(1)//${x} datum.value :red[a]"


def walk(part):
    """Every dict inside a spec."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


# --- the contract ---


def test_the_charts_are_found():
    assert {"retention", "survival", "bridge", "cohorts", "hazards", "ranges", "cumulative"} <= set(CHARTS)


@ALL
def test_the_example_has_the_declared_columns(chart):
    assert list(chart.example().columns) == list(chart.columns)


@ALL
def test_a_spec_is_constant_and_holds_no_data(chart):
    spec = chart.spec()
    assert spec == chart.spec() and spec is not chart.spec()
    assert not [part for part in walk(spec) if "data" in part or "datasets" in part]
    assert list(spec["config"]) == ["locale"], "looks come from the theme around it"
    assert spec["height"] == chart.height
    assert chart.spec(500)["height"] == 500


@ALL
def test_a_spec_names_declared_columns_only(chart):
    spec = chart.spec()
    own = {*chart.columns, *(part["as"] for part in walk(spec) if "calculate" in part)}
    for part in walk(spec):
        if "field" in part and isinstance(part["field"], str):
            assert part["field"] in own
        for word in re.findall(r"datum\.(\w+)", str(part.get("filter", ""))):
            assert word in own


@ALL
def test_colours_come_from_the_theme(chart):
    text = json.dumps(chart.spec())
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text), "a fixed colour does not follow light and dark"
    scales = [p["scale"] for p in walk(chart.spec()) if p.get("field") == "role" and "scale" in p]
    assert all(scale == {"domain": list(theme.ROLES)} for scale in scales)


@ALL
def test_type_is_larger_on_a_wall(chart):
    def sizes(spec):
        """A size that is another on a phone is an expression: the last number is that of all other windows."""
        found = [value for part in walk(spec) for key, value in part.items() if key.lower().endswith("fontsize")]
        return [float(re.findall(r"\d+\.?\d*", value["expr"])[-1]) if isinstance(value, dict) else value for value in found]

    assert sizes(chart.spec()) and min(sizes(chart.spec())) >= 11.5
    pairs = zip(sizes(chart.spec()), sizes(chart.spec(scale=STAGE)), strict=True)
    assert all(wall == pytest.approx(desk * STAGE) for desk, wall in pairs)


@ALL
def test_a_chart_stands_alone_with_its_data(chart):
    drawing = chart.drawing(chart.example(), theme.DARK).to_dict()
    (rows,) = drawing["datasets"].values()
    assert len(rows) == len(chart.example()) and drawing["config"]["range"]["category"] == theme.DARK.category


# --- what goes into each ---


class Observed:
    def __init__(self, survival, at_risk):
        self.survival = np.asarray(survival)
        self.lower, self.upper = self.survival - 0.02, np.minimum(self.survival + 0.02, 1)
        self.at_risk = np.asarray(at_risk)


class Fitted:
    observed_to = 12
    survival = 0.96 ** np.arange(121)


def test_observed_steps_end_where_fewer_than_twenty_are_left():
    observed = Observed(0.96 ** np.arange(13), [100, 90, 80, 70, 60, 50, 40, 30, 20, 19, 5, 2, 1])
    frame = retention.frame([("All", observed, Fitted)], 24)
    steps = frame[frame["part"] == "km"]
    assert steps["month"].max() == 8 == retention.shown_to(observed)
    assert retention.table([("All", observed, Fitted)], 24)["Observed"].notna().sum() == 9


def test_the_fit_is_dotted_and_shaded_after_the_last_month_seen():
    frame = retention.frame([("All", Observed(0.96 ** np.arange(13), [100] * 13), Fitted)], 36)
    months = frame.groupby("part")["month"].agg(["min", "max"])
    assert tuple(months.loc["fit"]) == (0, 12)
    assert tuple(months.loc["beyond"]) == (12, 36)
    shade = frame[frame["part"] == "shade"].iloc[0]
    assert (shade["month"], shade["high"]) == (12, 36)


def test_no_fit_no_projection():
    frame = retention.frame([("All", Observed([1, 0.9], [30, 25]), None)], 24)
    assert not set(frame["part"]) & {"fit", "beyond", "shade"}


def test_baseline_is_grey_and_dashed_and_the_scenario_solid():
    layers = CHARTS["survival"].spec()["layer"]
    dashed = [layer for layer in layers if "strokeDash" in layer["mark"]]
    assert len(dashed) == 1 and "baseline" in json.dumps(dashed[0]["transform"])
    solid = [layer for layer in layers if layer["mark"]["type"] == "line" and layer not in dashed]
    assert len(solid) == 1 and "scenario" in json.dumps(solid[0]["transform"])


def test_no_line_has_more_than_two_hundred_points():
    months = np.arange(601)
    table = pd.DataFrame({"month": months, "baseline": 0.99**months, "scenario": 0.995**months})
    lines = survival.frame(table, 600)
    assert lines[lines["part"] == "line"].groupby("role").size().max() <= MOST_POINTS
    assert thin(0, 600)[0] == 0 and thin(0, 600)[-1] == 600 and len(thin(0, 36)) == 37


def test_survival_is_drawn_to_the_end_of_the_horizon_each_month_with_its_own_band():
    months = np.arange(61)
    shares = {"month": months, "baseline": 0.97**months, "scenario": 0.975**months, "scenario_low": 0.9 * 0.975**months}
    lines = survival.frame(pd.DataFrame(shares), 24).query("part == 'line'")
    today, plan = (lines[lines["role"] == role].set_index("month") for role in ("baseline", "scenario"))
    assert list(today.index) == list(plan.index) == list(range(25)) and today["low"].isna().all()
    np.testing.assert_allclose(today["value"], 0.97 ** np.arange(25), rtol=1e-15)
    np.testing.assert_allclose(plan["low"], 0.9 * plan["value"], rtol=1e-15)


def test_a_bridge_closes_or_is_refused():
    frame = bridge.frame(1840, {"Annual billing": 212, "Price increase": -64}, 1988)
    assert frame["role"].tolist() == ["baseline", "scenario", "loss", "baseline"]
    assert frame["text"].tolist() == ["$1,840", "+$212", "−$64", "$1,988"]
    assert (frame["start"].iloc[1:-1].to_numpy() == frame["end"].iloc[:-2].to_numpy()).all()
    with pytest.raises(ValueError, match="do not sum"):
        bridge.frame(1840, {"Annual billing": 212}, 1988)


def test_no_number_of_a_bridge_lies_at_the_edge():
    frame = bridge.frame(34.7e6, {"Keep old prices for existing customers": -0.4e6, "Price": 3.3e6}, 37.6e6)
    assert (frame["reach"] > 1.1 * frame["top"].max()).all()
    assert any("reach" in str(layer["encoding"]["y"]) for layer in CHARTS["bridge"].spec()["layer"])


def test_a_narrow_cell_has_no_number():
    """On a phone 18 numbers of 4 signs do not fit side by side: the colours and the table tell."""
    numbers = [layer for layer in CHARTS["cohorts"].spec()["layer"] if layer["mark"]["type"] == "text"]
    assert len(numbers) == 2, "and none in a small intake"
    assert all("bandwidth('x')" in layer["mark"]["opacity"]["expr"] for layer in numbers)


def test_a_cell_not_yet_observed_is_hatched_and_never_zero():
    rows = [
        {"cohort": cohort, "age": age, "customers": 40, "share": share}
        for cohort, shares in (("2025-01", [1.0, 0.9, 0.8, np.nan]), ("2025-02", [1.0, 0.9, np.nan, np.nan]))
        for age, share in enumerate(shares)
    ] + [{"cohort": "2025-03", "age": 0, "customers": 5, "share": 1.0}]
    frame = cohorts.frame(pd.DataFrame(rows))
    assert frame.groupby("kind")["age"].apply(list).to_dict() == {
        "seen": [0, 1, 2, 0, 1],
        "ahead": [2],
        "few": [0],
    }
    told = frame[frame["kind"] == "seen"]
    assert (told["share"] > 0).all() and told["text"].tolist()[:3] == ["100%", "90%", "80%"]
    ahead = frame[frame["kind"] == "ahead"]
    assert ahead["share"].isna().all() and (ahead["text"] == "").all()
    # Month 0 does not stretch the colours: months from 1 on span them.
    assert told["shade"].tolist()[:3] == pytest.approx([1, 1, 0])
    wide = cohorts.table(pd.DataFrame(rows)).set_index("Signed up")
    assert pd.isna(wide.loc["2025-02", "2"]) and wide.loc["2025-01", "2"] == 0.8
    strokes = [layer for layer in CHARTS["cohorts"].spec()["layer"] if layer["mark"]["type"] == "rule"]
    assert len(strokes) == 3 and all("ahead" in str(layer["transform"]) for layer in strokes)


def test_small_intakes_are_grey_and_say_how_many_they_are():
    rows = [{"cohort": f"2025-0{c}", "age": 0, "customers": n, "share": 1.0} for c, n in ((1, 40), (2, 19))]
    frame = cohorts.frame(pd.DataFrame(rows))
    assert frame.set_index("cohort")["kind"].to_dict() == {"2025-01": "seen", "2025-02": "few"}
    grey = [layer for layer in CHARTS["cohorts"].spec()["layer"] if "few" in str(layer.get("transform"))]
    assert any("customers" in str(layer["encoding"].get("tooltip")) for layer in grey), "n on hover"
    assert cohorts.frame(pd.DataFrame(rows[1:])).empty, "nothing to read where every intake is small"


def test_the_average_of_all_intakes_is_a_last_row():
    rows = pd.DataFrame({"cohort": "2025-01", "age": [0, 1, 2], "customers": 40, "share": [1, 0.9, 0.8]})
    average = pd.DataFrame({"age": [0, 1, 2], "customers": [400, 300, 19], "share": [1, 0.7, 0.6]})
    frame = cohorts.frame(rows, average=average)
    own = frame[frame["kind"] == "average"]
    assert own["age"].tolist() == [0, 1] and set(own["cohort"]) == {cohorts.ALL}, "19 customers are too few"
    assert sorted(frame["cohort"].unique())[-1] == cohorts.ALL, "the axis sorts it to the end"


def test_the_pace_of_annual_payers_stands_at_their_renewals():
    frame = pace.example()
    assert set(frame.loc[frame["part"] == "point", "month"]) == {12, 24}
    assert frame.loc[frame["part"] == "line", "name"].unique().tolist() == ["Monthly"]


def test_acquisition_cost_lies_across_only_when_it_is_known():
    frame = earned.example()
    assert frame.loc[frame["part"] == "level", "value"].tolist() == [400.0]
    cohort = pd.DataFrame({"cohort": "2025-01", "age": [0, 1], "customers": 40, "value": [0.0, 80.0]})
    free = earned.frame(cohort, cohort, 0.0)
    assert "level" not in set(free["part"])
    assert not (earned.frame(cohort.assign(customers=19), cohort, 0.0)["part"] == "thin").any()


def test_hazard_ratios_are_coloured_by_what_the_interval_says():
    table = pd.DataFrame(
        {
            "column": "Plan",
            "level": ["Pro", "Team", "Solo", HOSTILE, "Free", "Base"],
            "reference": "Base",
            "ratio": [0.6, 1.9, 1.1, 2.0, np.nan, 1.0],
            "lower": [0.5, 1.2, 0.8, 0.001, np.nan, 1.0],
            "upper": [0.7, 3.5, 1.4, 900.0, np.nan, 1.0],
        }
    )
    frame = hazards.frame(table)
    assert frame["role"].tolist() == ["baseline", "loss", "baseline", "scenario"], "fastest on top"
    assert len(hazards.frame(table, most=2)) == 2
    assert frame["low"].min() >= 0.05 and frame["high"].max() <= 20
    rare = hazards.frame(table.assign(ratio=0.02, lower=0.012, upper=0.03).head(1)).iloc[0]
    assert rare["low"] == 0.012 and rare["high"] == 0.03, "a bar holds its dot, however rare the leaving"
    assert frame["name"].iloc[0] == f"Plan: {HOSTILE}"  # a value in a cell, as it is


def test_ranges_leave_room_for_the_last_number():
    rows = pd.DataFrame(
        {"name": ["a", "b"], "value": [1.0, 2.0], "low": [0.5, np.nan], "high": [1.5, np.nan]}
    )
    frame = ranges.frame(rows)
    assert frame.loc[1, ["low", "high"]].tolist() == [2.0, 2.0]
    assert (frame["reach"] > frame["high"]).all()


def test_payback_is_marked_where_the_line_meets_cac():
    line = cumulative.line(np.full(6, 100.0))
    assert line["value"].tolist() == [0, 100, 200, 300, 400, 500, 600]
    frame = cumulative.frame({theme.GAIN: line}, 250.0, {theme.GAIN: 3})
    point = frame[frame["part"] == "point"].iloc[0]
    assert (point["month"], point["value"], point["text"]) == (3, 300, "Paid back in month 3")
    assert not len(cumulative.frame({theme.GAIN: line}, 0.0, {theme.GAIN: 0}).query("part == 'point'"))


def test_labels_at_line_ends_do_not_overlap():
    placed = spread([0.5, 0.5, 0.51, 0.9], 0.06)
    assert np.diff(sorted(placed)).min() >= 0.06 - 1e-6
    assert np.mean(placed[:3]) == pytest.approx(np.mean([0.5, 0.5, 0.51])), "the middle stays"
    assert placed[3] == 0.9 and placed[0] < placed[1] < placed[2]


# --- colours ---


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05)."""
    light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(c)) for c in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson 2020: a space in which distance is what eyes call different."""
    lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    ) @ np.clip(rgb, 0, 1)
    return np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(lms)


TOKENS = pytest.mark.parametrize(
    ("mode", "tokens"), [("light", theme.LIGHT), ("dark", theme.DARK)], ids=["light", "dark"]
)


@TOKENS
def test_the_app_and_the_charts_have_the_same_colours(mode, tokens):
    told = CONFIG["theme"][mode]
    assert told["chartCategoricalColors"] == tokens.category
    assert told["chartSequentialColors"] == list(tokens.sequential) and len(tokens.sequential) == 10
    assert len(told["chartDivergingColors"]) == 10
    assert (told["backgroundColor"], told["secondaryBackgroundColor"]) == (tokens.background, tokens.panel)
    assert (told["textColor"], told["primaryColor"], told["borderColor"]) == (
        tokens.text,
        tokens.primary,
        tokens.grid,
    )
    assert (told["greenColor"], told["redColor"]) == (tokens.gain, tokens.loss), (
        "good is blue, harm is orange"
    )
    assert len(tokens.category) == len(theme.ROLES)


@TOKENS
def test_text_and_lines_can_be_read(mode, tokens):
    for ground in (tokens.background, tokens.panel):
        assert contrast(tokens.text, ground) >= 7
        assert contrast(tokens.muted, ground) >= 4.5
    for colour in (*tokens.categorical, tokens.baseline):
        assert contrast(colour, tokens.background) >= 3
    # Sliders and chosen segments write in the primary colour: on the page, a panel, and on their own tint.
    for ground in (tokens.background, tokens.panel):
        assert contrast(tokens.primary, ground) >= 4.5


def test_no_button_is_primary():
    """Streamlit writes white on it, and in the dark no colour carries white text and can be read as text itself."""
    pages = (ROOT / "pages").rglob("*.py")
    assert not [page.name for page in pages if re.search(r"""type=["']primary""", page.read_text())]


@TOKENS
@pytest.mark.parametrize("sight", SIGHT)
def test_colours_differ_for_every_kind_of_sight(mode, tokens, sight):
    seen = {colour: oklab(SIGHT[sight] @ linear(colour)) for colour in tokens.categorical}
    apart = {
        pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) * 100
        for pair in itertools.combinations(tokens.categorical, 2)
    }
    assert min(apart.values()) >= 9, min(apart, key=apart.get)
    assert apart[tokens.gain, tokens.loss] >= 20, "gain and loss must be told apart first of all"


@TOKENS
def test_numbers_in_heat_map_cells_can_be_read(mode, tokens):
    """A cell shows the text's colour or the ramp's first, whichever stands out more: legible on every step."""
    for cell in tokens.sequential:
        assert max(contrast(ink, cell) for ink in (tokens.text, tokens.sequential[0])) >= 4, cell
