"""Saved scenarios of a team: rows that never change, who saved them and why, comments, and a way back.

One file beside the data sets (SQLite), or a PostgreSQL that `DATABASE_URL` names.
"""

from cs_models.shelf.entries import LOCAL, Comment, Conflict, Draft, Entry, Unavailable
from cs_models.shelf.shelf import Shelf

__all__ = ["LOCAL", "Comment", "Conflict", "Draft", "Entry", "Shelf", "Unavailable"]
