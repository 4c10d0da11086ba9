"""The book in which every fault of a row is entered while a file is read; it ends as the import report."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.import_report import ENTRIES, Finding, ImportReport, Question
from cs_models.importers.columns import Column, shorten
from cs_models.readers.table import TextTable

FIRST = 5
SHOWN = 80
CONTROL = "[\\x00-\\x1f\\x7f\u202a-\u202e\u2066-\u2069]"


@dataclass(eq=False)
class Ledger:
    """Rejections, repairs, findings and questions of one file; `rejected[i]` and `repaired[i]` per row."""

    table: TextTable
    customer: Column | None = None
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    entries: list[pa.Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = self.table.rows.to_numpy()
        self.rejected = np.zeros(len(self.rows), bool)
        self.repaired = np.zeros(len(self.rows), bool)

    @property
    def kept(self) -> np.ndarray:
        """Rows not rejected so far."""
        return ~self.rejected

    def reject(self, at: np.ndarray, column: Column | None, reason: str | list[str]) -> None:
        """Leave out the rows of the mask `at`, with one entry each."""
        self._enter("rejected", np.flatnonzero(at), column, reason)
        self.rejected |= at

    def repair(self, at: np.ndarray, column: Column, reason: str) -> None:
        """Note that a cell was changed in the rows of the mask `at`."""
        self._enter("repaired", np.flatnonzero(at), column, reason)
        self.repaired |= at

    def find(
        self, id: str, at: np.ndarray, one: str, many: str, remedy: str = "", column: Column | None = None
    ) -> None:
        """A finding in a sentence: "12 rows end before they start, first: row 7, customer C-0042. Swap
        them."
        """
        places = np.flatnonzero(at)
        if not len(places):
            return
        count = len(places)
        where = self.where(places[0], column)
        sentence = f"{count:,} {one if count == 1 else many}, first: {where}. {remedy}".strip()
        self.findings.append(Finding(id, sentence, count, tuple(int(r) for r in self.rows[places[:FIRST]])))

    def note(self, id: str, sentence: str, count: int = 0) -> None:
        """A finding about the whole file."""
        self.findings.append(Finding(id, sentence, count))

    def where(self, at: int, column: Column | None = None) -> str:
        """The place of a row in words: row number, the cell's text, the customer."""
        words = f"row {self.rows[at]:,}"
        if column is not None and (cell := column.raw[int(column.codes[at])].as_py().strip()):
            words += f' ("{shorten(cell)}")'
        if self.customer is not None and self.customer is not column:
            name = self.customer.values[int(self.customer.codes[at])].as_py()
            words += f", customer {shorten(name)}" if name else ""
        return words

    def _enter(self, kind: str, places: np.ndarray, column: Column | None, reason: str | list[str]) -> None:
        if not len(places):
            return
        if column is None:
            header, values = "", pa.array([""] * len(places), pa.string())
        else:
            header = shorten(column.header, SHOWN)
            values = column.raw.take(pa.array(column.codes[places]))
            values = pc.replace_substring_regex(pc.utf8_slice_codeunits(values, 0, SHOWN), CONTROL, " ")
        reasons = [reason] * len(places) if isinstance(reason, str) else reason
        self.entries.append(
            pa.table(
                [
                    pa.array(self.rows[places], pa.int32()),
                    pa.array([kind] * len(places), pa.string()),
                    pa.array([header] * len(places), pa.string()),
                    values,
                    pa.array(reasons, pa.string()),
                ],
                schema=ENTRIES,
            )
        )

    def report(self, set_aside: int) -> ImportReport:
        """The report; a rejected row keeps only its rejections, since its repairs no longer matter."""
        broken = self.table.rejected
        rejected = int(self.rejected.sum())
        repaired = int((self.repaired & ~self.rejected).sum())
        structure = pa.table(
            [
                [entry.row for entry in broken],
                ["rejected"] * len(broken),
                [entry.column for entry in broken],
                [shorten(entry.value, SHOWN) for entry in broken],
                [entry.reason for entry in broken],
            ],
            schema=ENTRIES,
        )
        entries = pa.concat_tables([structure, *self.entries]).combine_chunks()
        out = pa.array(self.rows[self.rejected], pa.int32())
        moot = pc.and_(pc.equal(entries["kind"], "repaired"), pc.is_in(entries["row"], value_set=out))
        entries = entries.filter(pc.invert(moot))
        order = np.argsort(entries["row"].to_numpy(), kind="stable")
        return ImportReport(
            rows=self.table.records,
            accepted=len(self.rows) - rejected - repaired,
            repaired=repaired,
            rejected=rejected + len(broken),
            set_aside=set_aside,
            findings=(*self.table.findings, *self.structure_findings(), *self.findings),
            questions=tuple(self.questions),
            entries=entries.take(pa.array(order)),
        )

    def structure_findings(self) -> list[Finding]:
        """Rows that were no data before any rule was asked."""
        broken = self.table.rejected
        if not broken:
            return []
        first = broken[0]
        many = f"{len(broken):,} rows are" if len(broken) > 1 else "1 row is"
        sentence = f"{many} no data or broken and left out, first: row {first.row:,}: {first.reason}."
        return [Finding("structure", sentence, len(broken), tuple(entry.row for entry in broken[:FIRST]))]
