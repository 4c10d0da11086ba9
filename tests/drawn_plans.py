"""Drawn decisions and books, for laws that hold whatever the settings."""

from hypothesis import strategies as st

import cs_models as cs
from cs_models.levers import ALL


def values(parameter):
    """Settings of a parameter that a page could show."""
    if parameter.kind == "choice":
        return st.sampled_from([word for word, _ in parameter.choices])
    if parameter.kind == "segments":
        return st.just(())
    if parameter.kind == "months":
        low = max(int(parameter.low), int(parameter.least))
        return st.integers(low, 12) | (st.none() if parameter.optional else st.nothing())
    low, high = max(parameter.low, parameter.least), min(parameter.high, parameter.most)
    return st.floats(low, high, allow_nan=False).map(lambda value: round(value, 3))


def built(name: str, chosen: dict):
    """The lever, or at rest where its settings contradict each other (nobody stays, leaves or takes a smaller plan)."""
    try:
        return ALL[name](**chosen)
    except cs.Problem:
        return ALL[name].at_rest()


def lever_of(name: str):
    kind = ALL[name]
    return st.fixed_dictionaries({p.name: values(p) for p in kind.parameters()}).map(lambda got: built(name, got))


any_lever = st.sampled_from(list(ALL)).flatmap(lever_of)
plans = st.lists(any_lever, min_size=1, max_size=4).map(tuple)
books = st.tuples(st.floats(0.3, 3.0), st.floats(1.0, 20.0), st.none() | st.integers(0, 30))


def base_of(book, **changes):
    alpha, beta, tenure = book
    economics = {"gross_margin": 0.8, "discount_rate": 0.10, "cac": 100.0} | changes
    return cs.Assumptions.from_curve(cs.RetentionCurve.sbg(alpha, beta), 50.0, existing_tenure=tenure, **economics)
