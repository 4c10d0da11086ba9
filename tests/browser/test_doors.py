"""A server under attack, as it runs: by a proxy's secret, and by the team's password in a browser."""

import http.client
import os
import socket
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.password import hashed
from servers import start

pytestmark = pytest.mark.browser

SECRET = "3f9a1c0b7e5d2846af13c9e07b62d548"
WORD = "correct horse battery"
MEDIA = "/media"
KINDS = {
    "proxy": f'kind = "proxy"\nsecret = "{SECRET}"\n',
    "password": f'kind = "password"\nsecret = "{SECRET}"\npassword = "{hashed(WORD)}"\n',
}


def from_proxy(who: str, **more: str) -> dict[str, str]:
    return {"X-Perennial-Secret": SECRET, "X-Forwarded-Email": who, **more}




def behind(folder, kind: str):
    """A server behind that gate."""
    file = folder / "secrets.toml"
    file.write_text(f"[gate]\n{KINDS[kind]}")
    file.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "PERENNIAL_SECRETS", str(file))
        return start(folder)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    server = behind(tmp_path_factory.mktemp("proxied"), "proxy")
    yield server
    server.stop()
    assert SECRET not in server.told() and "firm.test" not in server.told()


def status(server, path: str, headers: dict | None = None, method: str = "GET", body: bytes | None = None) -> int:
    """The path goes out as it is: no client mends it on the way."""
    line = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        line.putrequest(method, path, skip_host="Host" in (headers or {}))
        for name, value in {**(headers or {}), **({"Content-Length": str(len(body))} if body else {})}.items():
            line.putheader(name, value)
        line.endheaders(body)
        return line.getresponse().status
    finally:
        line.close()


def session(server, who: str, known: str = "", **headers: str) -> str:
    """Open a websocket as that person, asking for a session, and return the one that was given."""
    place = urlsplit(server.url)
    with connect(
        f"ws://{place.netloc}/_stcore/stream",
        additional_headers=from_proxy(who, **headers),
        subprotocols=["streamlit", "none", *([known] if known else [])],
        sock=socket.create_connection((place.hostname, place.port)),
        max_size=None,
    ) as line:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        line.send(ask.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(line.recv(timeout=60))
            if told.WhichOneof("type") == "new_session":
                return told.new_session.initialize.session_id


@pytest.mark.parametrize("path", ["/", "/data", "/_stcore/host-config", f"{MEDIA}/x.csv", "/metrics"])
def test_nothing_is_there_for_whoever_comes_past_the_proxy(proxied, path):
    assert status(proxied, path) == 403
    assert status(proxied, path, {"X-Forwarded-Email": "ceo@firm.test"}) == 403
    assert status(proxied, "/_stcore/health") == 200


@pytest.mark.parametrize("path", ["/../app.py", "/static/../../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/..%5capp.py", "//app.py"])
def test_no_path_leads_out_of_the_house(proxied, path):
    line = http.client.HTTPConnection(urlsplit(proxied.url).netloc, timeout=30)
    line.putrequest("GET", path)
    for name, value in from_proxy("ana@firm.test").items():
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    text = answer.read().decode("utf-8", "replace")
    line.close()
    assert "show_page" not in text and (answer.status in (400, 404) or "<title>Streamlit</title>" in text)


def test_an_upload_needs_the_token_of_the_page(proxied):
    place, ana = "/_stcore/upload_file/session/file", from_proxy("ana@firm.test")
    assert status(proxied, place, method="PUT", body=b"x") == 403
    assert status(proxied, place, ana, "PUT", b"x") == 403
    token = "2|aaaaaaaa|bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|1700000000"
    assert status(proxied, place, {**ana, "X-Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}x"}, "PUT", b"x") == 403


def test_the_machine_room_is_closed_behind_the_gate_too(proxied):
    ana = from_proxy("ana@firm.test")
    assert status(proxied, "/", ana) == 200
    for path in ("/_stcore/metrics", "/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp"):
        assert status(proxied, path, ana) == 404
    assert status(proxied, "/", {**ana, "Host": "evil.test"}) == 403


@pytest.mark.parametrize("headers", [
    {"X-Perennial-Secret": ""}, {"X-Perennial-Secret": "x" * 32}, {"Origin": "http://evil.test"}])  # fmt: skip
def test_no_websocket_for_a_stranger_or_from_another_site(proxied, headers):
    with pytest.raises(InvalidStatus) as refused:
        session(proxied, "ana@firm.test", **headers)
    assert refused.value.response.status_code == 403


def test_a_session_is_handed_to_nobody_else(proxied):
    anas = session(proxied, "ana@firm.test")
    assert session(proxied, "ana@firm.test", anas) == anas, "hers, when she comes back"
    assert session(proxied, "bob@firm.test", anas) != anas


def test_the_password_opens_the_app_in_a_browser_and_without_its_cookie_nothing(tmp_path, page):
    server = behind(tmp_path, "password")
    try:
        assert page.goto(f"{server.url}/retention?by=c0").status == 401
        page.get_by_label("Password of your team").fill("wrong")
        page.keyboard.press("Enter")
        page.get_by_text("That is not the password.").wait_for()
        page.goto(f"{server.url}/retention?by=c0")
        page.get_by_label("Password of your team").fill(WORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/retention?by=c0**")
        page.wait_for_selector("h1:has-text('customers')", timeout=90_000)
        kept = next(cookie for cookie in page.context.cookies() if cookie["name"] == "perennial_gate")
        assert kept["httpOnly"] and kept["sameSite"] == "Lax"
        assert page.evaluate("!document.cookie.includes('perennial_gate')")
        assert page.request.get(f"{server.url}{MEDIA}/x.csv").status == 404, "asked and not found"
        page.context.clear_cookies()
        assert page.request.get(f"{server.url}{MEDIA}/x.csv").status == 401
        assert WORD not in server.told() and "exception" not in server.told()
    finally:
        server.stop()
