"""What is installed is what was pinned; what is known of it is said with its date; the bill of materials is complete."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scripts import advisories

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.txt", "requirements-test.txt", "requirements-engines.txt")


def blocks(name: str) -> list[str]:
    """One requirement with its hashes each."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    return [block for block in re.split(r"\n(?=\S)", text) if block.strip()]


@pytest.mark.parametrize("name", FILES)
def test_every_pin_is_exact_and_bears_hashes(name):
    assert len(blocks(name)) > 50
    for block in blocks(name):
        assert re.match(r"[A-Za-z0-9_.\-]+==[^\s;]+", block), block[:60]
        assert block.count("--hash=sha256:") >= 1, block[:60]


def test_what_runs_is_what_is_tested():
    """The pins of the app are those of the tests and of the databases' suite."""
    app, tests, engines = (set(advisories.pins((ROOT / name).read_text())) for name in FILES)
    assert app < tests < engines


def test_installing_needs_the_hashes():
    assert "--require-hashes" in (ROOT / "Makefile").read_text()
    assert "--require-hashes" in (ROOT / "deploy" / "Dockerfile").read_text()


def advisory(folder, name, **about):
    affected = [{"package": {"ecosystem": "PyPI", "name": about.pop("package")}, **about.pop("affected")}]
    (folder / f"{name}.json").write_text(json.dumps({"id": name, "modified": "2026-05-01T00:00:00Z", "affected": affected, **about}))


def ranged(*events):
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


@pytest.mark.parametrize("affected, hit", [
    (ranged({"introduced": "0"}, {"fixed": "2.0"}), True),
    (ranged({"introduced": "0"}, {"fixed": "1.5"}), False),
    (ranged({"introduced": "1.6"}, {"fixed": "2.0"}), False),
    (ranged({"introduced": "0"}, {"last_affected": "1.5"}), True),
    (ranged({"introduced": "0"}, {"last_affected": "1.4.9"}), False),
    (ranged({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.4"}, {"fixed": "1.6"}), True),
    ({"versions": ["1.5"]}, True),
    ({"versions": ["1.50"]}, False),
])  # fmt: skip
def test_an_advisory_names_the_versions_it_names(tmp_path, affected, hit):
    pins = tmp_path / "requirements.txt"
    pins.write_text("Some_Package==1.5 \\\n    --hash=sha256:00\nother==1.5\n")
    advisory(tmp_path, "PYSEC-1", package="some-package", affected=affected)
    read, newest, found = advisories.check(tmp_path, pins)
    assert (read, newest) == (1, "2026-05-01")
    assert found == ([advisories.Finding("some-package", "1.5", "PYSEC-1")] if hit else [])


def test_the_age_of_the_data_is_said_and_no_data_is_no_clean_bill(tmp_path, capsys):
    pins = tmp_path / "requirements.txt"
    pins.write_text("one==1.0\n")
    empty = tmp_path / "none"
    empty.mkdir()
    assert advisories.main([str(empty), str(pins)]) == 2
    data = tmp_path / "data"
    data.mkdir()
    advisory(data, "PYSEC-2", package="one", affected={"versions": ["0.9"]})
    advisory(data, "PYSEC-3", package="one", affected={"versions": ["1.0"]}, withdrawn="2026-06-01T00:00:00Z")
    assert advisories.main([str(data), str(pins)]) == 0
    said = capsys.readouterr().out
    assert "1 advisories read, the newest of 2026-05-01" in said and "as far as these data know" in said
    advisory(data, "PYSEC-4", package="one", affected={"versions": ["1.0"]})
    assert advisories.main([str(data), str(pins)]) == 1


def test_the_bill_of_materials_lists_every_pin(tmp_path):
    tool = Path(sys.executable).parent / "cyclonedx-py"
    bill = tmp_path / "sbom.json"
    subprocess.run([tool, "requirements", "requirements.txt", "--pyproject", "pyproject.toml", "--sv", "1.6",
                    "--output-reproducible", "-o", bill], cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    found = json.loads(bill.read_text())
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    listed = {(one["name"].lower().replace("_", "-"), one["version"]) for one in found["components"]}
    assert listed == set(advisories.pins((ROOT / "requirements.txt").read_text()))
    assert found["metadata"]["component"]["name"] == "perennial"
