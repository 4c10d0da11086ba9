"""The workbook is the app in cells: recalculated by other programs it gives the same value, also after a turn of an input."""

import io
import re
import subprocess
from dataclasses import replace

import formulas
import numpy as np
import openpyxl
import pytest

import cs_models as cs
from cs_models.exports import cash_parts, workbook
from cs_models.levers import ALL
from tests.export_stories import HOSTILE, LINK, hostile, sample, told

CENT = 0.01
PROGRAMS = ("formulas", pytest.param("soffice", marks=pytest.mark.engines))
STAYS = cs.PriceIncrease(rise=0.10, churn_elasticity=0.0)  # nobody leaves over it: the sheet must agree at every rise
OFFER = cs.AnnualBilling(adoption=0.25, discount=0.167)
TURNS = {
    "gross_margin": 0.65, "discount_rate": 0.2, "service_cost": 3.5, "cac": 77.0, "price_rise": 0.3, "annual_discount": 0.05,
}


def answers_of(change) -> dict[str, tuple[float, float]]:
    found = {name: change.difference(name) for name in ("new", "existing", "portfolio")}
    return {name: (one.before, one.after) for name, one in found.items() if one}


def parts_say(book: cash_parts.Book, base, plan) -> tuple[float, float]:
    """The formula of the module's docstring, by hand."""
    figures = cash_parts.live(plan)
    rise, less = 1 + figures.get("rise", 0), 1 - figures.get("discount", 0)
    found = []
    for one in (book.before, book.after):
        cash = book.prices @ (one.plain + rise * one.raised + less * one.offered + rise * less * one.both)
        costs = book.prices @ ((1 - base.gross_margin) * one.served + base.gross_margin * one.cared + one.added)
        spent = base.service_cost * one.customers.sum(axis=0) + one.programmes + base.cac * one.acquired + one.rewards
        found.append(float((cash - costs - spent) @ base.discount_factor[: len(cash)]))
    return tuple(found)


# --- the parts ---


def plans() -> dict[str, cs.Scenario]:
    single = {name: cs.Scenario(name, (lever.suggested(),)) for name, lever in ALL.items()}
    every = tuple(lever.suggested() for lever in ALL.values())
    later = tuple(replace(lever, start=3) for lever in every if any(p.name == "start" for p in lever.parameters()))
    return single | {"nothing": cs.Scenario(""), "all": cs.Scenario("all", every), "later": cs.Scenario("later", later)}


PLANS = plans()


@pytest.mark.parametrize("name, view", [*((name, "types") for name in PLANS), ("AnnualBilling", "aggregate")])
def test_the_parts_put_together_are_the_value(name, view):
    change = cs.compare(sample()[1], PLANS[name], 9, view)
    for book, worth in answers_of(change).items():
        assert parts_say(cash_parts.book(change, book), change.base, change.plan) == pytest.approx(worth, abs=CENT / 10)


def test_a_growing_book_is_taken_apart_too():
    base = sample()[1]
    base = replace(base, cells=tuple(replace(cell, growth=np.full(60, 0.004)) for cell in base.cells))
    change = cs.compare(base, cs.Scenario("", (STAYS, OFFER)), 12)
    for book, worth in answers_of(change).items():
        assert parts_say(cash_parts.book(change, book), base, change.plan) == pytest.approx(worth, abs=CENT / 10)


@pytest.mark.parametrize("figure, value", [("rise", 0.3), ("discount", 0.05)])
def test_another_rise_or_discount_moves_the_parts_as_the_app(figure, value):
    """Survival as it was, another figure: the app with that figure."""
    base, plan = sample()[1], cs.Scenario("", (STAYS, OFFER))
    moved = cs.Scenario("", tuple(
        replace(one, **{figure: value}) if type(one).__name__ == cash_parts.LIVE[figure] else one for one in plan.levers))
    change, asked = cs.compare(base, plan, 15), cs.compare(base, moved, 15)
    for book, worth in answers_of(asked).items():
        assert parts_say(cash_parts.book(change, book), base, moved) == pytest.approx(worth, abs=CENT)


def test_of_two_alike_neither_can_be_turned():
    two = cs.Scenario("", (STAYS, replace(STAYS, scope="new", rise=0.05)))
    assert cash_parts.live(two) == {} and cash_parts.live(cs.Scenario("", (STAYS, OFFER))) == {"rise": 0.10, "discount": 0.167}


# --- the file, recalculated elsewhere ---


@pytest.fixture(scope="module")
def small():
    """One year of two groups: other programs need seconds for it."""
    base = cs.Assumptions.flat(0.03, 50.0, 0.8, 0.10, 24, existing=False, cac=120.0, service_cost=1.5)
    cells = tuple(replace(cell, heads=np.array([0.0, 40.0]), mrr=np.array([0.0, 1900.0])) for cell in base.cells)
    base = replace(base, cells=cells, acquisitions=np.full(24, 3.0))
    return cs.compare(base, cs.Scenario("Autumn", (STAYS, OFFER, cs.AccountManagement(reduction=0.1, care=0.12))), 4)


def written(change) -> bytes:
    subs, _ = sample()
    return cs.xlsx(cs.tell(change, cs.Source.of(subs, "Sample data")))


def cells_of(data: bytes) -> dict[str, str]:
    """Name of an input -> its cell."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {name: one.attr_text.replace("$", "").split("!")[1] for name, one in book.defined_names.items()}


def turned(data: bytes, changes: dict[str, float]) -> bytes:
    """The workbook with other inputs and without kept values: whoever opens it must calculate."""
    book, places = openpyxl.load_workbook(io.BytesIO(data)), cells_of(data)
    for name, value in changes.items():
        book["Inputs"][places[name]] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_soffice(folder, files: dict[str, bytes]) -> dict[str, openpyxl.Workbook]:
    (folder / "out").mkdir()
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx",
               "--outdir", str(folder / "out"), *(str(folder / f"{name}.xlsx") for name in files)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True) for name in files}


def with_formulas(folder, files: dict[str, bytes]) -> dict[str, dict]:
    found = {}
    for name, data in files.items():
        path = folder / f"{name}.xlsx"
        path.write_bytes(data)
        solved = formulas.ExcelModel().loads(str(path)).finish().calculate()
        cells = {str(key).upper(): one for key, one in solved.items()}
        found[name] = {place: float(cells[f"'[{name}.XLSX]ANSWER'!{place}".upper()].value[0, 0])
                       for place in ("B7", "C7", "B8", "C8", "B9", "C9")}  # fmt: skip
    return found


def recalculated(program: str, folder, files: dict[str, bytes]) -> dict[str, list[float]]:
    if program == "formulas":
        books = with_formulas(folder, files)
        return {name: [cells[f"{c}{r}"] for r in (7, 8, 9) for c in "BC"] for name, cells in books.items()}
    books = with_soffice(folder, files)
    return {name: [book["Answer"][f"{c}{r}"].value for r in (7, 8, 9) for c in "BC"] for name, book in books.items()}


def turned_in_the_app(change, name: str, value: float):
    base, plan = change.base, change.plan
    if name in ("price_rise", "annual_discount"):
        figure, kind = ("rise", "PriceIncrease") if name == "price_rise" else ("discount", "AnnualBilling")
        levers = (replace(one, **{figure: value}) if type(one).__name__ == kind else one for one in plan.levers)
        plan = cs.Scenario("", tuple(levers))
    else:
        base = base.with_economics(**{name: value})
    return cs.compare(base, plan, change.horizon)


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_program_calculates_what_the_app_says(program, small, tmp_path):
    """As exported, and with every input turned at once."""
    data, asked = written(small), small
    for name, value in TURNS.items():
        asked = turned_in_the_app(asked, name, value)
    found = recalculated(program, tmp_path, {"asis": turned(data, {}), "moved": turned(data, TURNS)})
    for name, change in (("asis", small), ("moved", asked)):
        wanted = [worth for pair in answers_of(change).values() for worth in pair]
        assert found[name] == pytest.approx(wanted, abs=CENT), name


@pytest.fixture(scope="module")
def whole():
    return cs.xlsx(told())


def test_the_kept_values_are_those_of_the_app(whole):
    """A viewer that does not calculate shows the same."""
    story, book = told(), openpyxl.load_workbook(io.BytesIO(whole), data_only=True)
    rows = [[cell.value for cell in row[1:4]] for row in book["Answer"].iter_rows(min_row=7, max_row=9)]
    assert rows == [pytest.approx([one.before, one.after, one.delta]) for one in story.lines]
    sheet = book["New customer"]
    assert sheet["D3"].value == pytest.approx(story.main.before, abs=CENT)


def test_the_sheet_says_what_can_be_turned_and_what_cannot(small):
    book = openpyxl.load_workbook(io.BytesIO(written(small)))
    said = " ".join(str(cell.value) for row in book["Inputs"].iter_rows() for cell in row if cell.value)
    assert "Yellow cells are inputs" in said and "not who leaves" in said and "do not move" in said
    live = {cell.coordinate for row in book["Inputs"].iter_rows() for cell in row if cell.fill.start_color.rgb == "FFFFF7CC"}
    assert set(cells_of(written(small)).values()) < live, "every input is yellow, the prices too"
    formulas_here = [c for row in book["Model new customer"].iter_rows(min_row=6) for c in row if c.data_type == "f"]
    assert not formulas_here, "results of the model are values"


# --- safety ---


def test_text_becomes_neither_formula_nor_link():
    data = cs.xlsx(hostile())
    book = openpyxl.load_workbook(io.BytesIO(data))
    formulas_found = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    own = re.compile(r"=[-+*/^()$:,.!' A-Za-z0-9_]+$")
    assert formulas_found and not [one for one in formulas_found if not own.match(one) or "HYPERLINK" in one]
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.hyperlink]
    said = {c.value for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)}
    assert f"New customer: {HOSTILE[0]}" in said or any(HOSTILE[0] in one for one in said)


def test_the_workbook_carries_data_day_version_and_decisions(whole):
    story, book = told(), openpyxl.load_workbook(io.BytesIO(whole))
    said = "\n".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None)
    for part in (story.footer, story.headline.rstrip("."), LINK, "streaming service", *story.must):
        assert part in said
    assert workbook.SHEETS["portfolio"] in book.sheetnames


def test_where_things_stand_has_a_workbook_too():
    opened = openpyxl.load_workbook(io.BytesIO(cs.xlsx(told(False, "existing"))), data_only=True)
    assert opened["Answer"]["B7"].value == pytest.approx(told(False, "existing").main.before)
    assert opened["Answer"]["D7"].value == 0
