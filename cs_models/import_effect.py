"""What faulty rows cost: the change that leaving them out makes to active MRR and to 12-month CLV."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models import dataset_files
from cs_models.apart import Work
from cs_models.assumptions import Assumptions
from cs_models.import_report import Finding
from cs_models.importers import layout
from cs_models.importers.joining import join
from cs_models.problems import Problem
from cs_models.readers import TextTable, read_text_table
from cs_models.reading_apart import OF_A_LONG_ONE
from cs_models.recount import recounted
from cs_models.store import Store
from cs_models.subscriptions import Subscriptions, minor_digits
from cs_models.valuation import value
from cs_models.words import money, percent

HORIZON = 12
MOST = 6  # findings that get a refit
CONTEXT = 500  # sound rows read along, so that dates and amounts are recognised as in the whole file


@dataclass(frozen=True)
class Effect:
    """One finding and the money in it.

    mrr: change of active MRR by what was done to these rows (money; None = cannot be told); clv_share: change
    of the 12-month CLV per new customer, as a share of it (None where the rows cannot be valued: no day, no
    price). Both against `against`, the reading the rows would have had otherwise.
    """

    id: str
    count: int
    mrr: float | None
    clv_share: float | None
    against: str
    sentence: str


Cells = dict[str, list[str]]


def _swapped(cells: Cells, good: Mapping[str, str]) -> Cells:
    return {"start": cells["end"], "end": cells["start"]}


def _own_customer(cells: Cells, good: Mapping[str, str]) -> Cells:
    return {"customer": [f"(no customer {n + 1})" for n in range(len(cells["customer"]))]}


def _usual(*roles: str) -> Callable[[Cells, Mapping[str, str]], Cells]:
    return lambda cells, good: {r: [good[r]] * len(cells[r]) for r in roles if r in cells and r in good}


def _undated(cells: Cells, good: Mapping[str, str]) -> Cells:
    found = {"start": [good["start"]] * len(cells["start"])}
    return found | ({"end": [""] * len(cells["end"])} if "end" in cells else {})


def _said(**cells_of: str) -> Callable[[Cells, Mapping[str, str]], Cells]:
    """The same word in every cell of these roles."""
    return lambda cells, good: {r: [word] * len(cells[r]) for r, word in cells_of.items() if r in cells}


def _each_version(cells: Cells, good: Mapping[str, str]) -> Cells:
    return {"subscription": [f"{name} (version {n + 1})" for n, name in enumerate(cells["subscription"])]}


# finding -> (how the rows would read otherwise, in words, whether that gives them a value)
OTHERWISE = {
    "end_before_start": (_swapped, "reading them with start and end swapped", True),
    "no_customer": (_own_customer, "taking each for a customer of its own", True),
    "currency": (_usual("currency"), "reading them in the currency of the file", True),
    "interval": (_usual("interval"), "reading them with the most frequent billing interval", True),
    "test_mode": (_said(live_mode="true", test_mode="false"), "counting them as real", True),
    "deleted": (_said(deleted="false"), "counting them", True),
    "not_recurring": (_usual("kind"), "counting them as subscriptions", True),
    "older_versions": (_each_version, "counting every version as a subscription", True),
    "end_missing": (_usual("status"), "", False),
    **dict.fromkeys(("price_text", "price_missing", "price_negative", "price_not_finite"), (
        _usual("mrr", "price"), "reading them at the most frequent price", True)),
    **dict.fromkeys(("date_unreadable", "date_impossible", "date_placeholder", "date_missing"), (
        _undated, "", False)),
}  # fmt: skip
DUPLICATE = re.compile(r"^duplicate of row (\d+)")


def import_effects(subs: Subscriptions, source: Path | bytes | list | None = None) -> tuple[Effect, ...]:
    """The money in the findings of an import, in their order.

    "12 rows end before they start: leaving them out moves ... 12-month CLV by -0.8 %".

    * Rows left out are read again with the fault mended in the plainest way (`OTHERWISE`), together with the
      other rows of their customers, and the book is valued with them: that needs the `source` (a list for two files).
    * Copies are valued as if each counted; free rows as if they were customers; repaired rows against leaving
      them out.
    * Rows without a usable day cannot be valued: their monthly revenue is told.

    At most `MOST` valuations without draws beyond the first; the caller keeps the result by `subs.digest`.
    Findings without money in them (formats, notes) have no effect and are not in the result.
    """
    parts = [source] if isinstance(source, Path | bytes) else list(source or ())
    tables = [read_text_table(part, subs.source_name, subs.answers) for part in parts]
    table = join(tables) if len(tables) > 1 else tables[0] if tables else None
    work = _Effects(subs, table)
    return tuple(effect for finding in subs.report.findings if (effect := work.effect(finding)))


def effects_apart(store: Store, subs: Subscriptions, paths: tuple[Path, ...]) -> tuple[Effect, ...]:
    """`import_effects` of uploads: their text is opened by a process of its own."""
    with store.workshop() as folder:
        dataset_files.write(folder, subs)
        told = Work(_effects, {"paths": [str(path.resolve()) for path in paths]}, folder, OF_A_LONG_ONE).result()
    return tuple(Effect(**one) for one in told)


def _effects(given: Mapping, folder: Path, tell) -> list[dict]:
    found = import_effects(dataset_files.read(folder), [Path(path) for path in given["paths"]])
    return [asdict(one) for one in found]


class _Effects:
    """One import, with its value and what is left of the refits."""

    def __init__(self, subs: Subscriptions, table: TextTable | None) -> None:
        self.subs, self.table, self.left = subs, table, MOST
        self.clv = _clv(subs)
        self.faults = _faults(subs)

    def effect(self, finding: Finding) -> Effect | None:
        rows = self.faults.get((finding.rows[0], finding.count)) if finding.rows else None
        if finding.id == "free":
            return self._free(finding)
        if rows is None:
            return None
        if rows["kind"].iloc[0] == "repaired":
            without = self._with_rows(self.subs.rows.filter(pc.invert(_rows_in(self.subs.rows, rows["row"]))))
            return self._told(finding, without, "reading them so", "leaving them out")
        copies = rows["reason"].str.extract(DUPLICATE)[0]
        if copies.notna().all():
            return self._copies(finding, copies.astype(int))
        if finding.id in OTHERWISE and self.table is not None:
            return self._mended(finding, rows["row"].to_numpy())
        return None

    def _free(self, finding: Finding) -> Effect | None:
        aside = self.subs.aside
        if aside is None:
            return None
        free = aside.filter(pc.equal(aside["why"], "free")).drop_columns("why")
        return self._told(finding, self._with_rows(_joined(self.subs.rows, free)), "setting them aside",
                          "counting them as customers")  # fmt: skip

    def _copies(self, finding: Finding, originals: pd.Series) -> Effect:
        times = originals.value_counts()
        rows = self.subs.rows
        place = np.flatnonzero(_rows_in(rows, times.index).to_numpy(zero_copy_only=False))
        again = np.repeat(place, times.reindex(rows["row"].to_numpy()[place]).to_numpy())
        more = self._with_rows(_joined(rows, rows.take(pa.array(again))))
        return self._told(finding, more, "counting them once", "counting every copy")

    def _mended(self, finding: Finding, faulty: np.ndarray) -> Effect | None:
        change, against, valued = OTHERWISE[finding.id]
        try:
            built = _read_again(self.subs, self.table, faulty, change)
        except (Problem, KeyError):
            return None
        found = built.rows.filter(_rows_in(built.rows, faulty))
        if not found.num_rows:
            return None
        if not valued:
            return self._undated(finding, pc.sum(found["mrr"]).as_py() or 0)
        people = pa.array(found["customer"].cast(pa.string()).unique())
        own = pc.is_in(self.subs.rows["customer"].cast(pa.string()), value_set=people)
        theirs = built.rows.filter(pc.is_in(built.rows["customer"].cast(pa.string()), value_set=people))
        rows = _joined(self.subs.rows.filter(pc.invert(own)), _aligned(theirs, built.columns, self.subs))
        return self._told(finding, self._with_rows(rows), "leaving them out", against)

    def _undated(self, finding: Finding, minor: int) -> Effect:
        subs, worth = self.subs, minor / 10 ** minor_digits(self.subs.currency)
        said = f"{_head(finding)}: without a usable day there is no value to tell"
        said += f", only a monthly revenue of {money(worth, subs.currency)}." if subs.has_price else "."
        return Effect(finding.id, finding.count, worth if subs.has_price else None, None, "", said)

    def _with_rows(self, rows: pa.Table) -> Subscriptions:
        return replace(self.subs, rows=rows)

    def _told(self, finding: Finding, other: Subscriptions, done: str, against: str) -> Effect | None:
        subs = self.subs
        if not subs.has_price:
            return None
        mrr = subs.active_mrr - other.active_mrr
        share = None
        if self.clv and self.left:
            self.left -= 1
            clv = _clv(other)
            share = self.clv / clv - 1 if clv else None
        moved = f"active MRR by {money(mrr, subs.currency, sign=True)}" if round(mrr, 2) else "no active MRR"
        if share is not None:
            moved += f" and 12-month CLV by {percent(share, sign=True)}"
        said = f"{_head(finding)}: {done} moves {moved}, against {against}."
        return Effect(finding.id, finding.count, mrr, share, against, said)


def _head(finding: Finding) -> str:
    """The finding without its place and remedy."""
    return re.split(r", first: ", finding.sentence)[0].rstrip(".")


def _clv(subs: Subscriptions) -> float | None:
    if not subs.has_price:
        return None
    try:
        return value(Assumptions.from_data(subs, draws=0), HORIZON).clv
    except Problem:
        return None


def _faults(subs: Subscriptions) -> dict[tuple[int, int], pd.DataFrame]:
    """The entries of each fault, by its first row and its number of rows: what a finding says of itself."""
    entries = subs.report.entries.select(["row", "kind", "column", "reason"]).to_pandas()
    plain = entries["reason"].str.replace(r"^older version of .*|\d[\d.,:-]*", "#", regex=True)
    groups = entries.groupby([entries["kind"], entries["column"], plain], sort=False)
    return {(int(part["row"].min()), part["row"].nunique()): part for _, part in groups}


def _rows_in(rows: pa.Table, numbers) -> pa.ChunkedArray:
    return pc.is_in(rows["row"], value_set=pa.array(np.asarray(numbers), pa.int32()))


def _joined(rows: pa.Table, more: pa.Table) -> pa.Table:
    for name in set(rows.column_names) - set(more.column_names):  # what was read, beside what is counted
        more = more.append_column(name, more[name.removeprefix("read_")])
    return pa.concat_tables([rows, more.select(rows.column_names).cast(rows.schema)]).unify_dictionaries()


def _aligned(rows: pa.Table, columns: Mapping[str, str], subs: Subscriptions) -> pa.Table:
    """Rows of another reading with the segment columns of the first; null where it has none."""
    place = {header: name for name, header in columns.items() if re.fullmatch(r"c\d+", name)}
    found = {}
    for one in subs.rows.schema:
        name = place.get(subs.columns[one.name], "") if re.fullmatch(r"c\d+", one.name) else one.name
        there = name in rows.column_names
        found[one.name] = rows[name].cast(one.type) if there else pa.nulls(rows.num_rows, one.type)
    return pa.table(found, schema=subs.rows.schema)


def _read_again(subs: Subscriptions, table: TextTable, faulty: np.ndarray, change) -> Subscriptions:
    """The faulty rows mended, read with all rows of their customers and some sound ones."""
    roles = {r: f"c{table.columns.index(h)}" for r, h in subs.mapping.items() if h in table.columns}
    bad = np.isin(table.rows.to_numpy(), faulty)
    mask = bad | (np.arange(len(bad)) < CONTEXT)
    if "customer" in roles:
        people = table.cells[roles["customer"]]
        theirs = pc.is_in(people, value_set=pa.array(people.filter(pa.array(bad)).unique()))
        mask |= theirs.to_numpy(zero_copy_only=False)
    good = {role: _most_frequent(table, subs, name) for role, name in roles.items()}
    cells, bad = table.cells.filter(pa.array(mask)), bad[mask]
    given = {role: cells[name].filter(pa.array(bad)).to_pylist() for role, name in roles.items()}
    for role, texts in change(given, good).items():
        whole = np.array(cells[roles[role]].to_pylist(), dtype=object)
        whole[bad] = texts
        at = cells.column_names.index(roles[role])
        cells = cells.set_column(at, roles[role], pa.array(whole, pa.string()))
    part = replace(table, cells=cells, rows=table.rows.filter(pa.array(mask)), rejected=(), findings=())
    answers = _settled(subs)
    found = layout(subs.layout).build(part, subs.mapping, subs.as_of, answers)
    return recounted(replace(found, answers=answers))


def _most_frequent(table: TextTable, subs: Subscriptions, name: str) -> str:
    """The commonest cell of a column among the rows that were accepted."""
    sound = pc.is_in(table.rows, value_set=subs.rows["row"].combine_chunks().cast(table.rows.type))
    counts = pc.value_counts(table.cells[name].filter(sound))
    best = max(counts.to_pylist(), key=lambda one: (one["counts"], one["values"] or ""), default=None)
    return (best["values"] or "") if best else ""


def _settled(subs: Subscriptions) -> dict[str, str]:
    """Answers as the whole file was read, so that a part of it cannot be taken otherwise."""
    found = {"live_at_end": "left"}
    found |= {question.id: question.guess for question in subs.report.questions}
    for finding in subs.report.findings:
        if finding.id == "decimal_comma":
            found["decimal_mark"] = "comma"
        if finding.id == "date_format" and (order := re.search(r"read (day|month) first", finding.sentence)):
            found["date_order"] = order[1]
    return found | dict(subs.answers)
