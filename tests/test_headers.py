"""What every answer tells the browser."""

import base64
import hashlib
import re

import own_loop
import pytest

from server import headers


def answered(path: str = "/", given: tuple = (), kind: str = "http") -> dict[str, str]:
    """The headers of an answer that came through the middleware."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": list(given)})

    async def send(message):
        sent.append(message)

    own_loop.run(headers.Headers(app)({"type": kind, "path": path}, None, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def rules() -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in answered()["content-security-policy"].split("; "))


def test_no_text_is_run_and_no_other_host_is_named():
    scripts = rules()["script-src"]
    assert re.fullmatch(r"'self'( 'sha256-[A-Za-z0-9+/=]{44}')*", scripts)
    assert not re.search(r"https?:|wss?:|\*|unsafe-eval", answered()["content-security-policy"])
    assert [name for name, value in rules().items() if "unsafe-inline" in value] == ["style-src"]


@pytest.mark.parametrize("name", ["default-src", "object-src", "frame-ancestors", "base-uri", "form-action", "connect-src"])
def test_the_policy_names_what_has_no_default(name):
    assert rules()[name] in ("'self'", "'none'")


def test_the_hash_is_that_of_the_script_streamlit_sends(tmp_path, monkeypatch):
    (tmp_path / "index.html").write_text("<script>\n one\n</script><script src=x></script><script>two</script>")
    monkeypatch.setattr(headers.file_util, "get_static_dir", lambda: str(tmp_path))
    made = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"\n one\n", b"two")]
    assert headers.inline_scripts() == [f"'sha256-{one}'" for one in made]


@pytest.mark.parametrize("name, value", {
    "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY"}.items())  # fmt: skip
def test_the_other_headers_stand_on_every_answer_once(name, value):
    assert answered(given=((name.encode(), b"something else"),))[name] == value


def test_what_a_person_made_is_kept_by_no_cache_and_assets_are():
    kept = ((b"Cache-Control", b"public"), (b"content-type", b"text/csv"))
    made = answered("/base/media/3f.csv", kept)
    assert made["cache-control"] == "no-store" and "Cache-Control" not in made and made["content-type"] == "text/csv"
    assert answered("/static/js/index.js", kept)["Cache-Control"] == "public"
