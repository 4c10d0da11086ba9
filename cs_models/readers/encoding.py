"""Which bytes are which letters: UTF-8 first, then what Excel and other programs write, always told."""

import codecs
import re

import numpy as np
import pyarrow as pa

from cs_models.problems import Problem
from cs_models.readers.table import Finding, Question

CHUNK = 1 << 20
SEEN = 1 << 18
WINDOWS = "Windows (cp1252)"
# what a person can choose: the name shown, and the codec
CHOICES = {
    "UTF-8": "utf-8",
    WINDOWS: "cp1252",
    "Latin-1": "latin-1",
    "UTF-16": "utf-16",
    "UTF-16 little-endian": "utf-16-le",
    "UTF-16 big-endian": "utf-16-be",
    "UTF-32": "utf-32",
    "Windows Central European (cp1250)": "cp1250",
    "Windows Cyrillic (cp1251)": "cp1251",
    "Shift-JIS": "cp932",
    "GB18030": "gb18030",
    "Big5": "big5",
    "EUC-KR": "cp949",
    "Mac Roman": "mac-roman",
}
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32": codecs.BOM_UTF32_LE,
}
KANA = re.compile("[\u3041-\u30ff]")

Decoded = tuple[pa.Buffer, dict[str, str], tuple[Finding, ...], tuple[Question, ...]]


def to_utf8(data: pa.Buffer, answer: str | None = None) -> Decoded:
    """The same text as UTF-8 without a byte-order mark, the facts, what to tell and what to ask.

    `answer` is an encoding somebody chose; without it a file that is not UTF-8 is read as the most likely
    one, and where its bytes fit several the choice is a question with a piece of the text as preview.
    """
    if answer:
        return _as_chosen(data, answer)
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


def _as_chosen(data: pa.Buffer, answer: str) -> Decoded:
    known = {title.lower(): codec for title, codec in CHOICES.items()}
    known |= {codec: codec for codec in CHOICES.values()}
    codec = known.get(answer.strip().lower())
    if codec is None:
        try:
            codec = codecs.lookup(answer.strip()).name
        except (LookupError, ValueError):
            codec = None
        codec = next((ours for ours in CHOICES.values() if codecs.lookup(ours).name == codec), None)
    if codec is None:
        raise Problem(f"The encoding must be one of: {', '.join(CHOICES)}.")
    title = next(title for title, ours in CHOICES.items() if ours == codec)
    mark = MARKS.get(codec, b"")
    had_mark = bool(mark) and bytes(data[: len(mark)]) == mark
    text = bytes(data).decode(codec, errors="replace").removeprefix("\ufeff").replace("\0", "")
    broken = text.count("\ufffd")
    findings = ()
    if broken:
        sentence = f"{broken:,} bytes are no letters in {title} and show as \ufffd: try another encoding."
        findings = (Finding("damaged_letters", sentence, broken),)
    facts = {"encoding": title, "bom": "yes" if had_mark else "no"}
    return pa.py_buffer(text.encode()), facts, findings, _question(title, text, True)


def _without_nul(data: pa.Buffer, bom: str) -> Decoded:
    """Zero bytes inside text are damage that many programs stop at: they go, and that is told."""
    facts = {"encoding": "UTF-8", "bom": bom}
    count = int(np.count_nonzero(np.frombuffer(data, np.uint8) == 0)) if len(data) else 0
    if not count:
        return data, facts, (), ()
    raw = bytes(data)
    line = len(re.findall(rb"\r\n|\r|\n", raw[: raw.index(b"\0")])) + 1
    byte = "zero byte" if count == 1 else "zero bytes"
    sentence = f"{count:,} {byte} inside the text, first in line {line:,}, went; check the cells around."
    finding = Finding("zero_bytes", sentence, count, (line,))
    return pa.py_buffer(raw.replace(b"\0", b"")), facts, (finding,), ()


def _damaged(data: pa.Buffer, bom: str) -> Decoded:
    """Not valid UTF-8: a file of another encoding, or UTF-8 with some bytes broken or lines pasted in."""
    raw = bytes(data)
    text = raw.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = sum(not c.isascii() for c in text[: 1 << 22]) - broken
    if bom == "no" and sound < max(broken, 1):
        asian = _asian(raw[:SEEN])
        if asian:
            return _transcode(data, CHOICES[asian], asian)
        mixed = _mixed(raw) if sound > 0 else None
        return mixed or _transcode(data, "cp1252", WINDOWS)
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    letters = "letter is" if broken == 1 else "letters are"
    sentence = f"{broken:,} {letters} damaged in this UTF-8 file and shown as \ufffd, first in line {line:,}."
    facts = {"encoding": "UTF-8, damaged", "bom": bom}
    return pa.py_buffer(text.encode()), facts, (Finding("damaged_letters", sentence, broken, (line,)),), ()


def _mixed(raw: bytes) -> Decoded | None:
    """Lines of two programs in one file: each line that is no UTF-8 is read as Windows, and listed."""
    lines = raw.split(b"\n")
    odd, out, unicode_lines = [], [], 0
    for number, line in enumerate(lines, 1):
        try:
            out.append(line.decode("utf-8"))
            unicode_lines += not line.isascii()
        except UnicodeDecodeError:
            out.append(line.decode("cp1252", errors="replace"))
            odd.append(number)
    if not unicode_lines:
        return None
    count = len(odd)
    sentence = (
        f"{count:,} line{'s are' if count > 1 else ' is'} not UTF-8 like the others and "
        f"{'were' if count > 1 else 'was'} read as {WINDOWS}, first: line {odd[0]:,}."
    )
    text = "\n".join(out).replace("\0", "")
    finding = Finding("mixed_encodings", sentence, count, tuple(odd[:10]))
    title = f"UTF-8 and {WINDOWS}"
    return pa.py_buffer(text.encode()), {"encoding": title, "bom": "no"}, (finding,), ()


def _asian(head: bytes) -> str | None:
    """Shift-JIS or GB18030: letters of two bytes, several of them in a row, which accents of Latin text never
    are.
    """
    head = head[: max(head.rfind(b"\n"), head.rfind(b"\r"))] or head
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", head)]
    together = sum(run for run in runs if run >= 4)
    for title in ("Shift-JIS", "GB18030"):
        try:
            text = head.decode(CHOICES[title])
        except UnicodeDecodeError:
            continue
        foreign, kana = sum(not c.isascii() for c in text), len(KANA.findall(text))
        if title == "Shift-JIS" and kana >= 4 and kana * 3 >= foreign:
            return title
        if together >= 6 and together > 0.6 * sum(runs):
            return title
    return None


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


def _transcode(data: pa.Buffer, codec: str, title: str) -> Decoded:
    raw = bytes(data)
    text = raw.decode(codec, errors="replace").removeprefix("\ufeff")
    sentence = f"The file is not UTF-8; it was read as {title}. Check that names with accents look right."
    ambiguous = title in ("Shift-JIS", "GB18030")
    # 0x80 to 0x9f are letters in cp1252 and nothing in Latin-1: other programs mean other letters
    ambiguous |= title == WINDOWS and bool(re.search(rb"[\x80-\x9f]", raw))
    return (
        pa.py_buffer(text.encode("utf-8")),
        {"encoding": title, "bom": "no"},
        (Finding("encoding", sentence),),
        _question(title, text, False) if ambiguous else (),
    )


def _question(title: str, text: str, answered: bool) -> tuple[Question, ...]:
    found = re.search(r"[^,;|\"\r\n\t]*[^\x00-\x7f][^,;|\"\r\n\t]*", text)
    preview = f' For example: "{found.group()[:40]}".' if found else ""
    sentence = f"The letters fit several encodings; the file was read as {title}.{preview}"
    choices = tuple(dict.fromkeys((title, WINDOWS, "Latin-1", "Shift-JIS", "GB18030", "UTF-8")))
    question = Question("encoding", "Do the names look right?", title, choices, sentence, answered)
    return (question,)
