"""The gate: nothing but the health checks passes it unasked, neither a page nor a websocket, an upload or a download.

Exactly one of: this machine only; a proxy that proves itself by a secret and says who it is; the organisation's own
accounts by OpenID Connect; one password. Whom it let in stands in `scope["perennial.claims"]`.
"""

import hmac
import http.cookies
import ipaddress

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.shared.who import OIDC, PROXY
from server import metrics, oidc, sign_in
from server.settings import PASSWORD, Gate

OPEN = ("/healthz", "/_stcore/health")  # they say "ok" and nothing else
SECRET = "x-perennial-secret"
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-email", "x-real-ip")
UNUSED = ("/_stcore/agent",)
NOT_HERE = "This server answers to people on its own machine only."
NONE_OF_US = "You are not among the people of this server. Ask whoever runs it."
NOT_YOU = "Come through the front door: this server answers to its proxy only."


def from_here(address: object) -> bool:
    """Whether an address is this machine's own; one that cannot be read is not.

    >>> from_here("127.0.0.1"), from_here("::1"), from_here("10.0.0.7"), from_here("/tmp/socket")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware around everything, http and websocket alike."""

    def __init__(self, app, gate: Gate, door: oidc.Door | None = None) -> None:
        self.app, self.gate, self.door = app, gate, door
        self.desk = sign_in.Desk(gate) if gate.kind == PASSWORD else None

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in OPEN:
            return await self.app(scope, receive, send)

        headers = Headers(scope=scope)
        if not _one(headers, "host") or not is_host_allowed(headers["host"]):
            return await _refuse(scope, receive, send, "This server is not known by that name.")
        if any(part in scope["path"] for part in UNUSED) or _unasked(scope["path"]):
            return await _refuse(scope, receive, send, "Not found", 404)
        if self.desk is not None:
            return await self._by_password(headers, scope, receive, send)
        if self.gate.kind == OIDC:
            return await self._by_provider(headers, scope, receive, send)
        if self.gate.kind == PROXY:
            if not self._from_proxy(headers):
                return await _refuse(scope, receive, send, NOT_YOU)
            claims = {"email": headers[self.gate.header]}
            if not oidc.knows(claims):
                return await _refuse(scope, receive, send, NONE_OF_US)
            kept = [pair for pair in scope["headers"] if pair[0].lower() != SECRET.encode()]
            return await self.app({**scope, "headers": kept, "perennial.claims": claims}, receive, send)
        ends = (scope.get("server") or ("",), scope.get("client") or ("",))
        passed_on = any(name in headers for name in PASSED_ON)  # a proxy here speaks for the world out there
        if passed_on or not all(from_here(end[0]) for end in ends):
            return await _refuse(scope, receive, send, NOT_HERE)
        await self.app(scope, receive, send)

    def _from_proxy(self, headers: Headers) -> bool:
        """Each header once: of two, the proxy may have written one and a stranger the other."""
        if not _one(headers, SECRET) or not _one(headers, self.gate.header):
            return False
        given = headers[SECRET].encode("latin-1")
        return hmac.compare_digest(given, self.gate.secret.encode()) and bool(headers[self.gate.header].strip())

    async def _by_password(self, headers: Headers, scope, receive, send) -> None:
        cookie = _cookies(headers).get(sign_in.COOKIE, "")
        if scope["type"] == "http" and scope["path"] in (sign_in.IN, sign_in.OUT):
            return await self.desk(scope, receive, send)
        if self.desk.knows(cookie):
            return await self.app(scope, receive, send)
        if _wants_page(headers, scope):
            return await self.desk.form(scope)(scope, receive, send)
        await _refuse(scope, receive, send, "Sign in first.", 401)

    async def _by_provider(self, headers: Headers, scope, receive, send) -> None:
        if self.door.secure and scope["type"] == "http":
            send = oidc.secured(send)
        if scope["type"] == "http" and scope["path"] in oidc.STREAMLITS:
            return await self.app(scope, receive, send)
        claims = self.door.claims(_cookies(headers))
        own = scope["type"] == "http" and scope["path"] in (sign_in.IN, sign_in.OUT)
        if not own and oidc.knows(claims):
            return await self.app({**scope, "perennial.claims": claims}, receive, send)
        if own or _wants_page(headers, scope):
            return await self.door(scope, receive, send)
        await _refuse(scope, receive, send, "Sign in first.", 401)


def _wants_page(headers: Headers, scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _cookies(headers: Headers) -> dict[str, str]:
    """Of a header that is none, nothing."""
    found = http.cookies.SimpleCookie()
    try:
        found.load(headers.get("cookie", ""))
    except http.cookies.CookieError:
        found.clear()
    return {name: one.value for name, one in found.items()}


def _one(headers: Headers, name: str) -> bool:
    return len(headers.getlist(name)) == 1


def _unasked(path: str) -> bool:
    return path.endswith("/_stcore/metrics") and not metrics.asked_for()


async def _refuse(scope, receive, send, why: str, status: int = 403) -> None:
    """A sentence; a websocket is closed before it opens, which the browser sees as 403."""
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": 1008})
    await PlainTextResponse(why, status)(scope, receive, send)
