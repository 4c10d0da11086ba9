"""The team's shelf of scenarios as a page sees it: the shelf, one entry, its address, the clock of the reader."""

from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.shared import link
from pages.shared.our_shelf import OurShelf

AGAIN = 15  # seconds until a database that did not answer is asked again
PAGE = "scenarios"
HERE = ("localhost", "127.0.0.1", "::1")  # addresses that another machine would take for itself


@st.cache_resource(show_spinner=False)
def _opened(url: str):
    from cs_models.shelf import Shelf

    return Shelf(url)


@st.cache_resource(ttl=AGAIN, show_spinner=False)
def _refused(url: str) -> str:
    """Why the shelf cannot be opened, "" where it can: asked now and then, so that no page waits each time."""
    from cs_models.shelf import Unavailable

    try:
        _opened(url)
    except Unavailable as error:
        return str(error)
    return ""


def shelf() -> OurShelf:
    """The saved scenarios of this server's team that are for whoever looks; Unavailable, a sentence, where there is no
    way to them.
    """
    return OurShelf(_every())


def _every():
    from cs_models.shelf import Unavailable
    from cs_models.shelf.engines import address as place

    if why := _refused(place()):
        raise Unavailable(why)
    return _opened(place())


def forget() -> None:
    """Open the shelf anew at the next question."""
    _opened.clear()
    _refused.clear()


def forget_data(data: str) -> None:
    """The name of deleted data goes from saved scenarios; where nobody saved any, there is nothing to open."""
    from cs_models.shelf.engines import address as place

    file = place().removeprefix("sqlite:///")
    if file == place() or Path(file).exists():
        _every().forget_data(data)


def address(scenario: str) -> str:
    """The full address that opens a saved scenario (`reach` says where).

    It holds the id and nothing else: no name, no figure. Without a browser around it, the part after the host.
    """
    query = f"{PAGE}?{urlencode({link.SCENARIO: scenario})}"
    here = urlsplit(st.context.url or "")
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    path = f"/{base}/{query}" if base else f"/{query}"
    return f"{here.scheme}://{here.netloc}{path}" if here.netloc else path


def reach() -> str:
    """Where a link opens: an address by which a machine speaks to itself leads nowhere from another one."""
    if urlsplit(st.context.url or "").hostname in HERE:
        return "on this machine"
    return "on any machine that reaches this server"


def abroad(scenario: str) -> str:
    """Its address as a file tells it: one of this machine alone opens nowhere else, so the scenario's id stands there."""
    told = address(scenario)
    return f"{scenario}, on the machine this was made on" if urlsplit(told).hostname in (None, *HERE) else told


def now() -> datetime:
    return datetime.now(timezone.utc)


def zone() -> str:
    """The time zone of whoever looks."""
    return st.context.timezone or "UTC"
