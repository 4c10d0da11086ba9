"""A file on its way to a data set: uploads on disk, answers so far, how such a file was read before.

What is uploaded and not used leaves the disk: when another file is chosen, on "Choose another file", and some
minutes after its page is closed (sweeper.py).
"""

import json
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cs_models import reading
from cs_models.mapping_memory import MappingMemory, header_fingerprint, memory_of
from cs_models.problems import Problem
from cs_models.apart import CANCELLED
from cs_models.reading_apart import Reading, inspect_apart
from cs_models.store import BOTH
from cs_models.recount import redefined
from pages.data import progress
from pages.shared import cache, counters, quota, session, spoken, sweeper, who
from pages.shared.samples import ROOT, SAMPLES

CHUNK = 1 << 20


def _state() -> dict:
    return session.waiting()


def files() -> tuple[str, ...]:
    """Digests of the waiting file and, if there is one, of the table that goes with it; () for none."""
    return _state().get("files", ())


def name() -> str:
    """What whoever loads the file calls it, for display (escape it)."""
    return _state().get("names", {}).get(files()[0], "")


def tag() -> str:
    """Part of every widget's name, so that a new file, or a new start, begins with its own guesses."""
    return f"{files()[0][:8]}{_state().get('starts', 0)}"


def upload_key() -> str:
    """A new uploader after each file: the old one goes, and with it the bytes the server held for it."""
    return f"upload-{_state().get('uploads', 0)}"


def _intake(key: str) -> str | None:
    file = session.seen(key)
    if file is None:
        return None
    _state()["uploads"] = _state().get("uploads", 0) + 1
    if why := (who.LOOK_ONLY if not who.edits() else quota.refusal(file.size, who.who().id)):
        session.tell(why)
        return None
    sha = cache.store().intake(iter(lambda: file.read(CHUNK), b""))
    _state().setdefault("names", {})[sha] = str(file.name)[:300]
    return sha


@session.or_tell
def take() -> None:
    """Callback of the uploader: stream the file to disk, keep its digest, let go of the copy."""
    sha = _intake(upload_key())
    if sha:
        _let_go(tuple(one for one in files() if one != sha))
        _state().update(files=(sha,), answers={}, memory=None)


@session.or_tell
def take_second(key: str) -> None:
    """Callback of the second uploader: a table to be joined, such as the prices of the plans."""
    sha = _intake(key)
    if sha and sha != files()[0]:
        _state().update(files=(files()[0], sha), starts=_state().get("starts", 0) + 1)


def drop_second() -> None:
    """Callback of "Remove the second file": the first one stays, and is looked at anew."""
    _let_go(files()[1:])
    _state()["files"] = files()[:1]
    guess_again()


def drop() -> None:
    """Callback of "Choose another file": what was only looked at leaves the disk."""
    _let_go(files())
    _state()["files"] = ()


def cancel() -> None:
    """Callback of "Cancel" while a long file is read."""
    drop()
    session.tell(CANCELLED)


def open_sample(key: str) -> None:
    drop()
    session.open_data(session.seen(key))


def _let_go(shas: tuple[str, ...]) -> None:
    for sha in shas:
        cache.store().discard(sha)
    if shas:
        _proposal.clear()
        _draft.clear()
        progress.forget()


# --- what was answered ---


def answers() -> dict[str, str]:
    return dict(_state().get("answers", {}))


def answer(question: str, key: str, rest: str | None = None) -> None:
    """Callback of a question: keep the answer; `rest`, what was detected anyhow, is none."""
    given = answers()
    given[question] = str(session.seen(key))
    if given[question] == rest:
        del given[question]
    _state()["answers"] = given


def guess_again() -> None:
    _state().update(answers={}, starts=_state().get("starts", 0) + 1)


# --- how such a file was read before ---


def memory(headers: tuple[str, ...]) -> MappingMemory | None:
    """From a saved file, else as the last export with these headers was read; its answers stand at once."""
    text = _state().get("memory")
    if text == "":
        return None
    found = MappingMemory.from_json(text) if text else cache.store().recall(header_fingerprint(headers))
    if found is None or not found.fits(headers):
        return None
    _state()["memory"] = found.to_json()
    if text is None:
        _state()["answers"] = {**found.answers, **answers()}
    return found


@session.or_tell
def take_memory(key: str) -> None:
    """Callback: a saved mapping for the waiting file; told when it is none."""
    file = session.seen(key)
    found = MappingMemory.from_json(file.read(CHUNK) if file is not None else b"")
    headers = proposal().headers
    if not found.fits(headers):
        lacking = ", ".join(header for header in found.mapping.values() if header not in headers)
        raise Problem(f"This mapping takes columns that this file does not have: {lacking}.")
    _state().update(memory=found.to_json(), answers=dict(found.answers), starts=_state().get("starts", 0) + 1)


def start_afresh() -> None:
    _state().update(memory="", answers={}, starts=_state().get("starts", 0) + 1)


# --- reading ---


def _plain(values: dict) -> str:
    return json.dumps(values, sort_keys=True)


def proposal(layout: str = "", given: dict | None = None):
    return _proposal(files(), layout, _plain(given or {}))


def draft(layout: str, mapping: dict, as_of: str, given: dict):
    """The waiting file read with these definitions; nothing is opened yet. A long one is read apart."""
    if progress.long(files()):
        return progress.read(files(), (layout, mapping, as_of, given), cancel)
    return _draft(files(), layout, _plain(mapping), as_of, _plain(given))


def _paths(shas: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(cache.store().upload_path(sha) for sha in shas)


@spoken.kept(max_entries=12, show_spinner=False)
def _proposal(shas: tuple[str, ...], layout: str, given: str):
    return inspect_apart(cache.store(), _paths(shas), layout, json.loads(given))


@spoken.kept(max_entries=6, show_spinner="Reading every row", show_time=True)
def _draft(shas: tuple[str, ...], layout: str, mapping: str, as_of: str, given: str):
    return Reading(cache.store(), _paths(shas), layout, json.loads(mapping), as_of, json.loads(given)).result()


@session.or_tell
def confirm(layout: str, mapping: dict, as_of: str, given: dict, headers: tuple[str, ...]) -> None:
    """Callback of "Use these data": keep it on disk, remember how it was read, open it.

    Whoever takes every guess changes no row, so the draft on the page is not read again.
    """
    shown = draft(layout, mapping, as_of, answers())
    subs = reading.confirmed(shown, given, reading.upload_digest(files()), as_of)
    if subs is None:  # an answer that is no guess: the page reads with it, and asks again
        _state()["answers"] = given
        return
    opened = session.keep_data(replace(subs, source_name=name()), BOTH.join(files()))
    if kept := memory_of(subs, headers):
        cache.store().remember(kept)
    counters.count("imports")
    progress.forget()
    _state()["files"] = ()
    session.open_data(opened)


# --- the open data set ---


@session.or_tell
def save_again(choices: dict) -> None:
    """Callback: the open data set under other definitions, as a data set of its own."""
    data = session.data_id()
    who.must_count_again(data)
    subs = redefined(cache.subscriptions(data), **choices)
    if session.is_sample():
        subs = replace(subs, source_name=f"Sample data, defined otherwise: {SAMPLES[data][0]}")
    upload = "" if session.is_sample() else cache.store().upload_of(data)
    session.open_data(session.keep_data(subs, upload))


@session.or_tell
def delete() -> None:
    """Callback: the open data set, its upload, everything made from it, and how it was read, are removed."""
    store, data = cache.store(), session.data_id()
    uploads = set(store.uploads_of(data))
    if kept := open_memory():
        store.forget(kept.fingerprint)
    for other in store.ids():
        if other != data and who.owns(other) and uploads & set(store.uploads_of(other)):
            session.remove(other)
    session.delete_data()


def open_memory() -> MappingMemory | None:
    """How the open data set was read, as a small file for next month; None where it cannot be told."""
    paths, subs = _upload_paths(session.data_id()), cache.subscriptions(session.data_id())
    if not paths or session.is_sample():
        return None
    try:
        return memory_of(subs, inspect_apart(cache.store(), paths, subs.layout, subs.answers).headers)
    except Problem:
        return None


def _upload_paths(data: str) -> tuple[Path, ...]:
    """Where the files lie that a data set was read from; () where they are gone."""
    if data in SAMPLES:
        return (ROOT / "sample_data" / SAMPLES[data][1],)
    try:
        return _paths(cache.store().uploads_of(data))
    except Problem:
        return ()


@spoken.kept(max_entries=24, show_spinner="Valuing with and without these rows", show_time=True)
def effects(data: str):
    from cs_models.import_effect import effects_apart, import_effects

    if data in SAMPLES:
        return import_effects(cache.subscriptions(data), list(_upload_paths(data)))
    return effects_apart(cache.store(), cache.subscriptions(data), _upload_paths(data))


@spoken.kept(max_entries=24, show_spinner="Looking for moves of whole plans")
def migrations(data: str):
    from cs_models.migration import migrations as find

    return tuple(find(cache.subscriptions(data)))


@spoken.kept(max_entries=24, show_spinner="Counting the book at each month end")
def months(data: str):
    from cs_models.reconciliation import month_ends

    return month_ends(cache.subscriptions(data))


@spoken.kept(max_entries=64, show_spinner="Counting one month by each rule")
def month(data: str, chosen: str):
    from cs_models.reconciliation import reconcile

    return reconcile(cache.subscriptions(data), chosen)


sweeper.also(_proposal, _draft, effects, migrations, months, month)
