"""CSV in every dress becomes the same table of text; what cannot be a table is refused in one sentence."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.problems import ImportProblem
from cs_models.readers import read_text_table
from cs_models.readers.files import MORE

PLAIN = "customer,start,note\nC-1,2025-01-01,one\nC-2,2025-02-01,two\n"


def cells(data: bytes | Path) -> list[list[str]]:
    table = read_text_table(data)
    return [list(row) for row in zip(*(column.to_pylist() for column in table.cells.columns), strict=True)]


@pytest.mark.parametrize(
    "delimiter, word", [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_same_cells_in_every_dialect(delimiter, word, line_end, encoding):
    text = PLAIN.replace(",", delimiter).replace("\n", line_end)
    table = read_text_table(text.encode(encoding))
    assert table.columns == ("customer", "start", "note")
    assert table.facts["delimiter"] == word
    assert table.rows.to_pylist() == [2, 3]
    assert cells(text.encode(encoding)) == [["C-1", "2025-01-01", "one"], ["C-2", "2025-02-01", "two"]]


def test_a_path_and_its_bytes_are_the_same_file(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(PLAIN)
    assert cells(path) == cells(PLAIN.encode())


def test_windows_letters_are_read_and_told():
    table = read_text_table("name,b\nMüller – 5 €,1\n".encode("cp1252"))
    assert table.cells["c0"].to_pylist() == ["Müller – 5 €"]
    assert [finding.id for finding in table.findings] == ["encoding"]


@pytest.mark.parametrize(
    "codec, title, names",
    [("cp932", "Shift-JIS", ["ソフトテスト", "プラン"]), ("gb18030", "GB18030", ["专业版", "基本"])],
)
def test_letters_of_two_bytes_are_recognised_and_asked_for(codec, title, names):
    data = ("plan,b\n" + "".join(f"{name},1\n" for name in names)).encode(codec)
    table = read_text_table(data)
    assert table.cells["c0"].to_pylist() == names and table.facts["encoding"] == title
    (question,) = table.questions
    assert (question.id, question.guess, question.answered) == ("encoding", title, False)
    assert names[0] in question.sentence
    windows = read_text_table(data, answers={"encoding": "cp1252"})
    assert windows.cells["c0"].to_pylist() != names and windows.questions[0].answered


@pytest.mark.parametrize("name", ["ößöß", "Größe", "GRÖßE", "Hélène", "naïve café"])
def test_accents_are_not_taken_for_letters_of_two_bytes(name):
    table = read_text_table(f"plan,b\n{name},1\n".encode("cp1252"))
    assert table.cells["c0"].to_pylist() == [name] and not table.questions


def test_lines_of_two_encodings_are_read_each_in_its_own_and_listed():
    data = "plan,b\nGröße,1\n".encode() + "Müller,2\nKöln Ä,3\n".encode("cp1252")
    table = read_text_table(data)
    assert table.cells["c0"].to_pylist() == ["Größe", "Müller", "Köln Ä"]
    (finding,) = table.findings
    assert (finding.id, finding.count, finding.rows) == ("mixed_encodings", 2, (3, 4))


def test_a_title_of_two_cells_above_a_wider_header_is_a_title():
    above = b"Report,Subscriptions\nmade,by hand\n"
    table = read_text_table(above + b"customer,start,plan,mrr\nA,2025-01-01,P,5\nB,x,P,6\n")
    assert table.columns == ("customer", "start", "plan", "mrr") and table.rows.to_pylist() == [4, 5]


def test_one_broken_byte_does_not_turn_utf8_into_windows():
    data = "name,b\nMüller,1\nGröße,2\nNovák,3\n".encode().replace("á".encode(), b"\xe1")
    table = read_text_table(data)
    assert table.cells["c0"].to_pylist()[:2] == ["Müller", "Größe"]
    assert table.findings[0].id == "damaged_letters" and table.findings[0].rows == (4,)


def test_zero_bytes_are_removed_and_told():
    table = read_text_table(b"a,b\nx\x00y,1\n")
    assert table.cells["c0"].to_pylist() == ["xy"]
    assert table.findings[0].id == "zero_bytes"


def test_commas_quotes_and_line_breaks_inside_quotes_stay_in_their_cell():
    table = read_text_table(b'a,b\n"x, ""y""","one\ntwo"\nz,3\n1,2,3\n')
    assert table.cells["c0"].to_pylist() == ['x, "y"', "z"]
    assert table.cells["c1"].to_pylist() == ["one\ntwo", "3"]
    assert table.rows.to_pylist() == [2, 3]
    assert table.rejected[0].row == 4


def test_line_breaks_inside_quotes_survive_every_piece_of_a_long_file():
    record = b'k,"' + b"x\n" * 500 + b'"\n'
    table = read_text_table(b"a,b\n" + record * 3_000)
    assert table.rows[-1].as_py() == 3_001 and not table.rejected
    assert table.cells["c1"].unique().to_pylist() == ["x\n" * 500]


def test_a_quote_inside_a_cell_is_a_letter():
    assert cells(b'a,b\n5" pipe,1\nx,2\n') == [['5" pipe', "1"], ["x", "2"]]


def test_lines_above_the_header_and_a_separator_hint():
    table = read_text_table(b"Export of 2025-11-01\n\na;b\n1;2\n")
    assert table.columns == ("a", "b") and table.rows.to_pylist() == [4]
    assert table.facts["above"].startswith("Export of 2025-11-01")
    # without the hint the commas would win
    hinted = read_text_table(b'"sep=;"\na;b,c,d\n1;2,5,6\n')
    assert hinted.columns == ("a", "b,c,d") and hinted.rows.to_pylist() == [3]


def test_a_trailing_delimiter_makes_an_empty_column_not_a_shift():
    assert read_text_table(b"a,b\n1,2,\n3,4,\n").columns == ("a", "b", "column 3")
    assert cells(b"a,b\n1,2,\n3,4,\n") == [["1", "2", ""], ["3", "4", ""]]


def test_headers_lose_invisible_letters_and_doubles_are_told():
    table = read_text_table("\u200bmrr\u00a0,mrr,\n1,2,3\n".encode())
    assert table.columns == ("mrr", "mrr (2)", "column 3")
    (question,) = table.questions
    assert (question.id, question.guess, question.answered) == ("duplicate_header", "first", False)
    assert [finding.id for finding in table.findings] == ["blank_header"]
    last = read_text_table("MRR,mrr ,x\n1,2,3\n".encode(), answers={"duplicate_header": "last"})
    assert last.columns == ("MRR (1)", "mrr", "x") and last.questions[0].answered


STRUCTURE = {
    "too many cells": (b"a,b\n1,2\n1,2,3\n5,6\n", 3, "cells in 2 columns"),
    "too few cells": (b"a,b,c\n1,2,3\n1,2\n5,6,7\n", 3, "2 of 3 columns"),
    "cut off": (b"a,b,c\n1,2,3\n1,", 3, "2 of 3 columns"),
    "blank line": (b"a,b\n1,2\n\n5,6\n", 3, "blank row"),
    "blank cells": (b"a,b\n1,2\n , \n5,6\n", 3, "blank row"),
    "repeated header": (b"a,b\n1,2\na,b\n5,6\n", 3, "repeated header"),
    "total": (b"a,b,c,d\n1,2,3,4\nTotal,,,4\n", 3, "total row"),
    "short total": (b"a,b,c,d\n1,2,3,4\nTotal,4\n", 3, "total row"),
    "comment": (b"a,b\n1,2\n# made by x\n", 3, "comment"),
    "endless cell": (b"a,b\n1,2\n" + b"x" * 40_000 + b",2\n5,6\n", 3, 'in column "a" is longer than 32 kB'),
    "cell beyond a block": (b"a,b\n1,2\n" + b"x" * 3_000_000 + b",2\n5,6\n", 3, 'in column "a"'),
    "no name": (b"customer,start,\nA,2025-01-01,u\nB,2025-01-01," + b"x" * 40_000 + b"\n", 3, 'in column "column 3" is longer'),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_row_of_broken_shape_is_rejected_with_its_number(name):
    data, row, reason = STRUCTURE[name]
    table = read_text_table(data)
    assert [entry.row for entry in table.rejected] == [row]
    assert reason in table.rejected[0].reason
    assert len(table.rejected[0].value) <= 80
    assert row not in table.rows.to_pylist()
    assert table.records == len(table.rows) + 1


@pytest.mark.parametrize("size", [600_000, 2 << 20, 17 << 20])
@pytest.mark.parametrize("above", [b"", b"Export\nof June\n\n"])
def test_a_first_look_sees_the_rows_behind_an_endless_cell(above, size):
    cell = b'"' + b"x,\n" * (size // 3) + b'"' if size < MORE else b"x" * size
    data = above + b"customer,start,note\nA,2025-01-01," + cell + b"\nB,2025-02-01,y\n" + b"C,2025-03-01,z\n" * 80_000
    first = read_text_table(data, first=True)
    assert first.columns == ("customer", "start", "note") and first.cells.column(0)[0].as_py() == "B"
    assert [(one.column, one.reason[:44]) for one in first.rejected] == [("note", 'a cell in column "note" is longer than 32 kB')]


def test_a_customer_called_total_is_a_customer():
    assert len(read_text_table(b"a,b,c,d\nTotal,2025-01-01,x,4\nTotal Energies,,,5\n").rows) == 2


def test_trailing_line_breaks_are_no_rows():
    assert read_text_table(b"a,b\n1,2\n\n\r\n\n").records == 1


REFUSED = {
    "empty": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "only blanks": (b"  \n\n \n", "empty"),
    "header only": (b"customer,start,end,plan,interval,mrr\r\n", "6 columns and 0 data rows"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG image"),
    "jpeg": (b"\xff\xd8\xff\xe0abc", "JPEG image"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "feather": (b"ARROW1rest", "Feather"),
    "bzip2": (b"BZh91AY", "bzip2"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "7z"),
    "html": (b"\n <table><tr><td>a</td></tr></table>", "HTML"),
    "other binary": (bytes(range(1, 9)) * 50, "binary file"),
    "too wide": (",".join(f"h{i}" for i in range(501)).encode() + b"\n1\n", "at most 500"),
    "unclosed quote": (b'a,b\n1,2\n3,"4\n5,6\n7,8\n', "line 3"),
    "one cell more everywhere": (b"a,b\n1,2,3\n4,5,6\n", "2 columns, but row 2 has 3 cells"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_in_a_sentence(name):
    data, words = REFUSED[name]
    with pytest.raises(ImportProblem) as problem:
        read_text_table(data)
    assert words in str(problem.value)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")


def test_an_unclosed_quote_far_into_a_long_file_is_found():
    data = b"a,b\n" + b"1,2\n" * 100_000 + b'3,"4\n' + b"5,6\n" * 60_000
    with pytest.raises(ImportProblem, match="line 100002"):
        read_text_table(data)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf")), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_back(rows, delimiter, line_end):
    # the first cell is filled: blank rows and totals are another test's matter
    rows = [(f"k{at}{a}", b, c) for at, (a, b, c) in enumerate(rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("first", "second", "third"), *rows])
    table = read_text_table(out.getvalue().encode())
    assert table.columns == ("first", "second", "third")
    assert cells(out.getvalue().encode()) == [list(row) for row in rows]
