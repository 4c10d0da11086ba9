"""What became of every row: accepted, repaired or rejected, with the reason. Nothing disappears.

Law: accepted + repaired + rejected == rows, always; `ImportReport` refuses to exist otherwise.
"""

import re
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa

from cs_models.readers.table import Finding, Question
from cs_models.words import count

__all__ = ["ENTRIES", "Finding", "ImportReport", "Question"]

ENTRIES = pa.schema(
    [
        ("row", pa.int32()),
        ("kind", pa.string()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)
FORMULA = re.compile(r"^[\s]*[=+\-@\t\r\x00＝＋－＠]")


@dataclass(frozen=True, eq=False)
class ImportReport:
    """Counts of rows, the findings in sentences, the open questions, and one entry per fault.

    `rows` are the records after the header (a totals line included). `accepted` rows were used as they are,
    of which `set_aside` stand outside the fits (free plans, subscriptions that have not begun); `repaired`
    rows had a cell changed; `rejected` rows are left out. To an auditor: the three add up to the file.
    Example: 319 rows = 308 accepted + 1 repaired + 10 rejected.
    """

    rows: int
    accepted: int
    repaired: int
    rejected: int
    set_aside: int = 0
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    entries: pa.Table = field(default_factory=ENTRIES.empty_table)

    def __post_init__(self) -> None:
        if self.accepted + self.repaired + self.rejected != self.rows:
            raise AssertionError("accepted + repaired + rejected must be the rows of the file")

    def __str__(self) -> str:
        """The accounting as a sentence, without any value of the file."""
        found = "".join(f"\n- {finding.sentence}" for finding in self.findings)
        return (f"{count(self.rows)} rows = {count(self.accepted)} accepted + {count(self.repaired)} repaired + "
                f"{count(self.rejected)} rejected; {count(self.set_aside)} set aside.{found}")

    def frame(self) -> pd.DataFrame:
        """Repairs and rejections for a download: row, kind, column, value, reason.

        Text that a spreadsheet would run as a formula (=, +, -, @ first) gets an apostrophe in front.
        """
        frame = self.entries.to_pandas()
        for name in ("column", "value", "reason"):
            frame[name] = frame[name].map(_harmless)
        return frame


def _harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text
