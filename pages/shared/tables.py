"""Numbers in tables: how many decimals; the browser writes them as its reader does."""

import re

import pandas as pd
import streamlit as st

SHARES = {"percent": 3, "percent.2": 4}  # decimals of a share 0..1 shown with one or two decimals of a per cent


def written(frame: pd.DataFrame, formats: dict[str, str]) -> tuple[pd.DataFrame, dict]:
    """The rows and columns for `st.dataframe` from formats of the core: "%,.2f", "%d", or "percent" of a share 0..1.

    Streamlit takes the decimals of a localized number from its step, and cuts the rest off: so the numbers are
    rounded before.
    """
    known = {name: form for name, form in formats.items() if name in frame}
    digits = {name: number for name, form in known.items() if (number := _decimals(form)) is not None}
    columns = {name: _column(form, digits.get(name)) for name, form in known.items()}
    return frame.round(digits), columns


def _column(form: str, digits: int | None):
    """A format with words or a sign of its own stays as it is."""
    if digits is None:
        return st.column_config.NumberColumn(format=form)
    return st.column_config.NumberColumn(format="percent" if form in SHARES else "localized", step=10.0**-digits)


def _decimals(form: str) -> int | None:
    if form in SHARES:
        return SHARES[form]
    found = re.fullmatch(r"%,?(?:d|\.(\d)f)", form)
    return int(found[1] or 0) if found else None
