"""MRR by calendar year, from the event form: what each customer paid at the end of a year against the year before."""

import pandas as pd

from cs_models.engine import balance, sql
from cs_models.engine.counts import open_span
from cs_models.engine.duckdb import opened, run
from cs_models.kept_counts import kept

KINDS = ("new", "expansion", "contraction", "lost", "returned")


@kept
def year_sums(subs) -> pd.DataFrame:
    """One row per calendar year and kind: year, kind, customers, change (minor units, signed). Customers who pay at the
    end of a year what they paid at the end of the year before are in none.
    """
    with opened(subs.rows.num_rows) as connection:
        open_span(connection, subs, ())
        return run(connection, _text()).df()


def _text() -> str:
    began, ended = (f"CAST(FLOOR(({sql.month_index(day)} - 1) / 12) AS INTEGER)" for day in ("started_on", "ended_on"))
    return f"""
WITH {balance.changes("year", began, ended)}, {balance.balances("year", balance.PLACE)},
{balance.named("year", gone="lost", back="returned")}
SELECT year, kind, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(change) AS BIGINT) AS change
FROM named GROUP BY year, kind"""
