"""Known weaknesses of the pinned packages, from a folder of advisories on this machine; nothing is asked of a network.

    python -m scripts.advisories FOLDER [requirements.txt]

The folder holds advisories as JSON in the OSV format, one a file, as the public advisory databases publish them for
download. Printed: how many were read, the date of the newest, and every pin that one of them names. The answer is as
old as the folder: no finding means none in these data, not none at all. Exit code 1 with findings, 2 without data.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from scripts import command

PIN = re.compile(r"^([A-Za-z0-9][\w.\-]*)(?:\[[\w,\-]+\])?==([^\s;\\]+)")


@dataclass(frozen=True)
class Finding:
    package: str
    version: str
    advisory: str


def pins(text: str) -> list[tuple[str, str]]:
    """Package and exact version of every pin of a requirements file; a package may be pinned for several Pythons.

    >>> pins("Babel==2.18.0 --hash=sha256:00")
    [('babel', '2.18.0')]
    """
    found = (PIN.match(line) for line in text.splitlines())
    return sorted({(canonicalize_name(one[1]), one[2]) for one in found if one})


def advisories(folder: Path) -> Iterator[dict]:
    """Every advisory of the folder that was not withdrawn."""
    for path in sorted(folder.rglob("*.json")):
        try:
            one = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            print(f"Not read, it is no JSON: {path.name}", file=sys.stderr)
            continue
        if isinstance(one, dict) and "affected" in one and not one.get("withdrawn"):
            yield one


def names(one: dict, package: str, version: str) -> bool:
    """Whether an advisory names this version of this package."""
    for part in one["affected"]:
        about = part.get("package", {})
        if about.get("ecosystem") != "PyPI" or canonicalize_name(about.get("name", "")) != package:
            continue
        if version in part.get("versions", ()):
            return True
        ranges = (r for r in part.get("ranges", ()) if r.get("type") == "ECOSYSTEM")
        if any(_within(Version(version), r.get("events", ())) for r in ranges):
            return True
    return False


def _within(version: Version, events) -> bool:
    """Introduced at or before the version, and neither fixed nor past the last affected one."""
    inside = False
    for event in events:
        try:
            if "introduced" in event and (event["introduced"] == "0" or version >= Version(event["introduced"])):
                inside = True
            if "fixed" in event and version >= Version(event["fixed"]):
                inside = False
            if "last_affected" in event and version > Version(event["last_affected"]):
                inside = False
        except InvalidVersion:
            continue
    return inside


def check(folder: Path, requirements: Path) -> tuple[int, str, list[Finding]]:
    """Advisories read, the date of the newest, and what they say of the pins."""
    pinned, read, newest, found = pins(requirements.read_text()), 0, "", []
    for one in advisories(folder):
        read, newest = read + 1, max(newest, one.get("modified", "")[:10])
        found += [Finding(p, v, one.get("id", "?")) for p, v in pinned if names(one, p, v)]
    return read, newest, found


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("requirements", type=Path, nargs="?", default=Path("requirements.txt"))
    asked = parser.parse_args(arguments)
    read, newest, found = check(asked.folder, asked.requirements)
    if not read:
        print(f"No advisory in {asked.folder}: nothing was checked.", file=sys.stderr)
        return 2
    print(f"{read} advisories read, the newest of {newest or 'an unknown day'}.")
    for one in found:
        print(f"{one.package} {one.version}: {one.advisory}")
    print(f"{len(found)} findings among {len(pins(asked.requirements.read_text()))} pins, as far as these data know.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
