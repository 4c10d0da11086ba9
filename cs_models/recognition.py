"""From the headers of a file to its layout and mapping, or to the sentence that says what is missing."""

from collections.abc import Mapping

from cs_models.importers import layout as layout_of
from cs_models.importers import by_values, layouts, vendors
from cs_models.importers.columns import shorten
from cs_models.importers.layout import Layout, Role
from cs_models.problems import ImportProblem
from cs_models.readers import TextTable
from cs_models.readers.header import NO_HEADER


def choose(table: TextTable, mapping, name: str | None) -> tuple[Layout, dict[str, str]]:
    """The layout that fits best (or the one named) and its mapping, completed by name.

    ImportProblem for a role or a header that does not exist, a column used twice, and a required role without
    a column. Example: headers customer, start, end are ("periods", {"customer": "customer", ...}).
    """
    given = dict(mapping or {})
    candidates = [layout_of(name)] if name else [*layouts().values(), *vendors().values()]
    fitting = [one for one in candidates if all(role in {r.name for r in one.roles} for role in given)]
    if not fitting:
        _refuse_roles(given, candidates)
    _refuse_headers(given, table)
    best = max(fitting, key=lambda one: one.score(table.columns, given))
    complete = by_values.with_interval(table, best, best.recognise(table.columns, given), given)
    missing = best.missing(complete)
    if missing:
        _refuse_missing(table, best, missing, complete)
    return best, complete


def _refuse_roles(given: Mapping[str, str | None], candidates: list[Layout]) -> None:
    known = sorted({role.name for one in candidates for role in one.roles})
    wrong = next((role for role in given if role not in known), None)
    if wrong is None:
        raise ImportProblem("The mapping mixes columns of different layouts. Map the columns of one layout.")
    raise ImportProblem(f'The mapping names "{shorten(str(wrong))}", which is none of: {", ".join(known)}.')


def _refuse_headers(given: Mapping[str, str | None], table: TextTable) -> None:
    found = ", ".join(shorten(header) for header in table.columns[:30])
    for role, header in given.items():
        if header and header not in table.columns:
            raise ImportProblem(
                f'The mapping takes {role} from column "{shorten(str(header))}", which is not in the file. '
                f"Columns found: {found}."
            )
    used = [header for header in given.values() if header]
    twice = next((header for header in used if used.count(header) > 1), None)
    if twice:
        raise ImportProblem(
            f'The mapping uses column "{shorten(twice)}" twice. Give each column one meaning.'
        )


def _refuse_missing(
    table: TextTable, best: Layout, missing: tuple[Role, ...], complete: Mapping[str, str]
) -> None:
    found = ", ".join(shorten(header) for header in table.columns[:30])
    found += f" and {len(table.columns) - 30} more" if len(table.columns) > 30 else ""
    if not complete:
        shapes = "; ".join(
            f"{one.title.lower()} ({', '.join(role.title.lower() for role in one.roles if role.required)})"
            for one in layouts().values()
        )
        hint = (
            " The first row looks like data: add a row with column names, or map the columns by number."
            if table.facts.get("header_row") == NO_HEADER or _looks_like_data(table.columns)
            else ""
        )
        row = table.facts.get("header_row", "1")
        where = "" if row == NO_HEADER else f" in row {row}"
        raise ImportProblem(
            f"No column was recognised{where}. Columns found: {found}.{hint} "
            f"Map the columns by hand; needed are: {shapes}."
        )
    names = " and ".join(role.title.lower() for role in missing)
    raise ImportProblem(
        f"Read as {best.title.lower()}, the file has no column for {names}. Columns found: {found}. "
        "Map it by hand, or rename the column in the file."
    )


def _looks_like_data(headers: tuple[str, ...]) -> bool:
    return any(sum(c.isdigit() for c in header) * 2 > len(header) for header in headers)
