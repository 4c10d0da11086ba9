"""Bytes in, a table of text cells out. Nothing is converted here: meaning belongs to the importers."""

from cs_models.readers.csv import read_text_table
from cs_models.readers.table import Finding, Rejection, TextTable

__all__ = ["Finding", "Rejection", "TextTable", "read_text_table"]
