"""Places on a genome are checked before any job starts."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError
from kcalseq.planning.checks import activity_errors
from kcalseq.planning.contents import Plan
from kcalseq.planning.genome import read_genome
from kcalseq.yamlfile import Document

DESIGN = Design("design.fa", ("ref_1", "mutant"), ("ACGT", "ACGA"))
EFFECTS = {"effects": {"reference": "ref_1"}}


def genome(folder: Path, row: str, library: dict[str, object], design: Design | None = DESIGN) -> str:
    (folder / "places.bed").write_text(row, encoding="utf-8")
    block = {**library, "genome": {"elements": str(folder / "places.bed")}}
    return read_genome(Document("config.yaml", {"libraries": {"mpra": block}}), "mpra", design)


def test_none_are_needed() -> None:
    assert read_genome(Document("config.yaml", {"libraries": {"mpra": {}}}), "mpra", DESIGN) == ""


@pytest.mark.parametrize("use", [EFFECTS, {"activity": {"controls_pattern": "x.*"}}])
def test_places_of_designed_variants_are_taken(tmp_path: Path, use: dict[str, object]) -> None:
    assert genome(tmp_path, "chr1\t3\t7\tref_1\t0\t-\n", use) == str(tmp_path / "places.bed")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("chr1\t3\t7\tref1\t0\t+\n", "did you mean 'ref_1'"),
        ("chr1\t3\t8\tref_1\t0\t+\n", "'ref_1' has 4 nt, and its interval 5"),
        ("chr1\t7\t3\tref_1\t0\t+\n", "start below end"),
        ("", "no row"),
    ],
)
def test_faults_are_told(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(KcalseqError, match=told):
        genome(tmp_path, row, EFFECTS)


@pytest.mark.parametrize(("gates", "n_faults"), [({("M9", "1"): ()}, 0), ({}, 1)])
def test_a_sorted_library_has_places_where_it_has_gates(gates: dict[tuple[str, str], tuple[()]], n_faults: int) -> None:
    sorted_only = SimpleNamespace(
        libraries={"lac": SimpleNamespace(effects=None)},
        has_ratios=lambda name: False,
        has_bins=lambda name: True,
        gates=lambda name: gates,
    )
    document = Document("config.yaml", {"libraries": {"lac": {"genome": {"elements": "places.bed"}}}})
    told = [str(error) for error in activity_errors(cast(Plan, sorted_only), document)]
    assert len(told) == n_faults and all("no replicate of which both DNA and RNA were counted" in one for one in told)


def test_places_that_no_file_would_hold_are_told(tmp_path: Path) -> None:
    with pytest.raises(KcalseqError, match="neither effects nor negative controls"):
        genome(tmp_path, "chr1\t3\t7\tref_1\t0\t+\n", {})


def test_variants_that_are_found_in_the_reads_need_not_be_in_the_design(tmp_path: Path) -> None:
    own = {**EFFECTS, "association": {"mutated": "own_variant"}}
    assert genome(tmp_path, "chr1\t3\t7\tref_1:A1C\t0\t+\n", own)
    assert genome(tmp_path, "chr1\t3\t7\tsomething\t0\t+\n", EFFECTS, None)
