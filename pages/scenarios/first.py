"""Which of the decisions first: each alone beside the other, then both together."""

from cs_models import words
from pages.scenarios.answer import OWNERS, Asked
from pages.shared import cache_scenarios, layout, link, plan, session

SIDE_BY_SIDE = 3  # decisions alone; the last card is all of them together
MEANING = "What this decision adds if it is the only one, against today. 95 % range, chance in your data only."
TOGETHER = "All decisions at once. Less than the sum where they help the same customers."


def is_asked(asked: Asked) -> bool:
    """Whether the question is which comes first, with at least two decisions to choose from."""
    return session.value(plan.FIRST) == link.YES and len(asked.change.plan.active) > 1


def found(asked: Asked):
    return cache_scenarios.which_first(asked.question, asked.book)


def say(place, asked: Asked, ranged: bool) -> None:
    """The one that is worth more, by how much, and how sure that is."""
    place.title(words.md(words.held(found(asked).sentence(ranged).rstrip("."))), anchor=False)


def cards(asked: Asked, sure, across: int = SIDE_BY_SIDE + 1) -> None:
    """A card per decision alone, the most valuable first, and one for all; `sure` as in answer.cards."""
    ranked = found(asked).ranked[:SIDE_BY_SIDE]
    together = asked.change.point(asked.book)
    spans = [one.change.difference(asked.book) for one in ranked] if sure else []
    exact = words.change_cents(together, *(one.delta for one in ranked))
    with layout.cards(min(across, len(ranked) + 1)):
        for place, one in enumerate(ranked):
            _card(f"{one.title} alone", one.delta, spans[place] if spans else None, asked, exact, MEANING)
        _card("Together", together, sure, asked, exact, TOGETHER)


def _card(label: str, value: float, span, asked: Asked, exact: bool, meaning: str) -> None:
    note = words.money_interval(span.low, span.high, asked.currency, sign=True, cents=exact) if span else ""
    worth = words.money(value, asked.currency, sign=True, cents=exact)
    layout.kpi(label, worth, note or OWNERS[asked.book], meaning)
