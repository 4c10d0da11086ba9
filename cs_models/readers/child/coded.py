"""Columns of Parquet as codes and their different values as text: one column at a time, however many rows."""

from pathlib import Path

import pyarrow as pa

ROWS_AT_ONCE = 65_536
CODED = pa.dictionary(pa.int32(), pa.string())


def writes_coded(schema: pa.Schema) -> bool:
    """Whether every column is one of plain values with a name of its own: such can be read by itself."""
    plain = not any(pa.types.is_nested(field.type) or "." in field.name for field in schema)
    return plain and len(set(schema.names)) == len(schema.names)


def write_coded(file, folder: str, as_text) -> None:
    """Each column of an open Parquet file into an Arrow file of its own; `as_text` makes cells of values."""
    for at, name in enumerate(file.schema_arrow.names):
        pieces = file.iter_batches(ROWS_AT_ONCE, columns=[name], use_threads=False)
        column = coded([piece.column(0) for piece in pieces], as_text)
        schema = pa.schema([(f"c{at}", CODED)])
        with pa.OSFile(str(Path(folder) / f"c{at}.arrow"), "wb") as sink, pa.ipc.new_file(sink, schema) as out:
            out.write_batch(pa.record_batch([column], schema=schema))
        del column


def coded(pieces: list[pa.Array], as_text) -> pa.DictionaryArray:
    """The cells of a column, each different value made text once; null is a cell with nothing in it."""
    if pa.types.is_dictionary(pieces[0].type):
        pieces = [piece.dictionary_decode() for piece in pieces]
    whole = pa.concat_arrays(pieces)
    pieces.clear()
    found = whole.dictionary_encode()
    del whole
    values = as_text(found.dictionary)
    if found.indices.null_count:
        values = pa.concat_arrays([values, pa.array([""], pa.string())])
    texts = values.dictionary_encode()  # two values can have one text
    codes = found.indices.cast(pa.int32()).fill_null(len(values) - 1)
    return pa.DictionaryArray.from_arrays(texts.indices.take(codes), texts.dictionary)
