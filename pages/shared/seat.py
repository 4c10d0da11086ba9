"""What this browser had open last: a bare address offers to go on with it, and nobody else's data are ever named.

A browser is known by the random token the server gives it against forged requests, and by who signed in; only a digest
of the two is kept, in memory, for a day. Another browser, a private window or another person sees no offer.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from time import monotonic

import streamlit as st
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

from pages.shared import who

TOKEN = "_streamlit_xsrf"
DAY = 24 * 3600.0
MOST = 10_000  # browsers remembered; the one that was quiet longest goes first


@dataclass
class Seats:
    """Browser -> id of the data set it had open last, and when."""

    last: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def note(self, browser: str, data: str, now: float) -> None:
        with self.lock:
            self.last[browser] = data, now
            self.last.move_to_end(browser)
            while len(self.last) > MOST:
                self.last.popitem(last=False)

    def of(self, browser: str, now: float) -> str:
        """The data set, "" where that browser had none open within a day."""
        with self.lock:
            data, then = self.last.get(browser, ("", now))
            return data if now - then < DAY else ""


@st.cache_resource(show_spinner=False)
def seats() -> Seats:
    return Seats()


def browser() -> str:
    """A digest that stands for this browser and whoever signed in; "" where it cannot be told from others."""
    known = st.context.cookies.get(TOKEN, "")
    token = known and decode_xsrf_token_string(known)[0]
    return sha256(token + who.who().id.encode()).hexdigest() if token else ""


def note(data: str) -> None:
    """This browser has that data set open."""
    if own := browser():
        seats().note(own, data, monotonic())


def last() -> str:
    own = browser()
    return seats().of(own, monotonic()) if own else ""
