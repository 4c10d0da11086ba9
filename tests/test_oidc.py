"""The gate with OpenID Connect, and uploads before their first byte: who passes, who is told what."""

import json

import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from pages.shared import quota, who
from server import oidc, selftest
from server.settings import Closed, Gate, read
from test_gate import ANA, EVERYWHERE, PROXY, SECRET, TEAM, ask, guarded, option  # noqa: F401  a fixture

AUTH = {
    "redirect_uri": "https://perennial.firm.test/oauth2callback", "cookie_secret": SECRET, "client_id": "perennial",
    "client_secret": "s", "server_metadata_url": "https://id.firm.test/.well-known/openid-configuration",
}  # fmt: skip
GATE = Gate("oidc", people="*@firm.test", editors="ana@firm.test")
CLAIMS = {"email": "ana@firm.test", "sub": "1", "iss": "https://id.firm.test", "is_logged_in": True,
          "origin": "https://perennial.firm.test"}  # fmt: skip


def cookie(secret: str = SECRET, **changed) -> dict[str, str]:
    signed = create_signed_value(secret, "_streamlit_user", json.dumps(CLAIMS | changed))
    return {"Cookie": f"_streamlit_user={signed.decode()}"}


@pytest.fixture
def guard(guarded):  # noqa: F811
    return guarded(GATE, oidc.Door(AUTH))


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("headers", [
    {}, {"Cookie": "_streamlit_user=x"}, cookie(SECRET[::-1]), cookie(email="eve@elsewhere.test"), cookie(is_logged_in=False),
    cookie(origin="https://other.firm.test"), cookie(email_verified=False), ANA, {"Cookie": "_streamlit_user="},
], ids=range(9))  # fmt: skip
def test_without_a_cookie_of_one_of_us_there_is_nothing(guard, path, headers):
    assert ask(guard, path, headers)[0] == 401 and ask(guard, path, headers, "websocket") == 403
    assert ask(guard, path, headers, method="PUT")[0] == 401 and not guard.seen


def test_who_signed_in_passes_for_twelve_hours(guard, monkeypatch):
    mine = cookie()
    assert ask(guard, headers=mine)[2] == "inside" and ask(guard, headers=mine, kind="websocket") == 101
    assert guard.seen[0]["perennial.claims"]["sub"] == "1"
    import itsdangerous.timed as timed

    later = timed.time.time() + 12 * 3600 + 60
    monkeypatch.setattr(timed.time, "time", lambda: later)
    assert ask(guard, headers=mine)[0] == 401


def test_a_page_leads_to_the_provider_and_a_stranger_who_signed_in_is_told_so(guard):
    page = {"Accept": "text/html"}
    status, _, text = ask(guard, "/retention", page)
    assert status == 401 and 'href="/sign-in"' in text and "organisation" in text
    status, _, text = ask(guard, "/", {**page, **cookie(email="<b>eve</b>@else.test")})
    assert status == 403 and "&lt;b&gt;eve" in text and 'href="/sign-out"' in text
    status, told, _ = ask(guard, "/sign-in")
    assert status == 303 and told["location"].startswith("/auth/login?provider=")
    assert ask(guard, "/sign-out", cookie())[1]["location"] == "/auth/logout"
    for open_path in oidc.STREAMLITS:
        assert ask(guard, open_path)[2] == "inside", "Streamlit's own part of signing in"


@pytest.mark.parametrize("scheme, secure", [("https", True), ("http", False)])
def test_the_cookie_of_https_travels_over_https_only(guarded, scheme, secure):  # noqa: F811
    guard = guarded(GATE, oidc.Door({**AUTH, "redirect_uri": f"{scheme}://localhost:1/oauth2callback"}))

    async def app(scope, receive, send):
        headers = [(b"set-cookie", b"_streamlit_user=x; HttpOnly"), (b"x-other", b"1")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})

    guard.app = app
    _, told, _ = ask(guard, "/oauth2callback")
    assert told["set-cookie"].endswith("; Secure") is secure and told["x-other"] == "1"


# --- the self-test ---


def file_with(tmp_path, **changed):
    file = tmp_path / "secrets.toml"
    auth = "".join(f'{name} = "{value}"\n' for name, value in (AUTH | changed).items() if value is not None)
    file.write_text(f'[gate]\nkind = "oidc"\npeople = "*@firm.test"\n[auth]\n{auth}')
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("changed, why", [
    ({}, ""), ({"client_secret": ""}, "lacks client_secret"), ({"redirect_uri": None}, "lacks redirect_uri"),
    ({"cookie_secret": "short"}, "fewer than 32"), ({"cookie_secret": "ab" * 20}, "guessed"),
    ({"redirect_uri": "https://perennial.firm.test/callback"}, "end in /oauth2callback"),
    ({"redirect_uri": "http://perennial.firm.test/oauth2callback"}, "begin with https"),
    ({"server_metadata_url": "http://id.firm.test/x"}, "begin with https"),
    ({"server_metadata_url": "http://127.0.0.1:1/x"}, ""),
])  # fmt: skip
def test_a_provider_with_a_hole_in_it_is_refused_at_the_start(tmp_path, changed, why):
    file = file_with(tmp_path, **changed)
    told = selftest.refusals(read(file), file, option(server__address="0.0.0.0"), {})
    assert (len(told) == 1 and why in told[0]) if why else told == []


def test_the_whole_world_is_never_let_in_by_silence_nor_a_rule_without_effect(tmp_path):
    file = file_with(tmp_path)
    told = selftest.refusals(Gate("oidc"), file, option(), {})
    assert len(told) == 1 and "who may come in" in told[0]
    told = selftest.refusals(Gate("password", SECRET, password=TEAM.password, editors="a@b.c"), file, option(), {})
    assert len(told) == 1 and "tell them apart" in told[0]
    with pytest.raises(Closed):
        oidc.auth(file_with(tmp_path, expose_tokens="id"))


# --- uploads ---

PLACE = "/_stcore/upload_file/session/file"


def put(guard, headers: dict, size: str | None = "5", method: str = "PUT"):
    length = {} if size is None else {"Content-Length": size}
    return ask(guard, PLACE, {**headers, **length}, method=method)


def test_an_upload_is_refused_before_its_body_for_a_viewer_and_beyond_the_quota(guarded, monkeypatch):  # noqa: F811
    guard = guarded(Gate("proxy", SECRET, editors="ana@firm.test,ben@firm.test"))
    eve, ben = ({**ANA, "X-Forwarded-Email": f"{name}@firm.test"} for name in ("eve", "ben"))
    monkeypatch.setattr(quota, "RAW", quota.Quota(files=2, size=10))
    assert put(guard, eve)[::2] == (403, who.LOOK_ONLY) and put(guard, eve, method="POST")[0] == 403
    assert ask(guard, PLACE, eve)[0] == 200, "only what brings something is held up"
    assert put(guard, ANA, "11")[0] == 429 and put(guard, ANA, None)[0] == 429, "as large as it may be, where it does not say"
    assert [put(guard, ANA)[0] for _ in range(3)] == [200, 200, 429]
    assert "at most 2 files" in put(guard, ANA)[2] and put(guard, ben)[0] == 200, "another's are not his"
    assert len(guard.seen) == 4


@pytest.mark.parametrize("gate", [Gate(), TEAM], ids=["local", "password"])
def test_where_all_are_one_person_all_share_one_quota(guarded, monkeypatch, gate):  # noqa: F811
    guard = guarded(gate)
    monkeypatch.setattr(quota, "RAW", quota.Quota(files=1))
    if gate.kind:
        guard.desk.knows = lambda cookie: True
    assert [put(guard, {})[0] for _ in range(2)] == [200, 429]
