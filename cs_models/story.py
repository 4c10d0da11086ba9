"""The answer told in five screens, one message each: today, what if, why, how sure, what must be true.

Here are the messages; a page shows them, each over its picture.
"""

from cs_models.explanations import no_limit
from cs_models.headline import HARDLY, OF, cases
from cs_models.sums import level_after, parts_of
from cs_models.words import count, is_worth, money, months, percent, share_cents

SCREENS = ("Today", "What if", "Why", "How sure", "What must be true")
TOLD = 3  # decisions a message names; the others are summed up
NO_VALUE = "no value"  # the limit of a belief that cannot make a losing plan pay


def today(worth: float, book: str, horizon: int, currency: str = "USD", span=None) -> str:
    """What the customers of one book are worth before anything is changed; `span` has low and high.

    >>> today(5588.0, "existing", 36)
    'Today an existing customer is worth $5,588 over 36 months'
    """
    return f"Today {is_worth(worth, book, horizon, currency, span)}"


def unmoved(worth: float, book: str, horizon: int, currency: str = "USD") -> str:
    """Before any lever is moved.

    >>> unmoved(1840.0, "new", 36)
    'What if? Today a new customer is worth $1,840 over 36 months'
    """
    return f"What if? {today(worth, book, horizon, currency)}"


def today_in_customers(kept: float, book: str, horizon: int) -> str:
    """The same without an amount: how many stay.

    >>> today_in_customers(0.48, "new", 36)
    '48 of 100 new customers are still here after 36 months'
    """
    who = "new customers" if book == "new" else "customers of today"
    return f"{count(kept * 100)} of 100 {who} are still here after {months(horizon)}"


def staying(curves, planned: bool) -> str:
    """What survival curves (`Change.curves`) say at their end, against today where something is planned.

    >>> import pandas as pd
    >>> staying(pd.DataFrame({"month": [0, 36], "baseline": [1.0, 0.46], "scenario": [1.0, 0.5]}), True)
    '50\xa0% are still here after 36 months, against 46\xa0% today'
    """
    last = curves.iloc[-1]
    after = months(int(last["month"]))
    if not planned:
        return f"{count(last['baseline'] * 100)} of 100 are still here after {after}"
    now, then = (percent(last[name], 0) for name in ("baseline", "scenario"))
    same = f"As many stay as today: {now} after {after}"
    return same if now == then else f"{then} are still here after {after}, against {now} today"


BAND = "Band = 95 % range"


def curve_note(book: str) -> str:
    """How the curves of one book are to be read; the whole book has none of its own, so that has to be said.

    >>> curve_note("portfolio")
    'Customers of today only: those to come have no first day in common. Band = 95 % range'
    """
    return f"Customers of today only: those to come have no first day in common. {BAND}" if book == "portfolio" else BAND


def why(bridge: dict[str, float], before: float, after: float, book: str, currency: str = "USD") -> str:
    """Which decision brings what, the largest first; of a single one, where it leads.

    bridge: title of a decision -> money, as in `Change.bridge`; before, after: the value of `book` on both sides.
    >>> why({"Annual billing": -61.0, "Price increase": 702.0}, 5588.0, 6229.0, "new")
    'Price increase adds $702, annual billing costs $61'
    >>> why({"Price increase": 639.0}, 5588.0, 6227.0, "new")
    'Price increase takes the value from $5,588 to $6,227 per new customer'
    """
    if len(bridge) == 1:
        cents = share_cents(before, after)
        after = level_after(before, after, currency, cents)
        name, first, last = next(iter(bridge)), *(money(end, currency, cents=cents) for end in (before, after))
        if first == last:
            return f"{name} {HARDLY if any(bridge.values()) else 'changes nothing'}: {last} {OF[book]}"
        return f"{name} takes the value from {first} to {last} {OF[book]}"
    cents = share_cents(before, after)  # as on the bars of the bridge
    shown = dict(zip(bridge, parts_of(bridge.values(), None, currency, cents)))  # what adds up to the difference
    ranked = sorted(bridge, key=lambda name: -abs(bridge[name]))
    told, rest = ranked[:TOLD], ranked[TOLD:]

    def said(name: str, chosen: list[str], many: bool = False) -> str:
        step, written, s = sum(map(bridge.get, chosen)), sum(map(shown.get, chosen)), "" if many else "s"
        if not any(map(bridge.get, chosen)):
            return f"{name} change{s} nothing"
        amount = money(abs(written), currency, cents=cents)
        if step * written <= 0 or amount == money(0.0, currency, cents=cents):  # too little for the step it is written in
            return f"{name} hardly change{s} anything"
        return f"{name} {'add' if step > 0 else 'cost'}{s} {amount}"

    parts = [said(name if not place else name[0].lower() + name[1:], [name]) for place, name in enumerate(told)]
    if rest:
        parts.append(said(f"the other {len(rest)} together", rest, many=True))
    return ", ".join(parts)


def how_sure(chance: float | None, swings=()) -> str:
    """In how many cases it pays, and which belief moves that most.

    chance: share of the cases in which the plan pays, None where it changes nothing; swings: of `cs.tornado`, widest
    first.
    >>> how_sure(0.974)
    'It pays in 97 of 100 cases'
    """
    if chance is None:
        return "This plan changes nothing here"
    widest = next((one for one in swings if one.width > 0), None)
    hangs = f"; most hangs on “{widest.label}”" if widest else ""
    return f"It pays in {cases(chance)}{hangs}"


def must_be_true(limits: tuple[tuple[str, str], ...], pays: bool | None, doubted: int) -> str:
    """What has to hold for the plan to pay.

    limits: (belief, limit in words) of the beliefs that decide it; pays: whether it does as set, None where it moves
    nothing; doubted: beliefs in all.
    >>> must_be_true((("Leave on the day", "below 11.1 %"),), True, 3)
    'It pays as long as “Leave on the day” stays below 11.1 %'
    """
    if not limits and not (doubted and pays):
        return no_limit(doubted, pays is not None).rstrip(".")
    if not limits:
        one_by_one = f"each of its {count(doubted)} beliefs, one at a time"
        return f"It pays at any setting of {one_by_one if doubted > 1 else 'its one belief'}"
    if not pays:
        able = [f"“{label}” would have to be {limit}" for label, limit in limits if limit != NO_VALUE]
        turn = able[0] if len(able) == 1 else f"one of {count(len(able))} beliefs would have to be another"
        return f"As set it does not pay: {turn}" if able else "As set it does not pay, and no belief in it alone would make it"
    if len(limits) == 1:
        (label, limit), = limits
        return f"It pays as long as “{label}” stays {limit}"
    return f"It pays as long as {len(limits)} beliefs hold, each on its own"
