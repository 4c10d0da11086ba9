"""The canonical table: one row per paid subscription period (or per customer of a snapshot), with its
report.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from cs_models.column_codes import customers_in
from cs_models.definitions import Definitions
from cs_models.import_report import Finding, ImportReport, Question
from cs_models.kept_property import kept
from cs_models.problems import NeedsRows, Problem
from cs_models.words import count

__all__ = ["Finding", "ImportReport", "Question", "Subscriptions", "minor_digits", "normalised"]

# ISO 4217: currencies whose smallest unit is not a hundredth
MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


# the answer that holds a price somebody typed for a file without one
TYPED = "price_a_month"
HIGHEST_PRICE = 1e9

# layouts of whole months: who leaves after one is seen to have left only where the next is missing
MONTH_GRIDS = frozenset(("panel", "wide_matrix", "stripe_mrr"))

ROWS = frozenset(
    "row customer started_on ended_on term plan mrr price duration churned entry end_reason".split()
)
COUNTS = frozenset("interval tenure at_risk churned involuntary censored in_force".split())
COUNTED = "counted"  # a data set of counts that were made where the rows lie
SPLIT = ("part", "split", "group", "kind")
NUMBERS = tuple(
    "term anchor entry cohort duration churned involuntary spell_day own_day place tenure customers cents".split()
)
ENTRIES = frozenset("row kind column value reason".split())


def needed_columns(table: str, kind: str, columns: Mapping[str, str]) -> frozenset[str]:
    """Columns that the table "rows", "aside" or "entries" of a data set of this kind cannot do without.

    Example: needed_columns("aside", "triangle", {}) is {"row", "why"}.
    """
    own = COUNTS if kind == "triangle" else frozenset((*SPLIT, *NUMBERS)) if kind == COUNTED else ROWS
    if table == "rows" and kind == COUNTED:
        return own
    if table == "rows":
        return own | {name for name in columns if re.fullmatch(r"c\d+", name)}
    if table == "aside":
        return frozenset({"row", "why"}) if kind == "triangle" else own | {"why"}
    return ENTRIES


def minor_digits(currency: str) -> int:
    """Decimals of the smallest unit of a currency: USD 2, JPY 0, KWD 3 (ISO 4217)."""
    return MINOR_DIGITS.get(currency, 2)


def normalised(text: str) -> str:
    """A header as it is compared: without case, accents, blanks, underscores and a note in parentheses."""
    text = re.sub(r"\((utc|gmt|months?|usd|eur|gbp)\)", "", text.strip().lower())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^0-9a-z]+", "", plain) or plain.strip()


@dataclass(frozen=True, eq=False)
class Subscriptions:
    """What we received, in one shape for every export.

    Of kind "counted", `rows` are counts made where the customers' rows lie (engine/counted.py). Of all others,
    `rows` (one per period, Arrow): row int32, customer, started_on, ended_on (null = live), term int16
    (months between payments), plan, mrr int64 (minor units a month), price int64 (minor units a term),
    duration int32 (paid months begun, of those still here whole months), churned bool, entry int32 (months before observation), end_reason
    ("voluntary" | "involuntary" | null), and c0, c1, ... for the segment columns. Headers of the user never
    name a column; `columns` maps c0 -> header. `aside` has the same columns and `why`: accepted rows that
    stay out of every fit (free plans, not yet begun). `as_of` is the last day the file knows; `digest` names
    file and definitions, and is the key of every cache. `origin`: of counts, what was asked of which table (plain values, as
    they go to disk), so that it can be asked again.

    Example: the IBM Telco file has 7,043 customers, 1,869 churned, active MRR 316,985.75, and no dates.
    """

    kind: str
    rows: pa.Table
    as_of: date | None
    report: ImportReport
    columns: Mapping[str, str]
    currency: str
    digest: str
    mapping: Mapping[str, str]
    layout: str
    source_name: str = ""
    sample: bool = False
    aside: pa.Table | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, object] = field(default_factory=dict)

    @kept
    def customers(self) -> int:
        """Distinct customers among the accepted rows (free plans included)."""
        if self.kind == "triangle":
            first = pc.equal(self.rows["tenure"], 0)
            return round(pc.sum(self.rows.filter(first)["at_risk"]).as_py())
        if self.kind == COUNTED:
            return self._counted("facts", "customers", "customers")
        there, ids = customers_in(self.rows)
        if self.aside is None or not self.aside.num_rows:
            return int(there.sum())
        aside, names = customers_in(self.aside)
        known = pc.is_in(names.filter(pa.array(aside)), value_set=ids.filter(pa.array(there)))
        return int(there.sum() + aside.sum()) - (pc.sum(known).as_py() or 0)

    @kept
    def paying(self) -> int:
        """Distinct customers with a paid month, the only ones who can stay or leave: trials and free plans are
        not among them (5,617 of 12,000 accounts in a file with 6,383 expired trials).
        """
        if self.kind == COUNTED:
            return self._counted("cube", "began", "customers")
        return self.customers if self.kind == "triangle" else int(customers_in(self.rows)[0].sum())

    @kept
    def active(self) -> int:
        """Distinct paying customers still subscribed at `as_of`."""
        if self.kind == "triangle":
            return round(pc.sum(self.rows["censored"]).as_py())
        if self.kind == COUNTED:
            return self._counted("book", None, "customers")
        return int(customers_in(self._live)[0].sum())

    @kept
    def active_mrr(self) -> float:
        """Monthly recurring revenue of the live rows, in money (316985.75 for the IBM Telco file)."""
        self.need_customers()
        counted = self.kind == COUNTED
        total = self._counted("book", None, "cents") if counted else pc.sum(self._live["mrr"]).as_py() or 0
        return total / 10 ** minor_digits(self.currency)

    def _counted(self, part: str, kind: str | None, column: str) -> int:
        """A sum over everybody of a data set of counts."""
        mine = (pc.field("part") == part) & (pc.field("split") == "")
        mine = mine if kind is None else mine & (pc.field("kind") == kind)
        return pc.sum(self.rows.filter(mine)[column]).as_py() or 0

    @kept
    def _live(self) -> pa.Table:
        held = self.rows.select(["customer", "mrr"])  # the other columns would be copied for nothing
        return held.filter(pc.invert(self.rows["churned"]))

    @kept
    def latest_end_ahead(self) -> date | None:
        """The latest end after `as_of`: the day the file may really know; None when no end lies ahead.

        Rows that end after as_of count as subscribed. Were they exported later, this is the day to state.
        """
        if self.as_of is None or "ended_on" not in self.rows.column_names:
            return None
        ends = self.rows["ended_on"]
        return pc.max(ends.filter(pc.greater(ends, pa.scalar(self.as_of, ends.type)))).as_py()

    @property
    def watched_to(self) -> date | None:
        """The day up to which a departure would show: `as_of`; in a file of whole months the first of the last one; the
        day before `as_of` where departures on the day after it cannot be in the file (last_day.py).

        Who is in the column of October has survived September; whether October, only a column of November would say.
        """
        if self.as_of is None:
            return None
        if self.layout in MONTH_GRIDS:
            return self.as_of.replace(day=1)
        return self.as_of - timedelta(days=self.answers.get("last_day") == "not seen")

    @property
    def definitions(self) -> Definitions:
        """What counts as leaving, as the answers say; the usual rules otherwise."""
        return Definitions.of(self)

    def need_customers(self) -> None:
        """Raise a Problem when the file holds counts of cohorts (kind "triangle") and no customers."""
        if self.kind == "triangle":
            raise Problem(
                "This file holds survivors of whole cohorts and no customers: retention curves work, this does not. "
                "Bring an export with one row per customer or subscription."
            )

    @property
    def has_rows(self) -> bool:
        """Whether each customer's rows are here, and not only counts of them."""
        return self.kind not in ("triangle", COUNTED)

    def need_rows(self) -> None:
        """Raise a Problem when only counts are here: of cohorts, or made in a database."""
        self.need_customers()
        if not self.has_rows:
            raise NeedsRows(
                "Only counts of these customers are here: their rows stayed where they lie, and this follows each "
                "customer's own. Load an export of them on the page Data to see it."
            )

    @property
    def has_dates(self) -> bool:
        """Whether calendar views (cohorts by month) are possible."""
        return self.kind in ("periods", COUNTED)

    @property
    def has_price(self) -> bool:
        """Whether money views are possible."""
        named = "mrr" in self.mapping or "price" in self.mapping
        # a log or a matrix has amounts under other names
        return named or ("mrr" in self.rows.column_names and self.rows["mrr"].null_count < len(self.rows))

    @property
    def typed_price(self) -> float | None:
        """The price per month somebody typed for a file that has none; None where the file's own counts."""
        typed = self.answers.get(TYPED)
        return float(typed) if typed else None

    def with_price(self, amount: float) -> "Subscriptions":
        """The same customers, each paying `amount` a month (money): for a file without prices, which has a
        retention but no value until somebody says what a customer pays.

        An annual payer pays twelve of them a year. The amount is everybody's, so that groups differ in
        loyalty only. It stands in `answers` and in the digest, and is never guessed. Problem for a file with
        prices of its own, for cohorts without customers, and for an amount that is no price.

        Example: 2,000 rows of a snapshot without a price; with_price(49).active_mrr is 49 x the active ones.
        """
        self.need_rows()
        if self.has_price and self.typed_price is None:
            raise Problem("The file has prices of its own, so none can be typed. Leave the price out.")
        unit = 10 ** minor_digits(self.currency)
        number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if not number or not 0 < amount <= HIGHEST_PRICE or round(amount * unit) < 1:
            raise Problem(
                f"A price per month must be a number above 0 and at most {count(HIGHEST_PRICE)}; found {amount!r}."
            )
        minor = round(amount * unit)
        typed = str(minor / unit)
        return replace(
            self,
            rows=_priced(self.rows, minor),
            aside=None if self.aside is None else _priced(self.aside, minor),
            answers={**self.answers, TYPED: typed},
            digest=hashlib.sha256(f"{self.digest} at {typed} a month".encode()).hexdigest(),
        )

    @property
    def segments(self) -> tuple[str, ...]:
        """Names a user can group by: "plan" and "interval" when present, then the header of each segment
        column.
        """
        known = tuple(name for name in ("plan", "interval") if name in self.columns)
        return (*known, *(header for name, header in self.columns.items() if re.fullmatch(r"c\d+", name)))

    def resolve(self, name: str) -> str:
        """The internal column for a name a person uses: "plan", "interval", a header ("Contract") or "c0".

        Raises Problem naming the choices. Example: resolve("Contract") == "plan" for the IBM Telco file.
        """
        internal = {"interval": "term", "term": "term", "billing interval": "term"}
        for own, header in self.columns.items():
            target = "term" if own == "interval" else own
            internal[own] = target
            internal.setdefault(header, target)
        if name in internal:
            return internal[name]
        loose = {normalised(known): target for known, target in reversed(internal.items())}
        if normalised(str(name)) in loose:
            return loose[normalised(str(name))]
        choices = ", ".join(self.segments) or "none: the file has no segment columns"
        raise Problem(f'There is no column "{str(name)[:80]}" to group by. Choose from: {choices}.')


def _priced(rows: pa.Table, minor: int) -> pa.Table:
    """The rows at one price per month; a price is per term, as everywhere."""
    term = rows["term"].cast(pa.int64())
    money = {"mrr": pa.array([minor] * len(rows), pa.int64()), "price": pc.multiply(term, minor)}
    for name, values in money.items():
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows
