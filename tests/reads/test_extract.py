"""Extraction on reads that can be checked by eye, and the laws of ``extract_run``."""

from pathlib import Path

import numpy as np
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.extract import FATES, RunObservations, extract_run
from kcalseq.reads.layout import Constant, Layout, SampleCode, Variant
from kcalseq.tablefile import conform
from kcalseq.tables import READ_FATES

LAYOUT = Layout(
    "tiny.yaml",
    "read",
    SampleCode("code", 4, 1),
    Constant("left", "TGCATC", 1),
    Variant("variant", 8, 20),
    Constant("right", "GGTACT", 1),
)
# AAAA and AACC are too close for a real sheet; here they make an ambiguous code possible.
SAMPLES = {"AAAA": "one", "AACC": "two", "CTTG": "three"}
LIBRARIES = {"one": "lib_a", "two": "lib_a", "three": "lib_b"}

# code left flank variant right flank, and one base more where one is missing; the fate each read must have
GOLDEN = [
    ("AAAA TGCATC ACGTACGT GGTACT", "kept"),
    ("AAAA TGCATC ACGTACGT GGTAC", "too_short"),
    ("GGGG TGCATC ACGTACGT GGTACT", "unknown_sample_code"),
    ("AAAC TGCATC ACGTACGT GGTACT", "ambiguous_sample_code"),
    ("AAAA TGAAAC ACGTACGT GGTACT", "no_left_flank"),
    ("AAAA TGCATC ACGTACGT GAAACT", "no_right_flank"),
    ("AAAA TGCATC ACGTACG GGTACT A", "wrong_length"),
    ("AAAA TGCATC ACGTNCGT GGTACT", "has_n"),
    ("AAAA TGCATC AcGTACGT GGTACT", "low_quality"),
    ("CTAG TGNATC TTTTCCCC GGTACA", "kept"),
]
# More places where a rule bites: (read, sample and variant, or the fate)
CORNERS = [
    ("AAA TGCATC ACGTACGT GGTACT A", "one ACGTACGT"),  # a base of the code is missing: AAAT is still AAAA
    ("AAAAG TGCATC ACGTACGT GGTACT", "one ACGTACGT"),  # an extra base between code and flank
    ("AAAAGGG TGCATC ACGTACGT GGTACT", "one ACGTACGT"),  # three extra bases: the farthest shift
    ("AAAAGGGG TGCATC ACGTACGT GGTACT", "no_left_flank"),  # four are too many
    ("AAAA TGCATC ACGTACGTA GGTACT", "wrong_length"),  # an extra base in the variant
    ("AAAA TGCATC GGTACT GGGGGGGG", "wrong_length"),  # an empty construct: no variant at all
    ("AAAA TGCATC GGTACTGG GGTACT", "one GGTACTGG"),  # the flank twice, equally good: the expected place wins
    ("AAAA TGCATC GGTACTGG GGTACA", "wrong_length"),  # the better match is not at the expected place
    ("AAAA TGCATC ACGTACGT GGTAC", "too_short"),
    ("AAAA TGCATC ACGTACGTAA GGTAC", "no_right_flank"),  # long enough, but the flank runs over the end
    ("AACC TGCATC ACGTACGN GGTACT", "has_n"),
    ("AACC NGCATC ACGTACGA NGTACT", "two ACGTACGA"),  # an N in a flank is one mismatch
]


def fastq(reads: list[str]) -> str:
    """Records with quality I (Phred 40), and # (Phred 2) at lower-case bases."""
    records = []
    for read in reads:
        bases = read.replace(" ", "")
        records.append(f"@r\n{bases.upper()}\n+\n{''.join('#' if base.islower() else 'I' for base in bases)}\n")
    return "".join(records)


def run_of(
    path: Path, text: str, layout: Layout = LAYOUT, samples: dict[str, str] | str = "", block_bytes: int = 1 << 16
) -> RunObservations:
    path.write_text(text, encoding="ascii")
    return extract_run("run", [str(path)], layout, samples or SAMPLES, LIBRARIES, lambda n_reads: None, block_bytes)


def fates_of(result: RunObservations) -> dict[str, int]:
    return dict(zip(result.read_fates["reason"], result.read_fates["n_reads"], strict=True))


def test_ten_reads_by_eye(tmp_path: Path) -> None:
    result = run_of(tmp_path / "golden.fastq", fastq([read for read, _ in GOLDEN]))
    rows = [tuple(row) for row in conform("observations", result.observations, "test").itertuples(index=False)]
    assert rows == [
        ("lib_a", "one", "run", "ACGTACGT", 1),
        ("lib_b", "three", "run", "TTTTCCCC", 1),
    ]
    assert fates_of(result) == {reason: 2 if reason == "kept" else 1 for reason in READ_FATES}


@pytest.mark.parametrize(("read", "fate"), GOLDEN)
def test_each_golden_read_alone_has_its_fate(tmp_path: Path, read: str, fate: str) -> None:
    assert fates_of(run_of(tmp_path / "one.fastq", fastq([read])))[fate] == 1


@pytest.mark.parametrize(("read", "outcome"), CORNERS)
def test_corner_cases(tmp_path: Path, read: str, outcome: str) -> None:
    result = run_of(tmp_path / "one.fastq", fastq([read]))
    if outcome in READ_FATES:
        assert fates_of(result)[outcome] == 1
    else:
        assert [f"{row.sample} {row.variant_sequence}" for row in result.observations.itertuples()] == [outcome]


def test_first_reason_in_the_table_wins(tmp_path: Path) -> None:
    """A read with every fault gets the faults one after another as they are mended."""
    faults = ["GGGG TGAAAC aNGTACG GAAACT AA", "AAAA TGAAAC aNGTACG GAAACT AA", "AAAA TGCATC aNGTACG GAAACT AA"]
    faults += ["AAAA TGCATC aNGTACG GGTACT AA", "AAAA TGCATC aNGTACGT GGTACT AA", "AAAA TGCATC aCGTACGT GGTACT AA"]
    found = [
        next(fate for fate, n in fates_of(run_of(tmp_path / "f.fastq", fastq([read]))).items() if n) for read in faults
    ]
    assert found == ["unknown_sample_code", "no_left_flank", "no_right_flank", "wrong_length", "has_n", "low_quality"]


def test_quality_is_that_of_the_mean_error_not_the_mean_score(tmp_path: Path) -> None:
    read = "@r\nAAAATGCATCACGTACGTGGTACT\n+\n" + "I" * 10 + "{}" + "I" * 6 + "\n"
    exactly_20 = fates_of(run_of(tmp_path / "a.fastq", read.format("5" * 8)))
    one_bad_base = fates_of(run_of(tmp_path / "b.fastq", read.format("#" + "I" * 7)))  # mean score 35, mean error 0.08
    assert exactly_20["kept"] == 1
    assert one_bad_base["low_quality"] == 1


def test_without_sample_code_all_reads_belong_to_one_sample(tmp_path: Path) -> None:
    layout = Layout("tiny.yaml", "read", None, LAYOUT.left_flank, LAYOUT.variant, LAYOUT.right_flank)
    result = run_of(tmp_path / "one.fastq", fastq(["TGCATC ACGTACGT GGTACT"] * 3), layout, "one")
    assert result.observations.to_dict("records") == [
        {"library": "lib_a", "sample": "one", "run": "run", "variant_sequence": "ACGTACGT", "n_reads": 3}
    ]


def test_samples_must_suit_the_layout(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="the one sample 'one', but tiny.yaml has a sample_code part"):
        run_of(tmp_path / "one.fastq", fastq([GOLDEN[0][0]]), LAYOUT, "one")
    layout = Layout("tiny.yaml", "read", None, LAYOUT.left_flank, LAYOUT.variant, LAYOUT.right_flank)
    with pytest.raises(KcalseqError, match="sample codes, but tiny.yaml has no sample_code part"):
        run_of(tmp_path / "one.fastq", fastq([GOLDEN[0][0]]), layout, SAMPLES)


def many_reads() -> list[str]:
    reads = [read for read, _ in GOLDEN + CORNERS]
    return [reads[number] for number in np.random.default_rng(5).integers(len(reads), size=400)]


@pytest.mark.parametrize("block_bytes", [1, 60, 777, 5000])
def test_result_does_not_depend_on_the_batches(tmp_path: Path, block_bytes: int) -> None:
    text = fastq(many_reads())
    whole, pieces = (run_of(tmp_path / "many.fastq", text, block_bytes=size) for size in (1 << 20, block_bytes))
    assert whole.observations.equals(pieces.observations)
    assert whole.read_fates.equals(pieces.read_fates)


def test_every_read_has_one_fate_and_kept_reads_are_observed(tmp_path: Path) -> None:
    reads = many_reads()
    result = run_of(tmp_path / "many.fastq", fastq(reads))
    assert result.read_fates["n_reads"].sum() == len(reads)
    assert result.observations["n_reads"].sum() == fates_of(result)["kept"]
    assert tuple(result.read_fates["reason"]) == FATES
    conform("read_fates", result.read_fates, "test")


def test_splitting_a_run_into_files_changes_nothing(tmp_path: Path) -> None:
    reads, seen = many_reads(), []
    whole = run_of(tmp_path / "whole.fastq", fastq(reads))
    for name, part in (("b", reads[150:]), ("a", reads[:150])):
        (tmp_path / name).write_text(fastq(part), encoding="ascii")
    parts = extract_run("run", [str(tmp_path / "b"), str(tmp_path / "a")], LAYOUT, SAMPLES, LIBRARIES, seen.append)
    assert whole.observations.equals(parts.observations)
    assert whole.read_fates.equals(parts.read_fates)
    assert seen == [250, 150]


def test_no_kept_read_gives_an_empty_table(tmp_path: Path) -> None:
    result = run_of(tmp_path / "none.fastq", fastq(["", "GG"]))
    assert len(conform("observations", result.observations, "test")) == 0
    assert fates_of(result)["too_short"] == 2
