"""Invoices, charges and payments of billing systems: what is no bill of a subscription is left out, tax and
coupons are taken off, and the rest is read as any log of invoices.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers import amounts, invoices
from cs_models.importers.columns import encode, shorten
from cs_models.importers.layout import Layout
from cs_models.importers.vendor import VendorLayout
from cs_models.importers.vendor_shape import column, through, with_column
from cs_models.importers.words import read_yes_no
from cs_models.readers.table import Rejection, TextTable

# amounts are worked out in thousandths of whatever unit they are written in
DIGITS = 3
CREDIT = "credit note"


def bills(layout: VendorLayout) -> Layout:
    """A declaration of a vendor's bills, read by the general shape of invoices.

    Roles beyond that shape: `live_mode`, `deleted`, `kind` (with the layout's `recurring` words; "credit" is
    money given back), `record` with `updated` (of several versions of a bill the newest counts), and `less`
    and `less_2`, which are taken off the amount.
    """
    return through(layout, invoices.LAYOUT, "amount", _only_bills(layout))


def _only_bills(layout: VendorLayout):
    def prepare(table: TextTable, mapping, answers) -> TextTable:
        for role, no in (("live_mode", 0), ("deleted", 1)):
            if role in mapping:
                cells = encode(table, table.columns.index(mapping[role]))
                reason = "test data, no real bill" if role == "live_mode" else "deleted at the source"
                table = set_out(table, cells.spread(read_yes_no(cells) == no), mapping[role], reason)
        table = _newest(table, mapping)
        if "kind" in mapping:
            table = _kinds(table, mapping, layout.recurring)
        for role in ("less", "less_2"):
            if role in mapping:
                table = taken_off(table, mapping["amount"], mapping[role], answers)
        return table

    return prepare


def set_out(table: TextTable, at: np.ndarray, header: str, reason: str) -> TextTable:
    """The table without some rows, each accounted for with its cell and the reason."""
    if not at.any():
        return table
    cells = column(table, header).filter(pa.array(at)).to_pylist()
    numbers = table.rows.filter(pa.array(at)).to_pylist()
    out = [Rejection(row, header, shorten(cell), reason) for row, cell in zip(numbers, cells, strict=True)]
    kept = pa.array(~at)
    return replace(table, cells=table.cells.filter(kept), rows=table.rows.filter(kept),
                   rejected=(*table.rejected, *out))  # fmt: skip


def _newest(table: TextTable, mapping) -> TextTable:
    """Of several rows about one bill the one changed last; of equally new ones the last by its text."""
    if "record" not in mapping or "updated" not in mapping:
        return table
    record, changed = (encode(table, table.columns.index(mapping[one])) for one in ("record", "updated"))
    frame = pd.DataFrame({"record": record.codes, "named": record.spread(~record.blank)})
    order = pc.rank(changed.values, tiebreaker="dense").to_numpy(zero_copy_only=False)
    frame["changed"] = changed.spread(order.astype(np.int64))
    if not (again := frame["named"] & frame.duplicated("record", keep=False)).any():
        return table
    cells = table.cells.filter(pa.array(again.to_numpy())).to_pydict().values()
    frame.loc[again, "text"] = ["\0".join(map(str, row)) for row in zip(*cells, strict=True)]
    last = frame[again].sort_values(["changed", "text"], kind="stable").drop_duplicates("record", keep="last").index
    older = again.to_numpy(copy=True)
    older[last] = False
    return set_out(table, older, mapping["record"], "older version of this bill: only the newest counts")


def _kinds(table: TextTable, mapping, recurring: tuple[str, ...]) -> TextTable:
    """Bills that are for no subscription are left out; a credit is money given back."""
    kind = pc.utf8_lower(pc.utf8_trim_whitespace(column(table, mapping["kind"]).combine_chunks()))
    if "status" in mapping:
        credit = pc.match_substring_regex(kind, "^(credit|refund)")
        words = pc.if_else(credit, pa.scalar(CREDIT), column(table, mapping["status"]).combine_chunks())
        table = with_column(table, mapping["status"], words)
    other = pc.invert(pc.is_in(kind, value_set=pa.array([*recurring, "credit", "refund"])))
    return set_out(table, other.to_numpy(zero_copy_only=False), mapping["kind"],
                   "not a bill of a subscription: no recurring revenue")  # fmt: skip


def taken_off(table: TextTable, header: str, less: str, answers) -> TextTable:
    """The column of amounts less another one, cell by cell; cells that are no amounts stay as they are."""
    given = {name: answers[name] for name in ("decimal_mark",) if name in answers}
    paid, tax = (encode(table, table.columns.index(one)) for one in (header, less))
    whole = amounts.read_amounts(paid, DIGITS, given, signed=True)
    given = {"decimal_mark": "comma"} if whole.decimal_comma else given
    part = amounts.read_amounts(tax, DIGITS, given, signed=True)
    some = whole.rows_in(amounts.GOOD) & part.rows_in(amounts.GOOD) & (part.per_row != 0)
    if not some.any():
        return table
    rest = (whole.per_row - part.per_row)[some].tolist()
    texts = pa.array([_written(thousandths, whole.decimal_comma) for thousandths in rest], pa.string())
    return with_column(table, header, pc.replace_with_mask(column(table, header).combine_chunks(), pa.array(some), texts))


def _written(thousandths: int, comma: bool) -> str:
    """49500 as "49.5"; whole amounts without a mark, so that cents stay cents."""
    whole, rest = divmod(abs(thousandths), 10**DIGITS)
    sign = "-" if thousandths < 0 else ""
    return f"{sign}{whole}" + (f"{',' if comma else '.'}{rest:03d}".rstrip("0") if rest else "")
