"""Lines that break, a proxy that is down, too much at once, a server asked to stop: visitors go on where they were."""

import os
import signal

import pytest
from fault_servers import LONG, UPLOADER, alive, cut_off, headers_of_an_upload, readings, running, until
from line_breaker import Line
from websockets.exceptions import InvalidStatus

from benchmarks.visitor import Visitor
from pages.shared.quota import RAW

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One for everything that a server survives; at last it is asked to stop while people are there."""
    folder = tmp_path_factory.mktemp("server")
    with running(folder, "--server.maxUploadSize=20") as server:
        yield server
        with Visitor(server.url, "/methods") as visitor:
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=30) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
            cut_off(visitor)


def moved(url: str) -> Visitor:
    """Somebody with a decision on the desk."""
    visitor = Visitor(url, "/scenarios", "PriceIncrease.rise=0.1")
    visitor.open()
    visitor.slide("Price rise", 0.2)
    assert "Raising prices 20" in visitor.headline
    return visitor


def test_a_line_that_breaks_leads_back_to_the_same_visit(server):
    visitor, other = moved(server.url), moved(server.url)
    before = visitor.headline
    visitor.drop()
    other.slide("Price rise", 0.3)
    assert "Raising prices 30" in other.headline
    session = visitor.session
    visitor.open()
    assert (visitor.session, visitor.headline, visitor.faults) == (session, before, 0)
    visitor.close(), other.close()


def test_a_proxy_that_answers_502_for_a_while_costs_nothing(server):
    with Line(server.url) as line:
        visitor = moved(line.url)
        line.down()
        cut_off(visitor)
        before, session = visitor.headline, visitor.session
        assert visitor.http.get(f"{line.url}/_stcore/health").status_code == 502
        with pytest.raises(InvalidStatus, match="502"):
            visitor.connect()
        line.up()
        visitor.open()
        assert (visitor.session, visitor.headline, visitor.faults) == (session, before, 0)
        visitor.close()


def test_one_byte_too_many_is_refused_before_and_while_it_comes(server):
    with Visitor(server.url, "/data") as visitor:
        most = (20 << 20) - 1000  # the form around the file counts too
        address = f"/_stcore/upload_file/{visitor.session}/much"
        assert visitor.put(address, bytes(most)).status_code == 204
        assert visitor.put(address, bytes(most + 1001)).status_code == 413
        with headers_of_an_upload(visitor, 500 << 20) as line:
            assert b" 413 " in line.recv(200), "told from its headers"
        visitor.go("methods")
        assert visitor.headline and not visitor.faults


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP])
def test_a_reading_that_runs_out_of_memory_breaks_off_or_hangs_is_told_or_can_be_stopped(server, how):
    """The kernel ends what takes too much memory with SIGKILL; a library that gives up ends with SIGABRT."""
    with Visitor(server.url, "/data") as visitor, Visitor(server.url, "/methods") as other:
        visitor.upload(UPLOADER, LONG)
        until(lambda: [one for one in readings(server.process.pid) if alive(one)])
        (reading,) = [one for one in readings(server.process.pid) if alive(one)]
        os.kill(reading, how)
        if how == signal.SIGSTOP:
            visitor.wait_timer()
            visitor.press("Cancel")
            assert "Reading was cancelled" in visitor.text()
        else:
            until(lambda: (visitor.wait_timer() if visitor.timers else visitor.again())
                  and "more memory than this machine" in visitor.text())  # fmt: skip
        until(lambda: not alive(reading))
        other.go("data")
        assert other.headline and not other.faults and not visitor.faults
        visitor.go("methods")
        visitor.go("data")


def test_a_thousand_invented_uploads_change_nothing_for_others(server):
    with moved(server.url) as other, Visitor(server.url, "/data") as flood:
        mine = [flood.put(f"/_stcore/upload_file/{flood.session}/invented-{n}", bytes(20_000)).status_code for n in range(500)]
        assert set(mine) <= {204, 429} and mine.count(204) <= RAW.files, "one person's files of an hour, and no more"
        answers = [flood.put(f"/_stcore/upload_file/{'0' * 8}-{n}/x", bytes(20_000)).status_code for n in range(500)]
        assert set(answers) <= {400, 403, 429}, "nobody uploads to a visit that is not there"
        print(f"{mine.count(204)} of 500 invented files of a visit were taken")
        other.slide("Price rise", 0.4)
        assert "Raising prices 40" in other.headline and not other.faults
