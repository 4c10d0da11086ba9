"""The rows of a clean Parquet file (typed_periods.py) as canonical rows on disk, a piece at a time.

Two passes: one in the order of customers and starts gives every id its code and meets rows that repeat each
other; one in the order of the file writes the rows, with the same arithmetic as every importer.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from cs_models.import_report import Finding
from cs_models.importers import canonical, durations, period_dates
from cs_models.importers.amounts import per_month
from cs_models.importers.canonical import TEXT, Book
from cs_models.importers.columns import BLANK, Column, matches, shorten, tidy
from cs_models.importers.common import DIRECTION
from cs_models.importers.ledger import FIRST
from cs_models.importers.parquet_rows import TEXT as LETTERS
from cs_models.importers.parquet_rows import WHOLE, NotClean, ParquetRows, in_order
from cs_models.importers.period_dates import Periods
from cs_models.importers.suspects import TEST_ACCOUNT
from cs_models.importers.typed_periods import Clean

MOST_DOUBTFUL = 1_000_000
DAMAGED_ID = r"^\d\.\d+E\+\d+$"
FREE_FROM = 2**31 - 1


@dataclass(eq=False)
class Tally:
    """A finding about rows, counted while they pass."""

    id: str
    one: str
    many: str
    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, at: np.ndarray, rows: np.ndarray) -> None:
        self.count += int(at.sum())
        if len(self.first) < FIRST:
            self.first += rows[np.flatnonzero(at)[: FIRST - len(self.first)]].tolist()

    def finding(self, name) -> list[Finding]:
        """The sentence as the ledger of an importer writes it; `name` gives the customer of a row."""
        if not self.count:
            return []
        where = f"row {self.first[0]:,}, customer {shorten(name(self.first[0]))}"
        what = self.one if self.count == 1 else self.many
        return [Finding(self.id, f"{self.count:,} {what}, first: {where}.", self.count, tuple(self.first))]


@dataclass(frozen=True, eq=False)
class Ids:
    """A code per row of the file, and the text of each code."""

    codes: np.ndarray
    names: pa.Array


def read_ids(file: ParquetRows, clean: Clean) -> Ids:
    """Codes of the customers. NotClean for an id that has to be told about, and for rows that repeat
    others.
    """
    place = clean.at["customer"]
    if file.kinds[place] not in (LETTERS, WHOLE):
        raise NotClean
    start = file.day(clean.at["start"])
    found = f"SELECT c{place} AS who, {start} AS s, CAST(n AS INTEGER) AS n FROM {{rows}} ORDER BY who, s"
    codes, names, doubtful = np.empty(file.count, np.int32), [], []
    last, code, seen = None, -1, 0
    for piece in file.stream(found):
        if not piece.num_rows:
            continue
        who, day, at = (piece.column(name) for name in ("who", "s", "n"))
        day, at = day.to_numpy(), at.to_numpy()
        fresh = _fresh(who, last)
        codes[at] = code + np.cumsum(fresh, dtype=np.int32)
        again = ~fresh & (day == np.append(last[1] if last else -FREE_FROM, day[:-1]))
        if again.any():
            before = np.append(last[2] if last else 0, at[:-1])
            doubtful += [at[again], before[again]]
        names.append(_names(who.filter(pa.array(fresh))))
        code, seen = int(codes[at[-1]]), seen + len(at)
        last = (who[-1:], int(day[-1]), int(at[-1]))
    if seen != file.count:
        raise NotClean
    if doubtful:
        _none_alike(file, clean, np.unique(np.concatenate(doubtful)))
    return Ids(codes, pa.concat_arrays(names))


def _fresh(who: pa.Array, last: tuple | None) -> np.ndarray:
    """Where another customer begins, in ids that are sorted."""
    fresh = np.ones(len(who), bool)
    fresh[1:] = pa.compute.not_equal(who[1:], who[:-1]).to_numpy(zero_copy_only=False)
    fresh[0] = last is None or who[0] != last[0][0]
    return fresh


def _names(different: pa.Array) -> pa.Array:
    """Ids as text; those that the report would have to tell something about are not clean."""
    texts = different.cast(pa.string())
    if pa.types.is_integer(different.type):
        return texts
    values, tidied = tidy(texts)
    blank = pa.compute.equal(pa.compute.binary_length(values), 0).to_numpy(zero_copy_only=False)
    told = [matches(values, pattern).any() for pattern in (DIRECTION, TEST_ACCOUNT, DAMAGED_ID)]
    if tidied.any() or blank.any() or any(told) or not values.equals(texts):
        raise NotClean
    return texts


def _none_alike(file: ParquetRows, clean: Clean, at: np.ndarray) -> None:
    """Of rows that share customer and start, none may differ in amount, end and reason alone."""
    if len(at) > MOST_DOUBTFUL:
        raise NotClean
    free = {clean.at[role] for role in ("mrr", "price", "end", "end_reason") if role in clean.at}
    same = ", ".join(file.cell(place) for place in range(len(file.names)) if place not in free)
    query = (
        "SELECT COUNT(*) FROM (SELECT 1 FROM {rows} WHERE n IN (SELECT n FROM doubtful) "
        f"GROUP BY {same} HAVING COUNT(*) > 1)"
    )
    if file.all(query, doubtful=pa.table({"n": at.astype(np.int64)}))[0][0]:
        raise NotClean


def write_rows(file: ParquetRows, clean: Clean, ids: Ids, path: Path) -> tuple[list[Finding], pa.Schema]:
    """Write the canonical rows in the order of the file; returns what is to be told about them."""
    tallies = [Tally("same_day", *period_dates.SAME_DAY), Tally("ends_ahead", *period_dates.ENDS_AHEAD),
               Tally("mid_term", *canonical.MID_TERM)]  # fmt: skip
    texts = _Texts(clean)
    begin, writer = 0, None
    with pa.OSFile(str(path), "wb") as sink:
        for piece in file.stream(_select(file, clean)):
            if not piece.num_rows:
                continue
            in_order(piece.column("n").to_numpy(), begin)
            codes = pa.array(ids.codes[begin : begin + len(piece)])
            customer = pa.DictionaryArray.from_arrays(codes, ids.names, safe=False)
            table = _table(piece, clean, texts, customer, tallies)
            writer = writer or pa.ipc.new_file(sink, table.schema)
            writer.write_table(table)
            begin += len(piece)
        if begin != file.count:
            raise NotClean
        writer.close()

    def name(row: int) -> str:
        return ids.names[int(ids.codes[row - 2])].as_py()

    day, ahead, term = ([*one.finding(name)] for one in tallies)
    no_end = [] if "end" in clean.at else [Finding("no_end", period_dates.NO_END)]
    return [*day, *clean.told_day, *no_end, *ahead, *clean.notes, *term], table.schema


def _select(file: ParquetRows, clean: Clean) -> str:
    cells = "".join(f", {file.cell(place)} AS t{place}" for place in sorted(_used(clean)))
    end = file.day(clean.at["end"]) if "end" in clean.at else "CAST(NULL AS INTEGER)"
    money = f", {clean.minor} AS minor" if clean.minor else ""
    return f"SELECT n, {file.day(clean.at['start'])} AS s, {end} AS e{money}{cells} FROM {{rows}}"


def _used(clean: Clean) -> set[int]:
    """Places of the columns of text that end in a row."""
    roles = {clean.at[role] for role in ("plan", "interval", "end_reason") if role in clean.at}
    return roles | set(clean.segments)


class _Texts:
    """Columns of few different cells: from the cell as written to its code, and the values of the codes."""

    def __init__(self, clean: Clean) -> None:
        self.few = {place: clean.few[place] for place in _used(clean)}
        reason = clean.at.get("end_reason")
        self.values = {}
        for place, column in self.few.items():
            short = Column(column.header, column.raw, column.values, np.arange(len(column.raw), dtype=np.int32),
                           column.tidied)  # fmt: skip
            self.values[place] = (
                canonical.end_reasons(short, len(column.raw)) if place == reason else short.text(BLANK)
            )

    def which(self, piece: pa.RecordBatch, place: int) -> pa.Array:
        """The number of the different cell, per row."""
        cells = piece.column(f"t{place}").cast(pa.string())
        return pa.compute.index_in(cells, value_set=self.few[place].raw)

    def column(self, piece: pa.RecordBatch, place: int) -> pa.DictionaryArray:
        told = self.values[place]
        codes = told.indices.take(self.which(piece, place)).cast(pa.int32())
        return pa.DictionaryArray.from_arrays(codes, told.dictionary)


def _table(piece: pa.RecordBatch, clean: Clean, texts: _Texts, customer, tallies) -> pa.Table:
    start = piece.column("s").to_numpy().astype(np.int64)
    end = piece.column("e")
    is_open = end.is_null().to_numpy(zero_copy_only=False)
    end = end.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    at = clean.at
    term = np.ones(len(start), np.int64)
    if "interval" in at:
        term = clean.terms[texts.which(piece, at["interval"]).to_numpy(zero_copy_only=False)]
    periods = Periods(start, end, is_open, term)
    ended = ~is_open & (end <= clean.today)
    rows = (piece.column("n").to_numpy() + 2).astype(np.int32)
    mrr = price = None
    if clean.minor:
        minor = piece.column("minor").to_numpy().astype(np.int64)
        mrr, price = (minor, minor * term) if clean.per == "a month" else (per_month(minor, term), minor)
    book = Book(
        place=rows, customer=customer, periods=periods, mrr=mrr, price=price,
        plan=texts.column(piece, at["plan"]) if "plan" in at else None,
        reason=texts.column(piece, at["end_reason"]) if "end_reason" in at else pa.nulls(len(rows), TEXT),
        segments=tuple(texts.column(piece, place) for place in clean.segments),
    )  # fmt: skip
    same, ahead, mid_term = tallies
    same.add(~is_open & (end == start), rows)
    ahead.add(~is_open & (end > clean.today), rows)
    longer = ended & (term > 1)
    part = np.zeros(len(rows), bool)
    part[longer] = durations.months_begun(start[longer], end[longer]) % term[longer] != 0
    mid_term.add(part, rows)
    return canonical.table_of(rows, book, ended, canonical.months_of(periods, ended, clean.today))
