"""Errors a person can act on.

A `Problem` carries one sentence in plain words: what is wrong, where, and what to do. Pages show it as it is;
a notebook sees it as an exception. It never carries more of the user's data than the sentence needs.
"""


class Problem(ValueError):
    """Something the user can mend; ``str(problem)`` is the sentence to show."""


class NeedsRows(Problem):
    """No fault: these data are counts, and what was asked follows each customer's own rows."""


class ImportProblem(Problem):
    """A file that cannot become a table of subscriptions."""
