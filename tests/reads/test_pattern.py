"""Patterns of barcodes and the short strings that describe simple layouts."""

import gzip
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.pattern import Element, parse_pattern, parse_short


def test_letters_and_stretches_become_elements() -> None:
    pattern = parse_pattern("AN[4-7]WNN", "here")
    assert pattern.elements == (Element("A", 1, 1), Element("N", 5, 8), Element("W", 1, 1), Element("N", 2, 2))
    assert (pattern.min_length, pattern.max_length, pattern.letters) == (9, 12, None)


def test_a_pattern_of_fixed_length_can_be_spelt_out() -> None:
    assert parse_pattern("NN[3]W[2]", "here").letters == "NNNNNWNN"
    assert parse_pattern("[20]", "here").letters == "N" * 20


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the pattern is empty"),
        ("NNZN", "cannot be read from letter 3 on"),
        ("NNnN", "cannot be read from letter 3 on"),
        ("NN[4-]", "cannot be read from letter 3 on"),
        ("NN[4", "cannot be read from letter 3 on"),
        ("NN]", "cannot be read from letter 3 on"),
        ("A[7-4]", "[7-4] in 'A[7-4]' is empty or ends before it begins"),
        ("A[0]", "[0] in 'A[0]' is empty"),
        ("[0-99]A[0-99]A[0-99]", "combine in 1000000 ways"),
    ],
)
def test_a_bad_pattern_is_refused_with_its_place(text: str, found: str) -> None:
    with pytest.raises(KcalseqError) as caught:
        parse_pattern(text, "assay.yaml line 7")
    assert str(caught.value).startswith("assay.yaml line 7: ")
    assert found in caught.value.found


def test_umi_letters() -> None:
    assert parse_short("NNNXXXXNN", "here") == [
        {"name": "umi_1", "kind": "umi", "length": 3, "min_quality": 0},
        {"name": "skip", "kind": "skip", "length": 4},
        {"name": "umi_2", "kind": "umi", "length": 2, "min_quality": 0},
    ]
    assert parse_short("CCCCNNN", "here") == [
        {"name": "barcode", "kind": "barcode", "length": 4, "min_quality": 0},
        {"name": "umi", "kind": "umi", "length": 3, "min_quality": 0},
    ]


def test_names_may_tell_the_read() -> None:
    assert [part["name"] for part in parse_short("NNXN", "here", "_index_1")] == [
        "umi_1_index_1",
        "skip_index_1",
        "umi_2_index_1",
    ]


def test_flanks_and_one_length() -> None:
    assert parse_short("GTGGAAAGGACGAAACACCG[20]GTTTTAG", "here") == [
        {"name": "before", "kind": "skip", "min_length": 0, "max_length": 1000},
        {"name": "left_flank", "kind": "constant", "sequence": "GTGGAAAGGACGAAACACCG", "max_mismatches": 2},
        {"name": "barcode", "kind": "barcode", "length": 20, "min_quality": 0},
        {"name": "right_flank", "kind": "constant", "sequence": "GTTTTAG", "max_mismatches": 1},
    ]
    assert parse_short("[18-20]AC", "here") == [
        {"name": "barcode", "kind": "barcode", "min_length": 18, "max_length": 20, "min_quality": 0},
        {"name": "right_flank", "kind": "constant", "sequence": "AC", "max_mismatches": 0},
    ]


def test_constant_letters_between_stretches_belong_to_the_barcode() -> None:
    parts = parse_short("TACC[4-7]AA[4-7]AA[4-7]TT[4-7]ATAA", "here")
    assert [part["kind"] for part in parts] == ["skip", "constant", "barcode", "constant"]
    assert parts[2] == {
        "name": "barcode",
        "kind": "barcode",
        "pattern": "[4-7]AA[4-7]AA[4-7]TT[4-7]",
        "drop_constant": True,
        "min_quality": 0,
    }
    assert (parts[1]["max_mismatches"], parts[3]["max_mismatches"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the string is empty"),
        ("NNNA", "has the letters A"),
        ("XXX", "only skips bases"),
        ("NNTACC[4]", "'NNTACC' before the first bracket"),
        ("TACC[4]NN", "'NN' behind the last bracket"),
        ("TACC[4-7]", "ends with a stretch of open length"),
        ("TACC]4[", "cannot be read from letter 5 on"),
    ],
)
def test_a_bad_short_string_is_refused(text: str, found: str) -> None:
    with pytest.raises(KcalseqError) as caught:
        parse_short(text, "here")
    assert found in caught.value.found


def test_real_reads_give_the_umis_that_umi_tools_gives(shared_data: Path) -> None:
    reads, moved = (
        gzip.decompress((shared_data / "umi_tools" / name).read_bytes()).decode().splitlines()
        for name in ("slim.fastq.gz", "processed_single.fastq.gz")
    )
    parts = parse_short("NNNXXXXNN", "here")
    assert len(reads) == len(moved) == 40_000
    for header, read, header_after, rest in zip(reads[::4], reads[1::4], moved[::4], moved[1::4], strict=True):
        umi = left = ""
        place = 0
        for part in parts:
            bases = read[place : place + part["length"]]
            place += part["length"]
            umi, left = (umi + bases, left) if part["kind"] == "umi" else (umi, left + bases)
        assert (header_after, rest) == (f"{header}_{umi}", left + read[place:])
