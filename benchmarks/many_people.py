"""Many people at one server: each moves a lever, looks, moves another, and now and then goes to another page.

    python -m benchmarks.many_people                                     # 20 people, a minute
    python -m benchmarks.many_people --people 50 --think 5 --seconds 600
    python -m benchmarks.many_people --people 100 --think 10 --seconds 600
    python -m benchmarks.many_people --people 20 --rows 1000000          # one more brings a file of a million rows
    python -m benchmarks.many_people --sessions 2000                     # come and go, and what memory stays

A server of its own with a book of 50,000 customers; visitors are websockets in this process, on the same machine.
Seconds run from the message that a lever moved to the end of the page's answer. Printed, never asserted.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import cs_models as cs
from benchmarks.book_file import AS_OF, write_book
from benchmarks.machine import told
from benchmarks.visitor import Visitor
from cs_models.store import Store

ROOT = Path(__file__).resolve().parents[1]
DESK, FIRST = "/scenarios", "PriceIncrease.rise=0.1"
LEVERS = {"Price rise": (0.05, 0.30), "Leave on the day": (0.0, 0.10)}
PAGES = ("", "retention", "lifetime_value", "methods")
ELSEWHERE = 0.1  # of the moves lead to another page


@contextmanager
def served(folder: str):
    """Address and process of a warm server with its data in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true",
               "--server.fileWatcherType", "none"]  # fmt: skip
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PERENNIAL_DATA_DIR": folder}, stdout=subprocess.DEVNULL)
    try:
        yield _warm(f"http://127.0.0.1:{port}", server), server
    finally:
        server.terminate()
        server.wait(timeout=30)


def _warm(address: str, server: subprocess.Popen) -> str:
    while server.poll() is None:
        try:
            urllib.request.urlopen(address + "/healthz", timeout=5).close()
            return address
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("The app did not start; try `make run` to see why.")


def stored(folder: Path, customers: int) -> str:
    """Id of a book in the data folder of a server."""
    path = folder / "book.csv"
    write_book(path, customers)
    identity = Store(folder).save(cs.read(path, as_of=AS_OF))
    path.unlink()
    return identity


def memory(pid: int, name: str = "VmRSS") -> float:
    """Megabytes of a process: at this moment, or (VmHWM) at the most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) / 1024


def processor(pid: int) -> float:
    """Seconds of processor a process has used: this is comparable where other work shares the machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Person(threading.Thread):
    """Works at the desk from the common start to the end. `waits`: (what was done, seconds); `errors`: what went wrong."""

    def __init__(self, url: str, query: str, number: int, think: float, start: threading.Barrier, end: list[float]) -> None:
        super().__init__(daemon=True)
        self.visitor, self.draw = Visitor(url, DESK, query), random.Random(number)
        self.think, self.begin, self.end = think, start, end
        self.waits: list[tuple[str, float]] = []
        self.errors: list[str] = []

    def run(self) -> None:
        try:
            self.first = self.visitor.open()
        finally:
            self.begin.wait()
        while time.monotonic() < self.end[0]:
            try:
                self._pause(min(self.draw.expovariate(1 / self.think), 6 * self.think))
                self._move()
            except Exception as error:  # counted; what else may come is what is measured
                self.errors.append(type(error).__name__)
                return
        self.visitor.close()

    def _pause(self, seconds: float) -> None:
        """Think; a browser draws meanwhile what asked to be drawn again."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            every = min(self.visitor.timers.values(), default=left)
            time.sleep(min(left, every))
            if self.visitor.timers and time.monotonic() < until:
                self.visitor.wait_timer()

    def _move(self) -> None:
        if self.draw.random() < ELSEWHERE:
            self.waits.append(("another page", self.visitor.go(self.draw.choice(PAGES))))
            self._pause(self.draw.expovariate(1 / self.think))
            self.waits.append(("another page", self.visitor.go("scenarios")))
        else:
            lever, (low, high) = self.draw.choice(list(LEVERS.items()))
            self.waits.append(("a lever", self.visitor.slide(lever, round(self.draw.uniform(low, high), 2))))


def bring(url: str, rows: int, folder: Path) -> float:
    """Somebody uploads a long file and waits until it may be opened; returns the seconds."""
    path = folder / "long.csv"
    write_book(path, round(rows / 1.29))
    with Visitor(url, "/data") as visitor:
        begun = time.monotonic()
        visitor.upload("An export", path.read_bytes())
        while visitor.timers:
            time.sleep(next(iter(visitor.timers.values())))
            visitor.wait_timer()
        visitor.widget("button", "Use these data")
        return time.monotonic() - begun


def percentiles(name: str, seconds: list[float]) -> None:
    if seconds:
        p50, p95, p99 = (1000 * np.percentile(seconds, (50, 95, 99))).round()
        print(f"{name}: {len(seconds)} times, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, slowest {1000 * max(seconds):.0f} ms")


def desk_work(url: str, pid: int, query: str, asked, folder: Path) -> None:
    """People at the desk for some seconds; with `rows`, somebody brings a long file meanwhile."""
    start, end = threading.Barrier(asked.people + 1), [float("inf")]
    crowd = [Person(url, query, number, asked.think, start, end) for number in range(asked.people)]
    for one in crowd:
        one.start()
        time.sleep(0.1)
    end[0] = time.monotonic() + 3600
    start.wait()
    end[0], used = time.monotonic() + asked.seconds, processor(pid)
    if asked.rows:
        print(f"a file of {asked.rows:,} rows meanwhile: ready to open after {bring(url, asked.rows, folder):.0f} s")
    for one in crowd:
        one.join(timeout=asked.seconds + 120)
    waits = [wait for one in crowd for wait in one.waits]
    percentiles("every move", [seconds for _, seconds in waits])
    for kind in ("a lever", "another page"):
        percentiles(f"  {kind}", [seconds for what, seconds in waits if what == kind])
    errors = sum(len(one.errors) + one.visitor.faults for one in crowd) + sum(one.is_alive() for one in crowd)
    each = 1000 * (processor(pid) - used) / max(len(waits), 1)
    print(f"errors {errors}; {len(waits) / asked.seconds:.1f} moves a second, {each:.0f} ms of processor each; "
          f"memory of the server {memory(pid):.0f} MB, at the most {memory(pid, 'VmHWM'):.0f} MB")


def come_and_go(url: str, pid: int, query: str, sessions: int) -> None:
    """So many visits, eight at a time, and what the server has in memory before and after."""

    def visit(_: int) -> int:
        with Visitor(url, DESK, query) as visitor:
            return visitor.faults

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(visit, range(50)))
        before = memory(pid)
        begun = time.monotonic()
        faults = sum(crowd.map(visit, range(sessions)))
    grown = memory(pid) - before
    print(f"{sessions} visits in {time.monotonic() - begun:.0f} s, errors {faults}; memory from {before:.0f} MB by {grown:+.0f} MB")


def main() -> None:
    """Print percentiles, errors and memory for what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between two moves")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=0, help="of a file that somebody brings meanwhile")
    parser.add_argument("--sessions", type=int, default=0, help="visits that come and go, in place of work at the desk")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        query = f"ds={stored(folder, asked.customers)}&{FIRST}"
        with served(place) as (url, server):
            with Visitor(url, DESK, query):
                pass  # the book is fitted once, by whoever comes first
            print(f"{asked.customers:,} customers; load of the machine {os.getloadavg()[0]:.1f} before")
            if asked.sessions:
                come_and_go(url, server.pid, query, asked.sessions)
            else:
                print(f"{asked.people} people, {asked.think:g} s to think, {asked.seconds} s")
                desk_work(url, server.pid, query, asked, folder)
    print(told())


if __name__ == "__main__":
    main()
