"""Which bytes are which letters: UTF-8 first, then what Excel writes, always told."""

import codecs

import pyarrow as pa

from cs_models.readers.table import Finding

CHUNK = 1 << 20


def to_utf8(data: pa.Buffer) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    """The same text as UTF-8 without a byte-order mark, the facts, and a finding when it was something else."""
    head = bytes(data[:4])
    if head.startswith(codecs.BOM_UTF8):
        rest = data[3:]
        if _is_utf8(rest):
            return rest, {"encoding": "UTF-8", "bom": "yes"}, ()
        return _transcode(rest, "cp1252", "Windows (cp1252)")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _transcode(data, "utf-32", "UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _transcode(data, "utf-16", "UTF-16")
    silent = _utf16_without_mark(bytes(data[:4096]))
    if silent:
        return _transcode(data, silent, "UTF-16")
    if _is_utf8(data):
        return data, {"encoding": "UTF-8", "bom": "no"}, ()
    return _transcode(data, "cp1252", "Windows (cp1252)")


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


def _transcode(data: pa.Buffer, codec: str, title: str) -> tuple[pa.Buffer, dict[str, str], tuple[Finding, ...]]:
    text = bytes(data).decode(codec, errors="replace").removeprefix("\ufeff")
    sentence = f"The file is not UTF-8; it was read as {title}. Check that names with accents look right."
    return (
        pa.py_buffer(text.encode("utf-8")),
        {"encoding": title, "bom": "no"},
        (Finding("encoding", sentence),),
    )
