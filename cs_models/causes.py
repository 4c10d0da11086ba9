"""Why they leave: of all who began, how many chose to go and how many were lost to failed payments."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from cs_models.life_table import LifeTable
from cs_models.problems import Problem
from cs_models.column_codes import in_one_piece
from cs_models.words import months, percent

LAST = 2**31 - 1  # later than any day
NO_REASONS = (
    "The file does not say why customers left, so a decision to leave cannot be told from a failed payment. "
    "Map a column with the reason for leaving to see the two apart."
)


@dataclass(frozen=True, eq=False)
class Causes:
    """Shares of all who began, by tenure 0..K: ``staying`` + ``voluntary`` + ``involuntary`` = 1.

    ``at_risk`` = customers under observation at each tenure. The bands (``voluntary_lower`` ...) are 95 %.
    """

    tenure: np.ndarray
    staying: np.ndarray
    voluntary: np.ndarray
    voluntary_lower: np.ndarray
    voluntary_upper: np.ndarray
    involuntary: np.ndarray
    involuntary_lower: np.ndarray
    involuntary_upper: np.ndarray
    at_risk: np.ndarray


def says_why(subs) -> bool:
    """Whether the file gives a reason for at least one customer who left."""
    if "end_reason" not in subs.rows.column_names:
        return False
    reasons = subs.rows["end_reason"]
    return reasons.null_count < len(reasons)


def unexplained(subs) -> float:
    """Share of the customers who left without a reason in the file, 0..1: they count as a decision to leave.

    The last row of a customer tells: a row closed by a change of plan is no departure and needs no reason.
    """
    if "end_reason" not in subs.rows.column_names:
        return 1.0
    codes = in_one_piece(subs.rows["customer"]).indices.to_numpy(zero_copy_only=False)
    churned = subs.rows["churned"].to_numpy()
    here = np.zeros(int(codes.max(initial=-1)) + 1, bool)
    here[codes[~churned]] = True
    gone = np.flatnonzero(churned & ~here[codes])
    ends = pc.fill_null(subs.rows["ended_on"].cast(pa.date32()).cast(pa.int32()), LAST).to_numpy()[gone]
    who = codes[gone]
    latest = np.full(len(here), -LAST, np.int32)
    np.maximum.at(latest, who, ends)
    ending = ends == latest[who]
    closing = np.full(len(here), -1, np.int64)
    closing[who[ending]] = gone[ending]  # of equal ends the later row
    closing = closing[closing >= 0]
    silent = subs.rows["end_reason"].is_null().to_numpy()
    return float(silent[closing].mean()) if len(closing) else 0.0


def causes_of_leaving(subs, table: LifeTable) -> Causes:
    """`causes` of a life table of these subscriptions; raises `Problem` when the file has no reasons."""
    subs.need_rows()
    if not says_why(subs):
        raise Problem(NO_REASONS)
    return causes(table)


def causes(table: LifeTable, confidence: float = 0.95) -> Causes:
    """Cumulative incidence of both causes, in closed form on the months of tenure:

        S(k) = S(k-1) (1 - h_v(k) - h_i(k)),    CIF_v(K) = sum over k <= K of S(k-1) h_v(k), CIF_i alike,

    with h_v(k) = voluntary(k) / in_force(k). So CIF_v + CIF_i + S = 1 at every month, and S is the
    Kaplan-Meier curve. To a CFO: of 100 customers who began, 30 had chosen to leave within two years and 9
    were lost to a failed payment; the 9 are what retries and reminders can win back.

    Treating the other cause as if those customers were still to come (1 - Kaplan-Meier of one cause)
    overstates both: .606 instead of .529 on monthly data. The band is the delta method on the two hazards,
    cut at 0 and 1. Shares 0..1. Source: Marubini and Valsecchi (1995), chapter 10. Example: 100 begin, 10
    choose to leave and 5 fail in month 1, 17 of the 85 choose to leave in month 2: CIF_v(2) = .27,
    CIF_i(2) = .05, S(2) = .68. Raises `Problem` for a table without customers.
    """
    if table.frame.empty:
        raise Problem("There is no paying customer in these data, so nobody's reason to leave can be shown.")
    totals = table.frame.groupby("tenure")[["in_force", "churned", "involuntary"]].sum().sort_index()
    tenure = np.arange(int(totals.index.max()) + 1)
    totals = totals.reindex(tenure, fill_value=0)
    force = totals["in_force"].to_numpy(float)
    some = (force > 0) & (tenure > 0)
    failed = _share(totals["involuntary"].to_numpy(float), force, some)
    chosen = _share((totals["churned"] - totals["involuntary"]).to_numpy(float), force, some)
    staying = np.cumprod(1 - chosen - failed)
    before = np.concatenate([[1.0], staying[:-1]])
    z = ndtri((1 + confidence) / 2)
    ends = {}
    for name, own, other in (("voluntary", chosen, failed), ("involuntary", failed, chosen)):
        cif = np.cumsum(before * own)
        width = z * np.sqrt(_variance(cif, before, own, other, np.where(some, force, np.inf)))
        ends[name] = cif
        ends[f"{name}_lower"], ends[f"{name}_upper"] = np.clip(cif - width, 0, 1), np.clip(cif + width, 0, 1)
    return Causes(tenure=tenure, staying=staying, at_risk=totals["in_force"].to_numpy(), **ends)


def _share(part: np.ndarray, whole: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(whole), where=where)


def _variance(cif, before, own, other, force) -> np.ndarray:
    """Var CIF(K) = sum over k <= K of the multinomial variance of (own, other) at k, through the derivatives

        dCIF(K) / d own(k) = S(k-1) - rest,   dCIF(K) / d other(k) = - rest,
        rest = (CIF(K) - CIF(k)) / (1 - own(k) - other(k)).
    """
    stay = 1 - own - other
    gap = cif[:, None] - cif[None, :]
    rest = np.divide(gap, stay[None, :], out=np.zeros_like(gap), where=stay[None, :] > 0)
    by_own, by_other = before[None, :] - rest, -rest
    apart = by_own**2 * own * (1 - own) + by_other**2 * other * (1 - other)
    terms = apart - 2 * by_own * by_other * own * other
    return np.tril(terms / force[None, :]).sum(axis=1).clip(min=0)


def causes_sentence(found: Causes, month: int, unknown: float = 0.0) -> str:
    """ "Of 100 customers who began, 34 chose to leave within 24 months and 12 were lost to a failed payment".
    """
    chosen, failed = round(100 * found.voluntary[month]), round(100 * found.involuntary[month])
    lost = f"{failed} {'was' if failed == 1 else 'were'} lost to a failed payment"
    if not found.involuntary.any():
        lost = "nobody is marked as lost to a failed payment"
    text = f"Of 100 customers who began, {chosen} chose to leave within {months(month)} and {lost}."
    if unknown < 0.005:
        return text
    return f"{text} {percent(unknown, 0)} of those who left gave no reason: they count as a choice."
