"""Migrations: customers whom the business moved from one plan to another are not churn and new customers."""

from dataclasses import dataclass
from datetime import date, timedelta

from cs_models.assumptions import Assumptions
from cs_models.engine.counts import moves
from cs_models.life_table import life_table
from cs_models.problems import Problem
from cs_models.recount import redefined
from cs_models.retention.fit import interval_name
from cs_models.valuation import value
from cs_models.words import counted, decimal, money, percent

EPOCH = date(1970, 1, 1)
HORIZON = 12


@dataclass(frozen=True)
class Migration:
    """Many customers of one plan who began another within days, around one date.

    from_plan, to_plan: as the file names them, with the billing interval where it changes; customers: how
    many moved; share: of those on the old plan when it began; first, last: days on which the old plan ended;
    longest_wait: days from the end of the old plan to the start of the new one, at most.

    The effect is that of every migration of the file together, on the same rows: churn_before / churn_after =
    customers counted as having left when each move is a departure / when the two plans are one stay;
    clv_before / clv_after = 12-month CLV per new customer likewise (None without a price); joined: whether
    the present definitions count every move as one stay already.
    """

    from_plan: str
    to_plan: str
    customers: int
    share: float
    first: date
    last: date
    longest_wait: int
    churn_before: int
    churn_after: int
    clv_before: float | None
    clv_after: float | None
    joined: bool
    sentence: str


def migrations(subs) -> list[Migration]:
    """Migrations of whole plans in the file, the largest first; [] for a file without dates.

    A migration is: within 31 days at least 10 customers, and a fifth of those on the old plan, end it and
    begin another plan or billing interval 45 days before to 92 days after; and five times as many as usually change
    that way. Everyday upgrades, spread over the year, are none. On confirmation, answer
    ``{"join_migrations": "yes"}`` to ``cs.read``: exactly these customers' two rows then are one stay,
    whatever the gap between them. Two life tables and two fits, without draws.
    """
    found = moves(subs)
    if not found:
        return []
    apart, joined = (redefined(subs, join_migrations=choice) for choice in ("apart", "yes"))
    churn = [int(life_table(one).churned) for one in (apart, joined)]
    clv = [_clv(one) for one in (apart, joined)]
    already = int(life_table(subs).churned) == churn[1]
    effect = _effect(churn, clv, already, len(found), subs.currency)
    return [_migration(*one, churn, clv, already, effect) for one in found]


def _migration(move, left: object, entered: object, churn, clv, already: bool, effect: str) -> Migration:
    names = [str(left), str(entered)]
    if move.left_term != move.term:
        names = [f"{names[0]} ({interval_name(move.left_term)})", f"{names[1]} ({interval_name(move.term)})"]
    first, last = (EPOCH + timedelta(days=day) for day in (move.first, move.last))
    when = f"on {first}" if first == last else f"between {first} and {last}"
    sentence = (
        f"{counted(move.customers, 'customer')}, {percent(move.share, 0)} of those on {names[0]}, moved from it to "
        f"{names[1]} {when}. {effect}"
    )
    return Migration(
        *names, move.customers, move.share, first, last, move.longest_wait, *churn, *clv, already, sentence
    )


def _effect(churn: list[int], clv: list[float | None], already: bool, count: int, currency: str) -> str:
    which = "this move" if count == 1 else f"the {count} moves of this file"
    text = (
        f"Counted as leaving and joining anew, {which} would make {counted(churn[0], 'departure')} "
        f"instead of {decimal(churn[1])}"
    )
    if None not in clv:
        text += f", and a 12-month CLV of {money(clv[0], currency)} instead of {money(clv[1], currency)}"
    return text + (". They count as one stay." if already else ". Join them to count each customer once.")


def _clv(subs) -> float | None:
    if not subs.has_price:
        return None
    try:
        return value(Assumptions.from_data(subs, draws=0), HORIZON).clv
    except Problem:  # nobody has completed a billing period: churn can be told, value cannot
        return None
