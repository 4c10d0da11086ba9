"""One data set as a folder of files: rows.arrow, aside.arrow, entries.arrow and meta.json.

The tables lie on disk as they lie in memory, and are mapped instead of read: a million rows open at once, and
the system takes their pages back when it needs them.
"""

import contextlib
import dataclasses
import hashlib
import json
import shutil
import threading
import weakref
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from cs_models.import_report import Finding, ImportReport, Question
from cs_models.problems import Problem
from cs_models.subscriptions import Subscriptions, needed_columns

SCHEMA = 2
TABLES = ("rows", "aside", "entries")
ID_LENGTH = 32
LARGE = 1 << 20  # bytes; smaller tables are written anew
DAMAGED = "This data set is damaged and cannot be opened. Upload the file again."


def identity(digest: str, owner: str = "") -> str:
    """Id of a data set: the first 32 hex characters of its digest; of a person's own, of the digest of both.

    So two people who bring the same file have a data set each: name, time, sharing and what is saved on it.

    >>> identity("ab" * 32), identity("ab" * 32, "0" * 32)[:8]
    ('abababababababababababababababab', 'dd9d4ae8')
    """
    own = hashlib.sha256(f"{digest}\n{owner}".encode()).hexdigest() if owner else digest
    return own[:ID_LENGTH]


def write(folder: Path, subs: Subscriptions, upload_sha: str = "", owner: str = "") -> None:
    """Write a data set into a folder that is there; `upload_sha` names the upload it was read from, `owner` whose id
    it bears.
    """
    for name, table in zip(TABLES, (subs.rows, subs.aside, subs.report.entries), strict=True):
        if table is not None:
            _write(table, folder / f"{name}.arrow")
    (folder / "meta.json").write_text(json.dumps(_meta(subs, upload_sha) | {"own": owner}, indent=1))


def read(folder: Path, dataset: str = "") -> Subscriptions:
    """The data set in a folder; Problem (a sentence) when it is damaged or of another version.

    `dataset`: the id that its content must have, "" for any.
    """
    try:
        meta = json.loads((folder / "meta.json").read_text())
        if meta["schema"] != SCHEMA:
            raise Problem("This data set was kept by another version. Upload the file again.")
        tables = {name: _read(folder / f"{name}.arrow") for name in TABLES}
        other = dataset and dataset != identity(meta["digest"], meta.get("own", ""))
        if other or tables["rows"] is None or tables["entries"] is None:
            raise Problem(DAMAGED)
        for name, table in tables.items():
            needed = needed_columns(name, meta["kind"], meta["columns"])
            if table is not None and not needed <= set(table.column_names):
                raise Problem(DAMAGED)
        return _subscriptions(meta, tables)
    except Problem:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, pa.ArrowException) as error:
        raise Problem(DAMAGED) from error


def _write(table: pa.Table, path: Path) -> None:
    """A table that was mapped from a file is that file again, copied without a look at its rows. Any other is
    written in one piece: a dictionary per piece would repeat the ids of all customers in each.
    """
    known = _files.get(id(table))
    if known is not None:
        with path.open("wb") as copy, _one_at_a_time:
            known.seek(0)
            shutil.copyfileobj(known, copy, 1 << 20)
        return
    single = all(column.num_chunks == 1 for column in table.columns)
    whole = table if single else table.unify_dictionaries().combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as file:
        file.write_table(whole)


def _read(path: Path) -> pa.Table | None:
    if not path.exists():
        return None
    _validate(path)
    return mapped(path)


def _validate(path: Path) -> None:
    """Codes outside their dictionary, or bytes that are no text, would end the server. A piece is read, not
    mapped, to look at it, so that its memory goes again. A file that is as it was when last looked at is sound.
    """
    stamp, facts = path.with_suffix(".checked"), path.stat()
    told = f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino}"
    with contextlib.suppress(OSError, ValueError):
        if stamp.read_text() == told:
            return
    with pa.OSFile(str(path)) as source:
        file = pa.ipc.open_file(source)
        for at in range(file.num_record_batches):
            file.get_batch(at).validate(full=True)
    with contextlib.suppress(OSError):
        stamp.write_text(told)


def mapped(path: Path) -> pa.Table:
    """The table in a file, as it lies on disk. It outlives the file, and can still be kept."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    if path.stat().st_size >= LARGE:
        _files[id(table)] = file = path.open("rb")
        weakref.finalize(table, _forget, id(table), file)
    return table


def _forget(table: int, file: BinaryIO) -> None:
    _files.pop(table, None)
    file.close()


_files: dict[int, BinaryIO] = {}  # of large mapped tables, by their identity, as long as they live
_one_at_a_time = threading.Lock()


def _meta(subs: Subscriptions, upload_sha: str) -> dict:
    report = dataclasses.asdict(dataclasses.replace(subs.report, entries=None))
    del report["entries"]
    return {
        "schema": SCHEMA,
        "digest": subs.digest,
        "upload": upload_sha,
        "kind": subs.kind,
        "as_of": subs.as_of.isoformat() if subs.as_of else None,
        "columns": dict(subs.columns),
        "currency": subs.currency,
        "mapping": dict(subs.mapping),
        "layout": subs.layout,
        "source_name": subs.source_name,
        "sample": subs.sample,
        "answers": dict(subs.answers),
        "origin": dict(subs.origin),
        "report": report,
    }


def _subscriptions(meta: dict, tables: dict[str, pa.Table | None]) -> Subscriptions:
    told = meta["report"]
    findings = tuple(Finding(**{**one, "rows": tuple(one["rows"])}) for one in told["findings"])
    questions = tuple(
        Question(**{**one, "alternatives": tuple(one["alternatives"])}) for one in told["questions"]
    )
    counts = {name: told[name] for name in ("rows", "accepted", "repaired", "rejected", "set_aside")}
    return Subscriptions(
        kind=meta["kind"],
        rows=tables["rows"],
        as_of=date.fromisoformat(meta["as_of"]) if meta["as_of"] else None,
        report=ImportReport(**counts, findings=findings, questions=questions, entries=tables["entries"]),
        columns=meta["columns"],
        currency=meta["currency"],
        digest=meta["digest"],
        mapping=meta["mapping"],
        layout=meta["layout"],
        source_name=meta["source_name"],
        sample=meta["sample"],
        aside=tables["aside"],
        answers=meta["answers"],
        origin=meta.get("origin", {}),
    )
