"""Ready before the first visitor: everything imported, the sample read and fitted, the memory settled.

`/healthz` answers 200 from then on and 503 until then, so that a proxy sends nobody to a server that would let them
wait. Streamlit's own `/_stcore/health` says only that the network is there.
"""

import asyncio
import atexit
import ctypes
import gc
import importlib
import logging
import pkgutil
import sys
import threading
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse

import pages
from server import logs

PATH = "/healthz"
SETTLED = threading.Event()
# What glibc's mallopt calls M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD: what one visitor's thread lets go of is
# there for the next one's, and what is large goes back to the system at once.
LEAN = {-8: 2, -3: 256 << 10, -1: 128 << 10}


def lean() -> bool:
    """Keep the memory small where many threads come and go: whether the system took it. Only glibc knows these words."""
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return set_option is not None and all([set_option(option, value) for option, value in LEAN.items()])


def warm_up() -> None:
    """Import what pages need, fit the sample once, and freeze it: each later run is spared 200 ms of search.

    Streamlit looks for garbage after every run, through all that was ever imported; frozen, it is passed by.
    """
    for found in pkgutil.walk_packages(pages.__path__, "pages."):
        if not found.name.endswith(".page"):  # a page is a script and runs when it is opened
            importlib.import_module(found.name)
    from cs_models import apart
    from pages.shared import cache
    from pages.shared.samples import SAMPLE

    apart.ready()
    cache.fitted(SAMPLE, "segment")
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that everything is let go in order when the server stops
    SETTLED.set()


def _begin() -> None:
    try:
        warm_up()
    except Exception:  # whatever it is, the server says so and is not called well
        logging.getLogger("perennial").exception("The warm-up failed")


@asynccontextmanager
async def lifespan(_app):
    """Around the server's life: the log is set first, then the warm-up goes on beside the first requests."""
    logs.install()
    lean()
    work = asyncio.get_running_loop().run_in_executor(None, _begin)
    yield
    await work


async def health(_request: Request) -> PlainTextResponse:
    """200 after the warm-up, 503 before."""
    return PlainTextResponse("ok", 200) if SETTLED.is_set() else PlainTextResponse("warming up", 503)
