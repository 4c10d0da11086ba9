"""Servers to be harmed, and what a visitor sees of it."""

import socket
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers import start
from websockets.exceptions import ConnectionClosed

from benchmarks.visitor import Visitor

UPLOADER, USE = "An export of your billing system", "Use these data"
HEADER = b"customer,start,end,mrr\n"
BOOK = HEADER + b"".join(b"C%d,2024-%02d-%02d,,%d\n" % (n, 1 + n % 12, 1 + n % 28, 1 + n % 50) for n in range(400))
LONG = HEADER + b"".join(b"Customer-%d,2024-%02d-%02d,,%d\n" % (n, 1 + n % 12, 1 + n % 28, 1 + n % 50) for n in range(500_000))
ALL_THERE = "All 400 rows are accounted for"


@contextmanager
def running(folder: Path, *options: str):
    server = start(folder, options=options)
    try:
        yield server
    finally:
        server.stop()
        assert "Traceback" not in server.told() and '"exception"' not in server.told()


def until(true, seconds: float = 60.0) -> None:
    """Wait for a state; it comes, or the test fails."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    return [int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()]


def readings(pid: int) -> list[int]:
    """The processes that read files for this server: copies of the one it keeps ready."""
    return [copy for ready in children(pid) for copy in children(ready)]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def cut_off(visitor: Visitor) -> None:
    """The line ends, after whatever was still on it."""
    with pytest.raises(ConnectionClosed):
        while True:
            visitor.socket.recv(timeout=30)


def opened(server, query: str) -> Visitor:
    visitor = Visitor(server.url, "/data", query)
    visitor.open()
    assert ALL_THERE in visitor.headline, visitor.text()
    return visitor


def headers_of_an_upload(visitor: Visitor, size: int) -> socket.socket:
    """An upload that has begun: its headers and first bytes are on the way."""
    host, port = visitor.url.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=30)
    token = visitor.http.cookies["_streamlit_xsrf"]
    line.sendall((
        f"PUT /_stcore/upload_file/{visitor.session}/half HTTP/1.1\r\nHost: {host}:{port}\r\nX-Xsrftoken: {token}\r\n"
        f"Cookie: _streamlit_xsrf={token}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n"
    ).encode())  # fmt: skip
    return line
