"""The csv-spectrum collection: every sound file gives exactly the records of its JSON twin."""

import json

import pytest

from cs_models.readers import read_text_table

pytestmark = pytest.mark.reference

# the JSON of location_coordinates tells another phone number than its CSV
SOUND = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
    "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_case_reads_as_its_json_says(reference_data, name):
    folder = reference_data / "csv_spectrum"
    table = read_text_table(folder / "csvs" / f"{name}.csv")
    rows = zip(*(column.to_pylist() for column in table.cells.columns), strict=True)
    wanted = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    assert [dict(zip(table.columns, row, strict=True)) for row in rows] == wanted
    assert not table.rejected


def test_all_cases_of_the_collection_are_known(reference_data):
    names = {path.stem for path in (reference_data / "csv_spectrum" / "csvs").glob("*.csv")}
    assert names - set(SOUND) == {"location_coordinates"}
