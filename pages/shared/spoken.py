"""What is kept for everybody and holds sentences: kept once for each locale.

A sentence carries numbers as its reader writes them, so what one visitor's question left in the cache must not be
read to a visitor from elsewhere. A run of a page asks the same some twenty times: the cache is asked once.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import signature

import streamlit as st

from cs_models import locales


class Had(dict):
    """Answers a run has had, while it is open: a thread begun in it may outlive it, and then looks up for itself."""

    open = True


_had: ContextVar[Had | None] = ContextVar("answers this run has had", default=None)


@contextmanager
def run():
    """Around a run of a page, or of a part that is drawn alone: an answer it has had is not looked up again."""
    around, had = _had.get(), Had()
    if around is not None and around.open:
        yield
        return
    before = _had.set(had)
    try:
        yield
    finally:
        _had.reset(before)
        had.open = False
        had.clear()


def kept(**options):
    """`st.cache_resource` with the viewer's locale in the key."""

    def of(function):
        names = tuple(signature(function).parameters)

        def keyed(in_locale: str, **named):
            return function(**named)

        # The cache tells functions apart by these names.
        keyed.__module__, keyed.__qualname__, keyed.__doc__ = function.__module__, function.__qualname__, function.__doc__
        stored = st.cache_resource(**options)(keyed)

        @wraps(function)
        def asked(*given, **named):  # by name: of what is given by place, Streamlit reads the signature at every call
            named = {"in_locale": locales.tag(), **dict(zip(names[: len(given)], given, strict=True)), **named}
            had = _had.get()
            if had is None or not had.open:
                return stored(**named)
            question = asked, *named.items()
            if question not in had:
                had[question] = stored(**named)
            return had[question]

        asked.clear = stored.clear
        return asked

    return of
