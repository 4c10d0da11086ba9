"""May the server start like this? Every reason why not, as a sentence: open by mistake, it never serves."""

import os
from collections.abc import Mapping
from pathlib import Path

from streamlit import config

from pages.shared.who import OIDC, PROXY
from server import oidc, password
from server.settings import LOCAL, PASSWORD, Closed, Gate

SHORTEST = 32
EXAMPLES = ("change", "secret", "example", "default", "password")
FIXED = {  # what the app's safety rests on; anything else was set by mistake
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.corsAllowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.disableDataExport": True,
    "browser.gatherUsageStats": False,
    "logger.messageFormat": "%(message)s",
}


def refusals(gate: Gate, place: Path, option=config.get_option, environment: Mapping = os.environ) -> list[str]:
    """Why this server may not start; [] when it may. `option` answers the value in force of an option by name."""
    found = [*_file(gate, place), *_gate(gate), *_provider(gate, place), *_address(gate, option), *_identity(gate, option)]
    for name, wanted in FIXED.items():
        if option(name) != wanted:
            found.append(f"The option {name} has to be {wanted!r} and is not. See .streamlit/config.toml.")
    return found + list(_ignored(option, environment))


def _file(gate: Gate, place: Path):
    if not gate.kind or not place.is_file():
        return
    found = place.stat()
    of_root = 0o040 if found.st_gid == 0 and found.st_uid == 0 else 0  # root's group may: so systemd hands it over
    if found.st_mode & 0o077 & ~of_root:
        yield "Others on this machine may read the secrets file. Take that right away: chmod 600."


def _gate(gate: Gate):
    if gate.kind not in ("", PROXY, PASSWORD, OIDC):
        yield f"The gate may be of kind {PROXY}, {OIDC} or {PASSWORD}, and this is none of them."
    if not gate.kind and gate != Gate():
        yield "The part [gate] names no kind, so nobody would guard the door. Say which."
    if gate.kind in (PROXY, PASSWORD):
        yield from _secret(gate.secret, "The gate's secret")
    if gate.kind == OIDC and not gate.people.strip():
        yield 'Say in [gate] who may come in, such as people = "*@firm.com": the provider may know the whole world.'
    if gate.kind not in (PROXY, OIDC) and (gate.people or gate.editors):
        yield "Only a gate that knows people can tell them apart: people and editors belong to proxy or oidc."
    if gate.kind == PASSWORD and not password.well_formed(gate.password):
        yield "The gate's password is no scrypt hash. Make one: python -m server.password."
    if gate.kind == PROXY and not gate.header.replace("-", "").isalnum():
        yield "The gate needs the name of the header in which the proxy says who it is."


def _provider(gate: Gate, place: Path):
    return oidc.refusals(oidc.auth(place), _secret) if gate.kind == OIDC else []


def _secret(secret: str, name: str):
    plain = secret.lower()
    if len(secret) < SHORTEST:
        yield f"{name} is missing or has fewer than {SHORTEST} characters. Make one: openssl rand -hex 32."
    elif len(set(plain)) < 10 or any(word in plain for word in EXAMPLES):
        yield f"{name} can be guessed. Make one: openssl rand -hex 32."


def _address(gate: Gate, option):
    hosts = option("server.allowedHosts")
    if not hosts or any("*" in host for host in hosts):
        yield "Name every host the server answers to in server.allowedHosts; a star would let any site in."
    if not gate.kind and option("server.address") not in LOCAL:
        yield "The address is not this machine's own (127.0.0.1), and there is no gate. Set one up: docs/deployment.md."


def _identity(gate: Gate, option):
    named = {name.lower() for name in option("server.trustedUserHeaders") or {}}
    allowed = {gate.header.lower()} if gate.kind == PROXY else set()
    if named - allowed:
        yield "server.trustedUserHeaders trusts a header that anybody could send. Only the gate's own may stand there."


def _ignored(option, environment: Mapping):
    """Settings in the environment that had no effect: with `uvicorn app:app` nothing of STREAMLIT_* has."""
    for name in config.get_config_options():
        key = "STREAMLIT_" + "".join(f"_{c}" if c.isupper() else c for c in name).replace(".", "_").upper()
        if key in environment and _text(option(name)) != _text(environment[key]):
            yield f"{key} is set and not in force. Put it into .streamlit/config.toml."


def _text(value: object) -> str:
    return "".join(c for c in str(value).lower() if c.isalnum() or c in ".-:")


def check(gate: Gate, place: Path) -> None:
    """Closed with every reason, one a line."""
    if found := refusals(gate, place):
        raise Closed("\n".join(found))
