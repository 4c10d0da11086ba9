"""Signing in with the team's password: the form, the cookie, and a brake for those who guess."""

import hashlib
import html
import threading
import time
from collections import deque
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from server import password
from server.settings import LOCAL, Gate

COOKIE, IN, OUT = "perennial_gate", "/sign-in", "/sign-out"
HOURS = 12
TRIES, ALL_TRIES, MINUTE = 5, 60, 60.0
LONGEST = 4096
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Perennial: sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 "Source Sans", system-ui, sans-serif; max-width: 22rem; margin: 18vh auto; padding: 0 1rem }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .55rem .75rem; margin: .25rem 0 1rem;
 border: 1px solid #7A8496; border-radius: 8px }}
button {{ background: #0A5CB0; border-color: #0A5CB0; color: #FFF; cursor: pointer }}
</style></head><body><main><h1>Perennial</h1><p role="alert">{told}</p>
<form method="post" action="{action}"><input type="hidden" name="next" value="{next}">
<label for="password">Password of your team</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Sign in</button></form></main></body></html>"""


class Brake:
    """At most five wrong passwords a minute from one address, and sixty from all."""

    def __init__(self) -> None:
        self._wrong: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def admits(self, who: str, now: float) -> bool:
        """Whether that address may try; the try counts until `forgive`."""
        with self._lock:
            while self._wrong and now - self._wrong[0][0] > MINUTE:
                self._wrong.popleft()
            mine = sum(address == who for _, address in self._wrong)
            if mine >= TRIES or len(self._wrong) >= ALL_TRIES:
                return False
            self._wrong.append((now, who))
            return True

    def forgive(self, who: str) -> None:
        """The password was right."""
        with self._lock:
            self._wrong = deque(pair for pair in self._wrong if pair[1] != who)


class Desk:
    """Gives out cookies for the password and knows them again; a new password makes the old cookies worthless."""

    def __init__(self, gate: Gate) -> None:
        self._kept, self._brake = gate.password, Brake()
        self._one = threading.Lock()  # a try takes 32 MB: one at a time
        self._mark = hashlib.sha256(gate.password.encode()).hexdigest()[:16]
        self._signer = URLSafeTimedSerializer(gate.secret, salt="perennial-gate")

    def knows(self, cookie: str) -> bool:
        """Whether this server gave out that cookie within the last twelve hours, for the password of today."""
        try:
            return self._signer.loads(cookie, max_age=HOURS * 3600) == self._mark
        except BadSignature:
            return False

    def form(self, scope, told: str = "", status: int = 401) -> HTMLResponse:
        there = Request(scope).url
        back = there.path if there.path not in (IN, OUT) else "/"
        back += f"?{there.query}" if there.query and back != "/" else ""
        page = PAGE.format(told=html.escape(told), action=IN, next=html.escape(back, quote=True))
        return HTMLResponse(page, status, {"Cache-Control": "no-store"})

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        answer = await self._answer(request)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == OUT:
            answer = self.form(request.scope, "You are signed out.", 200)
            answer.delete_cookie(COOKIE)
            return answer
        if request.method != "POST":
            return self.form(request.scope, status=200)
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers["host"]:
            return PlainTextResponse("Sign in on the page of this server.", 403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST:
                return PlainTextResponse("That is too long.", 413)
        return await self._try(request, parse_qs(body.decode("utf-8", "replace")))

    async def _try(self, request: Request, given: dict) -> Response:
        who = request.client.host if request.client else ""
        if not self._brake.admits(who, time.monotonic()):
            return self.form(request.scope, "Too many tries. Wait a minute.", 429)
        if not await run_in_threadpool(self._right, given.get("password", [""])[0]):
            return self.form(request.scope, "That is not the password.", 401)
        self._brake.forgive(who)
        answer = RedirectResponse(inside(given.get("next", ["/"])[0]), 303)
        secure = request.url.hostname not in LOCAL
        cookie = self._signer.dumps(self._mark)
        answer.set_cookie(COOKIE, cookie, HOURS * 3600, httponly=True, samesite="lax", secure=secure)
        return answer

    def _right(self, word: str) -> bool:
        with self._one:
            return password.fits(word, self._kept)


def inside(path: str) -> str:
    """An address of this server or its front page, never another's.

    >>> inside("/data?ds=1"), inside("//evil.test"), inside("https://evil.test"), inside("/\\\\evil.test")
    ('/data?ds=1', '/', '/', '/')
    """
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
