"""An upload from a billing system is named on the screen, asked about and opened; others are refused in words."""

import importlib.util
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import cache

ROOT = Path(__file__).resolve().parents[1]
_spec = importlib.util.spec_from_file_location("layouts_renderer", Path(__file__).with_name("layouts_renderer.py"))
lr = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(lr)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()


def opened(data: bytes) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    at.switch_page("pages/data/page.py").run()
    at.file_uploader[0].upload("export.csv", data)
    return clean(at.run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def shown(at: AppTest) -> str:
    parts = [*at.info, *at.markdown, *at.error, *at.warning, *at.caption]
    return " ".join(str(part.value).replace("\\", "") for part in parts)


@pytest.mark.parametrize("renderer", [lr.stripe_dashboard, lr.baremetrics], ids=lambda one: one.__name__)
def test_a_vendor_is_named_asked_about_and_opened(renderer):
    at = opened(lr.render(renderer, lr.book()))
    assert "This looks like a " in at.info[0].value
    assert [radio for radio in at.radio if "ask-" in str(radio.key)], "what decides the answer is asked"
    clean(at.button(key="use").click().run())
    assert len(at.query_params["ds"]) == 32 and "This looks like a " in shown(at)


def test_a_known_file_without_subscriptions_is_refused_in_words():
    at = opened(b"bill_to,cc_emails,vat_number,account_id,created_at\nself,,,A,2025-01-01\n")
    assert "Recurly accounts table" in shown(at) and not [b for b in at.button if b.key == "use"]
