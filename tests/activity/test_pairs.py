"""Pairs of variants, and the base in which they differ."""

import pandas as pd
import pytest

from kcalseq.activity.pairs import check_names, pairs_table
from kcalseq.errors import KcalseqError


@pytest.fixture
def variants() -> pd.DataFrame:
    names = {"ref": "ACGT", "one": "ACTT", "two": "TCTT", "short": "ACG", "same": "ACGT", "n": "ACNT", "none": None}
    return pd.DataFrame({"variant": list(names), "variant_sequence": list(names.values())})


def test_all_are_compared_with_the_reference(variants: pd.DataFrame) -> None:
    found = pairs_table(variants, [], "ref").set_index("variant")
    assert sorted(found.index) == ["n", "none", "one", "same", "short", "two"]
    assert (found["reference"] == "ref").all()
    assert tuple(found.loc["one", ["position", "reference_base", "base"]]) == (2, "G", "T")
    assert found.drop("one")[["position", "reference_base", "base"]].isna().all(axis=None)


def test_a_sheet_names_its_pairs(variants: pd.DataFrame) -> None:
    found = pairs_table(variants, [("two", "one"), ("one", "two")], "")
    assert found.to_numpy(dtype=object).tolist() == [["two", "one", 0, "A", "T"], ["one", "two", 0, "T", "A"]]
    check_names(variants, found, "here")


def test_names_must_be_variants(variants: pd.DataFrame) -> None:
    with pytest.raises(KcalseqError, match="'gone' and 1 others is no variant"):
        check_names(variants, pairs_table(variants, [("gone", "one"), ("one", "lost")], ""), "here")
