"""gzip and zip, looked at before and watched while they are unpacked; names inside are never paths."""

import re
import zipfile
import zlib
from pathlib import Path

from limits import Refused, bomb, too_large

PIECE = 1 << 20
TABLES = re.compile(r"(?i)\.(csv|tsv|tab|txt|psv|json|jsonl|ndjson|parquet|xlsx|xlsm|xlsb|xls|ods)$")
MOST_MEMBERS = 10_000
NESTED = "An archive inside an archive is not opened. Unpack it and upload the table inside."
BROKEN = "The zip file is damaged or incomplete. Download or export it again."


def gunzip(request: dict) -> dict:
    """Unpack one gzip file into the folder, stopping at the limit."""
    if request["nested"]:
        raise Refused(NESTED)
    source = Path(request["path"])
    target = Path(request["out"]) / "unpacked"
    packed, size, ended = source.stat().st_size, 0, False
    with source.open("rb") as file, target.open("wb") as out:
        stream = zlib.decompressobj(31)
        rest = b""
        while piece := rest or file.read(PIECE):
            try:
                data = stream.decompress(piece, PIECE)
            except zlib.error as error:
                if ended:  # padding after the last member
                    break
                raise Refused("The compressed file is damaged. Download or export it again.") from error
            size += len(data)
            if too_large(size, packed, request["largest"]):
                raise bomb(size, packed, request["largest"])
            out.write(data)
            ended, rest = stream.eof, stream.unconsumed_tail
            if ended:
                rest = stream.unused_data.lstrip(b"\0") or file.read(PIECE).lstrip(b"\0")
                if not rest:
                    break
                stream = zlib.decompressobj(31)
            elif request["first"] and size > request["first"]:
                return {"bytes": str(target)}
    if not ended:
        raise Refused("The compressed file is incomplete. Download or export it again.")
    return {"bytes": str(target)}


def directory(path: str) -> list[zipfile.ZipInfo]:
    """The list of members, which is read without unpacking anything."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(BROKEN) from error
    if len(members) > MOST_MEMBERS:
        raise Refused(f"The zip file holds {len(members):,} files. Upload one with a single table.")
    return members


def is_workbook(request: dict) -> bool:
    """Whether the zip is an Excel or OpenDocument workbook; refused when it grows too large."""
    members = directory(request["path"])
    names = {one.filename for one in members}
    if not ("[Content_Types].xml" in names or "META-INF/manifest.xml" in names):
        return False
    size, packed = sum(one.file_size for one in members), Path(request["path"]).stat().st_size
    if too_large(size, packed, request["largest"]):
        raise bomb(size, packed, request["largest"])
    return True


def unzip(request: dict) -> dict:
    """Unpack the member somebody chose, or the largest table, under a name of our own."""
    if request["nested"]:
        raise Refused(NESTED)
    members = [one for one in directory(request["path"]) if _wanted(one.filename)]
    tables = [one for one in members if TABLES.search(one.filename)] or members
    if not tables:
        raise Refused("The zip file holds no table. Put the CSV file into it, or upload it as it is.")
    for one in tables:
        if _leads_outside(one.filename):
            raise Refused(
                "The zip file holds a path that leads outside of it, so nothing was unpacked. "
                "Pack the table again and upload that."
            )
    names = _shown(tables)
    best = max(range(len(tables)), key=lambda at: tables[at].file_size)
    chosen = request["answers"].get("member")
    if chosen and chosen not in names:
        raise Refused(f"The zip file has no such member. Choose from: {', '.join(names[:20])}.")
    at = names.index(chosen) if chosen else best
    return {
        "bytes": _extract(tables[at], request),
        "member": names[at],
        "members": names,
        "answered": bool(chosen),
    }


def _extract(member: zipfile.ZipInfo, request: dict) -> str:
    if member.flag_bits & 1:
        raise Refused("The zip file is protected by a password. Unpack it and upload the table inside.")
    packed, largest = member.compress_size, request["largest"]
    if too_large(member.file_size, packed, largest):
        raise bomb(member.file_size, packed, largest)
    target = Path(request["out"]) / "unpacked"
    try:
        with zipfile.ZipFile(request["path"]) as archive, archive.open(member) as file:
            with target.open("wb") as out:
                # never more than the directory says; a wrong checksum ends it when that was a lie
                while piece := file.read(PIECE):
                    out.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused(BROKEN) from error
    return str(target)


def _wanted(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return "__MACOSX" not in parts and not parts[-1].startswith(".")


def _leads_outside(name: str) -> bool:
    return ".." in re.split(r"[/\\]", name) or bool(re.match(r"[/\\]|[A-Za-z]:", name))


def _shown(members: list[zipfile.ZipInfo]) -> list[str]:
    """Names for the screen: without folders where that tells them apart, one line, at most 80 characters."""
    plain = [re.split(r"[/\\]", one.filename)[-1] for one in members]
    names = []
    for one, short in zip(members, plain, strict=True):
        text = short if plain.count(short) == 1 else one.filename
        text = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", " ", text)[-80:]
        names.append(text if text not in names else f"{text} ({len(names) + 1})")
    return names
