"""What the configuration says of activities is checked before any job starts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.association.design import Design
from kcalseq.errors import KcalseqError
from kcalseq.plan import Plan, read_plan
from kcalseq.planning.activity import read_activity
from kcalseq.yamlfile import Document, read_document

CONFIG = """\
samples: samples.tsv
runs: runs.tsv
libraries:
  mpra:
    assay: assay.yaml
    association: {map: map.tsv}
    models: []
"""
ASSAY = """\
description: a barcode
variant_source: barcode
reads:
  read_1:
    - {name: barcode, kind: barcode, length: 10, min_quality: 10}
"""
SAMPLES = [("d1", "dna", "1"), ("r1", "rna", "1"), ("r2", "rna", "2")]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Reads the plan of a barcoded library with a line of rules, and with some of the samples."""
    monkeypatch.chdir(tmp_path)
    Path("map.tsv").write_text("ACGTACGTAC\tv1\n", encoding="ascii")
    Path("assay.yaml").write_text(ASSAY, encoding="ascii")

    def read(rules: str = "", samples: list[tuple[str, str, str]] = SAMPLES) -> Plan:
        head = "sample\tlibrary\tcondition\treplicate\tfraction\tbin\n"
        rows = [f"{name}\tmpra\tcells\t{replicate}\t{fraction}\t0\n" for name, fraction, replicate in samples]
        Path("samples.tsv").write_text(head + "".join(rows), encoding="ascii")
        runs = [f"run_{name}\t{name}\t{name}.fastq\n" for name, _, _ in samples]
        Path("runs.tsv").write_text("run\tsample\tread_1\n" + "".join(runs), encoding="ascii")
        for name, _, _ in samples:
            Path(f"{name}.fastq").write_text("", encoding="ascii")
        Path("config.yaml").write_text(CONFIG + rules, encoding="ascii")
        return read_plan(read_document("config.yaml").content, ["config.yaml"])

    return read


def refusal(plan: Callable[..., Plan], *arguments: object) -> str:
    with pytest.raises(KcalseqError) as raised:
        plan(*arguments)
    return str(raised.value)


def test_defaults_are_filled_in_and_kept_with_the_results(plan: Callable[..., Plan]) -> None:
    found = plan("    activity: {min_barcodes: 10}\n")
    assert found.has_ratios("mpra")
    kept = found.settings()["libraries"]["mpra"]["activity"]
    assert kept["min_barcodes"] == 10 and kept["normalisation"] == "cpm" and "controls_file" not in kept
    assert read_plan(found.settings(), ["config.yaml"]).settings() == found.settings()


def test_one_replicate_with_dna_and_rna_is_enough_and_none_is_not(plan: Callable[..., Plan]) -> None:
    assert not plan("", SAMPLES[1:]).has_ratios("mpra")
    assert not plan("", [SAMPLES[0], SAMPLES[2]]).has_ratios("mpra")
    told = refusal(plan, "    activity: {min_dna: 2}\n", [SAMPLES[0], SAMPLES[2]])
    assert "config.yaml line 8" in told and "no replicate of which both DNA and RNA were counted" in told


def test_rules_of_footprints_are_filled_in_and_checked(plan: Callable[..., Plan]) -> None:
    found = plan("    footprints: {alpha: 0.01, window: 7}\n")
    kept = found.settings()["libraries"]["mpra"]["footprints"]
    assert kept["alpha"] == 0.01 and kept["window"] == 7 and kept["min_variants"] == 200
    assert read_plan(found.settings(), ["config.yaml"]).settings() == found.settings()
    told = refusal(plan, "    footprints: {window: 4}\n")
    assert "config.yaml line 8" in told and "a window of 4 positions; expected an odd number" in told
    assert "did you mean 'min_share'?" in refusal(plan, "    footprints: {min_shar: 0.1}\n")
    told = refusal(plan, "    footprints: {alpha: 0.01}\n", [SAMPLES[1]])
    assert "library 'mpra' has no activities; expected sort bins, or DNA and RNA, of known variants" in told


def test_one_dna_serves_rna_of_other_replicates_where_it_is_told_to(plan: Callable[..., Plan]) -> None:
    apart = [SAMPLES[0], SAMPLES[2]]
    for dna in ("by_condition", "by_library"):
        found = plan(f"    activity: {{dna: {dna}}}\n", apart)
        assert found.has_ratios("mpra")
        assert read_plan(found.settings(), ["config.yaml"]).settings() == found.settings()
    told = refusal(plan, "    activity: {min_dna: 2}\n", apart)
    assert "where one DNA serves several RNA samples, write 'activity: {dna: by_condition}'" in told
    assert "did you mean 'by_library'?" in refusal(plan, "    activity: {dna: by_librari}\n", apart)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("{normalisation: tpm}", "'tpm'"),
        ("{min_barcode: 2}", "did you mean 'min_barcodes'?"),
        ("{pseudocount: -1}", "pseudocount"),
        ("{controls_file: none.txt}", "the list of negative controls 'none.txt' is no file"),
        ("{controls_pattern: '('}", "is no regular expression"),
    ],
)
def test_a_fault_in_the_rules_is_told_with_its_place(rules: str, words: str, plan: Callable[..., Plan]) -> None:
    told = refusal(plan, f"    activity: {rules}\n")
    assert words in told and "config.yaml line 8" in told


def test_a_pattern_that_matches_no_designed_variant_is_told() -> None:
    design = Design("design.fa", ("wildtype", "scrambled_1"), ("ACGT", "TGCA"))
    block = {"activity": {"controls_pattern": "random_.*"}}
    document = Document("config.yaml", {"libraries": {"mpra": block}})
    with pytest.raises(KcalseqError, match="no variant matches 'random_[.][*]'; expected names such as 'wildtype'"):
        read_activity(document, "mpra", design)
    assert read_activity(document, "mpra", None)["controls_pattern"] == "random_.*"
    own = Document("config.yaml", {"libraries": {"mpra": {**block, "association": {"mutated": "own_variant"}}}})
    assert read_activity(own, "mpra", design)["min_dna"] == 1
