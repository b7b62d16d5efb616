"""What is wrong with config, sheets, layouts and models is said before any job starts, in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kcalseq.errors import KcalseqError
from kcalseq.plan import Plan, read_plan
from kcalseq.yamlfile import read_document

FILES = {
    "config.yaml": """\
samples: samples.tsv
runs: runs.tsv
seed: 4
libraries:
  lac:
    assay: assay.yaml
    models: [one.yaml]
fit:
  starts: 2
""",
    "samples.tsv": """\
sample library condition replicate fraction bin pool sample_code
in lac M9 1 input 0 sort ACTGATG
b1 lac M9 1 bin 1 sort AGTCGAG
b2 lac M9 1 bin 2 sort ATCTCGT
""".replace(" ", "\t"),
    "runs.tsv": "run sample read_1\nr1 sort one.fastq\nr2 sort two.fastq\n".replace(" ", "\t"),
    "one.fastq": "",
    "two.fastq": "",
    "one.yaml": """\
description: one site
kind: additive
sequence: {length: 20}
sites:
  promoter: {start: 0, length: 20}
""",
    "assay.yaml": """\
description: a variant between flanks
variant_source: read
reads:
  read_1:
    - {name: sample_code, kind: sample_code, length: 7, max_mismatches: 1}
    - {name: left, kind: constant, sequence: GCGGGCAGTGAGCGCAACGC, max_mismatches: 2}
    - {name: variant, kind: variant, length: 20, min_quality: 20}
    - {name: right, kind: constant, sequence: AATTGTGAGCGGATAACAAT, max_mismatches: 2}
""",
}

Change = tuple[str, str, str]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Reads the plan of a small project after changes: file, what is replaced, by what."""
    monkeypatch.chdir(tmp_path)

    def read(*changes: Change, absent: str = "") -> Plan:
        texts = dict(FILES)
        for name, old, new in changes:
            assert old in texts[name], old
            texts[name] = texts[name].replace(old, new)
        for name, text in texts.items():
            if name != absent:
                Path(name).write_text(text, encoding="utf-8")
        return read_plan(read_document("config.yaml").content, ["config.yaml"])

    return read


def refusal(plan: Callable[..., Plan], *changes: Change, absent: str = "") -> str:
    with pytest.raises(KcalseqError) as raised:
        plan(*changes, absent=absent)
    return str(raised.value)


def test_a_whole_plan(plan: Callable[..., Plan]) -> None:
    found = plan()
    assert (found.results, found.seed, found.starts, found.confidence) == ("results", 4, 2, 0.95)
    assert found.runs_of_library("lac") == ["r1", "r2"]
    assert list(found.samples_of_run("r2")) == ["in", "b1", "b2"]
    assert found.codes_of_run("r1") == {"ACTGATG": "in", "AGTCGAG": "b1", "ATCTCGT": "b2"}
    assert found.layout_of_run("r1").name == "assay.yaml"
    assert found.files_of_run("r1") == {"read_1": "one.fastq"}
    library = found.libraries["lac"]
    assert (list(library.models), library.model_files) == (["one"], {"one": "one.yaml"})
    assert (library.observations, library.split) == ("presence", None)


def test_the_record_holds_every_default(plan: Callable[..., Plan]) -> None:
    settings = plan().settings()
    drawn = {"folds": 0, "bootstraps": 0, "bootstrap_kind": "parametric"}
    assert settings["fit"] == {"starts": 2, "confidence": 0.95, "batches_above": 2_000_000, **drawn}
    assert settings["libraries"]["lac"]["observations"] == "presence"
    assert settings["libraries"]["lac"]["models"] == ["one.yaml"]


def test_the_record_gives_the_plan_again(plan: Callable[..., Plan]) -> None:
    found = plan()
    Path("again.yaml").write_text(yaml.safe_dump(found.settings()), encoding="utf-8")
    assert read_plan(read_document("again.yaml").content, ["again.yaml"]) == found


def test_one_fold_is_refused(plan: Callable[..., Plan]) -> None:
    assert plan(("config.yaml", "starts: 2", "starts: 2\n  folds: 5")).folds == 5
    told = refusal(plan, ("config.yaml", "starts: 2", "starts: 2\n  folds: 1"))
    assert "config.yaml line 10" in told and "1 fold, which would leave every variant out" in told
    assert "0 for none, or at least 2" in told


def test_sequences_to_predict_are_part_of_the_plan(plan: Callable[..., Plan]) -> None:
    Path("new.fa").write_text(f">a\n{'ACGTN' * 4}\n>b\n{'acgtn' * 5}\n", encoding="utf-8")
    found = plan(("config.yaml", "models: [one.yaml]", "models: [one.yaml]\n    predict: new.fa"))
    assert found.libraries["lac"].predict == "new.fa"
    assert found.settings()["libraries"]["lac"]["predict"] == "new.fa"
    assert plan().libraries["lac"].predict is None


@pytest.mark.parametrize(
    ("models", "sequences", "words"),
    [
        ("[one.yaml]", None, "'new.fa' is no file; expected a FASTA file"),
        ("[]", ">a\nACGT\n", "but no model"),
        ("[one.yaml]", ">a\nACGT\n", "new.fa record 1 ('a'): 4 bases; expected at least 20, the length of model one"),
    ],
)
def test_sequences_that_cannot_be_predicted_are_refused(
    plan: Callable[..., Plan], models: str, sequences: str | None, words: str
) -> None:
    if sequences is not None:
        Path("new.fa").write_text(sequences, encoding="utf-8")
    told = refusal(plan, ("config.yaml", "models: [one.yaml]", f"models: {models}\n    predict: new.fa"))
    assert words in told


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


def test_a_sample_of_its_own_needs_no_code(plan: Callable[..., Plan]) -> None:
    """Without a sample code in the layout each run carries one sample."""
    code = "    - {name: sample_code, kind: sample_code, length: 7, max_mismatches: 1}\n"
    rows = "run\tsample\tread_1\nr1\tb1\tone.fastq\nr2\tb2\ttwo.fastq\n"
    header = FILES["samples.tsv"].splitlines()[0]
    samples = header + "\nb1\tlac\tM9\t1\tbin\t1\t\t\nb2\tlac\tM9\t1\tbin\t2\t\t\n"
    found = plan(
        ("assay.yaml", code, ""), ("runs.tsv", FILES["runs.tsv"], rows), ("samples.tsv", FILES["samples.tsv"], samples)
    )
    assert found.codes_of_run("r1") == "b1"
    assert list(found.samples_of_run("r1")) == ["b1"]


def test_no_configuration() -> None:
    with pytest.raises(KcalseqError, match="no configuration.*--configfile"):
        read_plan({}, [])


def test_a_model_of_barcodes_does_not_suit_a_sorted_library(plan: Callable[..., Plan]) -> None:
    told = refusal(plan, ("one.yaml", "sites:", "measurement: {kind: barcode_counts}\nsites:"))
    assert "config.yaml line 5, key 'libraries.lac'" in told
    assert "model 'one' reads DNA and RNA counts of barcodes, and library 'lac' has none" in told
    assert "write 'measurement: {kind: bins}' in one.yaml" in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("quality: {skew: [1, 2]}", "'skew', which is no metric"),
        ("quality: {skew_90_01: [10, 50]}", "did you mean 'skew_90_10'?"),
        ("quality: {dna_rna_correlation: [0.9, 0.5]}", "caution 0.9 and bad 0.5; expected bad more than caution"),
        ("quality: {reads_kept_fraction: [0.5, 0.9]}", "caution 0.5 and bad 0.9; expected bad less than caution"),
        ("quality: {hopped_fraction: [0.1, 0.1]}", "caution 0.1 and bad 0.1; expected bad more than caution"),
    ],
)
def test_thresholds_that_make_no_sense(line: str, told: str, plan: Callable[..., Plan]) -> None:
    text = refusal(plan, ("config.yaml", "seed: 4", f"seed: 4\n{line}"))
    assert "config.yaml" in text and told in text


def test_thresholds_of_the_configuration(plan: Callable[..., Plan]) -> None:
    found = plan(("config.yaml", "seed: 4", "seed: 4\nquality: {reads_kept_fraction: [0.8, 0.4]}"))
    assert found.thresholds == {"reads_kept_fraction": (0.8, 0.4)}
    assert found.settings()["quality"] == {"reads_kept_fraction": [0.8, 0.4]}


@pytest.mark.parametrize("letter", ["{", "}", "$", "`", '"', "\\"])
def test_paths_that_a_shell_would_read_are_refused(plan: Callable[..., Plan], letter: str) -> None:
    """Snakemake writes inputs into the command that it submits, in double quotes, and looks for wildcards in braces."""
    name = f"o{letter}(touch owned)ne.fastq"
    Path(name).touch()
    told = refusal(plan, ("runs.tsv", "one.fastq", name), ("config.yaml", "seed: 4", f"results: 're{letter}sults'"))
    assert f"config.yaml line 3, key 'results': the letter {letter!r} in the path 're{letter}sults'" in told
    assert f"runs.tsv row 1: the letter {letter!r} in the path '{name}'; expected a path without braces, $," in told


def test_paths_with_other_odd_letters_are_taken(plan: Callable[..., Plan]) -> None:
    name = "it's & (one); * ~ #ünï.fastq"
    Path(name).touch()
    assert plan(("runs.tsv", "one.fastq", name)).files_of_run("r1") == {"read_1": name}
