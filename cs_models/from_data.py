"""From subscriptions to the cells of the assumptions: fitted types, bootstrap draws, prices, customers by tenure."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models.cells import INVOLUNTARY, Cell
from cs_models.cohorts import NEWEST, newest_cohorts
from cs_models.definitions import Definitions
from cs_models.engine.counted import is_old
from cs_models.engine.counts import active_book
from cs_models.engine.intake import first_starts
from cs_models.expansion import NORMAL, expansions
from cs_models.fits import Fits, counted_by_month, part_of, rows_of, total_of, who
from cs_models.life_table import COHORT, LifeTable
from cs_models.notice import early_sentence, notice
from cs_models.problems import Problem
from cs_models.retention.curve import RetentionCurve
from cs_models.subscriptions import minor_digits
from cs_models.words import count, counted, decimal, short_percent

EVERYBODY = ("All customers",)
FEWEST_STARTS = 20  # starts that a mean price, or a share of new customers, should rest on
LARGEST_ERROR = 0.02  # of a mean price, as a share of it: with more, the window is widened
QUIET = 2  # complete months without a start, where starts were to be expected, that are worth a word
OLD_COUNTS = ("These data were counted by an earlier rule, by which annual plans look more fleeting than they are. Count the "
              "table again on the page Data.")
NOBODY_JOINED = "Nobody has joined in the last"
FEWEST_REASONS = 30  # departures that a share of failed payments should rest on


@dataclass(frozen=True)
class Found:
    """The cells of a data set with what else the assumptions keep of it."""

    cells: tuple[Cell, ...]
    new_per_month: float
    by: tuple[str, ...]
    digest: str
    notes: tuple[str, ...]


def cells_of(subs, curve: RetentionCurve | None, by: tuple[str, ...], draws: int, seed: int,
             expansion: bool = False) -> Found:
    """Everything the valuation needs of a data set; rows are read here and never again."""
    subs.need_customers()
    if not subs.has_price:
        raise Problem("The file has no price, so customers have retention but no value. Map a price or MRR column.")
    by = tuple(name for name in by if subs.resolve(name) != "term")  # billing intervals are apart in any case
    rules = Definitions.of(subs)
    notes: list[str] = [rules.sentence()] if rules.changed else []
    by_month = counted_by_month(subs, by)
    table = total_of(by_month, by)
    book, starts = active_book(subs, by), first_starts(subs, by)
    notes += [OLD_COUNTS] if is_old(subs) and (book["interval"] > 1).any() else []
    joining, per_month = _joining(starts, subs.as_of, notes)
    fits = Fits(table, curve, draws, seed, notes, by_month)
    growth = _growth(subs, by, draws, seed) if expansion else {}
    newest = None if curve is not None else _newest(subs, by, draws, seed, notes, by_month)
    unit = 10.0 ** minor_digits(subs.currency)
    early, cells, windows = notice(subs), [], []
    notes += [early_sentence(term, shares) for term, shares in early.items()]
    for number, (group, interval) in enumerate(_keys(by, table.frame, book)):
        heads, mrr = _by_tenure(rows_of(book, by, group, interval), unit)
        share, price, window = _new(joining, starts, by, group, interval, unit, heads, mrr)
        found = fits.of(part_of(table, by, group, interval), group, interval, number)
        if found is None:
            _tell_left_out(group, interval, heads.sum(), mrr.sum(), share, subs.currency, notes)
            continue
        lost = _involuntary(subs, table, found.table, interval)
        cell = Cell(group or EVERYBODY, interval, found.fitted, found.drawn, share, price, heads, mrr, lost,
                    found.observed_to, found.pooled, found.others, found.model, *growth.get((*group, interval), ()),
                    noticed=early.get(interval))
        windows.append(window if share else 0)
        young = newest.alone(by, group, interval, number) if newest else None
        cells.extend([cell] if young is None else _apart(cell, young))
    cells, covered = _shares_of_one(cells)
    if not any(cell.new_share or cell.heads.any() for cell in cells):
        raise Problem("Nobody in these data has completed a billing period yet, so there is no churn to learn from.")
    notes.extend(_wider(windows))
    if subs.as_of is None:
        notes.append("The file has no dates: new customers are taken to be like all customers in it, and how many "
                     "will join is not known, so the whole book is today's customers only.")
    return Found(cells, per_month * covered, by, subs.digest, tuple(dict.fromkeys(notes)))


def _keys(by, counted: pd.DataFrame, book: pd.DataFrame) -> list[tuple[tuple, int]]:
    """Every group and billing interval that was ever at risk or is on the books today, in order."""
    columns = [*by, "interval"]
    both = pd.concat([counted[columns], book[columns]]).drop_duplicates()
    ordered = sorted(both.itertuples(index=False, name=None), key=lambda key: (*map(str, key[:-1]), key[-1]))
    return [(key[:-1], int(key[-1])) for key in ordered]


def _newest(subs, by, draws: int, seed: int, notes: list[str], by_month: LifeTable) -> Fits | None:
    """Fits of the newest sign-up months, where they leave at another pace than those before them."""
    if not subs.has_dates:
        return None
    found = newest_cohorts(subs, by)
    if found.table is None:
        return None
    notes.append(found.sentence)
    return Fits(found.table, None, draws, seed + 1, notes, _of_newest(by_month))


def _of_newest(by_month: LifeTable) -> LifeTable | None:
    """The counts of the newest sign-up months apart, so that they too are drawn whole where they share a fate."""
    if COHORT not in by_month.by:
        return None
    months = sorted(by_month.frame[COHORT].unique())[-NEWEST:]
    return replace(by_month, frame=by_month.frame[by_month.frame[COHORT].isin(months)])


def _growth(subs, by, draws: int, seed: int) -> dict[tuple, tuple[np.ndarray, np.ndarray | None]]:
    """Per group and billing interval: growth by month of tenure, and draws of it within its error."""
    found = {}
    for number, (key, grown) in enumerate(expansions(subs, by).items()):
        if not grown.bands:
            continue
        rates = grown.rates(grown.observed_to)
        errors = np.concatenate([np.full(band.last - band.first + 1, (band.high - band.low) / (2 * NORMAL))
                                 for band in grown.bands])
        # One shift per draw: bands share their mean, and a path is the sum of its steps.
        shift = np.random.default_rng([seed, 9, number]).standard_normal((draws, 1)) if draws else None
        found[key] = rates, None if shift is None else np.maximum(rates + shift * errors, -1.0)
    return found


def _apart(cell: Cell, young) -> list[Cell]:
    """The cell without its new customers, and one of new customers alone with the curve of the newest months."""
    none = np.zeros(1)
    return [replace(cell, new_share=0.0),
            replace(cell, fitted=young.fitted, draws=young.drawn, heads=none, mrr=none, observed_to=young.observed_to,
                    others=young.others, model=young.model)]


def _shares_of_one(cells: list[Cell]) -> tuple[tuple[Cell, ...], float]:
    """New customers' shares among the cells that can be valued, and which part of all new customers that is."""
    covered = sum(cell.new_share for cell in cells)
    if covered in (0.0, 1.0):
        return tuple(cells), covered
    return tuple(replace(cell, new_share=cell.new_share / covered) for cell in cells), covered


def _tell_left_out(group, interval, heads, mrr, share, currency, notes) -> None:
    notes.append(f"{who(group, interval).capitalize()}: nobody has reached a renewal yet, so {counted(round(heads), 'customer')} with "
                 f"{decimal(mrr)} {currency} a month and {short_percent(share, 0)} of new customers are left out of every value.")


def _by_tenure(rows: pd.DataFrame, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Customers and MRR by completed months, arrays from 0 to the longest tenure."""
    last = int(rows["tenure"].max()) if len(rows) else 0
    heads, mrr = np.zeros(last + 1), np.zeros(last + 1)
    np.add.at(heads, rows["tenure"].to_numpy(int), rows["customers"].to_numpy(float))
    np.add.at(mrr, rows["tenure"].to_numpy(int), rows["mrr"].to_numpy(float) / unit)
    return heads, mrr


def _joining(starts: pd.DataFrame, as_of, notes: list[str]) -> tuple[pd.DataFrame, float]:
    """Starts that tell who joins, and how many join in a month: those of the last twelve complete months."""
    if as_of is None or starts.empty:
        return starts, 0.0
    last = _last_complete_month(as_of)
    first = max(int(starts["month"].min()), last - 11)
    year = starts[(starts["month"] >= first) & (starts["month"] <= last)]
    per_month = float(year["customers"].sum() / max(last - first + 1, 1))
    quiet = last - int(starts["month"].max())
    if quiet >= QUIET and per_month * quiet >= FEWEST_STARTS:
        notes.append(f"{NOBODY_JOINED} {quiet} complete months. The whole book still counts on {count(per_month)} new customers a "
                     "month, the mean of the last twelve: what it says of customers to come may not hold.")
    if year["customers"].sum() >= FEWEST_STARTS:
        return year, per_month
    few = int(year["customers"].sum())
    who_joined = f"Only {counted(few, 'customer')}" if few else "Nobody"
    notes.append(f"{who_joined} joined in the last twelve complete months: the mix of new customers is taken from all starts "
                 "in the file.")
    return starts, per_month


def _last_complete_month(as_of) -> int:
    """12 x year + month of the last month that is wholly over at the end of as_of."""
    ends_month = (as_of + pd.Timedelta(days=1)).day == 1
    return as_of.year * 12 + as_of.month - (0 if ends_month else 1)


def _new(joining, starts, by, group, interval, unit, heads, mrr) -> tuple[float, float, int]:
    """Share of new customers who start in this cell, the list price they pay, and from how many months it is.

    The price is the mean of the newest three months' starts, so that a price rise of spring counts in summer. Where
    what customers pay differs so much that chance alone moves such a mean by more than LARGEST_ERROR, a quarter with a few
    large customers would pass for a price rise: six months then, else the starts that also tell who joins.
    """
    mine, everybody = rows_of(joining, by, group, interval), joining["customers"].sum()
    share = float(mine["customers"].sum() / everybody) if everybody else 0.0
    ever = rows_of(starts, by, group, interval)
    newest = {months: ever[ever["month"] > starts["month"].max() - months] for months in (3, 6)}
    each = _variance_of_one(mine)
    for months, rows in (*newest.items(), (0 if joining is starts else 12, mine), (0, ever)):
        joined, paid = rows["customers"].sum(), rows["mrr"].sum()
        if joined >= FEWEST_STARTS and (months not in newest or each * joined <= (LARGEST_ERROR * paid) ** 2):
            break
    if joined:
        return share, float(paid / joined / unit), months
    return share, float(mrr.sum() / heads.sum()) if heads.sum() else 0.0, 0


def _variance_of_one(rows: pd.DataFrame) -> float:
    """Variance of what one customer pays at the start, from how the means of neighbouring months differ.

    The largest step is left out: it may be a price rise, which is no chance.
    """
    months = rows.groupby("month")[["customers", "mrr"]].sum().astype(float)
    months = months[months["customers"] > 0]
    if len(months) < 3:
        return 0.0
    steps, fewer = np.diff(months["mrr"] / months["customers"]), 1 / months["customers"].to_numpy()
    return float(np.mean(np.sort(steps**2 / (fewer[1:] + fewer[:-1]))[:-1]))


def _wider(windows: list[int]) -> list[str]:
    """A sentence where a price of new customers needs more than three months of starts."""
    wide = [f"the last {word} months" for months, word in ((6, "six"), (12, "twelve complete")) if months in windows]
    if not wide:
        return []
    return [f"The price of new customers is the mean of those who joined in {' or '.join(wide)}, not of the newest three "
            "alone: these are too few, or pay too differently, for a mean."]


def _involuntary(subs, table: LifeTable, part: LifeTable, interval: int) -> float:
    """Share of churn by failed payments: the group's, the interval's, the whole's, else the assumption."""
    if "end_reason" not in subs.mapping:
        return INVOLUNTARY
    for frame in (part.frame, table.frame[table.frame["interval"] == interval], table.frame):
        if frame["churned"].sum() >= FEWEST_REASONS:
            return float(frame["involuntary"].sum() / frame["churned"].sum())
    return INVOLUNTARY
