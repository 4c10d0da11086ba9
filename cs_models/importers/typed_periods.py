"""Periods of a long Parquet file whose columns are dates and numbers already: looked at in the engine.

A file is clean when the way over text would accept every row as it is and ask nothing about it. `look` says
so, or raises NotClean, which means no more than that the other way must read the file. Where a rule is one of
different cells and not of rows, the very functions of the other way decide, over the different cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.definitions import Definitions
from cs_models.import_report import Finding
from cs_models.importers import beside, beside_periods, billing, by_values, common, dates, doubts, prices, suspects
from cs_models.importers.columns import Column, matches, tidy
from cs_models.importers.ledger import Ledger
from cs_models.importers.parquet_rows import DAY, EXACT, MOMENT, REAL, TEXT, WHOLE, YES, NotClean, ParquetRows
from cs_models.importers.period_dates import (
    EPOCH, LONELY_DAYS, add_months_to_day, days_since_epoch, tell_inferred_day,
)  # fmt: skip
from cs_models.importers.segments import MOST_LEVELS, segment_columns
from cs_models.importers.suspects import NAMES
from cs_models.readers.structure import MAX_CELL_BYTES
from cs_models.readers.table import TextTable
from cs_models.subscriptions import minor_digits, normalised

SAMPLE = 128  # rows of a table in which every different cell of a column with few of them occurs
FULL = 10**6  # the most a payment may be, in whole units: texts of larger numbers have an exponent
ROLES = {"customer", "start", "end", "plan", "interval", "mrr", "price", "end_reason", "currency"}
TOTAL = r"(?i)^[^a-z]*(grand |sub)?(totals?|sum|summe|gesamt|gesamtsumme)( \(.*\))?:?[^a-z]*$"


@dataclass(frozen=True, eq=False)
class Clean:
    """What is known of a clean file before its rows are streamed.

    `at`: place of the column of each role. `minor`: the expression for minor units, None without a price;
    `per`: "a payment" | "a month". `few`: columns of few different cells by their place; `terms`: months per
    different cell of the interval. `notes` are findings about the whole file.
    """

    at: Mapping[str, int]
    today: int
    currency: str
    minor: str | None
    per: str
    few: Mapping[int, Column]
    terms: np.ndarray
    segments: tuple[int, ...]
    headers: tuple[str, ...]
    told_day: tuple[Finding, ...]
    notes: tuple[Finding, ...]


def look(
    file: ParquetRows, headers: tuple[str, ...], mapping: Mapping[str, str], as_of: date | None, answers
) -> Clean:
    """The facts of a clean file; NotClean for any other."""
    known = {switch.name for switch in Definitions.switches()}
    if not mapping.keys() <= ROLES or not answers.keys() <= known:
        raise NotClean
    at = {role: headers.index(header) for role, header in mapping.items()}
    _need(all(headers) and len({one.casefold() for one in headers}) == len(headers))
    others = [place for place in range(len(headers)) if place not in at.values()]
    _no_structure(file, headers)
    few = _few(file, headers, at, others)
    sample = pa.table({"c0": pa.nulls(SAMPLE)})
    ledger = Ledger(TextTable(headers, sample, pa.array(range(2, SAMPLE + 2))))
    roles = {role: few[place] for role, place in at.items() if place in few}
    common.tidy_repairs(roles, ledger)
    cycles = billing.read_cycles({name: roles[name] for name in ("interval", "plan") if name in roles}, ledger)
    terms = cycles.term if "interval" in at else np.ones(1, np.int64)
    today, told_day, ahead = _days(file, at, int(terms.min()), as_of)
    currency, minor, per = _money(file, headers, at, roles, cycles, ledger)
    rest = [few.get(place) or _many(headers[place]) for place in others]
    _need(as_of is not None or not ahead or "status" not in beside_periods.found(rest))  # a status may prove a day
    _need("interval" in at or not any(by_values.may_be(one.header, one.values.to_pylist()) for one in rest))
    _nothing_beside(rest, ledger)
    _need(not ledger.findings and not ledger.entries)
    segments, titles = segment_columns(rest, ledger)
    _need(not ledger.questions and not ledger.entries)
    _need(all(one.id == "not_segments" for one in ledger.findings))
    place = {headers[one]: one for one in others}
    return Clean(
        at, today, currency, minor, per, few, terms, tuple(place[title] for title in titles), tuple(titles),
        told_day, tuple(ledger.findings),
    )  # fmt: skip


def _need(fact: bool) -> None:
    if not fact:
        raise NotClean


def _no_structure(file: ParquetRows, headers: tuple[str, ...]) -> None:
    """No cell without end, no total, no comment; nobody's e-mail that looks like a test account."""
    texts = [at for at, kind in enumerate(file.kinds) if kind == TEXT]
    for at in texts:
        asked = f"MAX(strlen(c{at})) > {MAX_CELL_BYTES}"
        if at < 2:
            asked += f" OR BOOL_OR(regexp_matches(c{at}, '{TOTAL}'))"
        if at == 0:
            asked += " OR BOOL_OR(starts_with(c0, '#'))"
        _need(not file.all(f"SELECT {asked} FROM {{rows}}")[0][0])
    for at, header in enumerate(headers):
        if normalised(header) in NAMES:
            for piece in file.stream(f"SELECT DISTINCT {file.cell(at)} FROM {{rows}}"):
                _need(not matches(tidy(piece.column(0).cast(pa.string()))[0], suspects.TEST_ACCOUNT).any())


def _few(file: ParquetRows, headers, at: Mapping[str, int], others: list[int]) -> dict[int, Column]:
    """The columns whose different cells are looked at one by one; a role must not have too many."""
    found = {}
    for role in ("plan", "interval", "end_reason", "currency"):
        if role in at:
            _need(file.kinds[at[role]] in (TEXT, WHOLE))
            cells = file.different(at[role], SAMPLE // 2)
            _need(len(cells) <= SAMPLE // 2)
            found[at[role]] = _column(headers[at[role]], cells)
    for place in others:
        if file.kinds[place] == REAL:
            _need(not file.all(f"SELECT BOOL_OR(isnan(c{place})) FROM {{rows}}")[0][0])
        cells = file.different(place, MOST_LEVELS)
        if len(cells) <= MOST_LEVELS:
            _need(file.kinds[place] in (TEXT, WHOLE, YES, DAY))
            found[place] = _column(headers[place], cells)
    return found


def _column(header: str, cells: list[str]) -> Column:
    raw = pa.array(cells, pa.string())
    values, tidied = tidy(raw)
    return Column(header, raw, values, np.resize(np.arange(len(cells), dtype=np.int32), SAMPLE), tidied)


def _many(header: str) -> Column:
    """A column with more different cells than anybody groups by."""
    return _column(header, [str(number) for number in range(SAMPLE)])


def _days(file: ParquetRows, at: Mapping[str, int], term: int, as_of: date | None):
    """The last known day, and what is told about it."""
    _need(file.kinds[at["start"]] in (DAY, MOMENT))
    start = file.day(at["start"])
    end = file.day(at["end"]) if "end" in at else "CAST(NULL AS INTEGER)"
    _need("end" not in at or file.kinds[at["end"]] in (DAY, MOMENT))
    days = f"SELECT {start} AS s, {end} AS e, c{at['customer']} AS who FROM {{rows}}"
    count, known, first, newest, wrong, early, late = file.all(
        "SELECT COUNT(who), COUNT(s), MIN(s), MAX(s), COALESCE(BOOL_OR(e < s), FALSE), MIN(e), MAX(e) "
        f"FROM ({days})"
    )[0]
    low, high = (days_since_epoch(date(year, 1, 1)) for year in (dates.EARLIEST_YEAR, dates.OPEN_YEAR))
    _need(count == known == file.count and not wrong and first >= low and newest < high)
    _need(early is None or (early >= low and late < high))
    ledger = Ledger(TextTable((), pa.table({}), pa.array([], pa.int32())))
    if as_of is None:
        before = file.all(f"SELECT MAX(s) FROM ({days}) WHERE s < {newest}")[0][0]
        _need(before is None or newest - before <= LONELY_DAYS)
        limit = add_months_to_day(newest, term)
        seen = file.all(f"SELECT MAX(e) FROM ({days}) WHERE e <= {limit}")[0][0]
        today = newest if seen is None else max(newest, seen)
        tell_inferred_day(today, ledger, late is not None and late > today)
    else:
        today = days_since_epoch(as_of)
    _need(newest <= today)  # nobody who has not begun, and no day before all
    live, last = file.all(
        f"SELECT COUNT(*) FILTER (e IS NULL OR e > {today}), COUNT(*) FILTER (e = {late or 0}) FROM ({days})"
    )[0]
    _need(live > 0 or last < 2)
    return today, tuple(ledger.findings), late is not None and late > today


def _money(file: ParquetRows, headers, at: Mapping[str, int], roles, cycles, ledger: Ledger):
    """Currency, the expression for minor units and what they are paid for; no doubt about any of them."""
    currency = None
    if "currency" in at:
        _need(len(roles["currency"].raw) == 1)
        currency = common.read_currency(roles["currency"], ledger)
        _need(bool(currency))
    role = next((name for name in ("mrr", "price") if name in at), None)
    if role is None:
        return currency or "USD", None, ""
    place = at[role]
    header = headers[place]
    currency = currency or next(iter(common.header_currency(header)), None) or "USD"
    digits = minor_digits(currency)
    _need(digits in (0, 2))
    minor = _minor(file, place, digits)
    exact = f"TRY_CAST(c{place} AS DOUBLE) = TRY_CAST({minor} AS DOUBLE) / {10**digits}"
    right = f"c{place} IS NOT NULL AND c{place} > 0 AND c{place} <= {FULL} AND {exact}"
    wrong, part, least, most = file.all(
        f"SELECT COUNT(*) FILTER (({right}) IS NOT TRUE), "
        f"COUNT(*) FILTER ({minor} % {10**digits} <> 0), MIN({minor}), MAX({minor}) FROM {{rows}}"
    )[0]
    _need(not wrong)
    written = part > 0 or (file.kinds[place] == EXACT and file.types[place].scale > 0)
    if digits and not written:
        large, name = doubts.ROUND_FROM * 10**digits, normalised(header)
        cents = any(name.endswith(word) for word in doubts.CENTS)
        _need(not cents and least < large and not (name in doubts.AMOUNT and most >= large))
    per = "a month" if role == "mrr" else "a payment"
    _no_other_meaning(file, headers, at, roles, cycles, minor, per, ledger)
    return currency, minor, per


def _minor(file: ParquetRows, place: int, digits: int) -> str:
    """Whole minor units of a column of numbers."""
    kind = file.types[place]
    if file.kinds[place] == EXACT:
        _need(kind.scale <= digits and kind.precision <= 16)
    _need(file.kinds[place] in (WHOLE, REAL, EXACT))
    if file.kinds[place] == WHOLE:
        return f"TRY_CAST(c{place} AS BIGINT) * {10**digits}"
    return f"TRY_CAST(ROUND(CAST(c{place} AS DOUBLE) * {10**digits}) AS BIGINT)"


def _no_other_meaning(file: ParquetRows, headers, at, roles, cycles, minor: str, per: str, ledger) -> None:
    """Money a payment or a month, a year's price among monthly ones: prices of the plans leave no doubt."""
    plan = file.cell(at["plan"]) if "plan" in at else "''"
    if "interval" not in at:
        ratio = f"SELECT MAX({minor}) / MEDIAN({minor}) AS most FROM {{rows}} GROUP BY {plan}"
        _need(file.all(f"SELECT MAX(most) FROM ({ratio})")[0][0] < prices.YEARLY[0])
    column = roles.get("interval")
    if column is None or cycles.term.max() == 1:
        return
    months = dict(zip(column.raw.to_pylist(), cycles.term.tolist(), strict=False))
    _need(len(set(months.values())) == len(months))
    cell = file.cell(at["interval"])
    middle = file.all(f"SELECT {plan}, {cell}, MEDIAN({minor}) FROM {{rows}} GROUP BY ALL")
    _need(len(middle) <= SAMPLE)
    seats = np.resize(np.arange(len(middle)), SAMPLE)
    plans = sorted({one[0] for one in middle})
    fake = _column("plan", plans)
    codes = np.array([plans.index(one[0]) for one in middle], np.int32)[seats]
    fake = Column(fake.header, fake.raw, fake.values, codes, fake.tidied)
    terms = np.array([months[one[1]] for one in middle], np.int64)[seats]
    minors = {"units": np.array([one[2] for one in middle])[seats]}
    cycles = billing.Cycles(terms, np.zeros(SAMPLE))
    of_groups = prices.Prices("price", fake, "", minors, cycles, seats, seats)
    same, more = prices.votes(of_groups, {"plan": fake}, ledger)
    name = headers[at["mrr" if "mrr" in at else "price"]]
    vague = normalised(name) in doubts.VAGUE and not more
    _need(not vague and not (same > more if per == "a payment" else more > same))


def _nothing_beside(rest: list[Column], ledger: Ledger) -> None:
    """No column of discounts, requests to cancel or ids of subscriptions; nobody paused or past due."""
    found = beside_periods.found(rest)
    _need(not any(prices.matches_header(column, prices.DISCOUNT) for column in rest))
    _need(not found.keys() & {"asked", "discount", "subscription"})
    everybody, nobody = np.ones(SAMPLE, bool), np.zeros(SAMPLE, np.int64)
    since = {beside.PAUSED: nobody, beside.PAST_DUE: nobody}
    _need(not beside.standing(found.get("status"), everybody, since, np.arange(SAMPLE)))


def day_of(today: int) -> date:
    """The day with that number."""
    return date.fromordinal(EPOCH.toordinal() + today)
