"""Which bytes are which letters: UTF-8 first, then what Excel writes, always told."""

import codecs

import numpy as np
import pyarrow as pa

from cs_models.readers.table import Finding

CHUNK = 1 << 20


def to_utf8(data: pa.Buffer) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    """The same text as UTF-8 without a byte-order mark, the facts, and a finding when it was something
    else.
    """
    head = bytes(data[:4])
    if head.startswith(codecs.BOM_UTF8):
        rest = data[3:]
        return _without_nul(rest, "yes") if _is_utf8(rest) else _damaged(rest, "yes")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _transcode(data, "utf-32", "UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _transcode(data, "utf-16", "UTF-16")
    silent = _utf16_without_mark(bytes(data[:4096]))
    if silent:
        return _transcode(data, silent, "UTF-16")
    return _without_nul(data, "no") if _is_utf8(data) else _damaged(data, "no")


def _without_nul(data: pa.Buffer, bom: str) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    """Zero bytes inside text are damage that many programs stop at: they go, and that is told."""
    facts = {"encoding": "UTF-8", "bom": bom}
    count = int(np.count_nonzero(np.frombuffer(data, np.uint8) == 0)) if len(data) else 0
    if not count:
        return data, facts, ()
    sentence = f"{count:,} zero bytes inside the text were removed; check the cells around them."
    return pa.py_buffer(bytes(data).replace(b"\0", b"")), facts, (Finding("zero_bytes", sentence, count),)


def _damaged(data: pa.Buffer, bom: str) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    """Not valid UTF-8: a Windows file, or UTF-8 with a few bytes broken when most of its accents are
    sound.
    """
    text = bytes(data).decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = sum(not c.isascii() for c in text[: 1 << 22]) - broken
    if bom == "no" and sound < max(broken, 1):
        return _transcode(data, "cp1252", "Windows (cp1252)")
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    letters = "letter is" if broken == 1 else "letters are"
    sentence = f"{broken:,} {letters} damaged in this UTF-8 file and shown as \ufffd, first in line {line:,}."
    facts = {"encoding": "UTF-8, damaged", "bom": bom}
    return pa.py_buffer(text.encode()), facts, (Finding("damaged_letters", sentence, broken, (line,)),)


def _is_utf8(data: pa.Buffer) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for at in range(0, len(view), CHUNK):
            decoder.decode(view[at : at + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(head: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in nearly every other byte; nothing else a CSV holds does."""
    half = len(head) // 2
    if half < 8:
        return None
    if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return None


def _transcode(
    data: pa.Buffer, codec: str, title: str
) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    text = bytes(data).decode(codec, errors="replace").removeprefix("\ufeff")
    sentence = f"The file is not UTF-8; it was read as {title}. Check that names with accents look right."
    return (
        pa.py_buffer(text.encode("utf-8")),
        {"encoding": title, "bom": "no"},
        (Finding("encoding", sentence),),
    )
