"""Real barcodes of varying length between short flanks, extracted and clustered by another program.

The layout is that program's own pattern. The flanks TACC and ATAA may each have one misread base; where they fit in two
ways, ours takes the one with fewer misread bases, the other program the first.
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.arrowfile import write_pieces
from kcalseq.counts.barcodes import count_barcodes
from kcalseq.counts.correction import Correction
from kcalseq.dna import reverse_complement

from .numbered import NUMBER_IN_NAME, Read, extract, number_of, read_fastq, write_numbered

GAP = "([ACGTN]{4,7})"
THEIR_EXPRESSION = re.compile(f"(?:.ACC|T.CC|TA.C|TAC.){GAP}AA{GAP}AA{GAP}TT{GAP}(?:.TAA|A.AA|AT.A|ATA.)")
PATTERN = "TACC[4-7]AA[4-7]AA[4-7]TT[4-7]ATAA"
SHORT = f"""
description: the pattern as a short string
strand: both
variant_source: barcode
reads: {{read_1: "{PATTERN}"}}
"""
WRITTEN = """
description: the same, part by part
strand: both
variant_source: barcode
reads:
  read_1:
    - {name: before, kind: skip, min_length: 0, max_length: 1000}
    - {name: left, kind: constant, sequence: TACC, max_mismatches: 1}
    - {name: barcode, kind: barcode, pattern: "[4-7]AA[4-7]AA[4-7]TT[4-7]", drop_constant: true, min_quality: 0}
    - {name: right, kind: constant, sequence: ATAA, max_mismatches: 1}
"""
SAMPLES = pd.DataFrame(
    {"sample": ["sample"], "condition": "", "replicate": "1", "fraction": "dna", "bin": np.array([0])}
)


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "bartender"


@pytest.fixture
def reads(folder: Path) -> list[Read]:
    return read_fastq(folder / "2M_test.fq")


@pytest.fixture
def theirs(folder: Path) -> dict[int, str]:
    """Barcode of each read, by its number from 0: their file names the line behind the record."""
    rows = (row.split(",") for row in (folder / "2M_extracted_barcode.txt").read_text().split())
    return {(int(line) - 5) // 4: barcode for barcode, line in rows}


def barcodes(layout: str, reads: list[Read], tmp_path: Path) -> dict[int, str]:
    path = write_numbered(reads, range(len(reads)), tmp_path / "reads.fastq")
    return {
        number_of(str(row["umi"])): str(row["barcode"]) for row in extract(layout + NUMBER_IN_NAME, path, tmp_path).rows
    }


def their_rule(read: Read) -> tuple[str, float] | None:
    """Barcode and mean quality by one regular expression, on the other strand if need be: the first place that fits."""
    turned = Read(read.name, reverse_complement(read.bases), read.quality[::-1])
    for strand in (read, turned):
        found = THEIR_EXPRESSION.search(strand.bases)
        if found:
            scores = "".join(strand.quality[slice(*found.span(gap))] for gap in range(1, 5))
            return "".join(found.groups()), sum(map(ord, scores)) / len(scores) - 33
    return None


def test_their_rule_gives_their_barcodes(reads: list[Read], theirs: dict[int, str]) -> None:
    found = {number: their_rule(read) for number, read in enumerate(reads)}
    good = {number: one[0] for number, one in found.items() if one and one[1] > 30}
    assert good == theirs
    assert len(theirs) == 924
    assert sum(one is not None for one in found.values()) == 976


@pytest.mark.parametrize("layout", [SHORT, WRITTEN])
def test_every_read_with_another_barcode_is_explained(
    layout: str, reads: list[Read], theirs: dict[int, str], tmp_path: Path
) -> None:
    ours = barcodes(layout, reads, tmp_path)
    # Reads that are only ours: they ask for a mean Phred score above 30 over the barcode.
    only = ours.keys() - theirs.keys()
    assert len(ours) == 976
    assert len(only) == 52
    for number in only:
        found = their_rule(reads[number])
        assert found is not None
        assert found[1] <= 30
    assert not theirs.keys() - ours.keys()
    # Reads with another barcode, two distinct ones: a chance TATC before the flank TACC, which then is in the barcode.
    differing = [number for number in theirs if ours[number] != theirs[number]]
    assert len(differing) == 8
    assert len({reads[number].bases for number in differing}) == 2
    for number in differing:
        bases = reads[number].bases
        assert bases.index("TATCGGTACC") == THEIR_EXPRESSION.search(bases).start()
        assert "TACC" in theirs[number]
        later = THEIR_EXPRESSION.search(bases, bases.index("TACC"))
        assert later is not None
        assert "".join(later.groups()) == ours[number]


def test_either_strand_gives_the_same_barcodes(folder: Path, reads: list[Read], tmp_path: Path) -> None:
    found = extract(SHORT, folder / "2M_test.fq", tmp_path)
    assert found.fates == {("kept", None): 976, ("part_not_found", "left_flank"): 24}
    turned = [Read(read.name, reverse_complement(read.bases), read.quality[::-1]) for read in reads]
    expected, found_turned = barcodes(SHORT, reads, tmp_path), barcodes(SHORT, turned, tmp_path)
    assert expected.keys() == found_turned.keys()
    # One distinct read, with four copies, fits on both strands; then the strand that was read is taken.
    both = {number for number in expected if expected[number] != found_turned[number]}
    assert barcodes(SHORT.replace("strand: both\n", ""), turned, tmp_path).keys() == both
    assert (len(both), len({reads[number].bases for number in both})) == (4, 1)


def test_clusters_are_those_that_bartender_forms(folder: Path, theirs: dict[int, str], tmp_path: Path) -> None:
    """No two barcodes are near each other, so nothing may be joined."""
    expected = pd.read_csv(folder / "2M_barcode_cluster.csv").set_index("Center")["time_point_1"].to_dict()
    assert (len(expected), sum(expected.values())) == (231, 924)
    rows = sorted(Counter(theirs.values()).items())
    names = {"library": "library", "sample": "sample", "run": "run"}
    table = pa.Table.from_pandas(pd.DataFrame(rows, columns=["barcode", "n_reads"]).assign(**names))
    path = tmp_path / "observations.parquet"
    write_pieces("observations", [table], path)
    for settings in (Correction(), Correction(ratio=2), Correction(distance=2), Correction(barcodes="none")):
        counts = count_barcodes("library", [path], SAMPLES, None, settings, tmp_path)
        counted = pa.concat_tables(list(counts.barcode_counts)).to_pydict()
        assert dict(zip(counted["barcode"], counted["n_reads"], strict=True)) == expected
        assert (counts.n_as_read, counts.n_counted) == (231, 231)
