"""CSV files: what was written comes back, and nothing in them is computed."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcalseq.export.spreadsheet import guarded, with_sequences, write_spreadsheet

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_a_table_is_written_as_excel_reads_it(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"variant": ["=SUM(A1)", 'a,"b"', "β"], "n": pd.array([1, None, 3], "Int64"), "x": [-0.5, np.nan, 0.1 + 0.2]}
    )
    write_spreadsheet(frame, tmp_path / "t.csv")
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfvariant,n,x\r\n")
    assert rows_of(tmp_path / "t.csv")[1:] == [
        ["'=SUM(A1)", "1", "-0.5"],
        ['a,"b"', "", ""],
        ["β", "3", "0.30000000000000004"],
    ]


@given(st.lists(CELLS, min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_texts_survive_and_none_begins_like_a_formula(tmp_path: Path, texts: list[str]) -> None:
    write_spreadsheet(pd.DataFrame({"variant": texts, "n": 1}), tmp_path / "t.csv")
    written = [row[0] for row in rows_of(tmp_path / "t.csv")[1:]]
    assert not [text for text in written if text[0] in "=+-@\t\r\n"]
    assert [text[1:] if text[0] == "'" else text for text in written] == texts


def test_missing_texts_stay_empty_and_numbers_are_left_alone() -> None:
    found = guarded(pd.DataFrame({"text": [None, "-10A"], "x": [-1.0, 2.0], "is": [True, False]}))
    assert found["text"].isna().tolist() == [True, False] and found["text"][1] == "'-10A"
    assert found["x"].tolist() == [-1.0, 2.0] and found["is"].tolist() == [True, False]


def test_sequences_stand_behind_the_names_of_variants() -> None:
    known = pd.Series({"one": "ACGT", "two": None})
    found = with_sequences(pd.DataFrame({"variant": ["two", "one"], "x": [1, 2]}), known)
    assert list(found.columns) == ["variant", "variant_sequence", "x"]
    assert found["variant_sequence"].tolist()[1] == "ACGT" and found["variant_sequence"].isna()[0]
    other = pd.DataFrame({"metric": ["a"]})
    assert with_sequences(other, known) is other
