"""A proxy between a visitor and a server that can be down: it then answers 502 and cuts what was open."""

import socket
import threading
from urllib.parse import urlsplit

BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Line:
    """`url` is what visitors are told. Bytes pass as they are; `down()` and `up()` take effect at once."""

    def __init__(self, target: str) -> None:
        self._target = (urlsplit(target).hostname, urlsplit(target).port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._broken = threading.Event()
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> "Line":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._door.close()
        self.down()

    def down(self) -> None:
        self._broken.set()
        for one in list(self._open):
            _cut(one)

    def up(self) -> None:
        self._broken.clear()

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        if self._broken.is_set():
            visitor.recv(1 << 16)
            visitor.sendall(BAD_GATEWAY)
            return visitor.close()
        server = socket.create_connection(self._target)
        self._open |= {visitor, server}
        threading.Thread(target=self._pass, args=(server, visitor), daemon=True).start()
        self._pass(visitor, server)

    def _pass(self, come: socket.socket, go: socket.socket) -> None:
        try:
            while data := come.recv(1 << 16):
                go.sendall(data)
        except OSError:
            pass
        for one in (come, go):
            self._open.discard(one)
            _cut(one)


def _cut(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
