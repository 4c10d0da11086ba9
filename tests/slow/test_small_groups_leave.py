"""Files that leave the app: a group of three customers is in none of them, nor what a total minus the rest would tell."""

import csv
import io
import re
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.small_groups import LEAST, left_out
from pages.shared import cache, exports
from pages.shared.making import Making
from page_parts import clean
from places import ROOT

pytestmark = pytest.mark.slow
SIZES = {"Oak-6k": 131, "Elm-6k": 57, "Ash-6k": 8, "Yew-6k": 3}  # names that stand nowhere else
GONE = left_out(SIZES)
WITH_GROUPS = ("overview", "retention", "drivers", "lifetime_value", "scenarios", "segments", "customers", "backtest")


def book() -> bytes:
    lines, number = ["customer,region,start,end,mrr"], 0
    for name, size in SIZES.items():
        for n in range(size):
            number += 1
            end = f"2025-{1 + n % 11:02d}-{3 + n % 25:02d}" if n % 3 == 1 else ""
            lines.append(f"c{number},{name},2024-{1 + n % 12:02d}-{1 + n % 28:02d},{end},{20 + n % 5}")
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """(page, name of the file, its bytes) of every file any page offers, with the book parted by tier."""
    found, patch = [], pytest.MonkeyPatch()
    patch.setenv("PERENNIAL_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    cache.store.clear()
    page = [""]
    button, kinds = exports._button, exports._kinds

    def small(label, make, file, kind, key):
        if file.endswith((".csv", ".svg")):
            found.append((page[0], file, make()))
        button(label, make, file, kind, key)

    def large(change, source, told):
        made = kinds(change, source, told)
        for _, ending, _, make in made:
            if ending in ("html", "pptx"):
                found.append((page[0], f"story.{ending}", Making(ending).through(make())))
        return made

    try:
        own = cache.store().save(cs.read(book(), as_of="2025-12-31"))
        for page[0] in WITH_GROUPS:
            at = AppTest.from_file(ROOT / "app.py", default_timeout=300)
            for name, value in {"ds": own, "by": "c0", "split": "c0", "PriceIncrease.rise": "0.1"}.items():
                at.query_params[name] = value
            at = clean(at.run())
            at = clean(at.switch_page(f"pages/{page[0]}/page.py").run())
            at.session_state["export"] = True
            for box in at.expander:
                if "-numbers-" in box.proto.id:
                    at.session_state["numbers-" + box.proto.id.split("-numbers-")[-1]] = True
            for choice in (one for one in at.selectbox if one.key == "by"):
                choice.set_value("c0")
            patch.setattr(exports, "_button", small)
            patch.setattr(exports, "_kinds", large)
            clean(at.run())
            patch.setattr(exports, "_button", button)
            patch.setattr(exports, "_kinds", kinds)
        yield found
    finally:
        patch.undo()
        cache.store.clear()


def read(name: str, data: bytes) -> str:
    """The text of a file, as somebody reads it."""
    if name.endswith("pptx"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            data = b" ".join(package.read(part) for part in package.namelist() if part.endswith((".xml", ".rels")))
    text = data.decode("utf-8-sig", "replace")
    return text if name.endswith("csv") else re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_there_are_files_of_every_kind_and_they_tell_of_the_large_groups(files):
    endings = {name.rpartition(".")[2] for _, name, _ in files}
    assert endings == {"csv", "svg", "html", "pptx"} and len(files) > 30
    assert {"Elm-6k", "Oak-6k"} <= {group for _, name, data in files for group in SIZES if group in read(name, data)}


def test_no_file_names_a_group_of_a_handful_or_a_number_of_what_is_left_out(files):
    assert GONE == {"Yew-6k", "Ash-6k"}
    for page, name, data in files:
        text = read(name, data)
        assert "Yew-6k" not in text, (page, name)
        for place in re.finditer(r"Ash-6k([^.;\n]*)", text):
            assert not re.search(r"\d", place.group(1)), (page, name, place.group())
    print(f"{len(files)} files of {len({page for page, *_ in files})} pages searched: the small groups are in none")


def test_no_total_less_what_is_shown_is_a_handful(files):
    everybody, weighed = sum(SIZES.values()), 0
    for page, name, data in files:
        rows = list(csv.DictReader(line for line in read(name, data).splitlines() if not line.startswith("#"))) if name.endswith("csv") else []
        groups = [row for row in rows if set(row.values()) & set(SIZES)]
        for column in rows[0] if groups else ():
            shown = {next(one for one in row.values() if one in SIZES): row[column] for row in groups}
            if all(re.fullmatch(r"\d+", value) for value in shown.values()):
                weighed += 1
                left = everybody - sum(map(int, shown.values()))
                assert left == 0 or left >= LEAST, (page, name, column, shown)
    assert weighed, "a table of groups with their customers is among them"
    print(f"{weighed} columns of numbers weighed against their totals: no rest is a handful")
