"""What a server says of itself: whether it is well, how often what happened, and a log without anybody's values."""

import gc
import io
import json
import logging
import platform
import re
import tomllib

import own_loop
import pytest
from places import ROOT

from pages.shared import cache, counters
from server import logs, metrics, warm

CANARY = "ceo@canary.test"


@pytest.fixture
def settled():
    """The mark of a finished warm-up, as it was before."""
    before = warm.SETTLED.is_set()
    warm.SETTLED.clear()
    yield warm.SETTLED
    warm.SETTLED.set() if before else warm.SETTLED.clear()


def status(address) -> int:
    return own_loop.run(address(None)).status_code


def test_well_only_after_the_sample_is_fitted_and_the_memory_settled(settled, monkeypatch):
    fitted = []
    monkeypatch.setattr(cache, "fitted", lambda *key: fitted.append(status(warm.health)))
    monkeypatch.setattr(gc, "freeze", lambda: fitted.append("frozen"))
    assert status(warm.health) == 503
    warm.warm_up()
    assert fitted == [503, "frozen"] and status(warm.health) == 200


def test_nobody_waits_while_garbage_is_looked_for_after_every_run():
    assert tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["runner"]["postScriptGC"] is False


def test_the_system_takes_every_word_about_memory(monkeypatch):
    glibc = platform.libc_ver()[0] == "glibc"
    assert warm.lean() is glibc
    monkeypatch.setattr(warm, "LEAN", warm.LEAN | {1: 1 << 20})  # more than this one may be: not taken, and said
    assert warm.lean() is False


def test_a_warm_up_that_fails_is_never_called_well(settled, monkeypatch):
    def broken(*_):
        raise RuntimeError("no")

    monkeypatch.setattr(cache, "fitted", broken)
    warm._begin()
    assert status(warm.health) == 503


def test_the_counters_exist_only_where_they_were_asked_for(monkeypatch):
    monkeypatch.delenv("PERENNIAL_METRICS", raising=False)
    assert status(metrics.metrics) == 404
    monkeypatch.setenv("PERENNIAL_METRICS", "yes")
    assert status(metrics.metrics) == 200


def test_every_counter_is_told_in_the_form_openmetrics_asks_for():
    text = metrics.text({("problems", "ImportProblem"): 3, ("fit_seconds", ""): 1.25})
    assert text.endswith("# EOF\n")
    kinds = re.findall(r"^# TYPE (\w+) counter$", text, re.MULTILINE)
    samples = dict(re.findall(r"^(\w+)_total(?:\{class=\"\w+\"\})? ([\d.]+)$", text, re.MULTILINE))
    assert kinds == list(samples) and len(kinds) == len(counters.MEANING)
    told = [samples[f"perennial_{name}"] for name in ("problems", "fit_seconds", "runs")]
    assert told == ["3", "1.25", "0"]


def test_counting_adds_up_and_knows_its_names():
    before = counters.counted().get(("fits", ""), 0)
    with counters.fitting():
        counters.count("runs")
    now = counters.counted()
    assert now["fits", ""] == before + 1 and now["fit_seconds", ""] > 0
    with pytest.raises(KeyError):
        counters.count(CANARY)


@pytest.fixture
def written():
    """What a handler with Streamlit's own kind of formatter writes once the log is set."""
    out, handler = io.StringIO(), logging.StreamHandler()
    handler.stream = out
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logs.record)
    loggers = [logging.getLogger(name) for name in ("perennial.tests", "pandas.tests")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    yield out
    logging.setLogRecordFactory(before)
    for logger in loggers:
        logger.removeHandler(handler)


def test_no_value_reaches_the_log(written):
    foreign = logging.getLogger("pandas.tests")
    try:
        float(CANARY)
    except ValueError:
        foreign.exception(f"could not read {CANARY}")
        foreign.error("could not read %s", CANARY, extra={"more": CANARY})
        logging.getLogger("perennial.tests").error("Reading failed %s", CANARY, exc_info=True)
    told = written.getvalue()
    lines = [json.loads(line) for line in told.splitlines()]
    assert "canary" not in told and len(lines) == 3
    assert lines[0]["exception"] == "ValueError" and lines[0]["steps"][-1].endswith("test_no_value_reaches_the_log")
    assert "message" not in lines[0] and lines[2]["message"] == "Reading failed %s"
    assert all(line["place"].startswith("test_server:") for line in lines)
