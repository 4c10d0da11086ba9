"""Signing in with the organisation's own accounts, by OpenID Connect: what stands in `[auth]`, and who a cookie speaks of.

Streamlit's `st.login` talks to the provider and keeps who signed in inside a signed cookie. The gate reads that cookie
before anything else is served, so that without it there is no page, websocket, upload or download.
"""

import html
import importlib.util
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from streamlit import config
from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.shared import who
from server.settings import LOCAL, Closed
from server.sign_in import HOURS, IN, OUT

CALLBACK = "/oauth2callback"
STREAMLITS = ("/auth/login", "/auth/logout", CALLBACK)  # answered before anybody is known
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Perennial: sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 "Source Sans", system-ui, sans-serif; max-width: 24rem; margin: 18vh auto; padding: 0 1rem }}
a {{ display: block; text-align: center; text-decoration: none; padding: .55rem .75rem; margin: 1rem 0;
 border-radius: 8px; background: #0A5CB0; color: #FFF }}
</style></head><body><main><h1>Perennial</h1><p role="alert">{told}</p><a href="{place}">{label}</a></main></body></html>"""


def auth(path: Path) -> dict[str, str]:
    """`[auth]` of the secrets file; Closed where it holds anything but the texts it needs."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("auth", {})
    except (OSError, ValueError):
        raise Closed("The secrets file cannot be read as TOML. Mend it or take it away.") from None
    wrong = not isinstance(given, dict) or set(given) - set(NEEDED) or not all(isinstance(v, str) for v in given.values())
    if wrong:
        raise Closed(f"[auth] in the secrets file may hold texts named {', '.join(NEEDED)} and nothing else.")
    return given


def refusals(given: Mapping[str, str], secret_refusals) -> list[str]:
    """Why nobody could sign in safely with these settings, a sentence each; [] when they may stand."""
    if lacking := [name for name in NEEDED if not given.get(name)]:
        return [f"The gate is oidc, and [auth] lacks {', '.join(lacking)}."]
    found = [*secret_refusals(given["cookie_secret"], "The cookie_secret in [auth]")]
    if urlsplit(given["redirect_uri"]).path != CALLBACK:
        found.append(f"redirect_uri in [auth] has to end in {CALLBACK}, with nothing before it but the host.")
    for name in ("redirect_uri", "server_metadata_url"):
        place = urlsplit(given[name])
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOCAL):
            found.append(f"{name} in [auth] has to begin with https.")
    if importlib.util.find_spec("authlib") is None or importlib.util.find_spec("httpx2") is None:
        found.append("Signing in with OpenID Connect needs the packages authlib and httpx2: make lock, then install.")
    return found


class Door:
    """Whom a cookie speaks of; the page that leads to the provider, and the way out."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._secret = given["cookie_secret"]
        place = urlsplit(given["redirect_uri"])
        self._origin, self.secure = f"{place.scheme}://{place.netloc}", place.scheme == "https"

    def claims(self, cookies: Mapping[str, str]) -> dict:
        """What the provider said of whoever signed in here within the last twelve hours; {} for all others."""

        def one(name: str) -> bytes | None:
            return decode_signed_value(self._secret, name, cookies.get(name, "").encode("latin-1", "replace"), HOURS / 24)

        try:
            found = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) and found.get("origin") == self._origin else {}

    async def __call__(self, scope, receive, send) -> None:
        """Our own two addresses, and the page for whoever has not signed in or is none of the people of this server."""
        await self._answer(Request(scope, receive))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.url.path == IN:
            return RedirectResponse(f"/auth/login?provider={encode_provider_token('default')}", 303)
        if request.url.path == OUT:
            return RedirectResponse("/auth/logout", 303)
        claims = self.claims(request.cookies)
        if not claims:
            return page("This server is for people it knows.", IN, "Sign in with your organisation", 401)
        told = f"You are signed in as {claims.get('email') or claims.get('sub')}, who is not among the people of this server."
        return page(told, OUT, "Sign out", 403)


def page(told: str, place: str, label: str, status: int) -> HTMLResponse:
    text = PAGE.format(told=html.escape(told), place=place, label=label)
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


def secured(send):
    """The cookies of whoever signed in over https travel over https only: Streamlit itself does not say so."""

    async def answer(message) -> None:
        if message["type"] == "http.response.start":
            mark = USER_COOKIE_NAME.encode()
            message = {**message, "headers": [
                (name, value + b"; Secure" if name.lower() == b"set-cookie" and value.startswith(mark) else value)
                for name, value in message.get("headers", ())]}  # fmt: skip
        await send(message)

    return answer


def in_force(path: Path) -> None:
    """Streamlit reads its part from the same file, wherever that lies."""
    config.set_option("secrets.files", [str(path)])


def knows(claims: Mapping) -> bool:
    return bool(claims) and who.person(claims) is not None
