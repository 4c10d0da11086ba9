"""One book in a workbook: a sheet with the model's results, and beside it the cash flow as formulas over them."""

import numpy as np
from xlsxwriter.utility import xl_col_to_name

from cs_models.exports.cash_parts import Book, Parts, live
from cs_models.exports.tables import line

BLOCKS = {
    "customers": "Customers still here", "plain": "Months paid at today's price",
    "raised": "Months paid at the raised price",
    "offered": "Months paid at the annual offer", "both": "Months paid at the annual offer, raised price",
    "served": "Months that are served", "cared": "Months looked after, as share of margin",
    "added": "Months of price added to the cost",
}  # fmt: skip
SINGLE = {"programmes": "Cost of programmes, money", "acquired": "Customers won, at CAC",
          "rewards": "Cost of winning that is not CAC, money"}
CASES = {"before": "Today", "after": "Scenario"}
COLUMNS = ("Customers", "Cash in", "Cost to serve", "Service cost", "Cost of decisions", "Cost of winning", "Margin",
           "Discounted", "So far")
TOP = 6  # rows above the months
HEAD = 5  # of the model's sheet; its last row holds the prices


def write(file, looks, name: str, book: Book, change, prices: dict) -> tuple[str, str]:
    """Both sheets of a book; the cells of its value before and after, as other sheets name them."""
    sheet, model = file.add_worksheet(name), file.add_worksheet(f"Model {name.lower()}")
    places = _model(model, looks, book, change.horizon, prices)
    model.set_tab_color("#9AA3AF")
    return _cash(file, sheet, looks, name, book, change, places)


def _model(sheet, looks, book: Book, months: int, prices: dict) -> dict:
    """What only the model knows, as values; (case, block) -> its first and last column."""
    sheet.write_string(0, 0, "Results of the model: they do not follow the inputs.", looks["muted"])
    sheet.write_string(3, 0, "Month", looks["head"])
    sheet.write_string(4, 0, "Price a month", looks["muted"])
    sheet.write_column(HEAD, 0, range(months), looks["whole"])
    sheet.set_column(0, 0, 14)
    sheet.freeze_panes(HEAD, 1)
    places, column = {}, 1
    for case, title in CASES.items():
        parts = getattr(book, case)
        for block, said in {**BLOCKS, **SINGLE}.items():
            table = np.atleast_2d(getattr(parts, block))
            if not table.any():
                continue
            sheet.write_string(1, column, title, looks["line"])
            sheet.write_string(2, column, said, looks["line"])
            places[case, block] = xl_col_to_name(column), xl_col_to_name(column + len(table) - 1)
            for row, key in zip(table, book.keys if block in BLOCKS else (None,), strict=True):
                _column(sheet, looks, column, row, key, prices, book)
                column += 1
    sheet.set_column(1, column, 15)
    return places


def _column(sheet, looks, column: int, path, key, prices: dict, book: Book) -> None:
    if key is not None:
        place = book.keys.index(key)
        sheet.write_string(3, column, f"{line(' / '.join(map(str, key[1])))}, {key[2]}, {key[0]}", looks["head"])
        sheet.write_formula(4, column, f"={prices[key]}", looks["money"], book.prices[place])
    sheet.write_column(HEAD, column, path.tolist(), looks["count"])


def _cash(file, sheet, looks, name: str, book: Book, change, places: dict) -> tuple[str, str]:
    """The cash flow as formulas; each formula carries its value."""
    months, figures = change.horizon, live(change.plan)
    sheet.write_string(0, 0, name, looks["title"])
    whose = "In total: today's customers and those to come" if name == "Whole book" else "Per customer"
    sheet.write_string(1, 0, whose, looks["muted"])
    for place, title in enumerate(("Month", "Counts")):
        sheet.write_string(TOP - 1, place, title, looks["head"])
    sheet.set_column(0, 1, 10)
    sheet.set_column(2, 2 + 2 * len(COLUMNS), 14)
    sheet.freeze_panes(TOP, 2)
    factors = change.base.discount_factor[:months]
    for month, factor in enumerate(factors):
        sheet.write_number(TOP + month, 0, month, looks["whole"])
        sheet.write_formula(TOP + month, 1, f"=(1+discount_rate)^(-A{TOP + month + 1}/12)", looks["factor"], factor)
    cells = []
    for place, case in enumerate(CASES):
        first = 2 + place * (len(COLUMNS) + 1)
        columns = [xl_col_to_name(first + one) for one in range(len(COLUMNS))]
        values = _values(getattr(book, case), book.prices, change.base, figures, factors)
        sheet.write_string(TOP - 2, first, CASES[case], looks["line"])
        for one, title in enumerate(COLUMNS):
            sheet.write_string(TOP - 1, first + one, title, looks["over"])
        for month in range(months):
            made = _formulas(f"Model {name.lower()}", places, case, figures, month, columns)
            for one, formula in enumerate(made):
                sheet.write_formula(TOP + month, first + one, f"={formula}", looks["money"], values[one][month])
        told = f"=SUM({columns[7]}{TOP + 1}:{columns[7]}{TOP + months})"
        sheet.write_string(2, first, "Value", looks["line"])
        sheet.write_formula(2, first + 1, told, looks["total"], float(values[7].sum()))
        cells.append(f"'{name}'!${columns[1]}$3")
    _picture(file, sheet, name, months)
    return tuple(cells)


def _formulas(model: str, places: dict, case: str, figures: dict, month: int, columns: list[str]) -> list[str]:
    """One row of a case: customers, cash, four costs, margin, discounted, so far."""
    row, here = HEAD + month + 1, TOP + month + 1

    def sums(block: str, priced: bool = True) -> str:
        if (case, block) not in places:
            return "0"
        first, last = places[case, block]
        path = f"'{model}'!{first}{row}:{last}{row}"
        return f"SUMPRODUCT('{model}'!{first}${HEAD}:{last}${HEAD},{path})" if priced else f"SUM({path})"

    rise = "(1+price_rise)" if "rise" in figures else "1"
    less = "(1-annual_discount)" if "discount" in figures else "1"
    named = (("1", "plain"), (rise, "raised"), (less, "offered"), (f"{rise}*{less}", "both"))
    cash = "+".join(f"{factor}*{sums(block)}" for factor, block in named if (case, block) in places) or "0"
    heads, paid, served, service, decided, won, margin, counted, _ = columns
    before = f"{columns[8]}{here - 1}+" if month else ""
    return [
        sums("customers", False), cash, f"(1-gross_margin)*{sums('served')}", f"service_cost*{heads}{here}",
        f"gross_margin*{sums('cared')}+{sums('added')}+{sums('programmes', False)}",
        f"cac*{sums('acquired', False)}+{sums('rewards', False)}",
        f"{paid}{here}-{served}{here}-{service}{here}-{decided}{here}-{won}{here}", f"{margin}{here}*$B{here}",
        f"{before}{counted}{here}",
    ]  # fmt: skip


def _values(parts: Parts, prices: np.ndarray, base, figures: dict, factors: np.ndarray) -> list[np.ndarray]:
    """What the formulas come to with the inputs as exported."""
    rise, less = 1 + figures.get("rise", 0.0), 1 - figures.get("discount", 0.0)
    cash = prices @ (parts.plain + rise * parts.raised + less * (parts.offered + rise * parts.both))
    heads = parts.customers.sum(axis=0)
    decided = base.gross_margin * (prices @ parts.cared) + prices @ parts.added + parts.programmes
    costs = ((1 - base.gross_margin) * (prices @ parts.served), base.service_cost * heads, decided,
             base.cac * parts.acquired + parts.rewards)
    margin = cash - sum(costs)
    return [heads, cash, *costs, margin, margin * factors, np.cumsum(margin * factors)]


def _picture(file, sheet, name: str, months: int) -> None:
    """Discounted margin so far, before and after, as a chart of the program itself."""
    chart = file.add_chart({"type": "line"})
    for place, (title, colour, dash) in enumerate((("Today", "#6B7280", "dash"), ("Scenario", "#0B6BCB", "solid"))):
        column = 2 + place * (len(COLUMNS) + 1) + len(COLUMNS) - 1
        chart.add_series({
            "name": title, "categories": [name, TOP, 0, TOP + months - 1, 0],
            "values": [name, TOP, column, TOP + months - 1, column],
            "line": {"color": colour, "width": 2.5, "dash_type": dash}})  # fmt: skip
    chart.set_title({"name": "Discounted margin so far", "name_font": {"size": 12}})
    chart.set_x_axis({"name": "Month", "interval_unit": 6})
    chart.set_legend({"position": "bottom"})
    sheet.insert_chart(TOP + months + 2, 2, chart, {"x_scale": 1.8, "y_scale": 1.2, "description":
                       "Discounted margin so far by month, today and with the scenario"})  # fmt: skip
