"""Stories for the tests of exports: one of the sample, one whose every name is an attack."""

import io
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

import cs_models as cs

ROOT = Path(__file__).resolve().parents[1]
MADE = date(2026, 11, 22)
LINK = "http://localhost:8501/?scenario=aB3dE6gH"
PLAN = (cs.PriceIncrease(rise=0.10, scope="both", one_off_loss=0.015), cs.AnnualBilling(adoption=0.25, discount=0.167))
HOSTILE = (
    "=HYPERLINK(\"http://evil.example/\",\"open\")", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "＝1+1",
    "<script>alert(1)</script>", "<img src=http://evil.example/a.png onerror=alert(1)>", "]]> &amp; &#x41; 'quote\" ",
    "${7*7} {{7*7}} {% raw %}", "![x](http://evil.example/p.png)", "\x00\x07\x1b[31m", "\u202egnp.exe", "http://evil.example/",
    "A" * 300,
)  # fmt: skip


GROUPS = tuple(HOSTILE[place] for place in (0, 3, 4, 7, 12, 15))


@lru_cache(maxsize=1)
def sample():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    return subs, cs.Assumptions.from_data(subs, by=("segment",), cac=300.0, service_cost=2.0, draws=40)


@lru_cache(maxsize=8)
def told(decided: bool = True, book: str | None = None):
    """The sample with a price rise and annual plans, or as it stands."""
    subs, base = sample()
    change = cs.compare(base, cs.Scenario("Autumn", PLAN if decided else ()), 24)
    must = cs.what_must_be_true(change) if decided else ()
    belief = cs.monte_carlo(change, book, 16) if decided else None
    return cs.tell(change, cs.Source.of(subs, "Sample data", MADE, link=LINK), book, must, belief)


@lru_cache(maxsize=1)
def hostile():
    """A book whose groups, data set and notes are what attackers write."""
    chance, rows = np.random.default_rng(7), io.StringIO()
    rows.write("customer_id,start_date,end_date,mrr,segment\n")
    for group, name in enumerate(GROUPS):
        quoted = '"' + name.replace('"', '""').replace("\x00", "") + '"'
        for one in range(25):
            begun = np.datetime64("2024-01-01") + int(chance.integers(0, 500))
            ended = begun + int(chance.integers(40, 400)) if chance.random() < 0.6 else ""
            rows.write(f"c{group}-{one},{begun},{ended},{20 + group},{quoted}\n")
    subs = cs.read(rows.getvalue().encode())
    base = cs.Assumptions.from_data(subs, by=("segment",), draws=5)
    label = " / ".join(map(str, base.cells[0].segment))
    plan = cs.Scenario("<b>=1+1</b>", (cs.PriceIncrease(rise=0.1, segments=(label,)), cs.ChurnReduction(reduction=0.1)))
    change = cs.compare(base, plan, 12)
    return cs.tell(change, cs.Source.of(subs, HOSTILE[7], MADE, link=HOSTILE[0]), must=(HOSTILE[8], HOSTILE[0]))
