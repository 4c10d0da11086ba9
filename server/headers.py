"""What every answer tells the browser: run nothing and load nothing that this server did not send itself.

Text from a file may one day get past the escaping of a page (see `words.md`). The content security policy is the second
lock behind it: a picture, a script or a form that points to another host is not loaded, and no other site can show
the app inside a frame of its own.
"""

import base64
import hashlib
import re
from pathlib import Path

from streamlit import file_util

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
UNCACHED = ("/media/", "/_stcore/upload_file/")  # what a person loaded or made: for no shared cache


def inline_scripts() -> list[str]:
    """The hashes of the scripts that stand in the page Streamlit sends; they change with its version."""
    text = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    found = (hashlib.sha256(script.encode()).digest() for script in INLINE.findall(text))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in found]


def policy() -> str:
    """The content security policy: scripts by address or hash, none as text, and no other host for anything.

    Styles stay open to the page's own text, because Streamlit writes them as it goes; a style runs nothing.
    """
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Headers:
    """ASGI middleware: the policy and its neighbours on every answer, those of other middleware and errors too."""

    def __init__(self, app) -> None:
        self.app = app
        self.always = [
            (b"content-security-policy", policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        ]

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        extra = list(self.always)
        if any(part in scope["path"] for part in UNCACHED):
            extra.append((b"cache-control", b"no-store"))
        ours = {name for name, _ in extra}

        async def answer(message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
                message = {**message, "headers": kept + extra}
            await send(message)

        await self.app(scope, receive, answer)
