"""A running app for a browser to visit, with a data folder of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from places import ROOT


@dataclass
class Server:
    """A running app: where it is, where its log and data lie."""

    url: str
    log: Path
    process: subprocess.Popen

    def told(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: Path, script: Path = ROOT / "app.py", options: tuple[str, ...] = (), port: int = 0,
          program: tuple[str, ...] = ("-m", "streamlit")) -> Server:  # fmt: skip
    """`streamlit run` with a data folder of its own; ready when the health check says ok. `port`: any, where not said;
    `program`: what Python runs in the place of `streamlit`.
    """
    port, log = port or free_port(), folder / "server.log"
    own = {"server.port": port, "server.headless": "true", "server.fileWatcherType": "none"}
    command = [
        sys.executable,
        *program,
        "run",
        str(script),
        *(f"--{k}={v}" for k, v in own.items()),
        *options,
    ]
    environment = {**os.environ, "PERENNIAL_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", log, process)
    for _ in range(300):
        try:
            if urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1).read() == b"ok":
                return server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.stop()
    pytest.fail(f"The server did not come up: {server.told()[-2000:]}")
