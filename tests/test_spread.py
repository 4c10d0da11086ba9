"""Which column prices differ most by: against pandas, row by row, whatever is missing."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cs_models.engine.spread import price_apart


def rows(groups, mrr):
    return pa.table({"c0": pa.array(groups, pa.string()).dictionary_encode(), "mrr": pa.array(mrr, pa.int64())})


def by_hand(groups, mrr):
    frame = pd.DataFrame({"g": groups, "m": mrr}).dropna(subset="m")
    middle = frame["m"].mean()
    between = sum(len(part) * (part.mean() - middle) ** 2 for _, part in frame.groupby("g")["m"])
    return between / ((frame["m"] - middle) ** 2).sum()


@pytest.mark.parametrize("seed", range(5))
def test_share_between_groups_is_that_of_adding_up_squares(seed):
    draw = np.random.default_rng(seed)
    groups = draw.choice(["a", "b", "c"], 400).tolist()
    mrr = [None if draw.random() < 0.1 else int(draw.integers(1, 90)) * (2 if g == "a" else 1) for g in groups]
    assert price_apart(rows(groups, mrr), "c0") == pytest.approx(by_hand(groups, mrr), rel=1e-12)


def test_a_group_that_says_the_price_is_all_and_one_that_does_not_is_nothing():
    assert price_apart(rows(["a", "a", "b", "b"], [10, 10, 30, 30]), "c0") == 1.0
    assert price_apart(rows(["a", "a", "b", "b"], [10, 30, 10, 30]), "c0") == 0.0


def test_one_group_one_price_and_a_list_of_groups_are_no_split():
    assert price_apart(rows(["a", "a"], [10, 30]), "c0") == 0.0
    assert price_apart(rows(["a", "b"], [10, 10]), "c0") == 0.0
    assert price_apart(rows([None, None], [10, 30]), "c0") == 0.0
    assert price_apart(rows(list("abcdefghi"), range(9)), "c0") == 0.0
