"""Nobody left, everybody left at once, one customer: every fit answers or says why not, and no warning escapes."""

import math
import warnings
from dataclasses import fields, is_dataclass

import awkward_books
import numpy as np
import pandas as pd
import pytest

from cs_models.problems import Problem

pytestmark = pytest.mark.slow


def numbers(found, depth: int = 0):
    """Plain numbers of a result, as far down as a page would look."""
    if isinstance(found, float | np.floating):
        yield float(found)
    elif is_dataclass(found) and depth < 2:
        for part in fields(found):
            yield from numbers(getattr(found, part.name), depth + 1)


@pytest.fixture(scope="module", params=awkward_books.BOOKS)
def book(request):
    return awkward_books.read(request.param)


@pytest.mark.parametrize("work", awkward_books.WORK)
def test_every_fit_answers_or_says_why_not(book, work):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = awkward_books.WORK[work](book)
        except Problem as problem:
            assert str(problem).endswith(".") and "nan" not in str(problem).lower().split()
            return
    assert not any(math.isinf(one) for one in numbers(found)), "no number is infinite"
    if isinstance(found, str):
        assert "nan" not in found.lower() and "inf" not in found.lower().replace("infl", "")
    if isinstance(found, pd.DataFrame):
        assert not np.isinf(found.select_dtypes("number").to_numpy()).any()
