"""Tables as CSV files for spreadsheet programs.

UTF-8 with a byte order mark, without which Excel reads letters beyond ASCII wrong; commas, quotes and ends of lines as
in RFC 4180. A text that begins like a formula would be computed when the file is opened, so an apostrophe is put before
it. A text that begins with an apostrophe gets another one: who reads such a file by a program takes one apostrophe off
each text that begins with one, and has the table again.
"""

from pathlib import Path

import pandas as pd

from kcalseq.wholefile import whole_or_not_at_all

_LIKE_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
EXCEL_ROWS = 1_048_576
"""Rows of a sheet of Excel, the header among them."""


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts, and names of columns, that begin like a formula with an apostrophe before them."""
    found = frame.copy()
    for column in found.columns:
        values = found[column]
        if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
            text = values.astype("str")
            found[column] = text.mask(text.str.startswith(_LIKE_FORMULAS).fillna(False), "'" + text)
    return found


def write_spreadsheet(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as a CSV file; missing values are empty cells, numbers have all their digits."""
    with whole_or_not_at_all(path) as partial:
        guarded(frame).to_csv(partial, index=False, lineterminator="\r\n", encoding="utf-8-sig")


def with_sequences(frame: pd.DataFrame, sequences: pd.Series) -> pd.DataFrame:
    """A table of variants with their sequences behind their names, where any is known.

    Args:
        frame: a table; left as it is without a column ``variant``.
        sequences: sequence of each variant by name; may be missing.
    """
    if "variant" not in frame.columns or not sequences.notna().any():
        return frame
    behind = list(frame.columns).index("variant") + 1
    found = frame.copy()
    found.insert(behind, "variant_sequence", frame["variant"].map(sequences))
    return found
