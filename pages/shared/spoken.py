"""What is kept for everybody and holds sentences: kept once for each locale.

A sentence carries numbers as its reader writes them, so what one visitor's question left in the cache must not be
read to a visitor from elsewhere.
"""

from functools import wraps

import streamlit as st

from cs_models import locales


def kept(**options):
    """`st.cache_resource` with the viewer's locale in the key."""

    def of(function):
        def keyed(in_locale: str, *named, **others):
            return function(*named, **others)

        # The cache tells functions apart by these names.
        keyed.__module__, keyed.__qualname__, keyed.__doc__ = function.__module__, function.__qualname__, function.__doc__
        stored = st.cache_resource(**options)(keyed)

        @wraps(function)
        def asked(*named, **others):
            return stored(locales.tag(), *named, **others)

        asked.clear = stored.clear
        return asked

    return of
