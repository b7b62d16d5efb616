"""Sample codes: which sets are refused, and in which words."""

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import Part
from kcalseq.reads.samplecodes import check_sample_codes

CODE = Part("code", "sample_code", 4, 4, max_mismatches=1)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({"AAAA": "one", "AACC": "two"}, ["samples 'one' and 'two'", "AAAA and AACC differ at 2 places", "at least 3"]),
        ({"AAAA": "one", "CCCCC": "two"}, ["sample 'two'", "'CCCCC' has 5 letters", "expected 4"]),
        ({"AAAA": "one", "CCNC": "two"}, ["sample 'two'", "'CCNC' has letters other than A, C, G, T"]),
        ({}, ["there are no sample codes", "'code'"]),
    ],
)
def test_bad_sample_codes_are_refused_in_words(codes: dict[str, str], words: list[str]) -> None:
    with pytest.raises(KcalseqError) as caught:
        check_sample_codes(codes, CODE, "assay.yaml", "samples.tsv")
    for word in ["samples.tsv", *words]:
        assert word in str(caught.value)


def test_every_clashing_pair_is_told_at_once() -> None:
    codes = {"AAAA": "one", "AAAC": "two", "AAAG": "three"}
    with pytest.raises(KcalseqError) as caught:
        check_sample_codes(codes, CODE, "assay.yaml", "samples.tsv")
    assert str(caught.value).count("Remedy") == 3


def test_codes_without_a_place_in_the_layout_are_refused() -> None:
    check_sample_codes({}, None, "assay.yaml", "samples.tsv")
    with pytest.raises(KcalseqError, match="has no sample_code part"):
        check_sample_codes({"AAAA": "one"}, None, "assay.yaml", "samples.tsv")
