"""Counts kept beside the data set they were made of, so that nobody waits for the same rows twice.

    <data set>/counts/<sha256 of what was asked>   sha256 of the rest, what it holds as JSON, tables as Arrow

A file that is damaged, or of another version of the counts, is as good as none: the rows are counted again.
"""

import contextlib
import functools
import hashlib
import json
import os
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

VERSION = 2  # of what the engine counts and how; a new one counts everything again
FOLDER = "counts"
DIGEST = 32  # bytes

_homes: dict[int, Path] = {}  # of data sets read from disk, by their identity, as long as they live


def settle(subs, folder: Path) -> None:
    """From now on the counts of this data set are kept in its folder. A changed copy of it has no folder."""
    _homes[id(subs)] = folder
    weakref.finalize(subs, _homes.pop, id(subs), None)


def kept(count: Callable) -> Callable:
    """A function of a data set and of plain values, whose result is kept: a table, or a dataclass of tables and
    numbers.

    What is asked names the file: the digest of the data set, the function, its values. Results that would not come back
    as they went are not kept.
    """
    known = None

    @functools.wraps(count)
    def counted(subs, *asked, **named):
        nonlocal known
        home = _homes.get(id(subs))
        if home is None:
            return count(subs, *asked, **named)
        path = home / FOLDER / _name(subs.digest, count.__qualname__, asked, named)
        found = _read(path)
        if found is not None:
            return _built(known or _kind(count), found)
        result = count(subs, *asked, **named)
        _write(path, _parts(result))
        return result

    return counted


def _kind(count: Callable) -> type:
    """What the function promises to return."""
    told = count.__annotations__["return"]
    return told if isinstance(told, type) else count.__globals__[told]


def _name(digest: str, function: str, asked: tuple, named: dict) -> str:
    key = json.dumps([VERSION, digest, function, asked, named], sort_keys=True)
    return hashlib.sha256(key.encode()).hexdigest()


def _parts(result) -> dict:
    return {f.name: getattr(result, f.name) for f in fields(result)} if is_dataclass(result) else {"": result}


def _built(kind: type, parts: dict):
    return kind(**parts) if is_dataclass(kind) else parts[""]


def _read(path: Path) -> dict | None:
    try:
        data = path.read_bytes()
        if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
            return None
        size = int.from_bytes(data[DIGEST : DIGEST + 8], "big")
        told, at = json.loads(data[DIGEST + 8 : DIGEST + 8 + size]), DIGEST + 8 + size
        parts = dict(told["numbers"])
        for name, length in told["tables"]:
            parts[name] = pa.ipc.open_stream(data[at : at + length]).read_all().to_pandas()
            at += length
        return parts
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException):
        return None


def _write(path: Path, parts: dict) -> None:
    """Beside its place and then renamed; a full disk or a folder one may not write to only costs the next count."""
    tables = {name: _arrow(part) for name, part in parts.items() if isinstance(part, pd.DataFrame)}
    numbers = {name: part for name, part in parts.items() if name not in tables}
    if None in tables.values() or not all(isinstance(n, int) for n in numbers.values()):
        return
    told = json.dumps({"numbers": numbers, "tables": [[name, len(data)] for name, data in tables.items()]}).encode()
    data = b"".join([len(told).to_bytes(8, "big"), told, *tables.values()])
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(data).digest() + data)
        os.replace(temporary, path)


def _arrow(frame: pd.DataFrame) -> bytes | None:
    """A table as bytes; None where it would come back as another."""
    try:
        table = pa.Table.from_pandas(frame)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        data = sink.getvalue().to_pybytes()
        back = pa.ipc.open_stream(data).read_all().to_pandas()
        same = back.equals(frame) and list(back.dtypes) == list(frame.dtypes) and list(back) == list(frame)
        return data if same else None
    except (pa.ArrowException, ValueError, TypeError):
        return None
