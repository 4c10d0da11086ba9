"""The other side of `apart.py`: a process that has imported what reading needs, and its copies, each for one piece of work."""

import gc
import importlib
import json
import os
import signal
import socket
import tempfile
import threading
import traceback
from pathlib import Path

from cs_models import locales
from cs_models.problems import ImportProblem, Problem
from cs_models.readers.child import limits

LARGEST = 16 << 30  # bytes of a file it may write
PREPARED = "cs_models.reading_apart"  # what nearly all such work needs


def wait_to_be_copied() -> None:
    """Import, then make a copy for each pair of pipes that comes in on standard input, until that ends."""
    importlib.import_module(PREPARED).prepare()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a copy ended: its last words say it
    line = socket.socket(fileno=os.dup(0))
    while True:
        word, ends, *_ = socket.recv_fds(line, 1, 2)
        if not word:
            os._exit(0)
        if not os.fork():
            line.close()
            _live(*ends)
        for end in ends:
            os.close(end)


def _live(source: int, sink: int) -> None:
    """The life of a copy. It never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(source, 0)
        os.dup2(sink, 1)
        os.close(source)
        os.close(sink)
        _tell(pid=os.getpid())
        _work()
        code = 0
    finally:
        os._exit(code)


def _tell(**told: object) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


def _work() -> None:
    with open(0, encoding="utf-8", closefd=False) as line:
        request = json.loads(line.readline())
    limits.apply(request["memory"], request["seconds"], LARGEST)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.setpriority(os.PRIO_PROCESS, 0, request["nice"])
    os.environ["TMPDIR"], tempfile.tempdir = request["folder"], None
    module, name = request["task"].split(":")
    try:
        with locales.use(request["locale"]):
            answer = getattr(importlib.import_module(module), name)(request["given"], Path(request["folder"]), _tell)
        _tell(answer=answer)
    except Problem as problem:
        _tell(problem=str(problem), **{"import": isinstance(problem, ImportProblem)})
    except MemoryError:
        _tell(problem=request["said"])
    except Exception as error:
        at = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        _tell(fault=f"{type(error).__name__} at {' > '.join(at[-8:])}")


def _end_with_the_server() -> None:
    """The pipe from the server ends when the server does, however it is ended: then nobody waits for this any more."""
    while os.read(0, 1):
        pass
    os._exit(1)
