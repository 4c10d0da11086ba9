"""Parquet and JSON as text cells: every value as it is written, nothing guessed."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from arrow import Writer
from coded import ROWS_AT_ONCE, write_coded, writes_coded
from limits import Refused

MOST_COLUMNS = 500
RECORDS_AT_ONCE = 20_000
NOT_PARQUET = "This Parquet file is damaged or incomplete. Export it again and upload it."
NOT_JSON = "This JSON is no list of records. Export it as CSV, or as one JSON object per line."


def parquet(request: dict) -> dict:
    """All columns of a Parquet file cast to text in Arrow, one batch of rows at a time."""
    try:
        file = pq.ParquetFile(request["path"])
    except (pa.ArrowException, OSError) as error:
        raise Refused(NOT_PARQUET) from error
    names = file.schema_arrow.names
    _refuse_wide(len(names))
    if not request["first"] and file.metadata.num_rows >= request["coded_from"] and writes_coded(file.schema_arrow):
        try:
            write_coded(file, request["out"], as_text)
        except MemoryError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise Refused(NOT_PARQUET) from error
        rows, header = file.metadata.num_rows, [str(name) for name in names]
        return {"cells": rows, "coded": len(names), "header": header, "title": "Parquet"}
    rows = 0
    with Writer(request["out"], [f"c{at}" for at in range(len(names))]) as writer:
        try:
            for batch in file.iter_batches(ROWS_AT_ONCE, use_threads=False):
                writer.write([as_text(column) for column in batch.columns])
                rows += batch.num_rows
                if request["first"]:
                    break
        except (pa.ArrowException, OSError) as error:
            raise Refused(NOT_PARQUET) from error
    return {"cells": rows, "header": [str(name) for name in names], "title": "Parquet"}


def as_text(column: pa.Array) -> pa.Array:
    """Text of every value: days as 2025-01-31, moments as 2025-01-31 09:30:00 (UTC where a zone is known)."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary).take(column.indices).fill_null("")
    if pa.types.is_nested(kind):
        text = [None if value is None else json.dumps(value, default=str) for value in column.to_pylist()]
        return pa.array(text, pa.string()).fill_null("")
    if pa.types.is_timestamp(kind):
        column = _moments(column)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        column = _letters(column)
    elif pa.types.is_floating(kind):
        column = pc.replace_substring_regex(_floats(column), r"^(-?)nan$", "")
    try:
        return pc.cast(column, pa.string()).fill_null("")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        sentence = f"A column of the kind {str(kind)[:60]} cannot be read as text. Leave it out."
        raise Refused(sentence) from error


def _letters(column: pa.Array) -> pa.Array:
    """Bytes as UTF-8; what is none becomes the sign for an unknown letter."""
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowInvalid:
        found = [one if one is None else one.decode("utf-8", "replace") for one in column.to_pylist()]
        return pa.array(found, pa.string())


def _floats(column: pa.Array) -> pa.Array:
    """Whole numbers without exponent or point; the others with the fewest digits that name them."""
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 1e15))
    whole = pc.fill_null(whole, False)
    integers = pc.cast(pc.if_else(whole, column, 0), pa.int64())
    return pc.if_else(whole, pc.cast(integers, pa.string()), pc.cast(column, pa.string()))


def _moments(column: pa.Array) -> pa.Array:
    if column.type.tz:
        column = pc.cast(column, pa.timestamp(column.type.unit, "UTC"))
    naive = pc.cast(column, pa.timestamp(column.type.unit))
    text = pc.cast(pc.cast(naive, pa.timestamp("us"), safe=False), pa.string())
    # no part of a second, and no midnight, that nobody wrote
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    if pc.all(pc.fill_null(pc.ends_with(text, " 00:00:00"), True)).as_py():
        text = pc.replace_substring_regex(text, " 00:00:00$", "")
    return text


def json_records(request: dict) -> dict:
    """JSON lines, or an array of objects: keys are columns, nested values stay JSON text, null is blank."""
    columns: dict[str, list[pa.Array]] = {}
    bad: list[list] = []
    rows = 0
    text, lines = _json_text(request)
    for batch, faults in _batches(text):
        bad += faults
        for key in dict.fromkeys(key for record in batch for key in record):
            parts = columns.setdefault(key, [pa.array([""] * rows, pa.string())] if rows else [])
            _refuse_wide(len(columns))
            parts.append(pa.array([_json_cell(record.get(key)) for record in batch], pa.string()))
        rows += len(batch)
        for parts in columns.values():
            if (short := rows - sum(len(part) for part in parts)) > 0:
                parts.append(pa.array([""] * short, pa.string()))
        if request["first"] and rows:
            break
    if not rows or not columns:
        raise Refused(NOT_JSON)
    with Writer(request["out"], [f"c{at}" for at in range(len(columns))]) as writer:
        writer.write([pa.concat_arrays(parts) for parts in columns.values()])
    title = "JSON lines" if lines and rows + len(bad) > 1 else "JSON"
    return {"cells": rows, "header": list(columns), "title": title, "bad": bad}


def _json_text(request: dict) -> tuple[str, bool]:
    try:
        text = Path(request["path"]).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("This JSON is not UTF-8. Export it again as UTF-8.") from error
    return text, not text.lstrip().startswith("[")


def _batches(text: str):
    """Lists of objects with the records that are none, as (number, text)."""
    decoder = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    at, number, batch, bad = 0, 0, [], []
    array = text.lstrip().startswith("[")
    if array:
        at = text.index("[") + 1
    while True:
        at = _skip(text, at, ", \t\r\n" if array else " \t\r\n")
        if at >= len(text) or (array and text[at] == "]"):
            break
        number += 1
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError as error:
            if array:
                sentence = f"The JSON breaks off or is damaged at record {number:,}. Export it again."
                raise Refused(sentence) from error
            value, end = None, text.find("\n", at)
            end = end if end >= 0 else len(text)
        wrapped = _wrapped(value) if number == 1 and not text[end:].strip() else None
        if wrapped:
            yield wrapped, []
            return
        if isinstance(value, dict):
            batch.append(value)
        else:
            bad.append([number, text[at : min(end, at + 80)]])
        at = end
        if len(batch) >= RECORDS_AT_ONCE:
            yield batch, bad
            batch, bad = [], []
    yield batch, bad


def _wrapped(value) -> list[dict] | None:
    """The records of a page of an interface: {"object": "list", "data": [{...}, ...]}."""
    lists = [v for v in value.values() if isinstance(v, list) and v] if isinstance(value, dict) else []
    one = lists[0] if len(lists) == 1 else None
    return one if one and all(isinstance(record, dict) for record in one) else None


def _skip(text: str, at: int, blanks: str) -> int:
    while at < len(text) and text[at] in blanks:
        at += 1
    return at


class _Number(str):
    """A number as it is written."""


def _json_cell(value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json_text_of(value)


def _json_text_of(value) -> str:
    """Nested values as JSON, numbers as written."""
    if isinstance(value, dict):
        pairs = ((json.dumps(key, ensure_ascii=False), _json_text_of(v)) for key, v in value.items())
        return "{" + ", ".join(f"{key}: {text}" for key, text in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text_of, value)) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _refuse_wide(columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise Refused(
            f"The file has {columns:,} columns; more than {MOST_COLUMNS} columns cannot be read. "
            "Keep the columns you need."
        )
