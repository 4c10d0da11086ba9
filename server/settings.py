"""Who guards the server: one part of one file, `[gate]` in `.streamlit/secrets.toml`.

Without that part the app serves this machine only.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pages.shared.who import OIDC, PROXY, Rules

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "password"
LOCAL = ("127.0.0.1", "::1", "localhost")


class Closed(Exception):
    """The server may not start like this; the message says why and what to do."""


@dataclass(frozen=True)
class Gate:
    """Settings of the gate; `kind` is "" (this machine only), "proxy", "password" or "oidc".

    `people` and `editors`: addresses with commas between them, see `pages.shared.who.Rules`.
    """

    kind: str = ""
    secret: str = ""
    header: str = "X-Forwarded-Email"
    password: str = ""
    people: str = ""
    editors: str = ""

    def rules(self) -> Rules:
        """How people are told apart behind this gate."""
        return Rules(self.kind if self.kind in (PROXY, OIDC) else "", _list(self.people), _list(self.editors))


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def place() -> Path:
    """PERENNIAL_SECRETS, else `.streamlit/secrets.toml` beside app.py."""
    return Path(os.environ.get("PERENNIAL_SECRETS") or ROOT / ".streamlit" / "secrets.toml")


def read(path: Path) -> Gate:
    """The gate of that file; Closed when the file cannot be understood. No file, no gate."""
    if not path.is_file():
        return Gate()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("gate", {})
    except (OSError, ValueError):
        raise Closed("The secrets file cannot be read as TOML. Mend it or take it away.") from None
    known = Gate.__dataclass_fields__
    unknown = [] if not isinstance(given, dict) else [name for name in given if name not in known]
    if not isinstance(given, dict) or unknown or not all(isinstance(value, str) for value in given.values()):
        raise Closed(f"[gate] in the secrets file may hold texts named {', '.join(known)} and nothing else.")
    return Gate(**given)
