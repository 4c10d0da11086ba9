"""An event study and a comparison of billing as sentences for those who decide."""

from cs_models.annual_or_monthly import Comparison
from cs_models.event_cells import month_name
from cs_models.events import Effect, EventStudy
from cs_models.words import counted, decimal, percent

ASSOCIATION = (
    "Association, not cause: whatever else happened in the same month, a launch or a campaign, is "
    "in these numbers too."
)
WHO = {"both": "customers", "existing": "existing customers", "new": "new customers"}


def number(value: float) -> str:
    """An elasticity with its sign: "0.62", "−1.45"."""
    return decimal(value, 2)


def pace(effect: Effect) -> str:
    """ "12 % faster (5 % faster to 19 % faster)" for a ratio of 1.12."""
    return f"{_faster(effect.ratio)} ({_faster(effect.low)} to {_faster(effect.high)})"


def _faster(ratio: float) -> str:
    if round(100 * (ratio - 1)) == 0:
        return "as fast"
    return f"{percent(abs(ratio - 1), 0)} {'faster' if ratio > 1 else 'slower'}"


def answer(study: EventStudy) -> str:
    """What the change did to leaving, in one or two sentences; the reason where nothing can be said."""
    if study.lasting is None:
        return study.why_not
    when, who = month_name(study.month), WHO[study.scope]
    if study.lasting.found:
        text = f"After the price change of {when} {who} left {pace(study.lasting)} for good"
    else:
        text = (
            f"No lasting effect of the price change of {when} can be told from chance: {who} left "
            f"{pace(study.lasting)}"
        )
    if study.shock is None:
        return text + "."
    if study.shock.found:
        return f"{text}; in the first two months {pace(study.shock)}."
    return f"{text}; the first two months show no more than chance either way, {pace(study.shock)}."


def doubts(study: EventStudy) -> str:
    """Why not to lean on the study; "" when the checks give no reason."""
    if study.lasting is None or not study.suspect:
        return ""
    return (
        "Do not lean on this: leaving moved in the same way at a date without a price change, or was "
        "already on a "
        "changing course before. The checks below say which."
    )


def checks(study: EventStudy) -> list[str]:
    """What the same method finds where nothing happened: one sentence per check."""
    rows = [
        f"A made-up change {when}: {pace(effect)}, "
        + ("although nothing changed then." if effect.found else "no more than chance, as it should be.")
        for when, effect in study.placebo
    ]
    if study.drift is None:
        return rows
    if study.control:
        drifting = "drifting apart" if study.drift.found else "not drifting apart, as it should be"
        return [*rows, f"Before the change the two groups were {drifting}: {pace(study.drift)} a year."]
    bent = "bent, so carrying it on is a guess" if study.drift.found else "straight, as it should be"
    return [*rows, f"Before the change the trend of leaving was {bent}."]


def held_equal(study: EventStudy) -> str:
    """What the comparison holds equal, and how sure its ranges are made."""
    if study.control:
        what = f"tenure and every calendar month, against customers of {study.control}"
    else:
        season = (
            "tenure, month of the year"
            if study.season
            else "tenure (too short a history for the month of the year)"
        )
        what = f"{season} and the trend of churn"
    how = "errors by sign-up month" if study.clustered else "errors widened where churn jumps about"
    return f"Held equal: {what}; {how}; {counted(study.events, 'departure')}."


def billing_answer(found: Comparison) -> str:
    """Annual against monthly in plain words, as observed and with the same mix."""
    first = (
        f"Of 100 annual payers {_of(found.annual)} were still here after 12 months, of 100 monthly payers "
        f"{_of(found.monthly)}."
    )
    if not found.columns:
        return first
    fewer = f"{percent(abs(found.cut[0]), 0)} {'fewer' if found.cut[0] >= 0 else 'more'} leave"
    ends = f"{percent(found.cut[1], 0)} to {percent(found.cut[2], 0)}"
    told = "which chance alone can do" if found.cut[1] <= 0 <= found.cut[2] else f"95 %: {ends}"
    return (
        f"{first} With the same mix of {_listed(found.columns)} it would be {_of(found.annual_alike)} and "
        f"{_of(found.monthly_alike)}: {fewer} ({told})."
    )


def unseen(found: Comparison) -> str:
    """The E-value as a sentence."""
    value, nearest = found.e_value
    if nearest <= 1:
        return "The difference can be chance; nothing unseen is needed to explain it."
    return (
        "Something the file does not know, such as how much a customer needs the product, would explain "
        "it all if it "
        f"went {decimal(nearest, 1)} to {decimal(value, 1)} times as often with annual billing and with staying. Loyalty can."
    )


def _of(share: tuple[float, float, float]) -> str:
    return f"{100 * share[0]:.0f}"


def _listed(names) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
