"""A file somebody might really send: good rows with faults put in at known places.

Every fault is listed with the row number a spreadsheet shows (the header is row 1), the column, and what
should become of the row: "rejected" (cannot be used, with a reason) or "accepted" (usable, perhaps flagged).
"""

CUSTOMER, PRICE, START, END = 0, 5, 6, 7


def with_faults(rows: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], dict]:
    """The rows with faults, and the list of them."""
    lines, faults = [list(row) for row in rows], []
    ended = [i for i, row in enumerate(rows) if row[END]]

    def spoil(index: int, column: int | None, value: str, what: str, outcome: str) -> None:
        name = (None, "customer_id", "price", "start_date", "end_date")[
            (None, CUSTOMER, PRICE, START, END).index(column)]
        lines[index][column] = value
        faults.append({"row": index + 2, "column": name, "value": value, "fault": what, "expected": outcome})

    spoil(ended[3], END, _year_before(rows[ended[3]][START]), "ends before it starts", "rejected")
    spoil(ended[9], END, _year_before(rows[ended[9]][START]), "ends before it starts", "rejected")
    spoil(20, START, "soon", "unreadable date", "rejected")
    spoil(31, START, "2024-02-31", "a day that does not exist", "rejected")
    spoil(44, START, "", "no start", "rejected")
    spoil(57, PRICE, "on request", "text in a price column", "rejected")
    spoil(63, CUSTOMER, "", "no customer", "rejected")
    spoil(ended[25], END, rows[ended[25]][START], "starts and ends on one day: one paid month", "accepted")
    for copied in (70, 101):
        lines.append(list(rows[copied]))
        faults.append({"row": len(lines) + 1, "column": None, "value": rows[copied][CUSTOMER],
                       "fault": f"the same row as row {copied + 2}", "expected": "rejected"})
    lines.append(["Total", "", "", "", "", f"{sum(float(row[PRICE]) for row in rows):.2f}", "", "", ""])
    faults.append({"row": len(lines) + 1, "column": None, "value": "Total", "fault": "total row",
                   "expected": "rejected"})
    return [tuple(line) for line in lines], {
        "about": "Faults of subscriptions_dirty.csv; row numbers as in a spreadsheet, header = row 1.",
        "rows": len(lines), "faults": sorted(faults, key=lambda fault: fault["row"])}


def _year_before(day: str) -> str:
    return f"{int(day[:4]) - 1}{day[4:]}"
