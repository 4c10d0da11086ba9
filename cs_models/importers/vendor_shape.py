"""A vendor's log read by a general shape: its cents become units first, and the unit is asked about."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from cs_models.import_report import Question
from cs_models.importers.layout import Layout
from cs_models.importers.vendor import VendorLayout, looks_like
from cs_models.problems import Problem
from cs_models.readers.table import Finding, TextTable
from cs_models.subscriptions import Subscriptions, minor_digits


def through(
    layout: VendorLayout, shape: Layout, money: str, prepare: Callable[..., TextTable] | None = None
) -> VendorLayout:
    """The declaration `layout`, read as the general `shape`; `money` is the role of its amounts.

    `prepare(table, mapping, answers)` may rewrite cells first. Roles the shape does not know serve `prepare` only.
    """

    def build(table, mapping, as_of, answers):
        unit = _unit(layout, answers)
        currency = _currency(table, mapping)
        if prepare is not None:
            table = prepare(table, mapping, answers)
        if unit == "cents" and minor_digits(currency):
            cells = in_units(column(table, mapping[money]), minor_digits(currency))
            table = with_column(table, mapping[money], cells)
        known = {role.name for role in shape.roles}
        used = {role: header for role, header in mapping.items() if role in known}
        found = shape.build(table, used, as_of, answers)
        questions = found.report.questions
        if layout.cents and minor_digits(currency) and (pc.sum(found.rows["mrr"]).as_py() or 0) > 0:
            questions = (*questions, _question(found, unit, mapping[money], currency, "amount_unit" in answers))
        findings = (Finding("layout", looks_like(layout.title)), *found.report.findings)
        return replace(
            found, report=replace(found.report, findings=findings, questions=questions), layout=layout.name
        )

    return replace(layout, build=build)


def column(table: TextTable, header: str) -> pa.ChunkedArray:
    """The cells of the column with that header."""
    return table.cells.column(table.columns.index(header))


def with_column(table: TextTable, header: str, cells: pa.Array) -> TextTable:
    """The table with other cells in one column."""
    at = table.columns.index(header)
    return replace(table, cells=table.cells.set_column(at, table.cells.column_names[at], cells))


def in_units(cells: pa.ChunkedArray, digits: int) -> pa.Array:
    """Whole minor units written as units, each distinct cell once ("4900" -> "49.00"); the rest stays."""
    encoded = cells.combine_chunks().dictionary_encode()
    whole = pc.match_substring_regex(encoded.dictionary, r"^\s*-?\d{1,15}(\.0*)?\s*$").to_pylist()
    texts = [
        format(Decimal(cell.strip()).scaleb(-digits), "f") if good else cell
        for cell, good in zip(encoded.dictionary.to_pylist(), whole, strict=True)
    ]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _unit(layout: VendorLayout, answers) -> str:
    given = answers.get("amount_unit")
    if given not in (None, "cents", "units"):
        raise Problem('The answer to "amount_unit" must be "cents" or "units".')
    return given or ("cents" if layout.cents else "units")


def _currency(table: TextTable, mapping) -> str:
    if "currency" not in mapping:
        return "USD"
    codes = pc.unique(column(table, mapping["currency"])).to_pylist()
    return next((code.strip().upper() for code in codes if code and code.strip()), "USD")


def _question(found: Subscriptions, unit: str, header: str, currency: str, answered: bool) -> Question:
    factor = 10 ** minor_digits(currency)
    paying = found.active_mrr > 0  # where everybody has left, what they paid tells cents from units as well
    average = found.active_mrr / found.active if paying else pc.mean(found.rows["mrr"]).as_py() / factor
    cents, units = (average, average * factor) if unit == "cents" else (average / factor, average)
    return Question(
        "amount_unit", "Are amounts in cents or in whole units?", unit, ("cents", "units"),
        f'Read as cents, amounts in "{header[:40]}" come to {cents:,.2f} {currency} a month for the average '
        f"{'customer' if paying else 'row'}; read as whole units, to {units:,.2f}. They are read as {unit}.", answered,
    )  # fmt: skip
