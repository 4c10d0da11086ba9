"""A small OpenID provider for tests: discovery, a page on which one chooses who one is, codes with PKCE, signed tokens."""

import base64
import hashlib
import html
import secrets
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from servers import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

CLIENT, SECRET = "perennial", "client-" + "3f9a1c0b7e5d2846"
PEOPLE = {"Ana": "ana@firm.test", "Ben": "ben@firm.test", "Eve": "eve@elsewhere.test"}


class Provider:
    """Whoever comes chooses who he is; what a client asks is checked as a provider would."""

    def __init__(self, url: str) -> None:
        self.url, self.key = url, RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.codes: dict[str, dict] = {}

    def app(self) -> Starlette:
        places = {"/.well-known/openid-configuration": self.told, "/authorize": self.authorize, "/chosen": self.chosen,
                  "/token": self.token, "/jwks": self.jwks, "/end": self.end}  # fmt: skip
        return Starlette(routes=[Route(path, deed, methods=["GET", "POST"]) for path, deed in places.items()])

    async def told(self, _request: Request) -> JSONResponse:
        return JSONResponse({
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks", "end_session_endpoint": f"{self.url}/end",
            "code_challenge_methods_supported": ["S256"], "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"], "subject_types_supported": ["public"]})  # fmt: skip

    async def authorize(self, request: Request) -> HTMLResponse:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        links = "".join(f'<p><a href="/chosen?{html.escape(urlencode({**asked, "who": name}))}">{name}</a></p>' for name in PEOPLE)
        return HTMLResponse(f"<h1>Who are you?</h1>{links}")

    async def chosen(self, request: Request) -> RedirectResponse:
        asked, code = dict(request.query_params), secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> JSONResponse:
        form = await request.form()
        asked = self.codes.pop(str(form["code"]))
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert proof.decode() == asked["code_challenge"] and request.headers["authorization"] == f"Basic {basic}"
        now, name = int(time.time()), asked["who"]
        claims = {"iss": self.url, "sub": f"subject-of-{name}", "aud": CLIENT, "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], "email": PEOPLE[name], "email_verified": True, "name": name}  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    async def jwks(self, _request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def end(self, request: Request) -> HTMLResponse:
        there = html.escape(request.query_params["post_logout_redirect_uri"])
        return HTMLResponse(f"<h1>Goodbye</h1><p>{there}</p>")


@contextmanager
def running():
    """The provider on a port of its own; its address."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(provider.app(), "127.0.0.1", port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield provider.url
    finally:
        server.should_exit = True
        thread.join(10)
