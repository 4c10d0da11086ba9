"""Sentences that say how to read a number: what is in it, what it hangs on, what another formula says."""

from cs_models.sums import parts_of
from cs_models.words import (
    FEW_CUSTOMERS, change_cents, count, counted, decimal, interval_name, missing, money, money_interval, months, percent, plain,
    share_cents, short_percent,
)  # fmt: skip

NO_SUCH_GROUP = (
    "A decision is for customer groups that these data, split as they are now, do not have: it reaches nobody. The choice "
    "is kept: split them as before under “Margin, cost, CAC and groups” and it holds again, or choose its groups anew."
)
NO_BELIEF = "Nothing in this plan rests on a belief: it is arithmetic on what your data show."
IDLE_BELIEFS = "In this view the plan moves nothing, so no belief decides it."
_SHOWN = {"new": "new customers", "existing": "existing customers", "portfolio": "the whole book"}
_OF = {"new": "a new customer", "existing": "an existing customer", "portfolio": "the whole book"}


def elsewhere(book: str, moved: tuple[str, ...]) -> str:
    """Where a plan that changes nothing in one value does change something.

    >>> elsewhere("new", ("portfolio",))
    'This plan does not change the value of a new customer. It changes the value of the whole book.'
    """
    if not moved:
        return f"This plan does not change the value of {_OF[book]} at this horizon."
    return (f"This plan does not change the value of {_OF[book]}. It changes the value of "
            f"{' and '.join(_OF[name] for name in moved)}.")


def no_limit(doubted: int, moves: bool, why: str = "") -> str:
    """What stands in place of the beliefs that decide a plan, where none does.

    doubted: beliefs in the plan; moves: whether it changes the value that is shown; why: of `Scenario.nobody_left`.
    >>> no_limit(3, False)
    'In this view the plan moves nothing, so no belief decides it.'
    >>> no_limit(3, False, "nobody pays monthly")
    'In this view the plan moves nothing: nobody pays monthly.'
    """
    if not doubted:
        return NO_BELIEF
    if why and not moves:
        return f"In this view the plan moves nothing: {why}."
    return "No belief in this plan moves the value in this view." if moves else IDLE_BELIEFS


def whole_book_alone(gains: bool, others: tuple[str, ...], horizon: int, wins: bool) -> str:
    """The caution where the whole book's sign is that of no customer in it.

    gains: whether the whole book does; others: the books of single customers, who all do the opposite; wins: whether
    the plan also changes how many join.
    >>> whole_book_alone(True, ("new",), 12, False).partition(".")[0]
    'Read with care: over 12 months the whole book gains while a new customer loses'
    """
    verb, opposite = ("gains", "lose") if gains else ("loses", "gain")
    lone = f"{' and '.join(_OF[name] for name in others)} {f'each {opposite}' if len(others) > 1 else f'{opposite}s'}"
    also = ", and the plan changes how many join" if wins else ""
    return (f"Read with care: over {months(horizon)} the whole book {verb} while {lone}. The count stops after "
            f"{months(horizon)}: money paid ahead is in it, what comes later is not{also}. Before you decide, look at one "
            "customer's value, and further ahead where you can.")


def no_effect(lever, book: str, plan: tuple) -> str:
    """What of a decision on the table moves nothing in the value that is shown; "" where all of it counts.

    plan: all levers it stands beside; some bring nothing without another.
    >>> from cs_models.levers import ALL
    >>> keep, rise = ALL["Grandfathering"](), ALL["PriceIncrease"](one_off_loss=0.02)
    >>> no_effect(keep, "existing", (keep,))
    'It needs a price rise that reaches the same existing customers: without one there is no old price to keep.'
    >>> no_effect(keep, "new", (keep, rise))
    'It does not reach a new customer: look at existing customers or the whole book.'
    >>> no_effect(rise, "new", (rise,))
    '“Leave on the day” moves nothing in the value of a new customer.'
    """
    if nothing := lever.why_nothing(plan):
        return nothing
    if not lever.acts_on(book):
        others = [said for name, said in _SHOWN.items() if lever.acts_on(name)]
        return f"It does not reach {_OF[book]}: look at {' or '.join(others)}."
    idle = lever.without_effect(book)
    labels = [f"“{one.label}”" for one in lever.parameters() if one.name in idle]
    return f"{' and '.join(labels)} move{'s' * (len(labels) == 1)} nothing in the value of {_OF[book]}." if labels else ""


def overlap(found, currency: str = "USD") -> str:
    """What decisions bring each alone against together, from a `Change.attribution`: the overlap with its sign."""
    if len(found.steps) < 2:
        return "One decision: all of the difference is its own. Add a second one to see what they share."
    cents = share_cents(found.sum_alone, found.combined)
    combined, overlap = parts_of([found.combined, found.overlap], found.sum_alone, currency, cents)
    alone, together, gap = (money(value, currency, sign=True, cents=cents) for value in
                            (combined + overlap, combined, abs(overlap)))
    start = f"Each alone the decisions would bring {alone}, together {together}"
    if not overlap:
        return f"{start}: they do not touch each other."
    if overlap > 0:
        return f"{start}: where they meet, {gap.lstrip('+')} is lost."
    return f"{start}: {gap.lstrip('+')} comes only from taking them together."


TIMING = 0.75  # part of a gain that is told when it comes from money that is earlier, and not more


def earlier(gain: float, undiscounted: float, currency: str = "USD") -> str:
    """That a gain is mostly money which comes earlier: 1 - undiscounted / gain; "" where it is mostly more money.

    gain: discounted; undiscounted: the same without a discount rate.
    >>> earlier(19.0, 2.0)
    'Of the $19 gained 89.5 % is money that comes earlier: without discounting it is $2.'
    >>> earlier(19.0, 12.0), earlier(19.0, -2.0)
    ('', 'All of the $19 gained is money that comes earlier: without discounting the plan loses $2.')
    """
    if gain <= 0 or undiscounted > (1 - TIMING) * gain:
        return ""
    cents = change_cents(gain, undiscounted)
    said, rest = (money(abs(value), currency, cents=cents) for value in (gain, undiscounted))
    if undiscounted < 0:
        return f"All of the {said} gained is money that comes earlier: without discounting the plan loses {rest}."
    part = short_percent(1 - undiscounted / gain)
    return f"Of the {said} gained {part} is money that comes earlier: without discounting it is {rest}."


def goal(label: str, found: str | None, target: float, now: str, owner: str, currency: str = "USD") -> str:
    """The answer of a goal seek: "At 3.4 % of “Churn cut by” the plan brings $40.0K (whole book); now it is 10 %."

    found, now: values of the figure in words, None where no value brings the target.
    """
    wanted = "neither gains nor loses" if target == 0 else f"brings {money(target, currency)}"
    if found is None:
        return f"No value of “{label}” makes a plan that {wanted} ({owner}), with everything else as set."
    return f"With “{label}” at {found} the plan {wanted} ({owner}); now it is {now}."


def belief(differ: float, alike: float, sign_differs: bool, currency: str = "USD") -> str:
    """What hangs on how customers differ: the difference under both views; "" when both read the same.

    >>> belief(639, 619, False)[82:]
    'differ in loyalty (shown) and +$619 if they were all alike. That is a bound of its own, no part of the likely range.'
    """
    cents = change_cents(differ, alike)
    shown, other = (money(end, currency, sign=True, cents=cents) for end in (differ, alike))
    if shown == other:
        return ""
    start = "Read with care: the sign hangs on how" if sign_differs else "How"
    more = "different customers are" if sign_differs else "much customers differ is not known"
    return (
        f"{start} {more}: the difference lies between {shown} if they differ in loyalty (shown) "
        f"and {other} if they were all alike. That is a bound of its own, no part of the likely range."
    )


def scale(names: tuple[tuple[float, str], ...]) -> str:
    """What the values of a scale mean.

    >>> scale(((0.0, "at random"), (1.0, "the loyal first")))
    '0 at random · 1 the loyal first'
    """
    return " · ".join(f"{decimal(value, 0)} {name}" for value, name in names)


def typed(unit: str = "") -> str:
    """What a box for a number asks for: the browser's boxes know one way to write decimals, whatever the reader's is.

    >>> typed("USD"), typed()
    ('In USD.', '')
    """
    shown = decimal(1250.5, 2)
    written = "" if shown == "1,250.50" else f"Type 1250.50 for {shown}."
    return " ".join(filter(None, (f"In {unit}." if unit else "", written)))


WHICH_CHURN = "Why are there several churn figures?"
CHURN_BRIDGE = (
    "None of them is wrong; each answers another question. Read from the top: a new customer leaves at another pace than "
    "one who stayed, today's average is the mean over all ages, and revenue weighs those who left by what they paid."
)
OBSERVED_AND_FIT = "Steps are observed, the line is the fit."
OBSERVED_AND_EXPECTED = (
    "Steps are everybody so far; the line is what is expected of a customer who joins now, as every value and scenario "
    "counts it."
)


def back_of_envelope(simple: float, lifetime: float, currency: str = "USD") -> str:
    """Why the one-line formula differs from the fitted lifetime value, in one sentence."""
    cents = share_cents(simple, lifetime)
    asked, fitted = (money(value, currency, cents=cents) for value in (simple, lifetime))
    start = f"The usual formula, margin per month divided by churn, says {asked} for a whole lifetime"
    if asked == fitted:
        return f"{start}, as this page does; it says nothing of when the money comes."
    if simple > lifetime:
        return (
            f"{start}, this page {fitted}: the formula does not discount, and it takes new customers to be "
            "as loyal as those of today, who have stayed already."
        )
    return (
        f"{start}, this page {fitted}: the formula lets everybody leave at the same pace, "
        "while in truth the loyal stay and carry the value."
    )


def references(ratios) -> str:
    """Who the groups of each column are compared with: "Compared with: Basic (plan), EU (region)."."""
    pairs = ratios[["reference", "column"]].drop_duplicates().itertuples(index=False, name=None)
    return "Compared with: " + ", ".join(f"{plain(level)} ({plain(column)})" for level, column in pairs) + "."


def whole_book(customers: float, per_month: float, horizon: int, short: bool = False) -> str:
    """What is in the value of the whole book, so that nobody multiplies the other two views in vain.

    >>> whole_book(2951, 118, 36, short=True)
    'The whole book is the 2,951 customers of today and about 118 new ones a month over 36 months.'
    """
    today = f"The whole book is the {counted(round(customers), 'customer')} of today"
    if not per_month:
        return f"{today} over {months(horizon)}; how many will join is not known."
    joining = decimal(per_month, 0 if per_month >= 10 else 1)
    if short:
        return f"{today} and about {joining} new ones a month over {months(horizon)}."
    return (
        f"{today} and about {joining} new ones a month over {months(horizon)}, each counted from its first "
        "payment to the end of that time. "
        "Money paid ahead counts in full, even where the paid year runs past it."
    )


def typed_price(price: float, currency: str) -> str:
    """What a value at a typed price says, and what it cannot: groups differ in loyalty only."""
    amount = f"{decimal(price, 2)} {currency}"
    return (
        f"The file has no price: everybody is counted with {amount} a month, as typed. "
        "Groups differ in how long they stay and not in what they pay."
    )


def models(found: dict, currency: str) -> str:
    """What other retention models say of the same customers: 60 months and life."""
    if "new" not in found or not found["new"].by_model:
        return ""
    near, far = (money_interval(one.low, one.high, currency, cents=False) for one in (found["new"], found["lifetime"]))
    return (f"Five curves that fit the same months put 60 months at {near} and a lifetime at {far} (model range): "
            "decide on the shorter horizon where they part.")


def choice(found) -> str:
    """Which model is used per billing interval, what it would have missed by, and what constant churn would have."""
    said = []
    for term, part in found.groupby("interval", sort=True):
        used, flat = part[part["chosen"]].iloc[0], part[part["model"] == "constant"].iloc[0]
        name = f"{interval_name(term)} payers: {used['title']}"
        if not used["origins"] or used["miss"] != used["miss"]:
            said.append(f"{name}; too few periods to hold some back.")
        else:
            said.append(f"{name}; on held-back months it misses by {percent(used['miss'])}, constant churn by "
                        f"{percent(flat['miss'])}.")
    return " ".join(said)


def snapshot(findings) -> str:
    """The sentence the importer has for a snapshot."""
    return next((finding.sentence for finding in findings if finding.id == "snapshot"), "")


def rows_headline(rows: int, rejected: int) -> str:
    """ "All 5,076 rows are accounted for", and how many were left out."""
    left = f"{counted(rejected, 'row')} {'was' if rejected == 1 else 'were'} left out" if rejected else "none was left out"
    return f"All {counted(rows, 'row')} are accounted for; {left}"


def observed_note(shown_to: int, last: int, at_risk: int = FEW_CUSTOMERS) -> str:
    """How far a curve was observed, and whether it is cut where the sample gets thin."""
    if shown_to >= last:
        return f"Observed to month {last}."
    return f"Shown to month {shown_to}: after that fewer than {at_risk} customers are left to observe."


def retention_headline(share: float, month: int, low: float | None = None, high: float | None = None) -> str:
    """ "79 of 100 customers are still subscribed after 24 months (76 to 81)"; of no month nothing can be said.

    Where nobody has left there is no range: that is no certainty, only too early to tell.
    """
    if month < 1:
        return "Too few customers to say how many stay"
    text = f"{count(share * 100)} of 100 customers are still subscribed after {months(month)}"
    if share == 1:
        return f"{text}: nobody has left yet"
    return text if missing(low) or missing(high) else f"{text} ({count(low * 100)} to {count(high * 100)})"
