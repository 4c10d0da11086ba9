"""Fixtures shared by all tests. Real and published data come from a folder outside the repository."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from places import ROOT
from workbooks import write_workbook

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no timed assertion
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with real and published data; missing data is a failure, never a skip."""
    folder = Path(os.environ.get("PERENNIAL_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "published").is_dir():
        pytest.fail(f"No reference data in {folder}. Set PERENNIAL_REFERENCE_DATA to the folder that holds published/.")
    return folder


@pytest.fixture(scope="session")
def make_workbook():
    """A function that writes a small .xlsx file (see write_workbook)."""
    return write_workbook


@pytest.fixture(scope="session")
def thousand_rows(tmp_path_factory) -> Path:
    """The first thousand rows of the sample."""
    path = tmp_path_factory.mktemp("thousand") / "sample.csv"
    path.write_text("".join((ROOT / "sample_data" / "subscriptions.csv").read_text().splitlines(True)[:1001]))
    return path
