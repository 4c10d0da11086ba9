"""The sentence at the top: what the plan does, how sure that is, over which horizon."""

from cs_models.words import change_cents, money, money_interval

OF = {"new": "per new customer", "existing": "per existing customer", "portfolio": "across the whole book"}
SURE, LIKELY = 0.95, 0.80


def verdict(probability: float | None, delta: float) -> str:
    """How sure the sign is, in words: "adds", "likely adds", "too close to call", "likely loses", "loses"."""
    if probability is None:
        return "changes nothing"
    towards = probability if delta > 0 else 1 - probability
    if towards < LIKELY:
        return "too close to call"
    verb = "adds" if delta > 0 else "loses"
    return verb if towards >= SURE else f"likely {verb}"


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

    amount = money(abs(delta), currency, cents=exact)
    if delta == 0:
        return f"changes nothing {where}"
    if spread is None:
        return f"{'adds' if delta > 0 else 'loses'} {amount} {where}"
    words = verdict(spread.probability, delta)
    around = money_interval(spread.low, spread.high, currency, True, exact)
    if words == "too close to call":
        return f"is too close to call {where}: {around}"
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
    return f"But {which} it {'adds' if delta > 0 else 'loses'} {money(abs(delta), currency)}."
