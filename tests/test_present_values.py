"""What groups are worth without a table of months: the same as summed month by month, whatever they pay, meet and are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Mix
from cs_models.exponential_sums import sums_at
from cs_models.flows import all_flows
from cs_models.levers.base import label
from cs_models.mixing import Money
from cs_models.present_values import by_type, worths
from cs_models.retention.quadrature import beta_types_batch
from cs_models.type_tables import by_series
from cs_models.valuation import evaluate

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "subscriptions.csv"

RATES = np.array([0.0, 1e-9, 0.003, 0.05, 0.4, 2.0, 27.0])
PACES = {"even": np.arange(120.0), "by_the_year": np.arange(10.0) * 12, "one": np.zeros(1), "two": np.array([0.0, 1.0]),
         "later": np.arange(3.0, 40.0), "changes": np.cumsum([0.0, *[1.0] * 30, *[0.7] * 40, *[1.3] * 20]),
         "bent": np.arange(60.0) ** 1.2, "steep_at_first": np.cumsum([0.0, 2.0, 0.5, *[1.0] * 50]),
         "halts": np.cumsum([0.0, *[1.0] * 20, *[0.0] * 20, *[1.0] * 20])}  # fmt: skip
LEVERS = {
    "nothing": (),
    "price": (cs.PriceIncrease(rise=0.1, one_off_loss=0.05, one_off_decay=0.5, start=3, leavers="leaky"),),
    "annual": (cs.AnnualBilling(adoption=0.3, refunds=0.2, reminded=0.6, start=2, phase_in=2),),
    "typed": (cs.AnnualBilling(adoption=0.3, intent="typed", refunds=0.2), cs.PriceIncrease(rise=0.1, start=4)),
    "costly": (cs.ChurnReduction(reduction=0.2, cost=1.5, reach=0.5), cs.AccountManagement(), cs.Expansion()),
    "back": (cs.WinBack(), cs.Onboarding(cost=5.0)),
}


@pytest.mark.parametrize("exposure", PACES.values(), ids=PACES)
def test_a_sum_of_exponentials_is_its_terms_added(exposure):
    amounts = np.random.default_rng(1).normal(size=(2, exposure.size))
    terms = np.exp(-RATES[None, :] * exposure[:, None])
    size = np.abs(amounts) @ terms
    for times in (1, 9000):  # a few rates, and so many that even steps are looked for
        found = sums_at(np.tile(RATES, times), exposure, amounts)[:, -RATES.size:]
        np.testing.assert_array_less(np.abs(found - amounts @ terms), 1e-12 * size + 1e-300)


@pytest.mark.parametrize("seed", range(40))
def test_types_shared_by_all_draws_are_followed_by_a_series(seed):
    """Against the exponentials themselves, to 2e-12 of the customers; before anything happened all of them are here."""
    rng = np.random.default_rng(seed)
    types, draws, months = rng.integers(1, 160), rng.integers(1, 40), rng.integers(1, 90)
    rate = np.append(np.exp(rng.uniform(-20, 3.4, types)), 0.0) if seed % 2 else np.exp(rng.uniform(-1, 3.4, types + 1))
    weights = rng.dirichlet(np.ones(types + 1), (2, draws)) * np.exp(rng.uniform(-3, 8))
    exposure = np.arange(months) ** np.exp(rng.uniform(-1, 0.5, (draws, 1))) * (seed % 8 > 0)
    truth = np.einsum("rdi,dki->rdk", weights, np.exp(-rate * exposure[..., None]))
    found = by_series(weights, rate, exposure)
    assert found is not None and np.abs(found - truth).max() < 2e-12 * weights.sum(-1).max() and found.min() >= 0


def test_no_series_is_made_where_it_would_be_too_long():
    exposure = np.array([[0.0, 1e-9, 1.0, 1e9]])
    assert by_series(np.ones((1, 1, 1)), np.ones(1), exposure) is None


def test_many_rates_are_taken_piece_by_piece():
    rates, amounts = np.linspace(0, 3, 10_001), np.linspace(1, 2, 50)[None]
    whole = sums_at(rates, np.arange(50.0), amounts)
    assert whole.shape == (1, 10_001)
    np.testing.assert_allclose(whole[:, ::997], sums_at(rates[::997], np.arange(50.0), amounts), rtol=1e-13)


@pytest.fixture(scope="module")
def bases() -> dict[str, cs.Assumptions]:
    """The sample, whose draws share types; the same paying more with tenure; and draws with types and clocks of their own."""
    sample, economics = cs.read(SAMPLE), {"draws": 12, "service_cost": 2.0, "cac": 90.0}
    types = cs.Assumptions.from_data(sample, by=("segment",), **economics)
    return {"types": types, "growing": cs.Assumptions.from_data(sample, expansion=True, **economics),
            "own": replace(types, cells=tuple(map(_own, types.cells, range(len(types.cells)))))}


def _own(cell, place: int):
    """The cell with types of each draw's own; every other monthly one on a bent clock of each draw's own."""
    rng = np.random.default_rng(place)
    types = beta_types_batch(rng.normal(0.8, 0.06, 12), rng.normal(8.0, 0.7, 12), nodes=8)
    aging = np.arange(400.0) ** rng.normal(0.9, 0.05, (12, 1)) if cell.interval == 1 and place % 4 else None
    return replace(cell, draws=Mix.of(*types, cell.interval, aging))


@pytest.mark.parametrize("levers", LEVERS.values(), ids=LEVERS)
@pytest.mark.parametrize("kind", ["types", "growing", "own"])
def test_worth_is_the_discounted_margin_of_the_tables(bases, kind, levers):
    """Point and draws, both books, group by group: against flows month by month, draw by draw."""
    base, plan = bases[kind], cs.Scenario("", levers)
    for drawn in (False, True):
        found = evaluate(base, plan.active, 31, drawn=drawn, detail=plan.detail)
        for money in (found.new, found.existing):
            v = base.discount_factor[:31]
            tables = [one.worth(v) for one in all_flows(money.groups, base.gross_margin, base.service_cost)]
            size = sum(np.abs(one) for one in tables)
            for one, table in zip(money.worths(v), tables):
                assert np.shape(one) == np.shape(table)
                np.testing.assert_array_less(np.abs(one - table), 1e-12 * size + 1e-300)


@pytest.mark.parametrize("levers", [LEVERS["annual"], LEVERS["costly"]], ids=["annual", "costly"])
def test_each_group_by_itself_is_worth_what_it_is_among_others(bases, levers):
    """What groups share is worked out once: whoever comes first, on whichever clock, it is that of each."""
    base, plan = bases["own"], cs.Scenario("", levers)
    found, v = evaluate(base, plan.active, 31, drawn=True, detail=plan.detail), base.discount_factor[:31]
    groups = [*found.new.groups, *found.existing.groups]
    alone = [worths([one], v, 0.8, 2.0)[0] for one in groups]
    for together in (worths(groups, v, 0.8, 2.0), worths(groups[::-1], v, 0.8, 2.0)[::-1]):
        np.testing.assert_allclose(together, alone, rtol=1e-11, atol=1e-11)


def test_customers_here_need_no_money(bases):
    """Those of groups put together are those of the groups one by one, whoever came back among them."""
    base = bases["types"]
    for levers in LEVERS.values():
        plan = cs.Scenario("", levers)
        found = evaluate(base, plan.active, 31, drawn=True, detail=plan.detail)
        for money in (found.new, found.existing):
            flows = all_flows(money.groups, base.gross_margin, base.service_cost)
            alone = sum(one.in_force for one in flows)
            np.testing.assert_allclose(money.in_force, alone, rtol=1e-12)


def test_what_is_known_of_a_group_is_not_taken_for_another(bases):
    """Plans valued one after the other with what they share, as a tornado does, and each by itself."""
    base, known = bases["types"].only("new"), {}
    plans = [cs.Scenario("", (cs.PriceIncrease(rise=rise), cs.AnnualBilling(adoption=0.6, discount=discount)))
             for rise in (0.05, 0.3) for discount in (0.1, 0.4)]  # fmt: skip
    shared = [evaluate(base, plan.active, 36, known=known, beyond=False).clv for plan in plans]
    assert shared == [evaluate(base, plan.active, 36, beyond=False).clv for plan in plans]
    assert len(set(shared)) == 4


class AtOnce(dict):
    """What is known as sessions see it that ask at the same moment: none has yet seen what the others add."""

    def __len__(self) -> int:
        return 0


def test_sessions_that_share_what_is_known_take_no_number_twice(bases):
    base, v = bases["types"], np.linspace(1, 0.5, 36)
    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.1, churn_elasticity=0.0, segments=(label(base.cells[0].segment),)),))
    found = evaluate(base, plan.active, 36, detail=plan.detail)
    groups = [*found.new.groups, *found.existing.groups]
    shared = {name: AtOnce() for name in ("met", "paths", "types", "ways")}
    assert worths(groups, v, 0.8, 2.0, shared) == worths(groups, v, 0.8, 2.0)


def test_an_answer_without_its_tables_makes_none(bases, monkeypatch):
    monkeypatch.setattr("cs_models.mixing.mixed_flows", lambda groups, *economics: pytest.fail("a table") if groups else [])
    change = cs.compare(bases["types"].with_economics(), cs.Scenario("", LEVERS["price"]), 36)
    assert change.delta and change.low < change.high and cs.tornado(change).swings
    groups = change.scenario.new.groups
    assert all(map(by_type, groups)) and len(worths(groups, np.ones(36), 0.8, 0.0)) == len(groups)
    assert "groups" not in vars(change.scenario.existing), "a book nobody looks at is not worked out"
    assert isinstance(change.scenario.existing, Money)
