"""What is kept for everybody and holds sentences: kept once for each locale.

A sentence carries numbers as its reader writes them, so what one visitor's question left in the cache must not be
read to a visitor from elsewhere.
"""

from functools import wraps
from inspect import signature

import streamlit as st

from cs_models import locales


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
            return stored(in_locale=locales.tag(), **dict(zip(names[: len(given)], given, strict=True)), **named)

        asked.clear = stored.clear
        return asked

    return of
