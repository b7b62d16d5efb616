"""Names survive, or are refused in one message."""

import csv
import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.association.imports import import_map
from kcalseq.errors import KcalseqError
from kcalseq.export.barcodes import write_map
from kcalseq.export.names import check_names, distinct

ODD = ["a,b", "it's", "é-Ω (chr1:1-2)", "x y", "=1+1", "#1", "a;b", "a|b\\c", "-", "0", "1e5", "true"]


def test_odd_names_survive_the_map_and_its_import(tmp_path: Path) -> None:
    check_names(ODD, "here")
    barcodes = ["ACGTACGT"[n % 5 :] + "ACGT"[n % 4] * (n // 4 + 1) for n in range(len(ODD))]
    made = pa.table({"barcode": sorted(barcodes), "variant": ODD})
    write_map(made, tmp_path / "map.tsv.gz")
    again = import_map("library", tmp_path / "map.tsv.gz")
    assert again[["barcode", "variant"]].to_dict("list") == made.to_pydict()
    # And a reader that knows quotes, as mpralib's does, sees the same.
    theirs = pd.read_csv(tmp_path / "map.tsv.gz", sep="\t", header=None, dtype=str)
    assert theirs[1].tolist() == ODD
    with gzip.open(tmp_path / "map.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        assert [row[1] for row in csv.reader(lines, delimiter="\t")] == ODD


@pytest.mark.parametrize("name", ['a"b', "a\tb", "a\nb", "a\rb", "NA", "nan", "None", "NULL"])
def test_names_that_would_not_survive_are_refused(name: str) -> None:
    with pytest.raises(KcalseqError, match="exports of library 'l': .*expected .*Remedy: rename it"):
        check_names(["good", name], "exports of library 'l'")


@given(st.lists(st.text("ab_- ", min_size=1, max_size=3), unique=True))
def test_plain_names_are_distinct_and_hold_allowed_letters_only(names: list[str]) -> None:
    found = distinct(names, "a-z_", "_")
    assert list(found) == names and len(set(found.values())) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz_0123456789") for name in found.values())
