"""What stands behind the answer to a what-if, kept for everybody on this server like the rest of `cache`.

`asked` is `answers.question`: data, groups, economics, plan and horizon in one text.
"""

import json

import streamlit as st

from pages.shared import cache
from pages.shared.spoken import kept
from pages.shared.steps import Steps


def _change(asked: str):
    return cache.change(*json.loads(asked))


@kept(max_entries=640, show_spinner=False)
def condition(asked: str, book: str, belief: str):
    """What must be true of one belief for the plan to pay; None where the answer does not hang on it."""
    from cs_models.thresholds import condition as found

    return found(_change(asked), belief, book)


@st.cache_resource(max_entries=64, show_spinner=False)
def doubting(asked: str, book: str) -> Steps:
    """The Monte Carlo over the beliefs, to be made piece by piece."""
    from cs_models.beliefs import monte_carlo_runs

    return Steps(monte_carlo_runs(_change(asked), book))


def monte_carlo(asked: str, book: str):
    return doubting(asked, book).answer()


@st.cache_resource(max_entries=64, show_spinner=False)
def tornado(asked: str, book: str):
    from cs_models.beliefs import tornado as found

    return found(_change(asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def weighing(asked: str, book: str) -> Steps:
    """The Sobol effects of all beliefs, to be made piece by piece."""
    from cs_models.beliefs import sobol_runs

    return Steps(sobol_runs(_change(asked), book))


@st.cache_resource(max_entries=64, show_spinner=False)
def model_range(asked: str):
    """What every retention model says of the difference: a range per book."""
    from cs_models.other_models import difference_range

    change = _change(asked)
    return difference_range(change.base, change.plan, change.horizon, change.heterogeneity)


@kept(max_entries=64, show_spinner=False)
def goal(asked: str, book: str, parameter: str, target: float):
    """The value of one figure of the plan at which it brings the target; None where no value does."""
    import cs_models as cs

    change = _change(asked)
    return cs.goal_seek(change.base, change.plan, parameter, target, change.horizon, book, change.heterogeneity)


@st.cache_resource(max_entries=32, show_spinner=False)
def two_way(asked: str, book: str, across: str, down: str):
    import cs_models as cs

    change = _change(asked)
    return cs.two_way_map(change.base, change.plan, across, down, change.horizon, book, change.heterogeneity)


@st.cache_resource(max_entries=64, show_spinner=False)
def which_first(asked: str, book: str):
    """The plan's decisions alone, the most valuable first."""
    import cs_models as cs

    return cs.which_first(_change(asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def whole_book(asked: str):
    import cs_models as cs

    return cs.portfolio_by_month(_change(asked))


@kept(max_entries=64, show_spinner=False)
def trial(asked: str, book: str):
    import cs_models as cs

    return cs.size_experiment(_change(asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def forgone(asked: str):
    """What keeping old prices costs, by month and year of tenure."""
    import cs_models as cs

    change = _change(asked)
    return cs.forgone(change.base, change.plan, change.horizon)


@kept(max_entries=32, show_spinner=False)
def claims(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.check_claims(cache.base(data, by, money), horizon)


COMPUTED = (condition, doubting, tornado, weighing, model_range, goal, two_way, which_first, whole_book, trial, forgone, claims)
