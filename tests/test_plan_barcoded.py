"""Sheets of a barcoded library are held against each other before any job starts; each fault is told in words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.plan import Plan, read_plan
from kcalseq.yamlfile import read_document

FILES = {
    "config.yaml": """\
samples: samples.tsv
runs: runs.tsv
libraries:
  mpra:
    assay: counts.yaml
    association: {assay: association.yaml}
    models: [one.yaml]
""",
    "samples.tsv": """\
sample library condition replicate fraction bin pool sample_code
map mpra cells 1 association 0
d1 mpra cells 1 dna 0
r1 mpra cells 1 rna 0
""".replace(" ", "\t").replace("0\n", "0\t\t\n"),
    "runs.tsv": """\
run sample read_1 read_2
one map map_1.fastq map_2.fastq
two d1 d1.fastq
three r1 r1.fastq
""".replace(" ", "\t").replace("1.fastq\n", "1.fastq\t\n"),
    "counts.yaml": """\
description: a barcode
variant_source: barcode
reads:
  read_1:
    - {name: barcode, kind: barcode, length: 10, min_quality: 10}
""",
    "association.yaml": """\
description: a variant, and its barcode in the other mate
variant_source: read
reads:
  read_1:
    - {name: variant, kind: variant, length: 20, min_quality: 10}
  read_2:
    - {name: barcode, kind: barcode, length: 10, min_quality: 10}
""",
    "one.yaml": """\
description: one site
kind: additive
sequence: {length: 20}
sites:
  promoter: {start: 0, length: 20}
measurement: {kind: barcode_counts}
""",
}
READS = ("map_1.fastq", "map_2.fastq", "d1.fastq", "r1.fastq", "both.bam", "both.sam")
Change = tuple[str, str, str]
WITHOUT_ASSOCIATION = [
    ("config.yaml", "    association: {assay: association.yaml}\n", ""),
    ("samples.tsv", "map\tmpra\tcells\t1\tassociation\t0\t\t\n", ""),
    ("runs.tsv", "one\tmap\tmap_1.fastq\tmap_2.fastq\n", ""),
]
VARIANTS_READ = [
    ("counts.yaml", "variant_source: barcode", "variant_source: read"),
    ("counts.yaml", "{name: barcode, kind: barcode, length: 10", "{name: variant, kind: variant, length: 20"),
]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Reads the plan of the project after changes: file, what is replaced, by what."""
    monkeypatch.chdir(tmp_path)

    def read(*changes: Change) -> Plan:
        texts = dict(FILES)
        for name, old, new in changes:
            assert old in texts[name], old
            texts[name] = texts[name].replace(old, new)
        for name, text in texts.items():
            Path(name).write_text(text, encoding="utf-8")
        for name in READS:
            Path(name).touch()
        Path("map.tsv").write_text("ACGTACGTAC\tv1\n", encoding="utf-8")
        return read_plan(read_document("config.yaml").content, ["config.yaml"])

    return read


def test_a_whole_plan(plan: Callable[..., Plan]) -> None:
    found = plan()
    assert found.runs_of_library("mpra", True) == ["one"] and found.runs_of_library("mpra", False) == ["two", "three"]
    assert found.has_ratios("mpra") and found.libraries["mpra"].has_variants


FAULTS: dict[str, tuple[list[Change], str]] = {
    "a code and no pool": (
        [("samples.tsv", "dna\t0\t\t", "dna\t0\t\tACGTA")],
        "samples.tsv row 2: pool '' with sample_code 'ACGTA'; expected both or neither",
    ),
    "association without its layout": (
        [("config.yaml", "{assay: association.yaml}", "{map: map.tsv}")],
        "sample 'map' is for association, but library 'mpra' names no layout for it",
    ),
    "a layout for association without its sample": (
        [("samples.tsv", "association", "input")],
        "library 'mpra' names an association layout but has no sample of the fraction association",
    ),
    "association alone": (
        [("samples.tsv", "1\tdna", "2\tassociation"), ("samples.tsv", "1\trna", "3\tassociation")],
        "library 'mpra' has only association samples; expected samples whose reads are counted",
    ),
    "DNA alone": (
        [("samples.tsv", "1\trna", "2\trna")],
        "library 'mpra' has only dna of condition 'cells', replicate '1'; expected both dna and rna",
    ),
    "RNA alone": (
        [("samples.tsv", "1\trna", "2\trna")],
        "library 'mpra' has only rna of condition 'cells', replicate '2'; expected both dna and rna",
    ),
    "a mate without its file": (
        [("runs.tsv", "map_1.fastq\tmap_2.fastq", "map_1.fastq\t")],
        "runs.tsv row 1: run 'one' has no file in the column 'read_2'; expected one, since association.yaml reads it",
    ),
    "one FASTQ for both mates": (
        [("runs.tsv", "map_2.fastq", "map_1.fastq")],
        "runs.tsv row 1: 'map_1.fastq' is that of column 'read_1' too; expected each file once",
    ),
    "one BAM file of two runs": (
        [("runs.tsv", "d1.fastq", "both.bam"), ("runs.tsv", "r1.fastq", "both.bam")],
        "runs.tsv row 3: 'both.bam' is the file of row 2; expected each file once",
    ),
    "two layouts in one pool": (
        [
            ("samples.tsv", "association\t0\t\t", "association\t0\tboth\tACG"),
            ("samples.tsv", "dna\t0\t\t", "dna\t0\tboth\tTTT"),
            ("runs.tsv", "one\tmap", "one\tboth"),
            ("runs.tsv", "two\td1", "two\tboth"),
        ],
        "run 'one' carries samples with 2 layouts (association.yaml, counts.yaml); expected one layout per pool",
    ),
    "a model and no variants": (
        WITHOUT_ASSOCIATION,
        "library 'mpra' has models but no way to know the variant of a barcode; expected an association",
    ),
    "a model of barcodes and none of these": (
        [*WITHOUT_ASSOCIATION, *VARIANTS_READ],
        "model 'one' reads DNA and RNA counts of barcodes, and library 'mpra' has none",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_words_of_a_fault(fault: str, plan: Callable[..., Plan]) -> None:
    changes, words = FAULTS[fault]
    with pytest.raises(KcalseqError) as raised:
        plan(*changes)
    assert words in str(raised.value)


@pytest.mark.parametrize("name", ["both.bam", "both.sam"])
def test_a_file_may_hold_both_mates_of_one_run(plan: Callable[..., Plan], name: str) -> None:
    found = plan(("runs.tsv", "map_1.fastq", name), ("runs.tsv", "map_2.fastq", name))
    assert found.files_of_run("one") == {"read_1": name, "read_2": name}
