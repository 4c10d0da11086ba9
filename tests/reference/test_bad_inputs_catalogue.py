"""Every case of the catalogue of bad inputs: its file is built, read, and ends as the catalogue wants.

FILE = refused in one sentence; ROWS = the rows at fault are named and the others read; REPAIR = right numbers and
the change told; ASK = an open question with a guess; ACCEPT = read as it is. No case may give a wrong number
without a word.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from cs_models.problems import ImportProblem
from cs_models.readers import files
from cs_models.reading import read

pytestmark = pytest.mark.reference

HEADER = "customer_id,start_date,end_date,plan,interval,mrr"
GOOD = [
    "C-1,2025-01-01,2025-03-01,Pro,monthly,50.00",
    "C-2,2025-01-15,,Pro,annual,40.00",
    "C-3,2025-02-01,,B,monthly,9.99",
]
MRR = 49.99  # of C-2 and C-3, who are still here


def book(*extra: str, rows=GOOD, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows[:2], *extra, *rows[2:], ""])


PLAIN = book()
LINE = "C-9,2025-01-20,,Plus,monthly,5.00"


@dataclass(frozen=True)
class Case:
    """How the bad file is made and what must hold: `says` in the refusal, reason, finding or question; `right`
    of what was read.
    """

    data: bytes | str | Callable
    says: str = ""
    right: Callable = lambda subs: True
    name: str = ""
    given: dict = field(default_factory=dict)


def same_book(subs) -> bool:
    """Exactly the three good customers with their numbers."""
    return (subs.customers, subs.active, subs.active_mrr) == (3, 2, MRR) and len(subs.rows) == 3


def one_more(mrr: float = 5.0, plan: str | None = "Plus") -> Callable:
    """The good customers and one more that is live at this price."""

    def right(subs) -> bool:
        plans = subs.rows["plan"].to_pylist()
        return subs.customers == 4 and round(subs.active_mrr, 2) == round(MRR + mrr, 2) and (plan is None or plan in plans)

    return right


def without_it(subs) -> bool:
    """The row at fault is out, the good ones are unchanged."""
    return same_book(subs) and subs.report.rejected >= 1


def line(text: str, says: str, right=without_it, **given) -> Case:
    return Case(book(text), says, right, given=given)


def day(text: str) -> str:
    return f"C-9,{text},Plus,monthly,5.00"


def price(text: str) -> str:
    return f"C-9,2025-01-20,,Plus,monthly,{text}"


def started(on: date) -> Callable:
    return lambda subs: on in subs.rows["started_on"].to_pylist() and subs.customers == 4


def dates(*texts: str, **given) -> str:
    """One customer per start date."""
    return book(rows=[f"D-{at},{text},,Pro,monthly,10" for at, text in enumerate(texts)])


def starts(*days: str) -> Callable:
    return lambda subs: sorted(map(str, subs.rows["started_on"].to_pylist())) == sorted(days)


def archive(**members) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "."), data)
    return out.getvalue()


def sheet(make, rows=None, **more) -> bytes:
    cells = [[float(c) if at and i == 5 else c for i, c in enumerate(r.split(","))] for at, r in enumerate(PLAIN.split())]
    return make({"Data": rows or cells}, **more)


def far(make) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make({"S": [("a", "b"), ("x", "y")]}))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="B2"', b'r="XFD1048576"'))
    return out.getvalue()


def sheet_rows(*lines: str) -> list:
    return [[cell or None for cell in row.split(",")] for row in lines]


LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
WIDE = ",".join(f"h{at}" for at in range(200_000)) + "\n1\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HOSTILE = {
    "B131": "<script>alert(1)</script>", "B132": "![x](http://x.example/p)", "B133": "[x](http://x.example)",
    "B134": "$\\rule{99em}{99em}$", "B135": "$5 and $6", "B136": ":red[x] :material/delete:", "B137": "=1+1",
    "B138": "');alert(1);('", "B139": "x'); DROP TABLE rows;--", "B140": "__import__('os').system('id')",
    "B141": "\x1b[31mred", "B142": '"two\nlines"', "B143": "🌸 مرحبا", "B144": "x" * 10_000,
}  # fmt: skip


def hostile(plan: str) -> Case:
    kept = plan.strip('"').replace("''", "'")
    return Case(book(f"C-9,2025-01-20,,{plan},monthly,5.00"), "", one_more(5.0, kept))


CASES: dict[str, Case] = {
    "B001": Case(b"", "empty"),
    "B002": Case(b"\xef\xbb\xbf", "empty"),
    "B003": Case(HEADER + "\n", "6 columns and 0 data rows"),
    "B004": Case(" \n\n  \n", "empty"),
    "B005": Case("\n".join(GOOD), "Which row names", lambda s: s.customers == 3 and s.active_mrr == MRR, given={
        "mapping": {"customer": "column 1", "start": "column 2", "end": "column 3", "plan": "column 4",
                    "interval": "column 5", "mrr": "column 6"}}),
    "B006": Case("Export of 2025-11-01\n\n\n" + PLAIN, "row 4", lambda s: s.active_mrr == MRR and s.as_of == date(2025, 11, 1)),
    "B007": Case(PLAIN + "Total,,,,,99.99\n", "total row", without_it),
    "B008": Case(PLAIN + "C-9,2025-01", "2 of 6 columns", without_it),
    "B009": Case(b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG image", name="data.csv"),
    "B010": Case(b"%PDF-1.7\n", "PDF", name="data.csv"),
    "B011": Case(sheet, "read as Excel", same_book, name="data.csv"),
    "B012": Case(PLAIN, "read as CSV", same_book, name="data.xlsx"),
    "B013": Case("<html><table><tr><td>a</td></tr></table></html>", "web page", name="export.xls"),
    "B014": Case('{"customer": "A", "start": "2025-01-01"}\n', "looks like JSON", name="data.csv"),
    "B015": Case(gzip.compress(PLAIN.encode())[:-8], "incomplete"),
    "B016": Case(gzip.compress(b"a,b\n" + b"0" * (9 << 20)), "more than 100 times"),
    "B017": Case(archive(a__csv=PLAIN, b__csv=HEADER + "\n"), "Which file", same_book),
    "B018": Case(archive(**{"../../evil__csv": PLAIN}), "leads outside"),
    "B019": Case(archive(a__csv="0" * (9 << 20)), "more than 100 times"),
    "B020": Case(far, "500 columns"),
    "B021": Case(lambda make: sheet(make, prolog=LAUGHS), "DTD"),
    "B022": Case(OLE + "EncryptedPackage".encode("utf-16-le"), "Remove the password"),
    "B023": Case(lambda make: make({"About": [("Made", "by hand")], "Data": sheet_rows(*PLAIN.split()), "Z": [("a", "b")]}),
                 "Which sheet", same_book),
    "B024": Case(lambda make: make({"S": [("customer", "Period", None, "plan", "interval", "mrr"),
                                          (None, "start", "end", None, None, None), *sheet_rows(*GOOD)]},
                                   merged=("A1:A2", "B1:C1", "D1:D2", "E1:E2", "F1:F2")), "are merged", same_book),
    "B025": Case(lambda make: sheet(make, hidden=(2, 4)), "2 rows are hidden", same_book),
    "B026": Case(lambda make: make({"S": sheet_rows(*book("C-9,2025-01-20,,Plus,monthly,=1+4").split())}),
                 "cell F4 holds a formula without a value", without_it),
    "B027": Case(b"", "at most"),
    "B028": Case(PLAIN, "at most"),
    "B029": Case(book("x" * 50_000_000), "", without_it),
    "B030": Case(PLAIN, "", same_book, name="../../etc/passwd" + "x" * 300 + "\U0001f338\r\n<script>"),
    "B031": Case(b"ARROW1\0\0" + bytes(50), "can be read"),
    "B032": Case(PLAIN.encode("utf-8-sig"), "", same_book),
    "B033": Case(PLAIN.encode("utf-16"), "UTF-16", same_book),
    "B034": Case(PLAIN.encode("utf-16-be"), "UTF-16", same_book),
    "B035": Case(PLAIN.encode("utf-32"), "UTF-32", same_book),
    "B036": Case(book("C-9,2025-01-20,,Größe – 5 €,monthly,5.00").encode("cp1252"), "Windows", one_more(5, "Größe – 5 €")),
    "B037": Case(book("C-9,2025-01-20,,5 €,monthly,5.00").encode("cp1252"), "5 €", one_more(5, "5 €")),
    "B038": Case(book("C-9,2025-01-20,,プランです,monthly,5.00").encode("cp932"), "プランです", one_more(5, "プランです")),
    "B039": Case(book("C-9,2025-01-20,,Größe,monthly,5.00", "C-8,2025-01-20,,Größe,monthly,5.00", "C-7,2025-01-20,,N\udce1k,monthly,0").encode("utf-8", "surrogateescape"),
                 "first in line 6", lambda s: round(s.active_mrr, 2) == MRR + 10),
    "B040": Case(book("C-9,2025-01-20,,Größe,monthly,5.00").encode() + "C-8,2025-01-20,,Müller,monthly,5.00\nC-7,2025-01-20,,Köln Ä,monthly,5\n".encode("cp1252"),
                 "first: line 6", lambda s: {"Größe", "Müller", "Köln Ä"} <= set(s.rows["plan"].to_pylist())),
    "B041": Case(book("C-9,2025-01-20,,Pl\0us,monthly,5.00"), "zero byte", one_more()),
    "B042": line("C\u200b-9\u00a0,2025-01-20,,Plus,monthly,5.00", "", one_more()),
    "B043": line("C-9,2025-01-20,,Pl\u202eus,monthly,5.00", "turns the direction of writing", one_more(5, "Pl\u202eus")),
    "B044": Case(book("C-8,2025-01-20,,Gro\u0308ße,monthly,5", "C-9,2025-01-20,,Größe,monthly,0"), "",
                 lambda s: "Größe" in s.rows["plan"].to_pylist() and "Gro\u0308ße" not in s.rows["plan"].to_pylist()),
    "B045": Case("sep=;\n" + PLAIN.replace(",", ";"), "names the delimiter", same_book),
    "B046": Case(PLAIN.replace(",", ";"), "semicolon", same_book),
    "B047": Case(PLAIN.replace(",", "\t"), "tab", same_book),
    "B048": Case(PLAIN.replace(",", "|"), "pipe", same_book),
    "B049": Case(PLAIN.replace("\n", "\r"), "", same_book),
    "B050": Case(PLAIN.replace("\n", "\r\n", 2), "", same_book),
    "B051": Case(book('C-9,2025-01-20,,"Plus, a\nb",monthly,5.00'), "", one_more(5, "Plus, a\nb")),
    "B052": Case(book('C-9,"2025-01-20,,Plus,monthly,5.00'), "line 4 is never closed"),
    "B053": line(LINE + ",6", "7 cells in 6 columns"),
    "B054": Case("customer,start,mrr\nA,2025-01-01,5,x\nB,2025-01-01,5,y\n", "row 2 has 4 cells"),
    "B055": line("C-9,2025-01-20", "2 of 6 columns"),
    "B056": Case("\n".join(row + "," if at else row for at, row in enumerate(PLAIN.split())), "no name", same_book),
    "B057": Case("\n".join(row + (",mrr" if not at else ",1") for at, row in enumerate(PLAIN.split())), "share the name",
                 lambda s: s.active_mrr == MRR),
    "B058": Case("\n".join(row + (", MRR " if not at else ",1") for at, row in enumerate(PLAIN.split())), "share the name",
                 lambda s: s.active_mrr == MRR),
    "B059": Case("\n".join(row + (", " if not at else ",x") for at, row in enumerate(PLAIN.split())), "column 7",
                 lambda s: s.active_mrr == MRR and "column 7" in s.segments),
    "B060": Case("\n".join(row + (',"a[0].b:c\\d\'""e"' if not at else ",x") for at, row in enumerate(PLAIN.split())), "",
                 lambda s: s.active_mrr == MRR and 'a[0].b:c\\d\'"e' in s.segments),
    "B061": Case("\n".join(row + (",__import__('os').system('id')" if not at else ",x") for at, row in enumerate(PLAIN.split())),
                 "", lambda s: s.active_mrr == MRR),
    "B062": Case(WIDE, "at most 500"),
    "B063": Case("customer_id,plan,mrr\nA,Pro,5\n", "no column"),
    "B064": Case("field,A,B\nbegan,2025-01-01,2025-02-01\ncosts,5,6\n", "No column was recognised"),
    "B065": Case(book(header="Kunde,Beginn,Ende,Tarif,Turnus,Betrag"), "as the price of a payment: active MRR 13.32 USD", same_book),
    "B066": line(HEADER, "repeated header"),
    "B067": line("# made by hand", "comment line"),
    "B068": Case("\n".join([HEADER, *(f"C-{at},2025-01-20,,P-{at},monthly,5" for at in range(100_000))]), "",
                 lambda s: s.customers == 100_000 and s.active_mrr == 500_000),
}

CASES |= {
    "B069": Case(PLAIN.replace(",", ";").replace(".", ","), "decimal comma", same_book),
    "B070": Case(book(price('"1,234.50"'), 'C-8,2025-01-20,,Plus,monthly,"1.234,50"'), "",
                 lambda s: s.active_mrr != pytest.approx(MRR + 2469) or s.report.questions),
    "B071": Case(book(rows=['A,2025-01-01,,P,monthly,"1,234"', 'B,2025-01-01,,P,monthly,"2,500"']), "",
                 lambda s: s.active_mrr in (3734, 3.73, 3.74)),
    "B072": Case(book(price("$5.00"), "C-8,2025-01-20,2025-02-20,P,monthly,12.50 USD"), "read as USD, first: row 4", lambda s: s.active_mrr == 54.99),
    "B073": Case(book(price("1 234.50"), "C-8,2025-01-20,,Plus,monthly,1'234.50"), "2 amounts in column \"mrr\" have thousands parted",
                 lambda s: round(s.active_mrr, 2) == round(MRR + 2469, 2)),
    "B074": Case(book(price("(12.50)"), "C-8,2025-01-20,,Plus,monthly,12.50-"), "25.00 USD in all. Left out", without_it),
    "B075": line("C-3,2025-02-05,,B,monthly,-5", "netted, taken off the customer's row before: active MRR 44.99 USD"),
    "B076": Case(book(price("0")), "", lambda s: s.active_mrr == MRR and s.report.set_aside == 1),
    "B077": line(price("9999999"), "", one_more(9_999_999)),
    "B078": Case(book(rows=[f"A{at},2025-01-01,,P,monthly,125000" for at in range(9)]), "cents: active MRR 11,250.00 USD",
                 lambda s: s.active_mrr in (9 * 125_000, 9 * 1250)),
    "B079": Case(book(price("inf"), "C-8,2025-01-20,,P,monthly,nan", "C-7,2025-01-20,,P,monthly,1e400"), "finite", without_it),
    "B080": Case(book(*(f"N-{at},2025-01-20,,P,monthly,{text}" for at, text in
                        enumerate(["NULL", "null", "None", "N/A", "#N/A", "-", "?", '""']))), "no amount", without_it),
    "B081": Case(book("C-8,2025-01-20,,NA,monthly,5", "C-9,2025-01-20,,null,monthly,0"), "",
                 lambda s: {"NA"} <= set(s.rows["plan"].to_pylist()) and s.customers >= 4),
    "B082": Case(book("00123,2025-01-20,,P,monthly,5", "123,2025-01-20,,P,monthly,5"), "",
                 lambda s: {"00123", "123"} <= set(s.rows["customer"].to_pylist())),
    "B083": line("1.23457E+15,2025-01-20,,Plus,monthly,5", "rounded by a spreadsheet", one_more()),
    "B084": Case(book(f"{2**60},2025-01-20,,P,monthly,5", f"{2**60 + 1},2025-01-20,,P,monthly,5"), "", lambda s: s.customers == 5),
    "B085": Case("\n".join(row + (",discount" if not at else ",10%") for at, row in enumerate(PLAIN.split())), "10% is read as 0.10",
                 lambda s: s.active_mrr == MRR),
    "B086": Case(book(price("５.００")), "", lambda s: s.active_mrr in (MRR, round(MRR + 5, 2))),
    "B087": Case(book(price("5.005")), "more decimals", lambda s: round(s.active_mrr, 2) in (54.99, 55.0)),
    "B088": Case("customer,start,mrr,currency\nA,2025-01-01,1250,JPY\nB,2025-01-01,800,JPY\n", "",
                 lambda s: s.currency == "JPY" and s.active_mrr == 2050 and s.rows["mrr"].to_pylist() == [1250, 800]),
    "B089": Case(dates("03/04/2025", "05/06/2025"), "fit both day/month", lambda s: s.customers == 2),
    "B090": Case(dates("03/04/2025", "25/04/2025"), "", starts("2025-04-03", "2025-04-25")),
    "B091": Case(dates("13/04/2025", "14/04/2025", "04/13/2025"), "1 fits only month/day", starts("2025-04-13", "2025-04-14")),
    "B092": Case(dates("25/02/25", "26/02/70"), "such as 26/02/70: read as 1970 to 1999", lambda s: "2025-02-25" in map(str, s.rows["started_on"].to_pylist())),
    "B093": Case(dates("2025-01-31T23:30:00-08:00", "2025-01-31T12:00:00Z"), "", starts("2025-02-01", "2025-01-31")),
    "B094": Case(dates("2025-01-31T23:30:00-08:00", "2025-01-31T23:30:00"), "", starts("2025-02-01", "2025-01-31")),
    "B095": Case(dates("2025-03-09T02:30:00", "2025-11-02T01:30:00"), "", starts("2025-03-09", "2025-11-02")),
    "B096": Case(dates("45672", "45673"), "Excel day numbers", starts("2025-01-15", "2025-01-16")),
    "B097": Case(dates("1735689600", "1738368000"), "Unix seconds", starts("2025-01-01", "2025-02-01")),
    "B098": Case(dates("1735689600000", "1738368000000"), "Unix milliseconds", starts("2025-01-01", "2025-02-01")),
    "B099": Case(dates("15 Jan 2025", "16 Feb 2025", "15. März 2025"), "row 4", starts("2025-01-15", "2025-02-16")),
    "B100": Case(dates("2025-01", "2025-02"), "month only", starts("2025-01-01", "2025-02-01")),
    "B101": line(day("2025-02-30,"), "does not exist"),
    "B102": Case(book(day("1900-01-01,"), "C-8,0000-00-00,,P,monthly,5", "C-7,2025-01-20,9999-12-31,P,monthly,5"), "placeholder",
                 lambda s: s.report.rejected == 2 and round(s.active_mrr, 2) == MRR + 5),
    "B103": line("C-9,2025-01-20,active,Plus,monthly,5", "", one_more()),
    "B104": line(day("2031-01-01,"), "", lambda s: s.customers >= 3, as_of="2025-06-30"),
    "B105": line(day("2025-01-20,2031-01-01"), "", one_more(), as_of="2025-06-30"),
    "B106": line(day("2025-02-01,2025-01-01"), "before"),
    "B107": line(day("2025-01-20,2025-01-20"), "", lambda s: min(s.rows["duration"].to_pylist()) >= 1 and s.active_mrr == MRR),
    "B108": line(day(",2025-01-20"), "when the subscription began"),
    "B109": line(GOOD[0], "duplicate of row 2"),
    "B110": line("C-1,2025-02-01,2025-04-01,Pro,monthly,5", "", lambda s: s.customers == 3 and len(s.rows) == 4),
    "B111": line("C-1,2025-09-01,,Pro,monthly,5", "", lambda s: s.customers == 3 and len(s.rows) == 4),
    "B112": line("C-2,2025-01-15,,Pro,annual,90.00", "only the larger: 2 active customers, active MRR 99.99 USD",
                 lambda s: s.customers == 3 and s.active_mrr == 139.99),
    "B113": Case("customer,start,mrr,currency\nA,2025-01-01,5,EUR\nB,2025-01-01,5,USD\n", "EUR in 1 rows"),
    "B114": Case("customer,start,mrr,currency\nA,2025-01-01,5,usd\nB,2025-01-01,5,US Dollar\nC,2025-01-01,5,$\nD,2025-01-01,5,bitcoin\n",
                 "not a currency code", lambda s: s.currency == "USD" and s.active_mrr == 15),
    "B115": Case("customer,invoice_date,amount,status\nA,2025-01-01,50,paid\nA,2025-02-01,50,paid\nA,2025-02-03,-20,credit note\n"
                 "B,2025-01-10,30,paid\nB,2025-02-10,30,paid\n", "1 row gives back 20.00 USD", lambda s: s.active_mrr == 60),
    "B116": line("C-9,2025-01-20,2025-02-03,Trial,monthly,0", "a free plan or a trial", lambda s: s.active_mrr == MRR and s.report.set_aside == 1),
    "B117": Case(book(rows=[*(f"A{at},2025-01-01,,P,,10" for at in range(9)), "B,2025-01-01,,P,,120"]), "for a year: active MRR 100.00 USD",
                 lambda s: s.active_mrr == 210),
    "B118": line("test@example.com,2025-01-20,,Plus,monthly,5", "left out: 2 active customers, active MRR 49.99 USD", one_more()),
    "B119": Case("customer,start,mrr\nA,2025-01-01,5\n", "", lambda s: s.customers == 1),
    "B120": Case("customer,start,end,mrr\nA,2025-01-01,2025-02-05,5\nB,2025-01-01,2025-03-07,5\n", "", lambda s: s.active == 0,
                 given={"as_of": "2025-06-30"}),
    "B121": Case("customer,start,mrr\nA,2025-01-01,5\nB,2025-02-01,5\n", "", lambda s: s.active == 2),
    "B122": Case("customer,start,end,mrr\nA,2025-01-01,,5\nB,2025-01-02,2025-01-09,5\n", "", lambda s: s.customers == 2),
    "B123": Case(book(*(f"D-{at},2025-01-20,,Big,monthly,5" for at in range(200))), "", lambda s: s.customers == 203),
    "B124": Case(book(*(f"D-{at},2025-01-20,,Loyal,monthly,5" for at in range(50))), "", lambda s: s.customers == 53),
    "B125": Case("customer,start,end,mrr\n" + "".join(f"A{at},2025-01-01,2025-03-01,5\n" for at in range(9)), "",
                 lambda s: set(s.rows["duration"].to_pylist()) == {2}, given={"as_of": "2025-06-30"}),
    "B126": Case(PLAIN, "Up to 2025-03-31: 2 subscriptions running, 49.99 USD a month, 99.98 USD paid for whole months so far.",
                 lambda s: same_book(s) and s.as_of == date(2025, 3, 1)),
    "B127": Case("\n".join(row + (",email" if not at else f",a{at}@x.example") for at, row in enumerate(PLAIN.split())), "email",
                 lambda s: "email" not in s.segments and same_book(s)),
    "B128": Case(lambda make: b"\n".join([HEADER.encode(), *(b"C-%d,2025-01-20,,P,monthly,5" % at for at in range(1_000_000))]), "",
                 lambda s: s.customers == 1_000_000),
    "B129": Case(PLAIN, "", lambda s: same_book(s) and s.digest == read(PLAIN.encode()).digest),
    "B130": Case(book(rows=GOOD[::-1]), "", same_book),
} | {id: hostile(plan) for id, plan in HOSTILE.items()}  # fmt: skip


def outcome(subs) -> set[str]:
    """Every class that what was read belongs to."""
    report = subs.report
    found = {"ROWS"} if report.rejected or any(f.count and f.rows for f in report.findings) else set()
    if report.repaired or report.findings:
        found.add("REPAIR")
    if any(not question.answered for question in report.questions):
        found.add("ASK")
    if not report.rejected:
        found.add("ACCEPT")
    return found


def words_of(subs) -> str:
    report = subs.report
    told = [f.sentence for f in report.findings] + [f"{q.title} {q.sentence}" for q in report.questions]
    return " ".join([*told, *report.entries["reason"].to_pylist()])


@pytest.fixture(scope="module")
def catalogue(reference_data) -> dict[str, str]:
    with (reference_data.parent / "BAD_INPUTS.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row["outcome_class"] for row in csv.DictReader(file)}


def test_every_case_of_the_catalogue_is_here(catalogue):
    assert set(catalogue) == set(CASES) and len(CASES) == 144


@pytest.mark.parametrize("id", CASES)
def test_a_bad_input_ends_as_it_should(id, catalogue, make_workbook, tmp_path, monkeypatch):
    case = CASES[id]
    wanted = catalogue[id]
    data = case.data(make_workbook) if callable(case.data) else case.data
    data = data.encode("utf-8") if isinstance(data, str) else data
    source = data
    if id == "B027":
        source = tmp_path / "huge.csv"
        with source.open("wb") as file:
            file.truncate(2 << 30)
    elif id == "B028":
        monkeypatch.setattr(files, "LARGEST", len(data))
        assert same_book(read(data))
        source = data + b"\n"
    elif id == "B030":
        monkeypatch.setattr("cs_models.reading._name", lambda source: case.name)
    elif case.name:
        source = tmp_path / case.name
        source.write_bytes(data)
    try:
        subs = read(source, **case.given)
    except ImportProblem as problem:
        sentence = str(problem)
        assert case.says in sentence and sentence.endswith(".") and "\n" not in sentence
        # an ImportProblem that asks to map by hand is the question of a file whose columns are not known
        assert wanted == "FILE" or (wanted == "ASK" and ("by hand" in sentence or "Upload one currency" in sentence)), sentence
        return
    assert wanted in outcome(subs), (wanted, outcome(subs), words_of(subs))
    assert case.says in words_of(subs), words_of(subs)
    assert case.right(subs), (subs.active_mrr, subs.customers, words_of(subs))
    report = subs.report
    assert report.accepted + report.repaired + report.rejected == report.rows
