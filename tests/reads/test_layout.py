"""Layouts: what is read from a good one, and what each bad one is told."""

from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.layout import Constant, Layout, SampleCode, Variant, check_sample_codes, read_layout

ROOT = Path(__file__).parents[2]
GOOD = """\
description: a test
variant_source: read
reads:
  read_1:
    - {name: code, kind: sample_code, length: 4, max_mismatches: 1}
    - {name: left, kind: constant, sequence: TGCATCCA, max_mismatches: 1}
    - {name: variant, kind: variant, length: 8, min_quality: 20}
    - {name: right, kind: constant, sequence: GGTACTTC, max_mismatches: 1}
"""
CODE_LINE = "    - {name: code, kind: sample_code, length: 4, max_mismatches: 1}\n"


def layout_of(tmp_path: Path, text: str) -> Layout:
    path = tmp_path / "assay.yaml"
    path.write_text(text, encoding="utf-8")
    return read_layout(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(KcalseqError) as caught:
        layout_of(tmp_path, text)
    return str(caught.value)


def test_good_layout_is_read_as_written(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, GOOD)
    assert layout.parts == (
        SampleCode("code", 4, 1),
        Constant("left", "TGCATCCA", 1),
        Variant("variant", 8, 20),
        Constant("right", "GGTACTTC", 1),
    )
    assert layout.min_read_length == 28
    assert layout.variant_source == "read"


def test_sample_code_is_optional(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, GOOD.replace(CODE_LINE, ""))
    assert layout.sample_code is None
    assert layout.min_read_length == 24


def test_lac_layout_reads_the_lac_promoter() -> None:
    layout = read_layout(ROOT / "config/assays/lac.yaml")
    assert layout.left_flank.sequence.endswith("AGCGCAACGC")
    assert layout.right_flank.sequence.startswith("AATTGTGAGC")
    assert (layout.variant.length, layout.min_read_length) == (75, 122)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "max_mismatches: 1}\n    - {name: variant",
            "max_mismatch: 1}\n    - {name: variant",
            ["line 6", "unknown key 'max_mismatch'", "did you mean 'max_mismatches'?"],
        ),
        ("variant_source", "variant_sauce", ["unknown key 'variant_sauce'", "did you mean 'variant_source'?"]),
        ("  read_1", "  read_2", ["unknown key 'read_2'", "did you mean 'read_1'?"]),
        ("kind: sample_code", "kind: barcode", ["line 5", "'barcode'", "allowed: constant, sample_code, variant"]),
        ("source: read", "source: barcode_map", ["line 2", "'barcode_map'", "allowed: read"]),
        ("TGCATCCA", "TGCANCCA", ["line 6", "'TGCANCCA'", "^[ACGT]+$"]),
        ("length: 8", "length: 0", ["line 7", "found 0", "at least 1", "in nt"]),
        ("min_quality: 20", "min_quality: high", ["line 7", "'high'", "type integer"]),
        (", min_quality: 20", "", ["line 7", "the part 'variant' lacks the key 'min_quality'", "add 'min_quality:'"]),
        (
            "sequence: GGTACTTC",
            "sequence: GGTACTTC, length: 8",
            ["line 8", "'length' has no meaning in a constant part", "remove 'length'"],
        ),
        ("name: right", "name: left", ["line 8", "the name 'left' is taken", "rename one"]),
        (
            "TGCATCCA, max_mismatches: 1",
            "TGCATCCA, max_mismatches: 3",
            ["line 6", "3 mismatches allowed in 8 nt", "at most a third of the part, 2"],
        ),
        (
            "kind: variant, length: 8, min_quality: 20",
            "kind: constant, sequence: ACCA, max_mismatches: 0",
            ["line 4", "0 parts of kind variant", "exactly one"],
        ),
        (
            "kind: constant, sequence: GGTACTTC, max_mismatches: 1",
            "kind: variant, length: 8, min_quality: 20",
            ["2 parts of kind variant", "exactly one"],
        ),
        (
            "kind: constant, sequence: TGCATCCA",
            "kind: sample_code, length: 8",
            ["2 parts of kind sample_code", "at most one"],
        ),
        (
            "TGCATCCA",
            "AAAAAAAA",
            ["line 6", "'AAAAAAAA' moved by 1 nt differs from itself at only 0 places", "less repetitive"],
        ),
    ],
)
def test_bad_layout_is_refused_in_words(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    assert old in GOOD
    message = complaint(tmp_path, GOOD.replace(old, new, 1))
    assert "assay.yaml" in message
    for word in words:
        assert word in message


def test_variant_needs_a_flank_on_each_side(tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    swapped = "".join([*lines[:4], lines[5], lines[6], lines[4], lines[7]])
    message = complaint(tmp_path, swapped)
    assert "line 6" in message
    assert "no constant part directly right of the variant" in message
    assert "put the right flank there" in message
    assert "the sample code is part 3 of the read" in message


def test_constant_part_away_from_the_variant_is_refused(tmp_path: Path) -> None:
    message = complaint(
        tmp_path,
        GOOD.replace("read_1:\n", "read_1:\n    - {name: spacer, kind: constant, sequence: CTG, max_mismatches: 0}\n"),
    )
    assert "the constant part 'spacer' does not touch the variant" in message


def test_missing_file_is_told() -> None:
    with pytest.raises(KcalseqError, match="no_such_assay.yaml: there is no such file"):
        read_layout("config/assays/no_such_assay.yaml")


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({"AAAA": "one", "AACC": "two"}, ["samples 'one' and 'two'", "AAAA and AACC differ at 2 places", "at least 3"]),
        ({"AAAA": "one", "CCCCC": "two"}, ["sample 'two'", "'CCCCC' has 5 letters", "expected 4"]),
        ({"AAAA": "one", "CCNC": "two"}, ["sample 'two'", "'CCNC' has letters other than A, C, G, T"]),
        ({}, ["there are no sample codes", "'code'"]),
    ],
)
def test_bad_sample_codes_are_refused_in_words(tmp_path: Path, codes: dict[str, str], words: list[str]) -> None:
    with pytest.raises(KcalseqError) as caught:
        check_sample_codes(codes, layout_of(tmp_path, GOOD), "samples.tsv")
    for word in ["samples.tsv", *words]:
        assert word in str(caught.value)


def test_every_clashing_pair_is_told_at_once(tmp_path: Path) -> None:
    codes = {"AAAA": "one", "AAAC": "two", "AAAG": "three"}
    with pytest.raises(KcalseqError) as caught:
        check_sample_codes(codes, layout_of(tmp_path, GOOD), "samples.tsv")
    assert str(caught.value).count("Remedy") == 3


def test_codes_without_a_place_in_the_layout_are_refused(tmp_path: Path) -> None:
    layout = layout_of(tmp_path, GOOD.replace(CODE_LINE, ""))
    check_sample_codes({}, layout, "samples.tsv")
    with pytest.raises(KcalseqError, match="has no sample_code part"):
        check_sample_codes({"AAAA": "one"}, layout, "samples.tsv")


def test_layout_needs_no_numpy() -> None:
    """It is loaded in Snakemake's own process, which may have none."""
    source = (ROOT / "scripts/kcalseq/reads/layout.py").read_text(encoding="utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    own = {"kcalseq.errors", "kcalseq.yamlfile"}
    assert imported - own <= {"collections.abc", "dataclasses", "itertools", "pathlib", "typing"}
