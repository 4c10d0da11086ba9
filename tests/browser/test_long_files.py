"""A file of more than 10 MB: its steps are seen, it can be stopped, and nothing of it is left."""

from pathlib import Path

import pytest
from fault_servers import readings, until

from benchmarks.import_speed import write_periods

pytestmark = pytest.mark.browser

ROWS = 450_000


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "periods.csv"
    write_periods(path, ROWS)
    assert path.stat().st_size > 25 << 20
    return path


def left(folder: Path) -> list[str]:
    """Uploads, data sets, and what was half written."""
    return [path.name for part in ("uploads", "datasets") for path in (folder / "data" / part).iterdir()]


@pytest.mark.slow
def test_a_long_file_can_be_stopped_and_read_again(desk_at, fresh_server, long_file, tmp_path):
    desk = desk_at(fresh_server).open("/data")
    cancel = desk.page.locator(".st-key-cancel-reading button").first
    desk.page.locator("input[type=file]").first.set_input_files(long_file)
    cancel.wait_for(timeout=60_000)
    assert desk.page.get_by_text("Step ").first.bounding_box()["y"] < 500
    until(lambda: readings(fresh_server.process.pid))
    cancel.click()
    desk.page.get_by_text("Reading was cancelled, and nothing of the file was kept.").wait_for(timeout=30_000)
    desk.settle()
    until(lambda: not readings(fresh_server.process.pid))
    assert not left(tmp_path)

    desk.page.locator("input[type=file]").first.set_input_files(long_file)
    use = desk.page.get_by_role("button", name="Use these data")
    use.wait_for(timeout=120_000)
    desk.settle()
    assert cancel.count() == 0
    until(lambda: not readings(fresh_server.process.pid))
    use.click()
    desk.page.get_by_text("Your own export").wait_for(timeout=60_000)
    assert f"{ROWS:,}" in desk.headline
    assert sorted(map(len, left(tmp_path))) == [32, 64], "the data set and its upload; no file name stays on disk"
