"""What is said of a price change and of annual billing: the words follow the numbers."""

import numpy as np
import pytest

from cs_models import event_words
from cs_models.annual_or_monthly import Comparison
from cs_models.events import Effect, EventStudy

SURE, OPEN = Effect(np.log(1.12), 0.03), Effect(np.log(1.12), 0.10)
QUIET, LOUD = Effect(0.01, 0.05), Effect(0.30, 0.05)


def study(lasting=SURE, shock=Effect(np.log(1.6), 0.05), **more):
    return EventStudy(
        "2025-04", 0.2, **{"scope": "both", "events": 900, "lasting": lasting, "shock": shock, **more}
    )


def test_an_effect_is_told_with_its_range():
    assert event_words.answer(study()) == (
        "After the price change of April 2025 customers left 12\xa0% faster (6\xa0% faster to 19\xa0% "
        "faster) for good; "
        "in the first two months 60\xa0% faster (45\xa0% faster to 76\xa0% faster)."
    )


def test_what_chance_can_do_is_no_effect():
    assert event_words.answer(study(OPEN)).startswith(
        "No lasting effect of the price change of April 2025 can be told"
    )
    assert "no more than chance" in event_words.answer(study(shock=Effect(0.05, 0.1)))
    assert "new customers left" in event_words.answer(study(shock=None, scope="new"))
    assert event_words.pace(Effect(0.001, 0.05)).startswith("as fast (")


def test_too_little_says_why_and_nothing_else():
    few = study(None, None, why_not="Cannot detect: 12 departures.")
    assert event_words.answer(few) == "Cannot detect: 12 departures." and event_words.doubts(few) == ""


@pytest.mark.parametrize("more, suspect", [
    (dict(placebo=(("6 months earlier", QUIET),), drift=QUIET), False),
    (dict(placebo=(("6 months earlier", LOUD),), drift=QUIET), True),
    (dict(placebo=(("6 months earlier", QUIET),), drift=LOUD), True),
])  # fmt: skip
def test_a_check_that_fails_is_said_before_the_answer(more, suspect):
    found = study(**more)
    assert bool(event_words.doubts(found)) == suspect == found.suspect
    assert len(event_words.checks(found)) == 2
    assert (
        any("although nothing changed" in row or "bent" in row for row in event_words.checks(found))
        == suspect
    )


def test_with_a_control_the_check_is_whether_the_two_drifted_apart():
    assert "two groups were not drifting apart" in event_words.checks(study(control="Basic", drift=QUIET))[0]
    assert "against customers of Basic" in event_words.held_equal(study(control="Basic"))
    assert "too short a history" in event_words.held_equal(study())


def compared(cut=(0.41, 0.32, 0.51), e=(2.8, 2.3), columns=("plan", "region")):
    return Comparison((0.83, 0.8, 0.86), (0.63, 0.6, 0.65), (0.79, 0.76, 0.82), (0.64, 0.62, 0.66), (0.54, 0.5, 0.6), cut,
                      e, (1000, 3000), (900.0, 2900.0), columns)  # fmt: skip


def test_annual_against_monthly_in_plain_words():
    assert event_words.billing_answer(compared()) == (
        "Of 100 annual payers 83 were still here after 12 months, of 100 monthly payers 63. With the same "
        "mix of plan and "
        "region it would be 79 and 64: 41\xa0% fewer leave (95 %: 32\xa0% to 51\xa0%)."
    )
    assert "chance alone" in event_words.billing_answer(compared((0.1, -0.1, 0.3)))
    assert "30\xa0% more leave" in event_words.billing_answer(compared((-0.3, -0.5, -0.1)))
    assert (
        "same mix" not in event_words.billing_answer(compared(columns=()))
        and len(compared(columns=()).table()) == 2
    )
    assert "2.3 to 2.8 times" in event_words.unseen(compared())
    assert "can be chance" in event_words.unseen(compared(e=(1.5, 1.0)))
