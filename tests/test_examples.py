"""Every example in the documentation of the core runs and prints what it says."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import numpy as np
import pytest

import cs_models as cs

# The reading process is a program of its own, and the steps of a database are run by its migrations only.
PROGRAMS = (".child", ".migrations.")
MODULES = [m.name for m in walk_packages(cs.__path__, "cs_models.") if not any(part in m.name for part in PROGRAMS)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name):
    found = doctest.testmod(import_module(name), extraglobs={"cs": cs, "np": np})
    assert found.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    assert sum(bool(test.examples) for name in MODULES for test in finder.find(import_module(name))) >= 15
