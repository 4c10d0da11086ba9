"""The sentence at the top: what the plan does, how sure that is, over which horizon."""

from cs_models.words import ABSENT, change_cents, count, money, money_interval

OF = {"new": "per new customer", "existing": "per existing customer", "portfolio": "across the whole book"}
SURE, LIKELY = 0.95, 0.80
NEARLY_ALL, HARDLY_ANY = 0.995, 0.005
HARDLY = "hardly changes anything"  # of an amount that is not nought and is written as nought


def verdict(probability: float | None, delta: float) -> str:
    """How sure the sign is, in words: "adds", "likely adds", "too close to call", "likely loses", "loses"."""
    if probability is None:
        return "changes nothing"
    towards = probability if delta > 0 else 1 - probability
    if towards < LIKELY:
        return "too close to call"
    verb = _verb(delta)
    return verb if towards >= SURE else f"likely {verb}"


def cases(chance: float | None) -> str:
    """In how many cases something holds, in the same words everywhere; no chance is said to be 100 of 100.

    >>> cases(0.974), cases(0.999), cases(0.0)
    ('97 of 100 cases', 'nearly every case', 'hardly any case')
    """
    if chance is None:
        return ABSENT
    if chance >= NEARLY_ALL:
        return "nearly every case"
    return "hardly any case" if chance <= HARDLY_ANY else f"{count(chance * 100)} of 100 cases"


def _verb(delta: float) -> str:
    return "adds" if delta > 0 else "loses"


def headline(plan: str, book: str, delta: float, horizon: int, spread, currency: str, paid: float = 0.0) -> str:
    """One sentence. `spread` has low, high and probability, or is None while the range is still being worked out.

    paid: what the plan's own programmes cost, taken off `delta` already; the sentence names it.
    """
    where = f"{OF[book]} over {horizon} months"
    if not plan:
        return f"Nothing is changed: {money(0, currency)} {where}."
    subject = plan[0].upper() + plan[1:]
    return f"{subject} {_does(delta, where, spread, currency)}{_after(paid, currency)}."


def _does(delta: float, where: str, spread, currency: str) -> str:
    """What the plan does, without its end."""
    exact = change_cents(delta, ends=(spread.low, spread.high) if spread else ())

    amount, nothing = (money(value, currency, cents=exact) for value in (abs(delta), 0.0))
    if delta == 0:
        return f"changes nothing {where}"
    if spread is None:
        return f"{HARDLY if amount == nothing else f'{_verb(delta)} {amount}'} {where}"
    words = verdict(spread.probability, delta)
    around = money_interval(spread.low, spread.high, currency, True, exact)
    if {amount, *(money(end, currency, cents=exact) for end in (spread.low, spread.high))} == {nothing}:
        return f"{HARDLY} {where}"
    if delta * spread.low < 0 < spread.low * spread.high:  # the whole range on the other side of nought
        return f"cannot be told {where}: as fitted {money(delta, currency, True, exact)}, yet the range is {around}"
    if words == "too close to call":
        return f"is too close to call {where}: {around}"
    if amount == nothing:
        return f"{HARDLY} {where} ({around})"
    low, high = sorted((abs(spread.low), abs(spread.high)))
    if spread.low * spread.high < 0:
        return f"{words} {amount} {where} ({around})"
    return f"{words} {amount} {where} (likely {money_interval(low, high, currency, cents=exact)})"


def _after(paid: float, currency: str) -> str:
    """The end that names what was paid; nothing where that is nothing, or too little to be written."""
    said = money(paid, currency, cents=change_cents(paid))
    return "" if said == money(0.0, currency) else f", after paying {said} for it"


def other_view(delta: float, heterogeneity: str, currency: str) -> str:
    """The warning that the sign hangs on how customers differ: the difference under the other view."""
    which = "if customers were all alike" if heterogeneity == "aggregate" else "if customers differ in loyalty"
    amount = money(abs(delta), currency)
    return f"But {which} it {f'{_verb(delta)} {amount}' if amount != money(0.0, currency) else HARDLY}."
