"""Back-tests, worked out beside the pages and kept for everybody on this server like the rest of `cache`."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import streamlit as st

from cs_models import locales
from pages.shared import cache
from pages.shared.spoken import kept

_WORKERS = ThreadPoolExecutor(2, "back-test")


class Ahead:
    """A result that is worked out once, by itself, from the first time somebody wants it."""

    def __init__(self, work: Callable[[], object]):
        self._work, self._lock, self._future = work, Lock(), None

    def begin(self) -> Future:
        with self._lock:
            if self._future is None:
                self._future = _WORKERS.submit(self._work)
            return self._future

    @property
    def done(self) -> bool:
        return self._future is not None and self._future.done()

    def result(self):
        """The result, waited for; raises what went wrong."""
        return self.begin().result()


@kept(max_entries=48, show_spinner=False)
def ahead(data: str, by: str, months: int) -> Ahead:
    import cs_models as cs

    subs, reader = cache.subscriptions(data), locales.tag()

    def work():
        with locales.use(reader):  # nobody can be asked for it outside of a page
            return cs.back_test(subs, months, by=(by,) if by else ())

    return Ahead(work)


def back_test(data: str, by: str, months: int):
    found = ahead(data, by, months)
    if found.done:
        return found.result()
    with st.spinner("Forecasting from that day", show_time=True):
        return found.result()


COMPUTED = (ahead,)
