"""How far apart prices lie between the groups of a column: which column is worth fitting apart."""

import pyarrow as pa
import pyarrow.compute as pc

MOST_GROUPS = 8  # more are a list, not a segment


def price_apart(rows: pa.Table, own: str) -> float:
    """Share of the spread of prices that lies between the groups of a column, 0..1 (eta squared).

    sum over groups of n (mean - overall mean)^2 over the total sum of squares. To a CFO: 1 when the group
    alone says what a customer pays, 0 when it says nothing. 0 as well for a single group and for more than
    `MOST_GROUPS`. One pass over the rows for a column, whatever it holds; no fit.

    Example: prices 10, 10 in one group and 30, 30 in another are 1.0; 10, 30 in both are 0.0.
    """
    found = rows.select([own, "mrr"]).group_by(own).aggregate([("mrr", "sum"), ("mrr", "count")])
    size = pc.cast(found["mrr_count"], pa.float64()).to_numpy()
    total = pc.cast(pc.fill_null(found["mrr_sum"], 0), pa.float64()).to_numpy()
    named = (size > 0) & pc.is_valid(found[own]).to_numpy()
    size, total = size[named], total[named]
    spread = pc.variance(rows["mrr"]).as_py() or 0.0
    count = len(rows) - rows["mrr"].null_count
    if not 2 <= len(size) <= MOST_GROUPS or not spread > 0:
        return 0.0
    middle = pc.mean(rows["mrr"]).as_py()
    return float(((total / size - middle) ** 2 * size).sum() / (count * spread))
