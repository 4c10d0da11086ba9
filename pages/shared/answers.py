"""The core's answers for the data set that is open and the economics that are set."""

import json

from cs_models import cautions as told
from cs_models.engine.counted import is_counted
from cs_models.problems import Problem
from pages.shared import (
    cache, cache_drivers, cache_hindsight, cache_metrics, cache_scenarios, cache_worth, keys, link, session, small_ones,
)  # fmt: skip


def _money() -> str:
    """The economics as canonical text: the part of a cache key."""
    grows = {"growth": session.value("growth")} if can_grow() else {}
    return json.dumps({name: session.value(name) for name in link.ECONOMICS} | grows, sort_keys=True)


def can_grow() -> bool:
    """Whether the file shows what those who stay pay later: it needs dates, and prices of its own."""
    subs = cache.subscriptions(session.data_id())
    return subs.has_dates and subs.has_price


def split() -> str:
    """The column customers are fitted by, as an internal name; "" for nobody apart.

    Where price and loyalty go together, a fit of everybody at once undervalues: so a column that parts
    customers into a few groups is used from the start.
    """
    chosen = session.value("split")
    if chosen == link.NO_SPLIT:
        return ""
    subs = subscriptions()
    known = {subs.resolve(name) for name in subs.segments} - {"term"}
    return chosen if chosen in known else cache.default_split(session.data_id())


def columns() -> set[str]:
    """Internal names of the columns customers of the open data may be split by."""
    subs = cache.subscriptions(session.data_id())
    return {subs.resolve(name) for name in subs.segments} - {"term"}


def _data() -> str:
    """Id of the open data, with the price typed for them where they have none."""
    return cache.priced(session.data_id(), session.value(link.PRICE))


def subscriptions():
    return cache.subscriptions(_data())


def lacks_price() -> bool:
    """Whether the file holds customers and no price, so that one may be typed."""
    own = cache.subscriptions(session.data_id())
    return not own.has_price and own.kind != "triangle"


def life_table(by: str = ""):
    return cache.life_table(session.data_id(), by)


def retention(by: str = ""):
    """(name, observed, fitted or None) per group. Of everybody the line is what is expected of a new customer, the
    curve values and scenarios count with; without prices there are none, and it is one fit of everybody.
    """
    if by or not subscriptions().has_price:
        found = cache.retention(session.data_id(), by)
        return small_ones.groups(found, _began) if by else found
    return (cache_worth.expected(*asked()),)


def _began(group: tuple) -> float:
    """Customers a group began with."""
    return float(group[1].at_risk[0])


def all_groups(by: str) -> int:
    """How many groups a column has, those included that are too small to be shown."""
    return len(cache.retention(session.data_id(), by))


def churn():
    """Every churn figure of the book, and how one becomes the next."""
    return cache_worth.churn(*asked())


def fit_notes(by: str = "") -> tuple[str, ...]:
    """What to know about each fitted curve, with the name of its group where there are several."""
    groups = retention(by)
    found = [
        f"{name}: {note[0].lower()}{note[1:]}" if by else note
        for name, _, fitted in groups
        if fitted
        for note in (fitted.why, *fitted.notes)
        if note
    ]
    return tuple(dict.fromkeys(found))


def curves(measure: str, by: str = ""):
    """(name, observed, fitted or None) per group: of customers, or of gross or net revenue."""
    if measure == "logos":
        return retention(by)
    found = cache.revenue(_data(), by, measure)
    return small_ones.groups(found, _began) if by else found


def pace(by: str = ""):
    term, found = cache.pace(session.data_id(), by)
    return term, small_ones.groups(found, lambda group: group[1].at_risk.max(initial=0))


def causes():
    return cache.causes(session.data_id())


def log_rank(by: str):
    return cache.log_rank(session.data_id(), by)


def newest():
    return cache.newest(session.data_id())


def earned():
    """Margin so far of each sign-up month, under the economics that are set."""
    money = (float(session.value(name)) for name in ("gross_margin", "service_cost", "cac"))
    return cache.earned(_data(), *money)


def triangle(value: str, every: int = 1, billed: int = 0):
    return cache.triangle(_data(), value, every, billed)


def back_choices() -> tuple[int, ...]:
    """How many months back the open data allow."""
    from cs_models.backtest import choices

    return choices(subscriptions())


def back_test(months: int):
    return cache_hindsight.back_test(_data(), split(), months)


def _a_year_back():
    """The back-test of a year ago, or of as long as the file allows, whether it is worked out or not."""
    return cache_hindsight.ahead(_data(), split(), min(max(back_choices()), link.OTHERS["back"]))


def look_back() -> None:
    """Begin that back-test beside the page."""
    _a_year_back().begin()


def unchecked() -> bool:
    """Whether no back-test can look at the open data: counts of a table hold no day of anybody."""
    return is_counted(subscriptions())


def missed() -> str | None:
    """The sentence for a forecast of a year ago that missed its own range; "" when it did not or the file cannot
    tell; None while nobody knows yet.
    """
    try:
        found = _a_year_back()
        return found.result().caution if found.done else None
    except Problem:
        return ""


def hazard_ratios():
    return small_ones.by_column(cache_drivers.hazard_ratios(session.data_id()))


def price_rises():
    return cache_drivers.price_rises(session.data_id())


def price_months():
    return cache_drivers.price_months(session.data_id())


def price_study(month: str, rise: float, scope: str, control: str):
    return cache_drivers.price_study(session.data_id(), month, rise, scope, control)


def billing_choice():
    return cache_drivers.billing_choice(session.data_id())


def base():
    return cache.base(_data(), split(), _money())


def valuation(horizon: int):
    return cache.valuation(_data(), split(), _money(), horizon)


def interval(horizon: int):
    return cache.interval(_data(), split(), _money(), horizon)


def lifetime():
    return cache.lifetime(_data(), split(), _money())


def naive():
    return cache.naive(_data(), split(), _money())


def model_range(horizon: int):
    return cache_worth.model_range(_data(), split(), _money(), horizon)


def models(by: str = ""):
    """Every retention model on the same counts, for the group named first."""
    return cache_worth.models(session.data_id())


def by_segment(horizon: int):
    return small_ones.rows(cache.by_segment(_data(), split(), _money(), horizon)).reset_index(drop=True)


def metrics():
    """(the table by month, the figures as of today)"""
    return cache_metrics.metrics(_data())


def economics(horizon: int):
    """What a customer costs against what he brings, with the spend on retention that is typed."""
    from cs_models.unit_economics import customer_economics

    spend = float(session.value(link.SPEND))
    return customer_economics(valuation(horizon), interval(horizon).get("new"), spend)


def expansion():
    return cache_worth.expansion(_data())


def returns():
    return cache_worth.returns(_data())


def concentration(horizon: int):
    return cache_worth.concentration(_data(), split(), _money(), horizon)


def asked() -> tuple[str, str, str]:
    """Data, groups and economics as text: what an answer is kept under (see answers_segments)."""
    return _data(), split(), _money()


def few() -> str:
    """The sentence for data that are too small to be believed; "" for others."""
    return told.few(subscriptions().customers, int(life_table().frame["churned"].sum()))


def cautions(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Of all notes those a leader must see: too few customers, a fit 5 points off the observed curve, no new ones."""
    small = few()
    return ((small,) if small else ()) + told.grave(notes)


def book(change) -> str:
    """Whose value is shown: the view that was chosen, if the data have such customers."""
    from pages.shared import figures

    return session.value("view") if session.value("view") in figures.books(change) else change.book


def view() -> str:
    """The same before anything is compared: for what stands beside the inputs."""
    chosen, there = session.value("view"), base()
    return chosen if chosen == "portfolio" or getattr(there, f"has_{chosen}") else "new" if there.has_new else "existing"


def question(levers: tuple, horizon: int) -> str:
    """Data, groups, economics, plan and horizon as one text: what every answer to a what-if is kept under."""
    return json.dumps([_data(), split(), _money(), keys.written(levers), horizon])


def claims(horizon: int):
    """What articles say, beside the same figures of the open data."""
    return cache_scenarios.claims(_data(), split(), _money(), horizon)


def change(levers: tuple, horizon: int):
    """Baseline against these levers; the same question from anybody is answered once."""
    return cache.change(*json.loads(question(levers, horizon)))
