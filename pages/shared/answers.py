"""The core's answers for the data set that is open and the economics that are set."""

import json

from pages.shared import cache, link, session


def _money() -> str:
    """The economics as canonical text: the part of a cache key."""
    return json.dumps({name: session.value(name) for name in link.ECONOMICS}, sort_keys=True)


def split() -> str:
    """The column customers are fitted by, as an internal name; "" for nobody apart.

    Where price and loyalty go together, a fit of everybody at once undervalues: so a column that parts
    customers into a few groups is used from the start.
    """
    chosen = session.value("split")
    if chosen == link.NO_SPLIT:
        return ""
    known = {subscriptions().resolve(name) for name in subscriptions().segments} - {"term"}
    return chosen if chosen in known else cache.default_split(session.data_id())


def subscriptions():
    return cache.subscriptions(session.data_id())


def life_table(by: str = ""):
    return cache.life_table(session.data_id(), by)


def retention(by: str = ""):
    return cache.retention(session.data_id(), by)


def triangle(value: str):
    return cache.triangle(session.data_id(), value)


def hazard_ratios():
    return cache.hazard_ratios(session.data_id())


def base():
    return cache.base(session.data_id(), split(), _money())


def valuation(horizon: int):
    return cache.valuation(session.data_id(), split(), _money(), horizon)


def interval(horizon: int):
    return cache.interval(session.data_id(), split(), _money(), horizon)


def lifetime():
    return cache.lifetime(session.data_id(), split(), _money())


def naive():
    return cache.naive(session.data_id(), split(), _money())


def by_segment(horizon: int):
    return cache.by_segment(session.data_id(), split(), _money(), horizon)


def book(change) -> str:
    """Whose value is shown: the view that was chosen, if the data have such customers."""
    from pages.shared import figures

    return session.value("view") if session.value("view") in figures.books(change) else change.book


def change(levers: tuple, horizon: int):
    """Baseline against these levers; the same question from anybody is answered once."""
    from cs_models.scenario import Scenario

    return cache.change(session.data_id(), split(), _money(), Scenario("", levers).to_json(), horizon)
