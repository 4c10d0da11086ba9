"""Who passes the gate, who does not, and which servers never start."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import own_loop
import pytest
from streamlit import config

from pages.shared import who
from server import password, selftest, sign_in
from server.gate import Guard
from server.settings import Closed, Gate, read
from server.uploads import Uploads

ROOT = Path(__file__).resolve().parents[1]
SECRET = "3f9a1c0b7e5d2846af13c9e07b62d548"
PROXY = Gate("proxy", SECRET)
ANA = {"X-Perennial-Secret": SECRET, "X-Forwarded-Email": "ana@firm.test"}
WORD = "correct horse battery"
TEAM = Gate("password", SECRET, password=password.hashed(WORD, b"0123456789abcdef"))
MEDIA = "/media"
EVERYWHERE = ("/", "/data", "/_stcore/upload_file/1/2", f"{MEDIA}/3f.csv", "/_stcore/host-config", "/metrics", "/static/a.js")


def ask(guard, path="/", headers=(), kind="http", method="GET", body=b"", client="127.0.0.1", server="127.0.0.1"):
    """(status, headers, text) of one request; a websocket that is refused has status 403, one let in 101."""
    sent = []
    named = [*dict(headers or {}).items()] if isinstance(headers, dict) else list(headers)
    if "host" not in {name.lower() for name, _ in named}:
        named.append(("host", "localhost"))
    scope = {
        "type": kind, "path": path, "method": method, "query_string": b"", "scheme": "http" if kind == "http" else "ws",
        "headers": [(name.lower().encode(), value.encode()) for name, value in named],
        "client": (client, 1234), "server": (server, 8501), "root_path": "", "http_version": "1.1",
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    own_loop.run(guard(scope, receive, send))
    if kind == "websocket":
        return 403 if sent[0]["type"] == "websocket.close" else 101
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:]).decode()


@pytest.fixture
def guarded():
    """A guard around an app that says what it was given."""
    seen = []

    def make(gate: Gate, door=None) -> Guard:
        who.rule(gate.rules())

        async def app(scope, receive, send):
            seen.append(scope)
            if scope["type"] == "websocket":
                return await send({"type": "websocket.accept"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"inside"})

        guard = Guard(Uploads(app), gate, door)
        guard.seen = seen
        return guard

    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", ["localhost", "127.0.0.1", "::1", "perennial.firm.test"])
    yield make
    config.set_option("server.allowedHosts", before)
    who.rule(who.Rules())


def test_without_a_gate_this_machine_alone_is_served(guarded):
    guard = guarded(Gate())
    assert ask(guard)[0] == 200 and ask(guard, kind="websocket") == 101
    for far in ({"client": "10.0.0.7"}, {"server": "10.0.0.1"}, {"client": "10.0.0.7", "server": "10.0.0.1"}):
        assert ask(guard, **far)[0] == 403 and ask(guard, kind="websocket", **far) == 403
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Email"):
        assert ask(guard, headers={name: "127.0.0.1"})[0] == 403, "a proxy on this machine lets others in"


@pytest.mark.parametrize("gate", [Gate(), PROXY, TEAM], ids=["local", "proxy", "password"])
@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "localhost@evil.test", "", "localhost:x", "a/localhost"])
def test_a_foreign_name_of_the_host_is_refused(guarded, gate, host):
    guard, who = guarded(gate), ANA if gate is PROXY else {}
    assert ask(guard, headers={**who, "host": host})[0] == 403
    assert ask(guard, headers={**who, "host": host}, kind="websocket") == 403 and not guard.seen


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("headers", [
    {}, {"X-Forwarded-Email": "ceo@firm.test"}, {**ANA, "X-Perennial-Secret": SECRET[:-1]}, {**ANA, "X-Perennial-Secret": ""},
    {"X-Perennial-Secret": SECRET}, {**ANA, "X-Forwarded-Email": " "}, {**ANA, "X-Perennial-Secret": "é" * 32},
    [*ANA.items(), ("X-Forwarded-Email", "ceo@firm.test")], [*ANA.items(), ("X-Perennial-Secret", "x")],
])  # fmt: skip
def test_an_identity_counts_only_with_the_proxy_s_secret(guarded, path, headers):
    guard = guarded(PROXY)
    assert ask(guard, path, headers)[0] == 403 and ask(guard, path, headers, "websocket") == 403
    assert ask(guard, path, headers, method="PUT")[0] == 403 and not guard.seen


def test_the_proxy_passes_and_its_secret_goes_no_further(guarded):
    guard = guarded(PROXY)
    assert ask(guard, headers=ANA)[2] == "inside" and ask(guard, headers=ANA, kind="websocket") == 101
    for scope in guard.seen:
        assert not [pair for pair in scope["headers"] if SECRET.encode() in pair[1]]
        assert (b"x-forwarded-email", b"ana@firm.test") in scope["headers"]


@pytest.mark.parametrize("gate", [Gate(), PROXY, TEAM], ids=["local", "proxy", "password"])
def test_health_is_told_to_everybody_and_the_rest_of_the_machine_room_to_nobody(guarded, gate, monkeypatch):
    monkeypatch.delenv("PERENNIAL_METRICS", raising=False)
    guard = guarded(gate)
    assert ask(guard, "/healthz", client="10.0.0.7")[0] == 200 == ask(guard, "/_stcore/health")[0]
    guard = guarded(Gate())
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/base/_stcore/metrics"):
        assert ask(guard, path)[0] == 404
    monkeypatch.setenv("PERENNIAL_METRICS", "yes")
    assert ask(guard, "/_stcore/metrics")[0] == 200


# --- the password ---


def signed(guard, word=WORD, to="/data?ds=1", **given):
    body = urlencode({"password": word, "next": to}).encode()
    return ask(guard, sign_in.IN, method="POST", body=body, **given)


@pytest.mark.parametrize("path", EVERYWHERE)
def test_nobody_passes_without_the_password(guarded, path):
    guard = guarded(TEAM)
    forged = [{}, {"cookie": f"{sign_in.COOKIE}=x.y.z"}, {"cookie": f"{sign_in.COOKIE}={TEAM.password}"}, {"cookie": "=;;,"}, ANA]
    for headers in forged:
        assert ask(guard, path, headers)[0] == 401 and ask(guard, path, headers, method="PUT")[0] == 401
        assert ask(guard, path, headers, "websocket") == 403
    status, told, text = ask(guard, path, {"accept": "text/html"})
    assert status == 401 and 'type="password"' in text and told["cache-control"] == "no-store" and not guard.seen


def test_the_password_opens_everything_by_a_cookie_scripts_cannot_read(guarded):
    guard = guarded(TEAM)
    status, told, _ = signed(guard, headers={"host": "perennial.firm.test"})
    assert status == 303 and told["location"] == "/data?ds=1"
    for mark in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=43200", "Path=/"):
        assert mark in told["set-cookie"]
    assert "Secure" not in signed(guard)[1]["set-cookie"], "over plain http on this machine it would not come back"
    cookie = {"cookie": told["set-cookie"].split(";")[0]}
    assert ask(guard, headers=cookie)[2] == "inside" and ask(guard, headers=cookie, kind="websocket") == 101
    other = guarded(Gate("password", SECRET, password=password.hashed(WORD + "!", b"0123456789abcdef")))
    assert ask(other, headers=cookie)[0] == 401, "a new password ends every visit"
    other = guarded(Gate("password", SECRET[::-1], password=TEAM.password))
    assert ask(other, headers=cookie)[0] == 401


def test_signing_out_takes_the_cookie_back(guarded):
    guard = guarded(TEAM)
    cookie = {"cookie": signed(guard)[1]["set-cookie"].split(";")[0]}
    status, told, text = ask(guard, sign_in.OUT, cookie)
    assert status == 200 and "You are signed out." in text and 'value="/"' in text
    assert told["set-cookie"].startswith(f'{sign_in.COOKIE}="";') and "Max-Age=0" in told["set-cookie"]


def test_a_cookie_ends(guarded, monkeypatch):
    guard = guarded(TEAM)
    cookie = {"cookie": signed(guard)[1]["set-cookie"].split(";")[0]}
    assert ask(guard, headers=cookie)[0] == 200
    monkeypatch.setattr(sign_in, "HOURS", -1)
    assert ask(guard, headers=cookie)[0] == 401


def test_guessing_is_slowed_down(guarded):
    guard = guarded(TEAM)
    tried = [signed(guard, f"wrong {n}")[0] for n in range(7)]
    assert tried == [401] * 5 + [429] * 2
    assert signed(guard)[0] == 429, "the right word too: else the brake would tell"
    assert signed(guard, client="10.0.0.9")[0] == 303, "others are let in"


def test_the_brake_lets_go_after_a_minute():
    brake = sign_in.Brake()
    assert [brake.admits("a", now) for now in (0, 1, 2, 3, 4, 5)] == [True] * 5 + [False]
    assert brake.admits("a", 61)
    brake = sign_in.Brake()
    assert sum(brake.admits(str(n), 0) for n in range(100)) == sign_in.ALL_TRIES


def test_signing_in_from_another_site_and_to_another_site(guarded):
    guard = guarded(TEAM)
    assert signed(guard, headers={"origin": "http://evil.test"})[0] == 403
    assert signed(guard, to="//evil.test/")[1]["location"] == "/" == signed(guard, to="https://evil.test")[1]["location"]
    assert ask(guard, sign_in.IN, method="POST", body=b"x" * 5000)[0] == 413
    text = ask(guard, '/"><script>', {"accept": "text/html"})[2]
    assert "<script>" not in text


def test_only_a_hash_that_costs_something_is_taken():
    assert password.well_formed(TEAM.password) and not password.well_formed(WORD)
    assert not password.well_formed(TEAM.password.replace(str(password.COST), "1024"))
    assert not password.fits("wrong", TEAM.password) and not password.fits(WORD, "") and not password.fits("", TEAM.password)


# --- the self-test ---


def option(**changed):
    """The options as they are shipped, some changed."""
    shipped = {**selftest.FIXED, "server.allowedHosts": ["localhost"], "server.address": "127.0.0.1"}
    return {**shipped, **{name.replace("__", "."): value for name, value in changed.items()}}.get


NOWHERE = Path("nowhere") / "secrets.toml"
REFUSED = [
    (Gate(), {"server__address": None}, "this machine's own"),
    (Gate(), {"server__address": "0.0.0.0"}, "this machine's own"),
    (Gate(secret=SECRET), {}, "names no kind"),
    (Gate("open", SECRET), {}, "none of them"),
    (Gate("proxy"), {}, "missing"),
    (Gate("proxy", SECRET[:31]), {}, "fewer than 32"),
    (Gate("proxy", "change-me-to-something-quite-secret"), {}, "guessed"),
    (Gate("proxy", "ab" * 20), {}, "guessed"),
    (Gate("proxy", SECRET, header="X: y"), {}, "name of the header"),
    (Gate("password", SECRET), {}, "no scrypt hash"),
    (Gate("password", SECRET, password=WORD), {}, "no scrypt hash"),
    (PROXY, {"server__allowedHosts": []}, "Name every host"),
    (PROXY, {"server__allowedHosts": ["*"]}, "Name every host"),
    (TEAM, {"server__allowedHosts": ["*.test"]}, "Name every host"),
    (Gate(), {"server__trustedUserHeaders": {"X-Forwarded-Email": "email"}}, "trusts a header"),
    (PROXY, {"server__trustedUserHeaders": {"X-Other": "email"}}, "trusts a header"),
    *[(Gate(), {name.replace(".", "__"): "other"}, name) for name in selftest.FIXED],
]


@pytest.mark.parametrize("gate, changed, why", REFUSED)
def test_a_server_that_would_be_open_does_not_start(gate, changed, why):
    found = selftest.refusals(gate, NOWHERE, option(**changed), {})
    assert len(found) == 1 and why in found[0]


@pytest.mark.parametrize("gate, changed", [
    (Gate(), {}), (PROXY, {"server__address": "0.0.0.0"}), (TEAM, {"server__address": None}),
    (PROXY, {"server__trustedUserHeaders": {"x-forwarded-email": "email"}}),
])  # fmt: skip
def test_a_guarded_or_local_server_starts(gate, changed):
    assert selftest.refusals(gate, NOWHERE, option(**changed), {}) == []


def test_a_setting_without_effect_is_told():
    told = selftest.refusals(Gate(), NOWHERE, option(server__maxUploadSize=200), {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "5"})
    assert len(told) == 1 and "STREAMLIT_SERVER_MAX_UPLOAD_SIZE is set and not in force" in told[0]
    assert not selftest.refusals(Gate(), NOWHERE, option(server__maxUploadSize=5), {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "5"})


def test_the_secrets_file_is_for_its_owner_only(tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text(f'[gate]\nkind = "proxy"\nsecret = "{SECRET}"\n')
    os.chown(file, os.getuid(), os.getgid())
    group = 0 if os.getuid() == os.getgid() == 0 else 1  # root's own group is root
    for mode, reasons in ((0o600, 0), (0o400, 0), (0o440, group), (0o660, 1), (0o604, 1)):
        file.chmod(mode)
        assert len(selftest.refusals(read(file), file, option(), {})) == reasons


@pytest.mark.parametrize("text", ["[gate", "gate = 1", "[gate]\nsecrt = 'x'", "[gate]\nsecret = 1"])
def test_a_gate_with_a_slip_in_it_is_no_gate(tmp_path, text):
    file = tmp_path / "secrets.toml"
    file.write_text(text)
    with pytest.raises(Closed):
        read(file)


def test_the_shipped_settings_are_in_force_and_the_process_ends_with_a_sentence(tmp_path):
    file = tmp_path / "secrets.toml"
    file.write_text('[gate]\nkind = "proxy"\nsecret = "short"\n')
    file.chmod(0o600)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PERENNIAL_SECRETS": str(file), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode != 0 and "Perennial does not start." in told and "fewer than 32" in told
    assert not re.search("Traceback|short\"", told)
