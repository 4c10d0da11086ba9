"""Uploads on their way in: who may not bring any, or brought enough, is told so before the first byte is read."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from streamlit import config

from pages.shared import quota, who

PLACE = "/_stcore/upload_file/"


class Uploads:
    """ASGI middleware behind the gate: it finds in `scope["perennial.claims"]` whom the gate let in."""

    def __init__(self, app) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http" and scope["method"] in ("PUT", "POST") and PLACE in scope["path"]:
            person = who.person(scope.get("perennial.claims", {})) or who.NOBODY
            status, why = 403, who.LOOK_ONLY
            if person.role == who.EDITOR:
                status, why = 429, quota.refusal_raw(_size(Headers(scope=scope)), person.id)
            if why:
                return await PlainTextResponse(why, status, {"Connection": "close"})(scope, receive, send)
        await self.app(scope, receive, send)


def _size(headers: Headers) -> int:
    """What the request says it brings; one that does not say counts as the largest there may be."""
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else config.get_option("server.maxUploadSize") << 20
