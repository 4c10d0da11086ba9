"""Books that bring statistics to its limits, and everything that is fitted to one."""

import pandas as pd

import cs_models as cs

COLUMNS = ("customer", "start", "end", "plan", "interval", "mrr", "country")
AS_OF = "2024-12-31"


def _book(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def _rows(count: int, start="2024-01-01", end=lambda n: "", plan=lambda n: "Pro", country=lambda n: "DE", mrr=lambda n: "10.00"):
    return [(f"C{n}", start if isinstance(start, str) else start(n), end(n), plan(n), "month", mrr(n), country(n)) for n in range(count)]


def _month(n: int) -> str:
    return f"2024-{1 + n % 11:02d}-01"


BOOKS = {
    "one customer": _book(_rows(1)),
    "one customer who left": _book(_rows(1, end=lambda n: "2024-06-01")),
    "two customers": _book(_rows(2, end=lambda n: "" if n else "2024-03-01")),
    "nobody left": _book(_rows(80, start=_month)),
    "everybody left at once": _book(_rows(80, end=lambda n: "2024-05-01")),
    "everybody left after one month": _book(_rows(80, start=_month, end=lambda n: f"2024-{2 + n % 11:02d}-01")),
    "all stayed equally long": _book(_rows(80, start=lambda n: "2024-03-01")),
    "one left of many": _book(_rows(80, start=_month, end=lambda n: "2024-12-15" if n == 3 else "")),
    "one plan never loses": _book(_rows(120, start=_month, plan=lambda n: "Pro" if n % 2 else "Basic",
                                        end=lambda n: "" if n % 2 or n % 3 else f"2024-{min(3 + n % 11, 12):02d}-01")),
    "two columns that say the same": _book(_rows(120, start=_month, plan=lambda n: "Pro" if n % 2 else "Basic",
                                                 country=lambda n: "DE" if n % 2 else "FR",
                                                 end=lambda n: "" if n % 3 else f"2024-{min(3 + n % 11, 12):02d}-15")),
    "a group of one": _book(_rows(90, start=_month, country=lambda n: "US" if n == 5 else "DE",
                                  end=lambda n: "" if n % 3 else f"2024-{min(3 + n % 11, 12):02d}-15")),
    "everybody pays nothing": _book(_rows(60, start=_month, mrr=lambda n: "0")),
    "one pays a million times more": _book(_rows(60, start=_month, mrr=lambda n: "9000000.00" if n == 7 else "0.01",
                                                 end=lambda n: "" if n % 4 else f"2024-{min(3 + n % 11, 12):02d}-15")),
    "began on the last day": _book(_rows(40, start=AS_OF)),
}  # fmt: skip


def read(name: str):
    return cs.read(BOOKS[name], as_of=AS_OF)


def _from_data(subs, by=()):
    return cs.Assumptions.from_data(subs, by=by, cac=50)


def _by_plan(subs):
    return cs.life_table(subs, by=("plan",))


def _compared(subs):
    return cs.compare(_from_data(subs), cs.Scenario("x", (cs.PriceIncrease(rise=0.1), cs.AnnualBilling(adoption=0.2))), horizon=24)


WORK = {
    "Kaplan-Meier": lambda subs: cs.kaplan_meier(cs.life_table(subs)),
    "fit": lambda subs: cs.fit(cs.life_table(subs)),
    "fit by plan": lambda subs: [cs.fit(_by_plan(subs).select(plan=name)) for name in dict.fromkeys(_by_plan(subs).frame["plan"])],
    "assumptions": _from_data,
    "assumptions by plan": lambda subs: _from_data(subs, ("plan",)),
    "a decision": _compared,
    "its sentence": lambda subs: str(_compared(subs)),
    "lifetime": lambda subs: cs.lifetime_range(_from_data(subs)),
    "range": lambda subs: cs.interval(_from_data(subs), horizon=36),
    "hazard ratios": lambda subs: cs.hazard_ratios(cs.life_table(subs, by=("plan", "country"))),
    "log-rank": lambda subs: cs.log_rank(_by_plan(subs), "plan"),
    "causes": lambda subs: cs.causes_of_leaving(subs, cs.life_table(subs)),
    "triangle": lambda subs: cs.cohort_triangle(subs),
    "movements": lambda subs: cs.mrr_movements(subs),
    "metrics": lambda subs: cs.metrics(subs),
    "revenue": lambda subs: cs.revenue_retention(subs, "net"),
}  # fmt: skip
