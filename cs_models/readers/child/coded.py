"""Columns of Parquet as codes and their different values as text: one column at a time, however many rows."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
    if pa.types.is_integer(whole.type) and not whole.null_count:
        # sorting takes a third of the memory of a table of millions of ids to look them up in
        different, at = np.unique(whole.to_numpy(), return_inverse=True)
        return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32)), as_text(pa.array(different)))
    found = whole.dictionary_encode()
    del whole
    values, codes = as_text(found.dictionary), found.indices.cast(pa.int32())
    if not _one_text_each(found.dictionary.type):
        texts = values.dictionary_encode()
        values, codes = texts.dictionary, texts.indices.take(codes)
    if codes.null_count:
        blank = pc.index(values, "").as_py()
        if blank < 0:
            blank, values = len(values), pa.concat_arrays([values, pa.array([""], pa.string())])
        codes = codes.fill_null(blank)
    return pa.DictionaryArray.from_arrays(codes, values)


def _one_text_each(kind: pa.DataType) -> bool:
    """Whether different values of this kind always have different texts; to look is dear for many ids."""
    return pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_string(kind)
