"""Logs of one JSON object a line, without a value of anybody's data.

Messages of libraries quote what they choked on ("could not convert string to float: 'ceo@...'"). So a record that is
not this program's own keeps its place (module and line) and its class, never its words; and a traceback keeps its
steps, never its message.
"""

import json
import logging
import sys
import threading
import traceback
from datetime import datetime, timezone
from pathlib import Path

OWN = "perennial"
ROOT = Path(__file__).resolve().parents[1]


def steps(trace) -> list[str]:
    """Where an exception came by: file, line and function, the deepest last."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)][-12:]


def _short(path: str) -> str:
    """From the project on, or from the package on."""
    parts = Path(path).parts
    for fence in (ROOT.name, "site-packages"):
        if fence in parts:
            parts = parts[len(parts) - parts[::-1].index(fence) :]
    return "/".join(parts[-4:])


def line(name: str, level: int, place: str, message: object, failure=None) -> str:
    """One record as one line of JSON; `failure` is what `sys.exc_info()` gives.

    >>> line("perennial", logging.INFO, "warm:1", "Ready")[33:]
    '"level": "INFO", "logger": "perennial", "place": "warm:1", "message": "Ready"}'
    >>> "ceo@acme.test" in line("pandas", logging.ERROR, "x:1", "bad value ceo@acme.test")
    False
    """
    when = datetime.now(timezone.utc).isoformat(timespec="milliseconds")[:23]
    told = {"time": when, "level": logging.getLevelName(level), "logger": name, "place": place}
    if name.split(".")[0] == OWN:
        told["message"] = str(message)
    if failure and failure[0]:
        told["exception"] = failure[0].__name__
        told["steps"] = steps(failure[2])
    return json.dumps(told)


def record(name, level, path, number, message, args, failure, *rest, **more) -> logging.LogRecord:
    """A factory of log records: whatever handler prints it, it prints this line and nothing else.

    Arguments never reach it: our own messages are constant, and those of others are not told.
    """
    text = line(name, level, f"{Path(path).stem}:{number}", message, failure)
    return logging.LogRecord(name, level, path, number, text, None, None, *rest, **more)


def install() -> None:
    """From here on; also for what would go past the log to the terminal."""
    logging.setLogRecordFactory(record)
    logging.captureWarnings(True)
    logging.basicConfig(format="%(message)s")
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _uncaught(kind, error, trace) -> None:
    logging.getLogger(OWN).error("Nobody caught this", exc_info=(kind, error, trace))
