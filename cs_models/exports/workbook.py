"""Excel: the cash flow of a scenario month by month, before and after, as formulas over a sheet of inputs.

Yellow cells are inputs: change one and every sheet follows as the app would. The sheets named "Model" hold what only
the model knows: who is still here in each month, and how many months at which price they pay.
"""

from io import BytesIO

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from cs_models import words
from cs_models.charts import theme
from cs_models.exports import cash_parts, grids, sheet_of_cash
from cs_models.exports.contents import Story
from cs_models.exports.tables import line

SHEETS = {"new": "New customer", "existing": "Existing customer", "portfolio": "Whole book"}
HOW = (
    "Yellow cells are inputs: change one and every sheet follows, to the cent of what the app says.",
    "The sheets named Model hold results: customers still here in each month and the months of price they pay.",
    "They do not move with the inputs. For another survival (churn, take-up, onboarding) ask the app and export again.",
)
RISE = (
    "The price rise moves what is paid, not who leaves: those lost over the price stay as for the exported rise. "
    "Where the plan lets nobody leave over the price, the sheet and the app agree at every rise."
)
DISCOUNT = "The discount moves what annual payers pay; who takes the offer stays as it was."
INPUTS = {
    "gross_margin": ("Gross margin", "share", "Share of today's price left after serving a customer"),
    "discount_rate": ("Discount rate a year", "share", "Month t counts (1 + rate)^(-t / 12)"),
    "service_cost": ("Service cost per customer and month", "money", "For everybody served"),
    "cac": ("CAC", "money", "Taken off the whole book only"),
    "price_rise": ("Price rise", "share", "For those and from when the plan says"),
    "annual_discount": ("Discount of the annual offer", "share", "For those who took the offer"),
}  # name of the cell -> label, kind, what it moves
PERCENT, MONEY = "0.0%", "#,##0.00"


def xlsx(story: Story) -> bytes:
    """The workbook: answer, inputs, a cash flow per book, the model's results behind them, the plan and its sources.

    Texts are written as texts: none becomes a formula or a link. Every formula carries its value, so that a viewer
    which does not calculate shows the same numbers.
    """
    out = BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    file = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "d mmm yyyy", **safe})
    file.set_properties({"title": story.headline[:250], "author": "Perennial", "comments": story.footer[:250]})
    looks = _looks(file)
    answer, inputs = file.add_worksheet("Answer"), file.add_worksheet("Inputs")
    there = [one.book for one in story.lines]
    books = {name: cash_parts.book(story.change, name) for name in SHEETS if name in there}
    prices = _inputs(file, inputs, looks, story, books)
    totals = {name: sheet_of_cash.write(file, looks, SHEETS[name], book, story.change, prices)
              for name, book in books.items()}
    _answer(answer, looks, story, totals)
    _texts(file, looks, story)
    for sheet in file.worksheets():
        sheet.set_row(0, 26)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{story.footer[:200].replace('&', '&&')}&R&8&P / &N")
    answer.activate()
    file.close()
    return out.getvalue()


def _looks(file) -> dict:
    plain = {"font_name": "Arial", "font_size": 10, "font_color": theme.LIGHT.text, "valign": "top"}
    kinds = {
        "text": {"text_wrap": True}, "line": {}, "muted": {"font_color": theme.LIGHT.muted},
        "title": {"bold": True, "font_size": 16}, "head": {"bold": True, "bottom": 1, "text_wrap": True},
        "over": {"bold": True, "bottom": 1, "text_wrap": True, "align": "right"},
        "money": {"num_format": MONEY}, "total": {"num_format": MONEY, "bold": True, "top": 1},
        "factor": {"num_format": "0.000000"}, "count": {"num_format": "#,##0.00####"}, "whole": {"num_format": "0"},
        "live_money": {"num_format": MONEY, "bg_color": "#FFF7CC", "border": 1, "border_color": theme.LIGHT.grid},
        "live_share": {"num_format": PERCENT, "bg_color": "#FFF7CC", "border": 1, "border_color": theme.LIGHT.grid},
    }  # fmt: skip
    return {name: file.add_format(plain | more) for name, more in kinds.items()}


def _inputs(file, sheet, looks, story: Story, books) -> dict:
    """The cells that can be turned, with the names formulas use; (book, segment, interval) -> cell of its price."""
    base, figures = story.change.base, cash_parts.live(story.change.plan)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 2, 18)
    sheet.set_column(3, 3, 70)
    sheet.write_string(0, 0, "Inputs", looks["title"])
    notes = (*HOW, *((RISE,) if "rise" in figures else ()), *((DISCOUNT,) if "discount" in figures else ()))
    for place, said in enumerate(notes):
        sheet.write_string(1 + place, 0, said, looks["muted"])
    row = len(notes) + 2
    for name, value in _turned(base, figures).items():
        label, kind, note = INPUTS[name]
        sheet.write_string(row, 0, label, looks["line"])
        sheet.write_number(row, 1, value, looks[f"live_{kind}"])
        sheet.write_string(row, 3, note, looks["muted"])
        file.define_name(name, f"=Inputs!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}")
        row += 1
    return _prices(sheet, looks, row + 1, books, base.currency)


def _turned(base, figures: dict) -> dict[str, float]:
    """Name of a cell -> its value, for the inputs this plan has."""
    found = {name: getattr(base, name) for name in ("gross_margin", "discount_rate", "service_cost", "cac")}
    names = {"rise": "price_rise", "discount": "annual_discount"}
    return found | {names[one]: value for one, value in figures.items()}


def _prices(sheet, looks, row: int, books, currency: str) -> dict:
    for place, name in enumerate((f"Price a month, {currency}", "Price", "Billing", "")):
        sheet.write_string(row, place, name, looks["head"])
    found = {}
    for name in (one for one in ("new", "existing") if one in books):
        for key, price in zip(books[name].keys, books[name].prices, strict=True):
            row += 1
            sheet.write_string(row, 0, f"{SHEETS[name]}: {group_label(key)}", looks["line"])
            sheet.write_number(row, 1, price, looks["live_money"])
            sheet.write_string(row, 2, words.interval_name(key[2]), looks["line"])
            found[key] = f"Inputs!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}"
    return found


def group_label(key: tuple) -> str:
    """A group as its owner calls it."""
    return line(" / ".join(map(str, key[1])))


def _answer(sheet, looks, story: Story, totals: dict) -> None:
    """The headline as it was exported; the table follows the inputs."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 6, 17)
    sheet.write_string(0, 0, story.headline.rstrip("."), looks["title"])
    sheet.write_string(1, 0, story.below, looks["muted"])
    sheet.write_string(2, 0, story.footer, looks["muted"])
    sheet.write_string(3, 0, "The sentence and the ranges are as exported. The amounts follow the sheet Inputs.",
                       looks["muted"])  # fmt: skip
    names = ("Whose value", "Today", "Scenario", "Difference", "Exported: difference", "95 % from", "95 % to")
    for place, name in enumerate(names):
        sheet.write_string(5, place, name, looks["over" if place else "head"])
    for row, one in enumerate(story.lines, 6):
        before, after = totals[one.book]
        here = f"{xl_col_to_name(2)}{row + 1}-{xl_col_to_name(1)}{row + 1}"
        sheet.write_string(row, 0, f"{grids.BOOKS[one.book]}, {story.currency}", looks["line"])
        for place, (formula, value) in enumerate(((before, one.before), (after, one.after), (here, one.delta)), 1):
            sheet.write_formula(row, place, f"={formula}", looks["money"], value)
        for place, value in enumerate((one.delta, one.low, one.high), 4):
            sheet.write_number(row, place, value, looks["money"])
    row = 7 + len(story.lines)
    for title, said in (("What must be true", story.must), ("What to know about these numbers", story.notes)):
        for place, text in enumerate((title, *said) if said else ()):
            sheet.write_string(row, 0, text, looks["line" if place else "head"])
            row += 1
        row += bool(said)


def _texts(file, looks, story: Story) -> None:
    """The plan with every value, the assumptions and the words, a sheet each."""
    parts = {"Plan": (grids.decisions(story),), "Assumptions": (grids.assumptions(story),),
             "About": (grids.facts(story), grids.definitions(story))}
    for name, shown in parts.items():
        sheet, row = file.add_worksheet(name), 0
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 3, 60)
        for grid in shown:
            sheet.write_string(row, 0, grid.title, looks["title"])
            for place, title in enumerate(grid.columns):
                sheet.write_string(row + 1, place, title, looks["head"])
            for down, cells in enumerate(grid.rows, row + 2):
                for place, cell in enumerate(cells):
                    sheet.write_string(down, place, cell, looks["text"])
            row += len(grid.rows) + 4
