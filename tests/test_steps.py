"""Long work in pieces: nothing is made twice, nothing is lost, and the answer is that of one go."""

import numpy as np
import pytest

import cs_models as cs
from cs_models.beliefs import Runs, monte_carlo, monte_carlo_runs, sobol, sobol_runs
from pages.shared import steps as module
from pages.shared.steps import Steps

PLAN = cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=0.02), cs.AnnualBilling()))


def ticking(monkeypatch):
    """A clock that moves a second whenever it is looked at."""
    now = iter(range(10_000))
    monkeypatch.setattr(module, "monotonic", lambda: float(next(now)))


def test_pieces_make_every_run_once_and_the_answer_is_that_of_all(monkeypatch):
    made = []
    work = Steps(Runs(9, lambda i: made.append(i) or i * i, lambda found: found.sum()))
    ticking(monkeypatch)
    work.go_on(3.5)
    assert (work.made, work.done) == (3, False) and work.seconds > 0
    work.go_on(3.5)
    assert work.made == 6
    assert work.answer() == 204 and work.done and made == list(range(9))
    assert work.answer() == 204 and made == list(range(9))


@pytest.mark.parametrize("begin, whole", [(monte_carlo_runs, monte_carlo), (sobol_runs, sobol)])
def test_the_beliefs_in_pieces_are_the_beliefs_at_once(begin, whole, monkeypatch):
    change = cs.compare(cs.Assumptions.flat(0.05, 50, 0.8), PLAN, 24)
    work = Steps(begin(change, runs=64, seed=3))
    ticking(monkeypatch)
    while not work.done:
        work.go_on(7.5)
    one, other = work.answer(), whole(change, runs=64, seed=3)
    if begin is sobol_runs:
        assert one == other and len(one) > 1
    else:
        np.testing.assert_array_equal(one.draws, other.draws)
        assert one.sentence == other.sentence
