"""Files being made: the step each is at, how long it has taken, and a Cancel.

A file is made by the request of the browser that asked for it, beside the page; the page looks on by its own clock.
"""

from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic

import streamlit as st

from cs_models import words
from pages.shared import session, work
from pages.shared.downloads import Stopped

LOOK = 0.3  # seconds between two looks
LOST = 10.0  # seconds after which a press that began nothing is no longer waited for
_pairing = Lock()
Maker = Callable[[], Iterator[str]]  # says each step before it takes it, and returns the file


class Making:
    """One file on its way: the `steps` begun so far, whether it is `over` or `stopped`."""

    def __init__(self, label: str) -> None:
        self.label, self.steps, self.stopped = label, (), False
        self.heard_of: set[str] = set()
        self._began, self._ended = monotonic(), 0.0

    @property
    def over(self) -> bool:
        return bool(self._ended) or not self.steps and monotonic() - self._began > LOST

    @property
    def seconds(self) -> float:
        return (self._ended or monotonic()) - self._began

    def stop(self) -> None:
        """Heard at the end of the step under way; too late once there is a file."""
        self.stopped = not self._ended

    def through(self, steps: Iterator[str]):
        """Take every step; what the last one returns. Raises Stopped where somebody cancelled."""
        try:
            while True:
                title = next(steps)
                if self.stopped:
                    raise Stopped
                self.steps += (title,)
        except StopIteration as end:
            if self.stopped:
                raise Stopped from None
            return end.value
        finally:
            self._ended = monotonic()


def pressed(key: str, label: str) -> None:
    """Callback of the button."""
    _of(session.making(), key, label, "page")


def later(key: str, label: str, maker: Maker) -> Callable[[], object]:
    """What makes the file on demand, and lets this visitor's page see how far it is."""
    files = session.making()
    return lambda: _of(files, key, label, "request").through(maker())


def _of(files: dict[str, Making], key: str, label: str, side: str) -> Making:
    """A press comes in twice, as a run of the page and as a request for the file, in either order: both are of one. Where one
    of the two was lost, the next press is not taken for it.
    """
    with _pairing:
        found = files.pop(key, None)
        if found is None or side in found.heard_of or found.stopped or found.seconds > LOST:
            found = Making(label)
        found.heard_of.add(side)
        files[key] = found  # the newest stands last
        return found


def show() -> None:
    """What is being made, step by step; nothing where nothing is."""
    files = list(session.making().values())
    if any(not one.over for one in files):
        _watch()
    elif files and files[-1].stopped:
        st.caption("Stopped: no file was made.")


@st.fragment(run_every=LOOK)
def _watch() -> None:
    """When the last one is made, the page is drawn anew."""
    under_way = [(key, one) for key, one in list(session.making().items()) if not one.over]
    if not under_way:
        st.rerun()
    for key, one in under_way:
        with work.running(f"{one.label}: {words.counted(round(one.seconds), 'second')} so far"):
            for step in one.steps[:-1]:
                st.markdown(words.md(f"{step}: done"))
            st.markdown(words.md(f"{one.steps[-1] if one.steps else 'Asking for it'} ..."))
            st.button("Cancel", key=f"cancel-{key}", on_click=one.stop, icon=":material/close:", disabled=one.stopped,
                      help="Heard at the end of the step under way.")  # fmt: skip
