"""One visitor without a browser: the app's own websocket and protobuf messages, as a browser sends them."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120.0  # seconds for one run
AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
KEPT = 60  # messages that a browser keeps, so that they need not be sent again


class Visitor:
    """Opens a page and acts on it. Every action waits until the page has been drawn, and returns the seconds it took.

    `text()` is what stands on the page; `faults` counts runs that ended with the app's own error page.
    """

    def __init__(self, url: str, path: str = "/", query: str = "") -> None:
        self.url, self.path, self.query = url, path.strip("/"), query
        self.http = requests.Session()
        self.session, self.page, self.faults, self.timers = "", "", 0, {}
        self._shown: dict[tuple, tuple] = {}  # place on the page -> element, the fragment it belongs to
        self._values: dict[str, WidgetState] = {}
        self._known: dict[str, bytes] = {}
        self._pages: dict[str, str] = {}
        self.socket: ClientConnection | None = None

    def __enter__(self) -> "Visitor":
        self.open()
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def open(self) -> float:
        """Come in, or come back after the line broke: then to the same session."""
        begun = time.perf_counter()
        self.http.get(f"{self.url}/_stcore/health", timeout=PATIENCE).raise_for_status()
        self.connect()
        self._ask(page_name=self.path)
        self._wait()
        return time.perf_counter() - begun

    def connect(self) -> None:
        """The websocket alone; `open` asks for the page too."""
        token = self.http.cookies.get("_streamlit_xsrf", "")
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies)
        self._line = connect(
            f"ws://{urlsplit(self.url).netloc}/_stcore/stream", origin=self.url, max_size=None,
            subprotocols=[one for one in ("streamlit", token, self.session) if one], additional_headers={"Cookie": cookies},
            open_timeout=PATIENCE, ping_interval=None,
        )  # fmt: skip
        self.socket = self._line.__enter__()

    def drop(self) -> None:
        """The line breaks: no goodbye."""
        self.socket.socket.close()
        self.socket = None

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    # --- what is on the page ---

    def elements(self, kind: str) -> Iterator:
        """Elements of a kind, in the order of the page."""
        for place in sorted(self._shown):
            element = self._shown[place][0]
            if element.WhichOneof("type") == kind:
                yield getattr(element, kind)

    def everything(self) -> str:
        """Every text of every element."""
        return "\n".join(str(element) for element, _ in self._shown.values())

    def text(self) -> str:
        """Headings, running text and messages."""
        said = [one.body for kind in ("heading", "markdown", "alert") for one in self.elements(kind)]
        return "\n".join(said).replace("\xa0", " ").replace("\\", "")

    @property
    def headline(self) -> str:
        return next((one.body for one in self.elements("heading") if one.tag == "h1"), "")

    def widget(self, kind: str, label: str):
        found = [one for one in self.elements(kind) if label in one.label]
        if not found:
            raise LookupError(f"No {kind} with {label!r} on the page. It says: {self.text()[:500]}")
        return found[0]

    # --- what may be done ---

    def go(self, page: str) -> float:
        """To another page of the menu, by its address ("" for the first)."""
        self.path, self._values = page, {}
        return self._act(page_script_hash=self._pages[page])

    def press(self, label: str) -> float:
        return self._set("button", label, trigger_value=True)

    def slide(self, label: str, value: float) -> float:
        state = WidgetState(id=self.widget("slider", label).id)
        state.double_array_value.data.append(value)
        return self._send(state, label, "slider")

    def type_in(self, label: str, text: str) -> float:
        return self._set("text_input", label, string_value=text)

    def wait_timer(self) -> float:
        """What the page asked to be drawn again by itself, now."""
        fragment = next(iter(self.timers))
        return self._act(fragment, is_auto_rerun=True)

    def again(self) -> float:
        """The page as it is, drawn anew."""
        return self._act()

    def _set(self, kind: str, label: str, **value) -> float:
        return self._send(WidgetState(id=self.widget(kind, label).id, **value), label, kind)

    def _send(self, state: WidgetState, label: str, kind: str) -> float:
        fragment = next(part for element, part in self._shown.values()
                        if element.WhichOneof("type") == kind and getattr(element, kind).id == state.id)  # fmt: skip
        self._values[state.id] = state
        try:
            return self._act(fragment)
        finally:
            if state.WhichOneof("value") == "trigger_value":
                self._values.pop(state.id, None)

    # --- uploads ---

    def put(self, address: str, data, name: str = "export.csv", **more) -> requests.Response:
        """Bytes sent to an address for uploads, with the token a browser would send."""
        token = self.http.cookies.get("_streamlit_xsrf", "")
        return self.http.put(self.url + address, files={name: (name, data)}, headers={"X-Xsrftoken": token}, **more)

    def upload(self, label: str, data: bytes, name: str = "export.csv") -> float:
        """A file into the uploader of that label."""
        message = BackMsg()
        message.file_urls_request.request_id = "one"
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        self.socket.send(message.SerializeToString())
        while (told := self._next(PATIENCE)).WhichOneof("type") != "file_urls_response":
            self._take(told)
        (urls,) = told.file_urls_response.file_urls
        answer = self.put(urls.upload_url if urls.upload_url.startswith("/") else f"/{urls.upload_url}", data, name)
        answer.raise_for_status()
        state = WidgetState(id=self.widget("file_uploader", label).id)
        info = state.file_uploader_state_value.uploaded_file_info.add(name=name, size=len(data), file_id=urls.file_id)
        info.file_urls.CopyFrom(urls)
        return self._send(state, label, "file_uploader")

    # --- messages ---

    def _act(self, fragment: str = "", **more) -> float:
        begun = time.perf_counter()
        self._ask(fragment, **more)
        self._wait()
        return time.perf_counter() - begun

    def _ask(self, fragment: str = "", **more) -> None:
        state = ClientState(query_string=self.query, fragment_id=fragment, **({"page_script_hash": self.page} | more))
        state.context_info.timezone, state.context_info.locale = "UTC", "en-US"
        state.context_info.url = f"{self.url}/{self.path}"
        state.widget_states.widgets.extend(self._values.values())
        state.cached_message_hashes.extend(self._known)
        self._asked = fragment
        self.socket.send(BackMsg(rerun_script=state).SerializeToString())

    def _wait(self) -> None:
        """Until the run that was asked for is over."""
        until, begun = time.monotonic() + PATIENCE, False
        while True:
            told = self._next(until - time.monotonic())
            self._take(told)
            kind = told.WhichOneof("type")
            begun = begun or kind == "new_session"
            if kind == "script_finished" and begun and told.script_finished != AGAIN:
                return

    def _next(self, seconds: float) -> ForwardMsg:
        told = ForwardMsg()
        told.ParseFromString(self.socket.recv(timeout=max(seconds, 0.01)))
        if told.WhichOneof("type") == "ref_hash":
            place = told.metadata.delta_path
            kept = ForwardMsg()
            kept.ParseFromString(self._known[told.ref_hash])
            kept.metadata.delta_path[:] = place
            return kept
        if told.metadata.cacheable and told.hash:
            self._known[told.hash] = told.SerializeToString()
            while len(self._known) > KEPT:
                self._known.pop(next(iter(self._known)))
        return told

    def _take(self, told: ForwardMsg) -> None:
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self._begin(told.new_session)
        elif kind == "navigation":
            self._pages = {one.url_pathname: one.page_script_hash for one in told.navigation.app_pages}
            self.page = told.navigation.page_script_hash or self.page
        elif kind == "page_info_changed":
            self.query = told.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.timers[told.auto_rerun.fragment_id] = told.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for one in told.stop_auto_rerun.fragment_ids:
                self.timers.pop(one, None)
        elif kind == "script_finished" and told.script_finished == AGAIN:
            self._asked = ""  # a part that asks for the page to be drawn anew
        elif kind == "delta":
            self._draw(tuple(told.metadata.delta_path), told.delta)

    def _begin(self, new) -> None:
        self.session = new.initialize.session_id or self.session
        if self._asked:  # its clock goes on: told once, by the run of the whole page
            self._shown = {place: one for place, one in self._shown.items() if one[1] != self._asked}
        else:
            self.timers, self._shown, self.page = {}, {}, new.page_script_hash

    def _draw(self, place: tuple, delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        if delta.new_element.WhichOneof("type") == "exception":
            self.faults += 1
        self._shown[place] = (delta.new_element, delta.fragment_id)
