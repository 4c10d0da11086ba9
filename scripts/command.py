"""What the commands of whoever runs the server share: help that is the page at the top of each, and sentences for errors."""

import argparse
import sys
from collections.abc import Callable, Iterable

from cs_models.problems import Problem


def parser(page: str) -> argparse.ArgumentParser:
    """A parser whose help is that page, as it is written."""
    return argparse.ArgumentParser(description=page, formatter_class=argparse.RawDescriptionHelpFormatter)


def told(deed: Callable[[], Iterable[str]]) -> int:
    """Print what it says, line by line; a Problem is its sentence and the exit code 1."""
    try:
        for line in deed():
            print(line)
    except Problem as error:
        print(error, file=sys.stderr)
        return 1
    return 0
