"""Every way in which the sheets of a sorted library and its files can be wrong, and the words that say so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.plan import Plan

from .test_plan import FILES, Change, refusal
from .test_plan import plan as plan  # the fixture

FAULTS: dict[str, tuple[list[Change], tuple[str, ...]]] = {
    "typo in the config": (
        [("config.yaml", "starts: 2", "stars: 2")],
        ("config.yaml line 9, key 'fit.stars'", "unknown key 'stars'", "did you mean 'starts'?"),
    ),
    "unknown library": (
        [("samples.tsv", "b1\tlac\t", "b1\tlca\t")],
        ("samples.tsv row 2", "library 'lca' of sample 'b1' is not in the config", "did you mean 'lac'?"),
    ),
    "unknown sample": (
        [("runs.tsv", "r2\tsort", "r2\tsrot")],
        ("runs.tsv row 2", "sample 'srot' of run 'r2' is not in samples.tsv", "did you mean 'sort'?"),
    ),
    "one FASTQ under two names": (
        [("runs.tsv", "two.fastq", "./one.fastq")],
        ("runs.tsv row 2", "'one.fastq' is the file of row 1"),
    ),
    "a pooled sample named for its pool": (
        [("runs.tsv", "r2\tsort", "r2\tb1")],
        ("runs.tsv row 2", "sample 'b1' was sequenced in a pool", "write 'sort' for it"),
    ),
    "one bin in a condition": (
        [("samples.tsv", "b1\tlac\tM9", "b1\tlac\tLB")],
        ("samples.tsv", "condition 'LB' of library 'lac' has 1 sort bins", "at least 2"),
    ),
    "one FASTQ twice": (
        [("runs.tsv", "two.fastq", "one.fastq")],
        ("runs.tsv row 2", "'one.fastq' is the file of row 1", "or its reads count twice"),
    ),
    "one run twice": (
        [("runs.tsv", "r2\t", "r1\t")],
        ("runs.tsv row 2", "run 'r1' stands in row 1 already", "rename one"),
    ),
    "one sample twice": (
        [("samples.tsv", "b2\tlac", "b1\tlac")],
        ("samples.tsv row 3", "sample 'b1' stands in row 2 already", "rename one"),
    ),
    "two samples of one bin": (
        [("samples.tsv", "bin\t2", "bin\t1")],
        ("samples.tsv row 3", "bin '1' stands in row 2 already", "several runs of a sample go into runs.tsv"),
    ),
    "pool without code": (
        [("samples.tsv", "\tAGTCGAG", "\t")],
        ("samples.tsv row 2", "pool 'sort' with sample_code ''", "both or neither", "fill or empty the other"),
    ),
    "one code for two samples": (
        [("samples.tsv", "ATCTCGT", "AGTCGAG")],
        ("samples.tsv row 3", "samples 'b1' and 'b2' of one pool share the code AGTCGAG", "a code each"),
    ),
    "sample without run": (
        [("samples.tsv", "2\tsort\tATCTCGT", "2\tother\tATCTCGT")],
        ("samples.tsv row 3", "sample 'b2' has no run", "add it to runs.tsv or drop the row"),
    ),
    "library without sample": (
        [("config.yaml", "fit:", "  rel:\n    assay: assay.yaml\n    models: []\nfit:")],
        ("config.yaml line 8, key 'libraries.rel'", "library 'rel' has no sample", "add it to samples.tsv"),
    ),
    "model and variant of two lengths": (
        [("one.yaml", "20", "19")],
        ("one.yaml", "sequence.length is 19", "20, the length of the variant in assay.yaml"),
    ),
    "missing model": (
        [("config.yaml", "[one.yaml]", "[tow.yaml]")],
        ("config.yaml line 5, key 'libraries.lac'", "its model: 'tow.yaml' is no file", "correct the path"),
    ),
    "no results to begin from": (
        [("config.yaml", "fit:", "fit:\n  warm_start: last_week")],
        ("key 'fit.warm_start'", "'last_week' holds no libraries", "name the results folder of an earlier run"),
    ),
    "neither assay nor values": (
        [("config.yaml", "    assay: assay.yaml\n", "")],
        ("key 'libraries.lac'", "neither an assay nor values", "add 'assay:' or 'values:'"),
    ),
    "missing assay": (
        [("config.yaml", "assay: assay.yaml", "assay: asay.yaml")],
        ("key 'libraries.lac': its assay: 'asay.yaml' is no file",),
    ),
    "missing split": (
        [("config.yaml", "    models:", "    split: split.tsv\n    models:")],
        ("key 'libraries.lac'", "split 'split.tsv' is no file", "drop 'split'"),
    ),
    "missing sheet": (
        [("config.yaml", "runs: runs.tsv", "runs: rnus.tsv")],
        ("rnus.tsv", "there is no such file", "a tab-separated sheet"),
    ),
    "bin 0 for sorted cells": (
        [("samples.tsv", "bin\t1", "bin\t0")],
        ("samples.tsv row 2", "fraction 'bin' with bin 0", "bins numbered from 1, and 0 for the input"),
    ),
    "bin 3 for the input": (
        [("samples.tsv", "input\t0", "input\t3")],
        ("samples.tsv row 1", "fraction 'input' with bin 3"),
    ),
    "unknown fraction": (
        [("samples.tsv", "input\t", "inptu\t")],
        ("samples.tsv row 1, key 'fraction'", "found 'inptu'", "did you mean 'input'?"),
    ),
    "unknown column": (
        [("samples.tsv", "condition", "conditoin")],
        ("samples.tsv header", "unknown column 'conditoin'", "did you mean 'condition'?"),
    ),
    "too few cells": (
        [("samples.tsv", "bin\t1\tsort", "bin\t1")],
        ("samples.tsv row 2", "7 cells; expected 8, one per column", "add or remove tabs"),
    ),
    "empty sheet": (
        [("runs.tsv", FILES["runs.tsv"], "")],
        ("runs.tsv", "the sheet is empty", "a header and at least one row"),
    ),
    "sheet of a header alone": (
        [("runs.tsv", FILES["runs.tsv"], "run\tsample\tread_1\n")],
        ("samples.tsv row 1", "sample 'in' has no run"),
    ),
    "pool with the name of a sample": (
        [("samples.tsv", "sort", "b1"), ("runs.tsv", "sort", "b1")],
        ("pool 'b1' has the name of a sample", "rename the pool"),
    ),
    "codes too near each other": (
        [("samples.tsv", "ATCTCGT", "AGTCGAT")],
        ("samples.tsv", "AGTCGAG", "AGTCGAT"),
    ),
    "fault in a model": (
        [("one.yaml", "start: 0", "strat: 0")],
        ("one.yaml line 5", "unknown key 'strat'", "did you mean 'start'?"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, plan: Callable[..., Plan]) -> None:
    changes, words = FAULTS[fault]
    told = refusal(plan, *changes)
    for word in words:
        assert word in told


def test_a_missing_fastq(plan: Callable[..., Plan]) -> None:
    told = refusal(plan, absent="two.fastq")
    assert "runs.tsv row 2: the file 'two.fastq' of run 'r2', column 'read_1', does not exist" in told
    assert "copy the file there" in told


def test_one_file_by_two_names_is_refused(plan: Callable[..., Plan]) -> None:
    Path("two.fastq").symlink_to("one.fastq")
    assert "runs.tsv row 2: 'two.fastq' is the file of row 1; expected each file once" in refusal(plan)


def test_fits_do_not_begin_from_what_they_overwrite(plan: Callable[..., Plan]) -> None:
    Path("results/libraries").mkdir(parents=True)
    Path("now").symlink_to("results")
    told = refusal(plan, ("config.yaml", "fit:", "fit:\n  warm_start: now"))
    assert "key 'fit.warm_start': 'now' is the folder that this run writes into" in told


def test_one_sort_bin_is_one_fault(plan: Callable[..., Plan]) -> None:
    told = refusal(plan, ("samples.tsv", "b2\tlac\tM9\t1\tbin\t2\tsort\tATCTCGT\n", ""))
    assert told.startswith("samples.tsv: library 'lac' has 1 sort bins; expected at least 2") and "\n" not in told


def test_faults_of_both_sheets_are_told_together(plan: Callable[..., Plan]) -> None:
    told = refusal(
        plan, ("samples.tsv", "b1\tlac", "b1\tlca"), ("runs.tsv", "r2\tsort", "r2\tsrot"), absent="one.fastq"
    )
    assert len(told.splitlines()) == 3


def test_two_models_of_one_name(plan: Callable[..., Plan], tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.yaml").write_text(FILES["one.yaml"], encoding="utf-8")
    told = refusal(plan, ("config.yaml", "[one.yaml]", "[one.yaml, more/one.yaml]"))
    assert "two models named 'one'" in told


def test_a_model_of_barcodes_does_not_suit_a_sorted_library(plan: Callable[..., Plan]) -> None:
    told = refusal(plan, ("one.yaml", "sites:", "measurement: {kind: barcode_counts}\nsites:"))
    assert "config.yaml line 5, key 'libraries.lac'" in told
    assert "model 'one' reads DNA and RNA counts of barcodes, and library 'lac' has none" in told
    assert "write 'measurement: {kind: bins}' in one.yaml" in told


@pytest.mark.parametrize("letter", ["{", "}", "$", "`", '"', "\\"])
def test_paths_that_a_shell_would_read_are_refused(plan: Callable[..., Plan], letter: str) -> None:
    """Snakemake writes inputs into the command that it submits, in double quotes, and looks for wildcards in braces."""
    name = f"o{letter}(touch owned)ne.fastq"
    Path(name).touch()
    told = refusal(plan, ("runs.tsv", "one.fastq", name), ("config.yaml", "seed: 4", f"results: 're{letter}sults'"))
    assert f"config.yaml line 3, key 'results': the letter {letter!r} in the path 're{letter}sults'" in told
    assert f"runs.tsv row 1: the letter {letter!r} in the path '{name}'; expected a path without braces, $," in told
