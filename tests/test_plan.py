"""A plan holds what config, sheets, layouts and models say; what is wrong with the configuration is told in words."""

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


def test_paths_with_other_odd_letters_are_taken(plan: Callable[..., Plan]) -> None:
    name = "it's & (one); * ~ #ünï.fastq"
    Path(name).touch()
    assert plan(("runs.tsv", "one.fastq", name)).files_of_run("r1") == {"read_1": name}
