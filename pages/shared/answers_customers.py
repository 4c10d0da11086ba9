"""The core's answers about single customers, for the data set that is open and the economics that are set."""

import json
from hashlib import sha256

from cs_models.problems import Problem
from pages.shared import answers, cache_customers, session, small_ones


def health(extra=None, counted: tuple[str, ...] = ()):
    """Every active customer with the chance to stay; `counted`: columns of a second file that count too."""
    if not counted:
        return cache_customers.health(answers.asked()[0])
    places = json.dumps([extra.countable.index(header) for header in counted])  # headers are no part of a key
    return cache_customers.health_with(answers.asked()[0], extra.digest, places, extra)


def customer_columns(data: bytes, name: str):
    """A second file about the same customers, joined by id; for this visitor only."""
    return cache_customers.columns(answers.asked()[0], sha256(data).hexdigest(), data, name)


def health_choices() -> tuple[int, ...]:
    """How many months the open data allow to hold back; () for a snapshot."""
    from cs_models.health_check import choices

    return choices(answers.subscriptions())


def health_check(months: int):
    return cache_customers.check(answers.asked()[0], months)


def hardly_told() -> str:
    """Why calls cannot go by each customer's own chance, as the longest check says it; "" where they can."""
    try:
        held = health_choices()
        return health_check(max(held, default=0)).little
    except Problem as error:
        return f"These chances cannot be checked: {error} So calls go by money at stake alone, everybody at the average chance."


def renewals():
    return small_ones.calendar(cache_customers.renewals(answers.asked()[0]))


def calls(managers: int, hours: float, minutes: float, effect: float, first: bool, known=None):
    """The calls of the week; `known`: chances with a second file in them, for nobody else to see."""
    week = session.value("horizon"), managers, hours, minutes, effect, first
    if known is None:
        return cache_customers.calls(*answers.asked(), *week, not hardly_told())
    return cache_customers.call_list(answers.subscriptions(), known, answers.base(), *week)
