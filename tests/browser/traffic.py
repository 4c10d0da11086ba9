"""What a browser page asked its server and whether that is answered: the script's runs as the socket tells them."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Traffic:
    """True in `waiting` from a socket's opening or a rerun asked for until a run has ended that no other follows."""

    def __init__(self, page):
        self.waiting = True
        page.on("websocket", self._opened)

    def _opened(self, socket) -> None:
        self.waiting = True
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame) -> None:
        if isinstance(frame, bytes) and BackMsg.FromString(frame).WhichOneof("type") == "rerun_script":
            self.waiting = True

    def _received(self, frame) -> None:
        told = ForwardMsg.FromString(frame)
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self.waiting = True
        if kind == "script_finished":
            self.waiting = told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
