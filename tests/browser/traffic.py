"""What a browser page asked its server and whether that is answered: the script's runs as the socket tells them."""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


UNHEARD = 20.0  # seconds after which a rerun that began no run is taken for one the server let fall


class Traffic:
    """True in `waiting` from a socket's opening or a rerun asked for until a run that began after it has ended for good.

    The end of a run under way while another is asked for ends no wait; what the page asks by its own clock begins none.
    """

    def __init__(self, page):
        self._ask()
        page.on("websocket", self._opened)

    @property
    def waiting(self) -> bool:
        return self._open and (self._begun or time.monotonic() - self._asked < UNHEARD)

    def _opened(self, socket) -> None:
        self._ask()
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _ask(self) -> None:
        self._open, self._begun, self._asked = True, False, time.monotonic()

    def _sent(self, frame) -> None:
        told = BackMsg.FromString(frame) if isinstance(frame, bytes) else BackMsg()
        if told.WhichOneof("type") == "rerun_script" and not told.rerun_script.is_auto_rerun:
            self._ask()

    def _received(self, frame) -> None:
        told = ForwardMsg.FromString(frame)
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self._open = self._begun = True
        if kind == "script_finished" and told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._begun, self._asked = False, time.monotonic()
        elif kind == "script_finished" and self._begun:
            self._open = self._begun = False
