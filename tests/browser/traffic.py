"""What a browser page asked its server and whether that is answered: the script's runs as the socket tells them."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Traffic:
    """True in `waiting` from a socket's opening or a rerun asked for until a run that began after it has ended for good.

    The end of a run under way while another is asked for ends no wait.
    """

    def __init__(self, page):
        self.waiting, self._begun = True, False
        page.on("websocket", self._opened)

    def _opened(self, socket) -> None:
        self._ask()
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _ask(self) -> None:
        self.waiting, self._begun = True, False

    def _sent(self, frame) -> None:
        if isinstance(frame, bytes) and BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
            self._ask()

    def _received(self, frame) -> None:
        told = ForwardMsg.FromString(frame)
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self.waiting = self._begun = True
        if kind == "script_finished" and told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._begun = False
        elif kind == "script_finished" and self._begun:
            self.waiting = False
