"""Faults in what is told of a barcoded library, and in its reads: one clear message, and nothing half-written."""

import gzip
from pathlib import Path

import pytest

from .barcoded import ASSOCIATION, CONFIG, COUNTS, FILES, NAME, Barcoded, barcoded_project
from .test_hostile import assert_refused

pytestmark = pytest.mark.slow

RUNS, SAMPLES = "config/runs.tsv", "config/samples.tsv"
MODEL = "models: [config/models/additive.yaml]"


@pytest.fixture
def project(tmp_path: Path) -> Barcoded:
    """The library as it comes, to be spoilt."""
    return barcoded_project(tmp_path / "project")


def without_association(project: Barcoded) -> None:
    """Drop the association runs, and what the configuration says of them."""
    for sheet in (SAMPLES, RUNS):
        project.drop_rows(sheet, f"{NAME}_association")
    for line in [line for line in project.rows(CONFIG) if "association:" in line or ASSOCIATION in line]:
        project.edit(CONFIG, line + "\n", "")
    project.edit(CONFIG, f"      design: {FILES}/design.fa\n", "")


def test_a_design_with_a_name_twice_is_refused(project: Barcoded) -> None:
    path = project.root / FILES / "design.fa"
    path.write_text(path.read_text(encoding="ascii") + ">p1_ref second\nACGTACGT\n", encoding="ascii")
    told = "design.fa record 81: the name 'p1_ref' is that of record 1 too"
    assert_refused(project, project.run(), told, "rename one of them")


def test_an_association_layout_without_barcode_is_refused(project: Barcoded) -> None:
    text = (project.root / ASSOCIATION).read_text(encoding="utf-8")
    (project.root / ASSOCIATION).write_text(text[: text.index("  index_1:")], encoding="utf-8")
    assert_refused(project, project.run(), f"{CONFIG} line 9", f"{ASSOCIATION} has no barcode part")


def test_the_same_file_in_two_rows_is_refused(project: Barcoded) -> None:
    lines = project.rows(RUNS)
    project.write_rows(RUNS, [*lines, lines[-1].replace(f"{NAME}_rna_2", "once_more", 1)])
    assert_refused(project, project.run(), "runs.tsv row 7", "rna_2_read_1.fastq.gz' is the file of row 6")


def test_an_unknown_key_of_association_is_refused(project: Barcoded) -> None:
    project.edit(CONFIG, "      design:", "      desing:")
    assert_refused(project, project.run(), "line 16", "unknown key 'desing'", "did you mean 'design'?")


def test_models_without_bins_are_refused(project: Barcoded) -> None:
    without_association(project)
    (project.root / "map.tsv").write_text("ACGTACGTACGTACG\tp1_ref\n", encoding="ascii")
    project.edit(CONFIG, "models: []", "association: {map: map.tsv}\n    " + MODEL)
    assert_refused(project, project.run(), "model 'additive' reads sort bins, and library", "or 'models: []'")


def test_models_of_barcodes_without_association_are_refused(project: Barcoded) -> None:
    without_association(project)
    project.edit(CONFIG, "models: []", MODEL)
    assert_refused(project, project.run(), "no way to know the variant of a barcode", "add 'association:'")


def test_a_missing_whitelist_is_refused(project: Barcoded) -> None:
    project.edit(COUNTS, "length: 15, min_quality", "length: 15, whitelist: barcodes.txt, min_quality")
    assert_refused(project, project.run(), "barcodes.txt", COUNTS)


def assert_stopped(project: Barcoded, run: str, *words: str) -> None:
    """Assert that reading a run ends with these words, and leaves no file."""
    outcome = project.run(f"results/runs/{run}/observations.parquet")
    assert outcome.code != 0
    assert "Traceback" not in outcome.text
    for word in words:
        assert word in outcome.text, outcome.text[-2000:]
    assert not [path for path in (project.root / "results").rglob("*") if path.is_file()]


def test_mates_out_of_step_stop_the_run(project: Barcoded) -> None:
    path = project.root / FILES / "association_run1_read_2.fastq.gz"
    with gzip.open(path, "rt") as file:
        lines = file.readlines()
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.writelines([*lines[:40], *lines[44:]])
    told = f"{FILES}/association_run1_read_2.fastq.gz record 11: the read is named 'association_run1.000000012'"
    remedy = "Remedy: bring files whose reads stand in the same order"
    assert_stopped(project, f"{NAME}_association_run1", told, remedy)


def test_a_layout_longer_than_the_reads_stops_the_run(project: Barcoded) -> None:
    project.edit(COUNTS, "max_mismatches: 2}", "max_mismatches: 2}\n    - {name: more, kind: skip, length: 60}")
    told = f"{FILES}/dna_1_read_1.fastq.gz record 1: all 24,000 reads are shorter than the 87 nt that {COUNTS} asks for"
    assert_stopped(project, f"{NAME}_dna_1", told, "Remedy: correct the layout")
