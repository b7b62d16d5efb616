"""The BAM file shows each molecule where it differs."""

from collections.abc import Callable
from pathlib import Path

import pysam
import pytest

from kcalseq.association.bam import write_bam
from kcalseq.association.design import Design
from kcalseq.association.mapping import map_barcodes
from kcalseq.dna import reverse_complement

A = "ACGTTGCATTCAGGACCATAGCGTTAACGGTCATTGCCAGTAGGCTAAC"
B = "GGCTATTCGACCATGCAAGTCTTGATCCGAATCGTACGGATTCTCAAGT"
DESIGN = Design("design.fa", ("a(1)", "b"), (A, B))


def test_records_by_eye(tmp_path: Path, observed: Callable[..., Path]) -> None:
    rows = [
        ("AAAAAAAA", B, 5),
        ("CCCCCCCC", A, 4),
        ("GGGGGGGG", A[:20] + A[21:], 3),
        ("TTTTTTTT", A[3:], 3),
        ("GTGTGTGT", reverse_complement(A), 3),
        ("ACACACAC", A, 1),
    ]
    found = map_barcodes("lib", [observed(rows)], DESIGN)
    path = tmp_path / "map.bam"
    write_bam(path, DESIGN, found.barcode_calls, found.molecules, found.turned)
    with pysam.AlignmentFile(str(path)) as file:
        assert file.references == ("a_1_", "b") and file.lengths == (49, 49)
        records = list(file)
        assert [record.query_name for record in file.fetch("b")] == ["AAAAAAAA"]
    shown = [
        (record.get_tag("BC"), record.cigarstring, record.reference_start, record.is_reverse) for record in records
    ]
    assert shown == [
        ("CCCCCCCC", "49M", 0, False),
        ("GGGGGGGG", "20M1D28M", 0, False),
        ("GTGTGTGT", "49M", 0, True),
        ("TTTTTTTT", "46M", 3, False),
        ("AAAAAAAA", "49M", 0, False),
    ]
    deletion = records[1]
    assert [deletion.get_tag(tag) for tag in ("XC", "XM", "XN", "XS")] == ["mutated", "21del", 3, 3]
    again = tmp_path / "again.bam"
    write_bam(again, DESIGN, found.barcode_calls.iloc[::-1], found.molecules, found.turned)
    assert again.read_bytes() == path.read_bytes()
    assert Path(f"{again}.bai").read_bytes() == Path(f"{path}.bai").read_bytes()


def test_without_a_design_records_are_unmapped(tmp_path: Path, observed: Callable[..., Path]) -> None:
    found = map_barcodes("lib", [observed([("AAAAAAAA", A, 5), ("CCCCCCCC", B, 1)])], None)
    path = tmp_path / "map.bam"
    write_bam(path, None, found.barcode_calls, found.molecules, found.turned)
    with pysam.AlignmentFile(str(path), check_sq=False) as file:
        assert [(record.query_name, record.query_sequence) for record in file.fetch(until_eof=True)] == [
            ("AAAAAAAA", A)
        ]


def test_a_failure_leaves_no_file(tmp_path: Path, observed: Callable[..., Path]) -> None:
    found = map_barcodes("lib", [observed([("AAAAAAAA", A, 5)])], DESIGN)
    with pytest.raises(ValueError):
        write_bam(tmp_path / "map.bam", DESIGN, found.barcode_calls, {"AAAAAAAA": "not\tdna"}, found.turned)
    assert not list(tmp_path.glob("map.bam*"))
