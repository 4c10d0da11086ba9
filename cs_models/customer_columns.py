"""A second file with a row per customer (NPS, usage, tickets, last login), joined by the customer's id.

Such a file holds today's values. Nobody can say what they were a year ago, so they are told beside a
customer, and count in the chance of leaving only where somebody wants them to; never in what is checked on
months held back.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models import dataset_files, words
from cs_models.apart import Work
from cs_models.gates import FEWEST_EVENTS
from cs_models.health import NOT_KNOWN
from cs_models.importers.segments import MOST_LEVELS, PERSONAL
from cs_models.problems import Problem
from cs_models.reading_apart import LONG, OF_A_LONG_ONE, OF_A_SHORT_ONE
from cs_models.readers import read_text_table
from cs_models.store import Store
from cs_models.subscriptions import Subscriptions, normalised

LEAST = 0.05  # of the rows whose id must be one of our customers'
BANDS = 4
MOST_COUNTED = 6
UPLOAD, JOINED = "upload", "joined.arrow"
TODAY = (
    "These are today's values. What they were before anybody left is not known, so they could not be checked "
    "on months held back; and a value that changed because somebody was leaving looks like the cause of it."
)


@dataclass(frozen=True, eq=False)
class CustomerColumns:
    """`values[header]`: customer id -> text, for customers of the data; personal: headers with names,
    addresses and the like; countable: those that can be parted into bands or groups.

    rows, strangers (rows of nobody we know), twice (customers with several rows: the last counts), without
    (customers of the data the file says nothing of), gone (customers in it who have left).
    """

    values: Mapping[str, pd.Series]
    key: str
    digest: str
    personal: tuple[str, ...]
    countable: tuple[str, ...]
    rows: int
    strangers: int
    twice: int
    without: int
    gone: int

    @property
    def sentence(self) -> str:
        """What was joined and what was not."""
        joined = self.rows - self.strangers
        parts = [
            f"{words.count(joined)} of {words.counted(self.rows, 'row')} belong to customers of the data"
        ]
        if self.twice:
            parts.append(
                f"{words.counted(self.twice, 'customer')} stand there more than once, the last row counts"
            )
        parts.append(f"it says nothing of {words.counted(self.without, 'customer')}")
        return f"Joined on {self.key}: {'; '.join(parts)}."

    def shown(self, customers, personal: bool = False) -> dict[str, np.ndarray]:
        """Columns for a list of customers; personal ones only where asked for."""
        names = [name for name in self.values if personal or name not in self.personal]
        return {
            words.plain(name): np.array(
                [words.plain(text) for text in self.values[name].reindex(customers).fillna("")], object
            )
            for name in names
        }


def columns_apart(store: Store, data: bytes, name: str, subs: Subscriptions) -> CustomerColumns:
    """`read_columns` of an upload, in a process of its own: neither its text nor what was joined stays on disk."""
    subs.need_rows()
    with store.workshop() as folder:
        dataset_files.write(folder, subs)
        (folder / UPLOAD).write_bytes(data)
        told = Work(_columns, {"name": name}, folder, OF_A_LONG_ONE if len(data) > LONG else OF_A_SHORT_ONE).result()
        with pa.memory_map(str(folder / JOINED)) as file:
            table = pa.ipc.open_file(file).read_all().to_pandas()
    ids = pd.Index(table.pop("id"))
    values = {header: table[f"c{at}"].set_axis(ids) for at, header in enumerate(told.pop("headers"))}
    return CustomerColumns(values=values, **told | {name: tuple(told[name]) for name in ("personal", "countable")})


def _columns(given: Mapping, folder: Path, tell) -> dict:
    found = read_columns((folder / UPLOAD).read_bytes(), given["name"], dataset_files.read(folder))
    ids = next(iter(found.values.values())).index if found.values else []
    table = pa.table({"id": list(ids)} | {f"c{at}": list(one) for at, one in enumerate(found.values.values())})
    with pa.OSFile(str(folder / JOINED), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    told = {field.name: getattr(found, field.name) for field in fields(found) if field.name != "values"}
    return told | {"headers": list(found.values)}


def read_columns(data: bytes, name: str, subs: Subscriptions) -> CustomerColumns:
    """Read a second file and join it by the column whose entries are ids of our customers.

    Raises `Problem` when no column holds such ids, ImportProblem when it is no table.
    """
    subs.need_rows()
    table = read_text_table(data, name, {}).as_text()
    known = pd.Index(subs.rows["customer"].cast(pa.string()).unique().to_pandas())
    cells = {i: table.cells.column(i).to_pandas().fillna("").str.strip() for i in range(len(table.columns))}
    shares = {i: float(column.isin(known).mean()) if len(column) else 0.0 for i, column in cells.items()}
    key = max(shares, key=shares.get, default=None)
    if key is None or shares[key] < LEAST:
        raise Problem(
            "No column of the second file holds the ids of these customers. It must name customers as the "
            "export does, one row for each."
        )
    ids = cells[key]
    mine = ids.isin(known)
    last = mine & ~ids.where(mine).duplicated(keep="last")
    values, personal, countable = {}, [], []
    for i, header in enumerate(table.columns):
        if i == key or header in values:
            continue
        column = pd.Series(cells[i][last].to_numpy(), index=ids[last].to_numpy())
        values[header] = column
        if PERSONAL.search(normalised(header)) or column.str.contains("@").any():
            personal.append(header)
        elif bands(column).nunique() >= 2:
            countable.append(header)
    return CustomerColumns(
        values,
        table.columns[key],
        hashlib.sha256(data).hexdigest(),
        tuple(personal),
        tuple(countable),
        len(ids),
        int((~mine).sum()),
        int(mine.sum() - last.sum()),
        int(len(known) - last.sum()),
        int((~ids[last].isin(_active(subs))).sum()),
    )


def _active(subs: Subscriptions) -> pd.Series:
    live = pc.invert(subs.rows["churned"])
    return subs.rows["customer"].filter(live).cast(pa.string()).to_pandas()


def bands(column: pd.Series) -> pd.Series:
    """Numbers in four bands with about as many customers each, dates by how recent, few texts as they are.

    Anything else, and what is blank, is "(not known)". Example: 1..8 is "1 to 2", "3 to 4",
    "5 to 6", "7 to 8".
    """
    blank = column.eq("")
    number = pd.to_numeric(column.where(~blank).str.replace(",", "", regex=False), errors="coerce")
    text = column.where(~blank, NOT_KNOWN)
    if (number.notna() | blank).mean() > 0.9 and number.nunique() > BANDS + 1:
        return _quantiles(number, lambda value: f"{value:g}")
    if number.notna().any() or text.nunique() <= MOST_LEVELS:
        return text if text.nunique() <= MOST_LEVELS else pd.Series(NOT_KNOWN, column.index)
    day = pd.to_datetime(column.where(~blank), errors="coerce", format="ISO8601")
    if (day.notna() | blank).mean() > 0.9:
        return _quantiles(
            (day - pd.Timestamp(0)).dt.days, lambda n: str((pd.Timestamp(0) + pd.Timedelta(days=n)).date())
        )
    return pd.Series(NOT_KNOWN, column.index)


def _quantiles(number: pd.Series, told) -> pd.Series:
    place = pd.qcut(number, BANDS, labels=False, duplicates="drop")
    ends = number.groupby(place).agg(["min", "max"])
    names = {i: f"{told(low)} to {told(high)}" for i, (low, high) in zip(ends.index, ends.to_numpy())}
    return place.map(names).fillna(NOT_KNOWN).astype(object)


def with_columns(
    subs: Subscriptions, extra: CustomerColumns, headers: tuple[str, ...]
) -> tuple[Subscriptions, tuple]:
    """The data with these columns of the second file as groups, and the names to ask for them by.

    Headers never name a column: they become c5, c6, ... A new digest says that it is other data. Raises
    `Problem` for columns that cannot be parted and for more than 6.
    """
    wrong = [header for header in headers if header not in extra.countable]
    if wrong or len(headers) > MOST_COUNTED:
        raise Problem(
            f"At most {MOST_COUNTED} columns can count, of: {', '.join(extra.countable) or 'none'}."
        )
    if headers and extra.gone < FEWEST_EVENTS:
        raise Problem(
            f"The second file has values for {words.counted(extra.gone, 'customer')} who have left, and "
            f"{FEWEST_EVENTS} are needed to learn who leaves faster. Bring it with those who have left, as they "
            "stood before, or leave its columns as information only."
        )
    taken = sum(name.startswith("c") and name[1:].isdigit() for name in subs.columns)
    customer, rows, columns = (
        subs.rows["customer"].cast(pa.string()).to_pandas(),
        subs.rows,
        dict(subs.columns),
    )
    names, digest = [], hashlib.sha256(subs.digest.encode())
    for number, header in enumerate(headers, taken):
        band = bands(extra.values[header])
        column = customer.map(band).fillna(NOT_KNOWN)
        rows = rows.append_column(f"c{number}", pa.array(column, pa.string()).dictionary_encode())
        columns[f"c{number}"] = _free(header, columns)
        names.append(columns[f"c{number}"])
        digest.update(f"{header}{band.to_dict()}".encode())
    return replace(subs, rows=rows, columns=columns, digest=digest.hexdigest()), tuple(names)


def _free(header: str, columns: Mapping[str, str]) -> str:
    """The header, told apart from one the export has too."""
    taken = {normalised(name) for name in columns.values()} | {"plan", "interval", "term"}
    return f"{header} (second file)" if normalised(header) in taken else header
