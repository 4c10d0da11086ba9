"""What stands behind the answer to a what-if, kept for everybody on this server like the rest of `cache`.

`asked` is `answers.question`: data, groups, economics, plan and horizon as text.
"""

import streamlit as st

from pages.shared import cache

Asked = tuple[str, str, str, str, int]


@st.cache_resource(max_entries=64, show_spinner=False)
def must_be_true(asked: Asked, book: str) -> tuple[str, ...]:
    """What must be true of each belief for the plan to pay, as sentences."""
    import cs_models as cs

    return cs.what_must_be_true(cache.change(*asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def monte_carlo(asked: Asked, book: str):
    from cs_models.beliefs import monte_carlo as found

    return found(cache.change(*asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def tornado(asked: Asked, book: str):
    from cs_models.beliefs import tornado as found

    return found(cache.change(*asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def sobol(asked: Asked, book: str):
    from cs_models.beliefs import sobol as found

    return found(cache.change(*asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def model_range(asked: Asked):
    """What every retention model says of the difference: a range per book."""
    from cs_models.other_models import difference_range

    change = cache.change(*asked)
    return difference_range(change.base, change.plan, change.horizon, change.heterogeneity)


@st.cache_resource(max_entries=64, show_spinner=False)
def goal(asked: Asked, book: str, parameter: str, target: float):
    """The value of one figure of the plan at which it brings the target; None where no value does."""
    import cs_models as cs

    change = cache.change(*asked)
    return cs.goal_seek(change.base, change.plan, parameter, target, change.horizon, book, change.heterogeneity)


@st.cache_resource(max_entries=32, show_spinner=False)
def two_way(asked: Asked, book: str, across: str, down: str):
    import cs_models as cs

    change = cache.change(*asked)
    return cs.two_way_map(change.base, change.plan, across, down, change.horizon, book, change.heterogeneity)


@st.cache_resource(max_entries=64, show_spinner=False)
def whole_book(asked: Asked):
    import cs_models as cs

    return cs.portfolio_by_month(cache.change(*asked))


@st.cache_resource(max_entries=64, show_spinner=False)
def trial(asked: Asked, book: str):
    import cs_models as cs

    return cs.size_experiment(cache.change(*asked), book)


@st.cache_resource(max_entries=64, show_spinner=False)
def forgone(asked: Asked):
    """What keeping old prices costs, by month and year of tenure."""
    import cs_models as cs

    change = cache.change(*asked)
    return cs.forgone(change.base, change.plan, change.horizon)


@st.cache_resource(max_entries=32, show_spinner=False)
def claims(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.check_claims(cache.base(data, by, money), horizon)


COMPUTED = (must_be_true, monte_carlo, tornado, sobol, model_range, goal, two_way, whole_book, trial, forgone, claims)
