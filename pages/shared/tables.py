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
    digits = {name: _decimals(form) for name, form in formats.items() if name in frame}
    columns = {
        name: st.column_config.NumberColumn(
            format="percent" if formats[name] in SHARES else "localized", step=10.0**-number
        )
        for name, number in digits.items()
    }
    return frame.round(digits), columns


def _decimals(form: str) -> int:
    if form in SHARES:
        return SHARES[form]
    return int(re.fullmatch(r"%,?(?:d|\.(\d)f)", form)[1] or 0)
