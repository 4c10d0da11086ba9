"""Before a fit: enough departures, tenures and customers; after it: finite numbers, a believable shape. At the boundary."""

import numpy as np
import pytest

import cs_models as cs
from cs_models import gates, words
from cs_models.retention import fit as fitting
from cs_models.retention.registry import models
from cs_models.uncertainty import span

BENT = [model for model in models() if model != "constant"]


def book(events: int, subjects: int, periods: int = 3):
    """So many customers, all at risk in the first month, of whom so many leave in the first months."""
    durations = [1 + n % periods for n in range(events)] + [9] * (subjects - events)
    return cs.life_table_from_durations(durations, [1] * events + [0] * (subjects - events))


@pytest.mark.parametrize("model", BENT)
@pytest.mark.parametrize("events, subjects, periods, why", [
    (10, 30, 3, ""), (9, 30, 3, "so far 9, at 3 different"), (10, 29, 3, r"29, and 30 are needed"), (10, 30, 2, "at 2 different")])  # fmt: skip
def test_a_bent_curve_takes_ten_departures_at_three_tenures_of_thirty_customers(model, events, subjects, periods, why):
    curve = cs.fit(book(events, subjects, periods), model)
    assert curve.model == ("constant" if why else model)
    if why:
        assert [note for note in curve.notes if why in note] and why in curve.why


@pytest.mark.parametrize("c, passes", [(0.05, True), (0.0499, False), (20.0, True), (20.001, False), (np.nan, False), (np.inf, False)])
@pytest.mark.parametrize("name", ["c", "c1", "c2", "sigma"])
def test_a_shape_is_believable_from_a_twentieth_to_twenty(name, c, passes):
    assert (gates.after({"theta": 0.1, name: c}, np.array([1.0, 0.9])) == "") is passes


def test_a_curve_that_is_no_number_is_not_used():
    assert "No curve of this kind" in gates.after({"alpha": 1.0}, np.array([1.0, np.nan]))


def wild(of: str):
    """`model_named`, whose model of that name ends with a shape nobody believes."""
    own = fitting.model_named

    def named(name):
        found = own(name)
        if name != of:
            return found

        def fit(counts, periods):
            fitted = found.fit(counts, periods)
            return fitting.replace(fitted, parameters={**fitted.parameters, "c": 300.0})

        return fitting.replace(found, fit=fit)

    return named


@pytest.mark.parametrize("model", ["weibull", "sbg"])
def test_a_fit_outside_its_gates_becomes_constant_churn_and_says_so(monkeypatch, model):
    monkeypatch.setattr(fitting, "model_named", wild(model))
    curve = cs.fit(book(40, 100, 5), "auto" if model == "sbg" else model)
    at_risk, churned = _sums(book(40, 100, 5))
    assert curve.model == "constant" and "shape 300.00" in curve.why and curve.why in curve.notes
    assert curve.survival[1] == pytest.approx(1 - churned.sum() / at_risk.sum())


@pytest.mark.parametrize("believable", [True, False])
def test_a_richer_model_takes_over_only_inside_its_gates(monkeypatch, believable):
    monkeypatch.setattr(fitting, "richer", lambda *given: (True, "It foretells better."))
    if not believable:
        monkeypatch.setattr(fitting, "model_named", wild("bdw"))
    assert cs.fit(book(40, 100, 5)).model == ("bdw" if believable else "sbg")


def _sums(table):
    counts = fitting.counts_per_period(table, 1)
    return counts.at_risk, counts.churned


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_range_with_a_number_missing_is_not_told(wrong):
    whole, hurt = span(np.array([1.0, 2.0, 3.0])), span(np.array([1.0, wrong, 3.0]))
    assert words.with_interval(2.0, whole.low, whole.high) == "$2.00 ($1.05 to $2.95)"
    assert words.with_interval(2.0, hurt.low, hurt.high) == "$2.00"


def test_the_sentence_of_a_gate_stands_on_the_page(monkeypatch, tmp_path):
    from streamlit.testing.v1 import AppTest

    from page_parts import clean, said
    from pages.shared import cache
    from places import ROOT

    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()
    rows = "customer,start,end,mrr\n" + "".join(
        f"c{n},2025-01-01,{f'2025-0{2 + n % 3}-01' if n < 10 else ''},50\n" for n in range(29)
    )
    own = cache.store().save(cs.read(rows.encode(), as_of="2025-12-31"))
    at = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    at.query_params["ds"] = own
    at.run()
    page = said(clean(at.switch_page("pages/retention/page.py").run()))
    cache.store.clear()
    assert "Too few customers for a falling curve (29, and 30 are needed): churn is taken as constant" in page
