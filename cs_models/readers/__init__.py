"""Bytes in, a table of text cells out. Nothing is converted here: meaning belongs to the importers."""

from cs_models.readers.files import ENDINGS, OPTIONS, read_text_table
from cs_models.readers.table import Finding, Question, Rejection, TextTable

__all__ = ["ENDINGS", "OPTIONS", "Finding", "Question", "Rejection", "TextTable", "read_text_table"]
