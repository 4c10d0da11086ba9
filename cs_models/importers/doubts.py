"""What only the owner of a file knows about its money, asked with a guess and what each answer is worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from cs_models.import_report import Question
from cs_models.importers import prices as reading
from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.ledger import Ledger
from cs_models.importers.prices import Meaning, Prices
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits, normalised

VAGUE = frozenset("amount betrag montant total fee charge value subscriptionamount recurringamount".split())
CENTS = ("cents", "cent", "minor", "minorunits", "pence")
AMOUNT = frozenset("amount unitamount planamount priceamount betrag montant".split())
ROUND_FROM = 100
# decimals, or thousands set apart: no program writes its cents like that
WRITTEN_FOR_PEOPLE = r"\d[.,]\d{1,2}\D*$|\d\D\d{3}(\D|$)"


@dataclass(frozen=True, eq=False)
class Weight:
    """Who is active, to say in money what an answer moves; both arrays have one entry per row."""

    customer: np.ndarray
    active: np.ndarray
    ledger: Ledger
    currency: str

    def money(self, minor: float) -> str:
        """Minor units in words: "1,250.00 USD"."""
        digits = minor_digits(self.currency)
        return f"{minor / 10**digits:,.{digits}f} {self.currency}"

    def people(self, rows: np.ndarray) -> int:
        """Different customers among rows."""
        return int(np.count_nonzero(np.bincount(self.customer[rows] + 1)))

    def told(self, mrr: np.ndarray, out: np.ndarray | None = None) -> str:
        """Active MRR and what the average customer pays; with nobody active, what the average row does."""
        rows = self.ledger.kept & (mrr > 0)
        rows = rows & ~out if out is not None else rows
        live = rows & self.active
        if not live.any():
            average = mrr[rows].mean() if rows.any() else 0
            return f"{self.money(average)} a month for the average row"
        total, people = int(mrr[live].sum()), self.people(live)
        return f"active MRR {self.money(total)}, {self.money(total / people)} a customer"


@dataclass(eq=False)
class Asking:
    """Questions whose sentences wait until all of them are settled, so that each tells its own part only."""

    ledger: Ledger
    answers: Mapping[str, str]
    waiting: list[Callable[[], Question]] = field(default_factory=list)

    def choose(
        self, id: str, title: str, guess: str, alternatives: tuple[str, ...], sentence: Callable[[str], str]
    ) -> str:
        """The answer, or else the guess; `sentence` is told which, once everything is settled."""
        given = self.answers.get(id)
        if given is not None and given not in alternatives:
            allowed = " or ".join(f'"{one}"' for one in alternatives)
            raise Problem(f'The answer to "{id}" must be {allowed}, not "{shorten(given)}".')
        chosen = given or guess
        answered = given is not None
        self.waiting.append(lambda: Question(id, title, chosen, alternatives, sentence(chosen), answered))
        return chosen

    def close(self) -> None:
        """Enter the questions, each with its sentence."""
        self.ledger.questions += [question() for question in self.waiting]


def choose(
    ledger: Ledger, answers, id: str, title: str, guess: str, alternatives: tuple[str, ...],
    sentence: Callable[[str], str],
) -> str:
    """Ask one question, and go on with the answer or the guess."""
    asking = Asking(ledger, answers)
    chosen = asking.choose(id, title, guess, alternatives, sentence)
    asking.close()
    return chosen


def settle_credits(prices: Prices, answers, ledger: Ledger) -> tuple[str, np.ndarray]:
    """Negative amounts, refunds or credits, are left out unless they are to be netted; returns the answer
    and all rows with one.
    """
    credits = prices.credits & ledger.kept
    chosen = answers.get("credits") or "leave out"
    netted = credits & (prices.owner >= 0) & (chosen == "net")
    out = credits & ~netted
    header = shorten(prices.column.header)
    ledger.reject(out, prices.column, "a negative amount, a refund or credit: give the price of a period")
    ledger.find(
        "price_negative", out, f'amount in column "{header}" is negative, a refund or credit, and left out',
        f'amounts in column "{header}" are negative, refunds or credits, and left out',
        "Leave refunds and credits out, or give the price of a period.", prices.column,
    )  # fmt: skip
    ledger.find(
        "credits_netted", netted, "credit is taken off its customer's row before it",
        "credits are taken off their customers' rows before them", column=prices.column,
    )  # fmt: skip
    return chosen, credits


def ask_money(prices: Prices, credits, roles, weight: Weight, answers, ledger: Ledger) -> Meaning:
    """Every doubt about the amounts of a file; each is told with all others as they are settled."""
    asking = Asking(ledger, answers)
    meaning = replace(prices.usual, credits=credits[0])

    def worth(**other: str) -> str:
        return weight.told(prices.read(replace(meaning, **other))[0])

    def given_back() -> str:
        return weight.money(-int(prices.minor[meaning.unit][credits[1]].sum()))

    if credits[1].any():
        _ask_credits(prices, credits[1], worth, given_back, asking)
    meaning = replace(
        meaning,
        unit=_ask_unit(prices, worth, asking),
        per=_ask_per(prices, roles, worth, asking),
        yearly=_ask_yearly(prices, worth, asking),
        discounts=_ask_discounts(prices, worth, asking),
    )
    asking.close()
    return meaning


def _ask_credits(prices: Prices, credits: np.ndarray, worth, given_back, asking: Asking) -> None:
    count = int(credits.sum())
    alone = int((credits & (prices.owner < 0)).sum())
    lost = f" {_rows(alone)} no earlier row of the same customer to be netted with." if alone else ""
    asking.choose(
        "credits", "How do refunds and credits count?", "leave out", ("leave out", "net"),
        lambda chosen: f"{_rows(count)} a negative amount, {given_back()} in all. "
        f"Left out: {worth(credits='leave out')}; netted, taken off the customer's row before: "
        f"{worth(credits='net')}.{lost} "
        f"They are {'left out' if chosen == 'leave out' else 'netted'}.",
    )  # fmt: skip


def _ask_unit(prices: Prices, worth, asking: Asking) -> str:
    """Cents or units: only whole numbers, all large, or under a header of cents or just of an amount."""
    minor, answers = prices.minor["units"], asking.answers
    guess = unit_in_doubt(prices.column, minor, prices.currency, answers, asking.ledger)
    if guess is None:
        return "units"
    return ask_unit(prices.column, guess, lambda unit: worth(unit=unit), asking)


def unit_in_doubt(column: Column, minor: np.ndarray, currency: str, answers, ledger: Ledger) -> str | None:
    """The guess where cents cannot be told from units by the file, else None. Size alone never tells."""
    digits = minor_digits(currency)
    paying = ledger.kept & (minor > 0)
    if not digits or not paying.any():
        return None
    asked = "amount_unit" in answers
    if (column.spread(matches(column.values, WRITTEN_FOR_PEOPLE)) & paying).any() and not asked:
        return None
    header = normalised(column.header)
    named = any(header.endswith(word) for word in CENTS)
    large = minor[paying] >= ROUND_FROM * 10**digits
    if named or large.all() or asked or (header in AMOUNT and large.any()):
        return "cents" if named else "units"
    return None


def ask_unit(column: Column, guess: str, worth: Callable[[str], str], asking: Asking) -> str:
    """The same question as for the exports of billing systems, with the money under both readings."""
    return asking.choose(
        "amount_unit", "Are amounts in cents or in whole units?", guess, ("cents", "units"),
        lambda chosen: f'Amounts in "{shorten(column.header)}" have no decimals. '
        f"Read as cents: {worth('cents')}; read as whole units: {worth('units')}. "
        f"They are read as {'whole units' if chosen == 'units' else 'cents'}.",
    )  # fmt: skip


def _ask_per(prices: Prices, roles, worth, asking: Asking) -> str:
    """Money a payment or money a month, where somebody pays for longer than a month."""
    usual = prices.usual.per
    cycles = prices.cycles
    longer = asking.ledger.kept & (prices.minor["units"] > 0) & ((cycles.term > 1) | (cycles.days > 0))
    if not longer.any():
        return usual
    same, more = reading.votes(prices, roles, asking.ledger)
    vague = normalised(prices.column.header) in VAGUE and not more
    against = same > more if usual == "a payment" else more > same
    if not (vague or against or "amount_per" in asking.answers):
        return usual
    # the word MRR is a statement; "amount" is none, and there the prices of the plans decide
    guess = "a month" if usual == "a month" or same > more else "a payment"
    return asking.choose(
        "amount_per", "Is an amount the price of a payment, or money a month?", guess,
        ("a payment", "a month"),
        lambda chosen: f'{_rows(int(longer.sum()))} another billing interval than a month. Amounts in '
        f'"{shorten(prices.column.header)}" as the price of a payment: {worth(per="a payment")}; as money a '
        f"month: {worth(per='a month')}. "
        f"They are read as {'money a month' if chosen == 'a month' else 'the price of a payment'}.",
    )  # fmt: skip


def _ask_yearly(prices: Prices, worth, asking: Asking) -> str:
    """Yearly payments booked as one month stand out twelvefold."""
    at = prices.yearly & asking.ledger.kept
    if not at.any():
        return "a month"
    first = asking.ledger.where(int(np.flatnonzero(at)[0]), prices.column)
    return asking.choose(
        "yearly_amounts", "Are amounts twelve times the usual one for a year?", "a month",
        ("a month", "a year"),
        lambda chosen: f"{_rows(int(at.sum()))} no billing interval and about 12 times the usual amount, "
        f"first: {first}. As money a month: {worth(yearly='a month')}; for a year: {worth(yearly='a year')}. "
        f"They are read as {'money a month' if chosen == 'a month' else 'for a year'}.",
    )  # fmt: skip


def _ask_discounts(prices: Prices, worth, asking: Asking) -> str:
    """A column of discounts in per cent: are the prices before or after them?"""
    if prices.discount is None:
        return "already off"
    column = prices.discount
    header = shorten(column.header)
    example = next(cell for cell in column.values.to_pylist() if "%" in cell)
    share = float(prices.share[column.codes == column.values.to_pylist().index(example)][0])
    asking.ledger.find(
        "percent", (prices.share > 0) & asking.ledger.kept,
        f'discount in column "{header}" is written in per cent: {shorten(example)} is read as {share:.2f}',
        f'discounts in column "{header}" are written in per cent: {shorten(example)} is read as {share:.2f}',
        column=column,
    )  # fmt: skip
    return asking.choose(
        "discount_column", "Are discounts already taken off the amounts?", "already off",
        ("already off", "take off"),
        lambda chosen: f'Discounts of column "{header}" already taken off: '
        f"{worth(discounts='already off')}; to be taken off: {worth(discounts='take off')}. They "
        f"are {'already taken off' if chosen == 'already off' else 'now taken off'}.",
    )  # fmt: skip


def ask_free(
    free: np.ndarray, ended: np.ndarray, mrr: np.ndarray, weight: Weight, answers, ledger: Ledger
) -> bool:
    """Free plans and trials stay apart from paid churn, unless they are to count; True when they count.

    One entry per period: `free`, `ended`, `mrr`, and the `weight` of the same periods.
    """
    if not free.any():
        return False
    people = [weight.people(weight.active & rows) for rows in (mrr > 0, (mrr > 0) | free)]
    total = int(mrr[weight.active].sum())
    average = [weight.money(total / max(count, 1)) for count in people]
    chosen = choose(
        ledger, answers, "free_rows", "Do free plans and trials count as customers?", "set aside",
        ("set aside", "count as customers"),
        lambda chosen: f"{_rows(int(free.sum()))} a price of 0, a free plan or a trial; "
        f"{int((free & ended).sum()):,} of them ended. Set aside: {people[0]:,} active customers, "
        f"{average[0]} a month each, and no churn of theirs; counted: {people[1]:,} active customers, "
        f"{average[1]} a month each. "
        f"They are {'set aside' if chosen == 'set aside' else 'counted'}.",
    )  # fmt: skip
    return chosen != "set aside"


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
