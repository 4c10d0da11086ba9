"""The figures of a board pack by calendar month: MRR, churn, retention of revenue, renewals."""

import numpy as np
import pandas as pd

from cs_models.engine.kept import YEAR, kept_sums
from cs_models.movements import movements
from cs_models.subscriptions import minor_digits

MONEY = ("opening", "new", "expansion", "contraction", "churned", "reactivated", "mrr")


def metrics(subs) -> pd.DataFrame:
    """One row per calendar month, the last one cut at as_of; `subs.as_of` says on which day.

    Money (units of the currency): opening, new, expansion, contraction, churned (both negative), reactivated,
    mrr (in force at the month's end), arr = 12 mrr, arpu = mrr / customers. Customers at its end
    and at its opening; customers_new, customers_expansion, customers_contraction, customers_churned,
    customers_reactivated, how many moved. Shares 0..1:

    * logo_churn = customers churned / customers at opening
    * gross_churn = (contraction + churned) / opening MRR; net_churn takes expansion and reactivation off
    * grr = sum over customers of 12 months ago of min(MRR now, MRR then) / MRR then; nrr = their MRR
      now / then.
      By customer, never from totals: 100 and 100 that became 0 and 200 are GRR 50 %, NRR 100 %
    * quick_ratio = (new + expansion + reactivated) / (contraction + churned)
    * due, renewed, renewal_churn: customers on terms of a year or more whose paid term ended in the month

    Missing where nothing stands below the line: no opening, no customers 12 months ago, nothing lost,
    nobody due.
    To a CFO: blended churn counts annual payers who could not leave; renewal churn counts those who could.

    Raises `Problem` without dates or prices. Example: 100 x $100 a month + 50 x $600 a year: MRR 12,500.
    """
    bridge = movements(subs)
    frame = _table(bridge, 10.0 ** minor_digits(subs.currency))
    kept = kept_sums(subs)
    index = _index(frame["month"])
    gross, net = (_running(kept.changes, name, index) for name in ("gross", "net"))
    then = bridge.money["closing"].shift(YEAR).to_numpy(float)
    frame["grr"], frame["nrr"] = _share(gross, then), _share(net, then)
    frame["customers_then"] = bridge.customers["closing"].shift(YEAR)
    for name in ("due", "renewed"):
        frame[name] = kept.renewals.set_index("month")[name].reindex(index, fill_value=0).to_numpy(np.int64)
    frame["renewal_churn"] = _share(frame["due"] - frame["renewed"], frame["due"])
    return frame


def _table(bridge, unit: float) -> pd.DataFrame:
    money = bridge.money.rename(columns={"closing": "mrr"})
    heads = bridge.customers
    frame = pd.DataFrame({"month": money["month"], **{name: money[name] / unit for name in MONEY}})
    frame["arr"] = 12 * frame["mrr"]
    frame["customers_opening"], frame["customers"] = heads["opening"], heads["closing"]
    for kind in ("new", "expansion", "contraction", "churned", "reactivated"):
        frame[f"customers_{kind}"] = heads[kind].abs()
    frame["arpu"] = _share(frame["mrr"], frame["customers"])
    lost = -(money["contraction"] + money["churned"])
    frame["logo_churn"] = _share(frame["customers_churned"], frame["customers_opening"])
    frame["gross_churn"] = _share(lost, money["opening"])
    frame["net_churn"] = _share(lost - money["expansion"] - money["reactivated"], money["opening"])
    frame["quick_ratio"] = _share(money["new"] + money["expansion"] + money["reactivated"], lost)
    return frame


def _index(months: pd.Series) -> np.ndarray:
    return np.array([int(text[:4]) * 12 + int(text[5:]) for text in months], dtype=np.int64)


def _running(changes: pd.DataFrame, name: str, index: np.ndarray) -> np.ndarray:
    by_month = changes.set_index("month")[name].reindex(index, fill_value=0)
    return by_month.cumsum().to_numpy(np.int64)


def _share(part, whole) -> np.ndarray:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
