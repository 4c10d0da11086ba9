"""A file asked for while its page is drawn anew is made all the same.

Streamlit makes a download when its button is pressed, under a number that each run of the page draws anew, and it
forgets the numbers nobody shows at the end of every run of anybody: also of a run that another move of a lever cut
short, whose buttons no browser has seen. Whoever pressed in that moment was told that the file cannot be made.
"""

import logging
import sys
from time import monotonic

from streamlit import runtime
from streamlit.runtime import runtime as server
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager

GRACE = 60.0  # seconds that a number and a finished file outlive the run that put others in their place


class Stopped(Exception):
    """Whoever asked for a file pressed Cancel: there is none, and nothing is wrong."""


class Patient(MediaFileManager):
    """What no page shows goes at the second look after it was left, and two looks are a grace apart."""

    def __init__(self, storage):
        super().__init__(storage)
        self._looked, self._left = float("-inf"), set()

    def remove_orphaned_files(self) -> None:
        """Called at the end of every run. Finished files already take two looks: a mark, then the removal."""
        now = monotonic()
        if now - self._looked >= GRACE:
            self._looked = now
            super().remove_orphaned_files()

    def let_go(self) -> None:
        """All that no page shows, at once."""
        for _ in range(2):
            super().remove_orphaned_files()

    def _remove_orphaned_deferred_callables(self) -> None:
        shown = {one for places in self._files_by_session_and_coord.values() for one in places.values()}
        left = self._deferred_callables.keys() - shown
        for one in left & self._left:
            self._drop_deferred_id(one)
        self._left = left - self._left


def install() -> None:
    """For the server about to start."""
    server.MediaFileManager = Patient
    logging.getLogger(DeferredFileHandler.__module__).addFilter(_is_news)


def _is_news(_: logging.LogRecord) -> bool:
    return not isinstance(getattr(sys.exc_info()[1], "__cause__", None), Stopped)


def let_go() -> None:
    """Where somebody deleted data, nothing waits: what a button could have made of them goes too."""
    if runtime.exists() and isinstance(kept := runtime.get_instance().media_file_mgr, Patient):
        kept.let_go()
