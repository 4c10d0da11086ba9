"""Signing in with a real OpenID provider in a real browser: in, seen, out; and nothing without it."""

import http.client
import os
import re
import socket
from urllib.parse import urlsplit

import identity_provider
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from servers import Server, free_port, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # tests/test_oidc.py holds the same without a browser
SECRET = "3f9a1c0b7e5d2846af13c9e07b62d548"
BOOK = b"customer,start,end,mrr\n" + b"".join(b"c%d,2025-0%d-01,,50\n" % (n, 1 + n % 6) for n in range(60))
MEDIA = "/media"
CLOSED = ("/", "/data", "/_stcore/host-config", f"{MEDIA}/x.csv", "/_stcore/upload_file/session/file", "/static/x.js")


@pytest.fixture(scope="module")
def signing_in(tmp_path_factory):
    """A server with such a gate; Ana and Ben belong to the firm, and Ben only looks."""
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    file = folder / "secrets.toml"
    with identity_provider.running() as provider, pytest.MonkeyPatch.context() as patch:
        file.write_text(
            f'[gate]\nkind = "oidc"\npeople = "*@firm.test"\neditors = "ana@firm.test"\n'
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{SECRET}"\n'
            f'client_id = "{identity_provider.CLIENT}"\nclient_secret = "{identity_provider.SECRET}"\n'
            f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n'
        )
        file.chmod(0o600)
        patch.setitem(os.environ, "PERENNIAL_SECRETS", str(file))
        server = start(folder, port=port)
        yield server
        server.stop()
    told = server.told()
    assert "exception" not in told and "firm.test" not in told and identity_provider.SECRET not in told


def status(server: Server, path: str, method: str = "GET", cookie: str = "") -> int:
    line = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        line.request(method, path, b"x" if method == "PUT" else None, {"Cookie": cookie} if cookie else {})
        return line.getresponse().status
    finally:
        line.close()


def websocket(server: Server, cookie: str = "") -> int:
    """101, or the status with which it was refused."""
    place = urlsplit(server.url)
    try:
        with connect(f"ws://{place.netloc}/_stcore/stream", additional_headers={"Cookie": cookie} if cookie else {},
                     subprotocols=["streamlit", "none"], sock=socket.create_connection((place.hostname, place.port))):
            return 101  # fmt: skip
    except InvalidStatus as refused:
        return refused.response.status_code


def sign_in(page, server: Server, name: str, path: str = "/data"):
    page.goto(server.url + path)
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("link", name=name).click()


def cookie_of(page) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())


def test_there_is_nothing_without_signing_in(signing_in):
    for path in CLOSED:
        assert status(signing_in, path) == 401 == status(signing_in, path, "PUT")
    assert websocket(signing_in) == 403 == websocket(signing_in, "_streamlit_user=invented")
    assert status(signing_in, "/_stcore/health") == 200


def test_in_through_the_provider_and_out_again(signing_in, page):
    sign_in(page, signing_in, "Ana")
    page.get_by_text(re.compile("^ana.*firm.*test$")).wait_for(timeout=90_000)
    kept = cookie_of(page)
    assert status(signing_in, f"{MEDIA}/x.csv", cookie=kept) == 404, "asked and not found"
    assert all(one["httpOnly"] for one in page.context.cookies() if one["name"].startswith("_streamlit_user"))
    page.goto(f"{signing_in.url}/data")
    page.locator("input[type=file]").first.set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": BOOK})
    page.get_by_role("button", name="Use these data").click(timeout=60_000)
    page.get_by_text("These data are yours alone").wait_for(timeout=60_000)
    mine = page.url
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Goodbye").wait_for()
    assert "_streamlit_user" not in cookie_of(page)
    page.goto(mine)
    page.get_by_role("link", name="Sign in with your organisation").wait_for()
    assert websocket(signing_in, cookie_of(page)) == 403
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("link", name="Ben").click()
    page.get_by_text(re.compile("^ben.*firm.*test$")).wait_for(timeout=60_000)
    page.goto(mine)
    page.get_by_text("You may look and comment here").first.wait_for(timeout=60_000)
    assert page.get_by_text("b.csv").count() == 0 and page.get_by_text("yours alone").count() == 0


def test_a_stranger_of_the_same_provider_is_not_let_in(signing_in, page):
    sign_in(page, signing_in, "Eve", "/")
    page.get_by_text("not among the people of this server").wait_for()
    assert status(signing_in, f"{MEDIA}/x.csv", cookie=cookie_of(page)) == 401
    assert websocket(signing_in, cookie_of(page)) == 403
