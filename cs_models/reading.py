"""From a file to subscriptions in one call, and the proposal a mapping screen starts from."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from cs_models import locales
from cs_models.definitions import Definitions
from cs_models.export_day import ID, ask_export_day
from cs_models.importers import by_values, layouts, vendors
from cs_models.importers import layout as layout_of
from cs_models.importers.columns import shorten
from cs_models.importers.dates import OPEN_YEAR
from cs_models.importers.joining import join, joined_digest
from cs_models.importers.layout import Role
from cs_models.importers.preamble import build
from cs_models.problems import ImportProblem, Problem
from cs_models.readers import TextTable, read_text_table
from cs_models.readers.table import Finding, Question
from cs_models.reading_typed import read_clean
from cs_models.recount import settled
from cs_models.recognition import choose
from cs_models.subscriptions import Subscriptions

PREVIEW_ROWS = 20
LONGEST_PATH = 4000
STEPS = ("Reading the cells of the file", "Checking every row")
EXAMPLES = {"mapping": '{"customer": "Account"}', "answers": '{"date_order": "day"}'}

One = str | Path | bytes | pd.DataFrame
Source = One | list[One] | tuple[One, ...] | Mapping[str, One]


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a mapping screen shows first: the guessed layout, which header plays which role, and the first
    rows.
    """

    layout: str
    title: str
    mapping: Mapping[str, str]
    headers: tuple[str, ...]
    preview: pd.DataFrame
    missing: tuple[Role, ...]
    roles: tuple[Role, ...]
    facts: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    guesses: Mapping[str, float] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every required role has a column."""
        return not self.missing


def read(
    source: Source,
    mapping: Mapping[str, str | None] | None = None,
    as_of: date | str | None = None,
    answers: Mapping[str, str] | None = None,
    layout: str | None = None,
    step: Callable[[str], None] | None = None,
) -> Subscriptions:
    """Read an export (a path, its bytes, or a DataFrame) as `Subscriptions`.

    Two files, `[events, plans]` or `{"events": ..., "plans": ...}`, are joined on the column they share.

    `mapping` {role: header} overrides what is recognised by name (None = no such column); `as_of` is the
    last day the file knows (without it a stated export date, else the newest day in it); `answers` settle questions, e.g. {"date_order": "day"} or
    {"sheet": "Subscriptions"}. It never waits: an open question takes its guess and stands in
    `.report.questions`. Raises ImportProblem, one sentence, when the file cannot be a table of subscriptions
    or the mapping does not fit it. `step` is called with each of `STEPS` as it begins.

    >>> rows = b"customer,start,end,mrr\\nA,2025-01-01,2025-03-31,50\\nB,2025-01-15,,50\\n"
    >>> subs = read(rows, as_of="2025-03-31")
    >>> subs.customers, subs.report.accepted, subs.active_mrr, subs.rows["duration"].to_pylist()
    (2, 2, 50.0, [3, 2])
    """
    answers = {name: _answer(value) for name, value in _named(answers, "answers").items()}
    mapping = _named(mapping, "mapping")
    Definitions.of(answers)  # a wrong one is told before a long file is read
    stated, step = _as_date(as_of), step or (lambda name: None)
    if answered := _as_date(answers.pop(ID, None)):
        answers[ID] = answered.isoformat()

    def once(day: date | None) -> Subscriptions:
        return _read(source, mapping, (stated, day), answers, layout, step)

    with locales.use(locales.DEFAULT):  # the report is kept with the data: one for all who will read it
        return ask_export_day(once(stated), None if stated else answers.get(ID), once)


def _read(source: Source, mapping, days, answers, layout, step) -> Subscriptions:
    """One reading; `days`: the day that was stated, part of what the digest names, and the one to read up to."""
    stated, day = days
    own = {name: value for name, value in answers.items() if name != ID}
    step(STEPS[0])
    clean = _clean(source, mapping, day, own, layout)
    if clean is not None:
        step(STEPS[1])
        digest = fingerprint(data_sha256(_data(source)), clean.mapping, stated, answers, clean.layout)
        return settled(replace(clean, digest=digest, answers=answers))
    table, sha256 = _table(source, answers, coded=True)
    step(STEPS[1])
    chosen, complete = choose(table, mapping, layout)
    table = replace(table, findings=(*table.findings, *by_values.told(table, chosen, complete, mapping)))
    if chosen.name != "periods":  # the other shapes take the cells apart
        table = table.as_text()
    subs = build(chosen, table, complete, day, own)
    digest = fingerprint(sha256, complete, stated, answers, chosen.name)
    return settled(replace(subs, digest=digest, answers=answers, report=_with_questions(subs.report, table)))


def inspect(
    source: Source,
    mapping: Mapping[str, str | None] | None = None,
    layout: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> Proposal:
    """Look at the first part of a file: headers, first 20 rows, and a guess of layout and mapping.

    Nothing is converted and no role needs a column yet. Raises ImportProblem for files that are no table.
    """
    answers = {name: _answer(value) for name, value in _named(answers, "answers").items()}
    mapping = _named(mapping, "mapping")
    if _several(source):
        table, _ = _table(source, answers)
    else:
        table = read_text_table(_data(source), _name(source), answers, first=True)
    known_layouts = layouts() | vendors()
    guesses = {name: found.score(table.columns, mapping) for name, found in known_layouts.items()}
    best = layout_of(layout) if layout else known_layouts[max(guesses, key=guesses.get)]
    recognised = by_values.with_interval(table, best, best.recognise(table.columns, mapping), mapping)
    known = {name: header for name, header in recognised.items() if header in table.columns}
    return Proposal(
        best.name, best.title, known, table.columns, _preview(table), best.missing(known), best.roles,
        table.facts, table.findings, guesses, table.questions,
    )  # fmt: skip


def confirmed(
    subs: Subscriptions, answers: Mapping[str, str], sha256: str, as_of: date | str | None = None
) -> Subscriptions | None:
    """The data set that `read` would give with these answers; None where that takes another reading.

    Whoever confirms a guess changes no row: only the definitions, and with them the digest, say that it was
    answered. `sha256` and `as_of` are those of the file (`data_sha256`) and of the first reading.
    """
    new = {name: _answer(value) for name, value in answers.items() if subs.answers.get(name) != value}
    guesses = {question.id: question.guess for question in subs.report.questions}
    if any(guesses.get(name) != value for name, value in new.items()) or subs.answers.keys() - answers.keys():
        return None
    given = dict(subs.answers) | new
    asked = tuple(replace(one, answered=one.answered or one.id in new) for one in subs.report.questions)
    digest = fingerprint(sha256, subs.mapping, _as_date(as_of), given, subs.layout)
    return replace(subs, answers=given, digest=digest, report=replace(subs.report, questions=asked))


def fingerprint(
    sha256: str, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str], layout: str
) -> str:
    """The key of a data set: sha256 over the file's digest and the definitions it was read with."""
    definitions = {
        "file": sha256,
        "layout": layout,
        "mapping": dict(mapping),
        "as_of": as_of.isoformat() if as_of else None,
        "answers": dict(answers),
    }
    return hashlib.sha256(json.dumps(definitions, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def data_sha256(data: Path | bytes) -> str:
    """sha256 of a file's bytes as 64 hex characters, read in pieces."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def upload_digest(shas: Sequence[str]) -> str:
    """The digest of the bytes of a data set made of these files: that of the one, or of those joined."""
    return shas[0] if len(shas) == 1 else joined_digest(shas)


def _clean(source: Source, mapping, stated, answers, layout) -> Subscriptions | None:
    """The data set of a long Parquet file with nothing to be told about its rows, else None."""
    if not isinstance(source, str | Path) or _is_no_path(str(source)) or not Path(source).is_file():
        return None
    return read_clean(Path(source), _name(source), mapping, stated, answers, layout)


def _several(source: Source) -> bool:
    return isinstance(source, list | tuple | Mapping)


def _table(source: Source, answers: Mapping[str, str], coded: bool = False) -> tuple[TextTable, str]:
    """The text of a file (or of two, joined on the column they share) and the sha256 of its bytes."""
    if _several(source):
        found = [_table(one, answers) for one in (source.values() if isinstance(source, Mapping) else source)]
        return join([table for table, _ in found]), joined_digest([sha256 for _, sha256 in found])
    data = _data(source)
    return read_text_table(data, _name(source), answers, coded=coded), data_sha256(data)


def _data(source: Source) -> Path | bytes:
    if isinstance(source, pd.DataFrame):
        # a frame is read as the file it would be written to
        return source.to_csv(index=False).encode(errors="replace")
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | Path):
        path = Path(source)
        if _is_no_path(str(source)):
            raise ImportProblem("This text is not the name of a file. Give the bytes of the file instead.")
        if not path.is_file():
            raise ImportProblem(
                f"There is no file {shorten(path.name, 80)}. Check the name and upload it again."
            )
        return path
    raise ImportProblem("Give a path, the bytes of a file, or a DataFrame.")


def _is_no_path(text: str) -> bool:
    """The content of a file, given where its name belongs: it is never repeated in a message."""
    long = max((len(part.encode(errors="replace")) for part in Path(text).parts), default=0)
    return any(letter in text for letter in "\r\n\0") or long > 255 or len(text) > LONGEST_PATH


def _named(given: object, what: str) -> dict:
    """A dictionary, or nothing; anything else is told."""
    if given is not None and not isinstance(given, Mapping):
        raise Problem(f"{what} must be a dictionary, like {EXAMPLES[what]}.")
    return dict(given or {})


def _name(source: Source) -> str:
    """The file's own name; an upload kept under its digest has none worth telling."""
    name = Path(source).name if isinstance(source, str | Path) else ""
    return "" if re.fullmatch("[0-9a-f]{64}", name) else name


def _as_date(as_of: date | str | None) -> date | None:
    if as_of is None or as_of is pd.NaT or as_of == "":
        return None
    try:
        day = as_of if isinstance(as_of, date) else date.fromisoformat(str(as_of)[:10])
    except ValueError:
        raise Problem(f'as_of must be a day like 2025-01-31, not "{shorten(str(as_of))}".') from None
    day = day.date() if isinstance(day, datetime) else day
    if day.year >= OPEN_YEAR:
        raise Problem(f"as_of is {day}; the last day a file knows lies before {OPEN_YEAR}-01-01.")
    return day


def _with_questions(report, table: TextTable):
    """What the reader asked (sheet, member, encoding, header row) goes before what the layout asked."""
    known = {question.id for question in report.questions}
    asked = tuple(question for question in table.questions if question.id not in known)
    return replace(report, questions=(*asked, *report.questions)) if asked else report


def _answer(value: object) -> str:
    return "live" if value is True else "left" if value is False else str(value)


def _preview(table: TextTable) -> pd.DataFrame:
    head = table.cells.slice(0, PREVIEW_ROWS).to_pandas()
    seen: dict[str, int] = {}
    names = []
    for header in table.columns:
        seen[header] = seen.get(header, 0) + 1
        names.append(header if seen[header] == 1 else f"{header} ({seen[header]})")
    head.columns = names
    head.index = pd.Index(table.rows.to_pylist()[:PREVIEW_ROWS], name="row")
    return head
