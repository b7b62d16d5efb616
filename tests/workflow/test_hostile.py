"""Bad input: one clear message that says where, what was found and what to do; no traceback, nothing half-written."""

import gzip
from pathlib import Path

import pytest
import yaml

from .conftest import Outcome, Project


def assert_refused(project: Project, outcome: Outcome, *words: str) -> None:
    """Assert that a call was refused in these words, before anything was made."""
    assert outcome.code != 0
    assert "Traceback" not in outcome.text
    for word in words:
        assert word in outcome.text, outcome.text[-2000:]
    assert "Remedy:" in outcome.text
    results = project.root / "results"
    assert not [path for path in results.rglob("*") if path.is_file()] if results.exists() else True


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("config/config.yaml", "starts: 4", "strats: 4", ("line 38", "unknown key 'strats'", "did you mean 'starts'?")),
        ("config/config.yaml", "observations: presence", "observations: presense", ("did you mean 'presence'?",)),
        ("config/config.yaml", "confidence: 0.95", "confidence: 95", ("fit.confidence", "less than 0.999")),
        (
            "config/runs.tsv",
            "lac_sort\tresources/lac/run2",
            "lac_srot\tresources/lac/run2",
            ("runs.tsv row 2", "'lac_srot' of run 'lac_run2' is not in samples.tsv", "did you mean 'lac_sort'?"),
        ),
        (
            "config/runs.tsv",
            "run2.fastq.gz",
            "run3.fastq.gz",
            ("the file 'resources/lac/run3.fastq.gz'", "does not exist"),
        ),
        ("config/samples.tsv", "sample_code", "sample_kode", ("header", "did you mean 'sample_code'?")),
        ("config/assays/lac.yaml", "max_mismatches: 1", "max_mismatch: 1", ("did you mean 'max_mismatches'?",)),
        (
            "config/models/lac_thermodynamic.yaml",
            "start: 34",
            "start: 20",
            ("'CRP' and 'RNAP' are bound together but share positions 20 to 26", "states.3", "line 17"),
        ),
        ("config/models/additive.yaml", "length: 75\n", "length: 74\n", ("wild type has 75 bases", "74")),
    ],
)
def test_bad_configuration_is_refused_before_any_job(
    project: Project, path: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    if path == "config/config.yaml":
        project.edit(path, "starts: 1", "starts: 4")
    project.edit(path, old, new)
    assert_refused(project, project.snakemake("--cores", "1"), path if path.endswith("yaml") else "config/", *words)


def test_truncated_gzip_stops_the_run_and_leaves_nothing(project: Project) -> None:
    fastq = project.root / "resources/lac/run2.fastq.gz"
    fastq.write_bytes(fastq.read_bytes()[: fastq.stat().st_size // 2])
    outcome = project.snakemake("--cores", "1", "reads")
    assert outcome.code != 0
    assert "Traceback" not in outcome.text
    assert "resources/lac/run2.fastq.gz record" in outcome.text
    assert "the compressed file is truncated" in outcome.text
    assert "Remedy: transfer the file again" in outcome.text
    assert not [path for path in (project.root / "results/runs").glob("lac_run2/*")]
    assert "truncated" in (project.root / "logs/extract_reads/lac_run2.log").read_text(encoding="utf-8")


def test_a_bin_without_reads_stops_the_run(project: Project) -> None:
    """A bin that is missing in silence would change every model."""
    code = "TCGAGAT"
    for run in ("run1", "run2"):
        path = project.root / f"resources/lac/{run}.fastq.gz"
        with gzip.open(path, "rt") as file:
            records = zip(*[iter(file)] * 4, strict=True)
            kept = ["".join(record) for record in records if not record[1].startswith(code)]
        with gzip.open(path, "wt") as file:
            file.writelines(kept)
    project.edit("config/assays/lac.yaml", "max_mismatches: 1", "max_mismatches: 0")
    outcome = project.snakemake("--cores", "1", "models")
    assert outcome.code != 0
    assert "Traceback" not in outcome.text
    assert "no read was kept for lac_bin9; expected reads for every sample" in outcome.text
    assert not list(Path(project.root / "results/libraries").rglob("variant_counts.parquet"))


def test_another_configuration_brings_nothing_of_the_example(project: Project) -> None:
    """A user's own file stands alone: no library, split or setting of the default leaks into it."""
    text = (project.root / "config/config.yaml").read_text(encoding="utf-8")
    # The second example goes.
    text = text[: text.index("  mpra_simulated:")] + text[text.index("fit:") :]
    own = text.replace("  lac:", "  mine:").replace("    split: resources/lac/split.tsv.gz\n", "")
    (project.root / "own.yaml").write_text(own.replace("config/samples.tsv", "own.tsv"), encoding="utf-8")
    sheet = (project.root / "config/samples.tsv").read_text(encoding="utf-8")
    rows = [line for line in sheet.splitlines() if "mpra_simulated" not in line]
    (project.root / "own.tsv").write_text("\n".join(rows).replace("\tlac\t", "\tmine\t") + "\n", encoding="utf-8")
    runs = (project.root / "config/runs.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in runs if "mpra_simulated" not in line]
    (project.root / "config/runs.tsv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    outcome = project.snakemake("results/run_config.yaml", "counts", "--configfile", "own.yaml", "--cores", "1")
    assert outcome.code == 0, outcome.text[-2000:]
    assert [path.name for path in (project.root / "results/libraries").iterdir()] == ["mine"]
    settings = yaml.safe_load((project.root / "results/run_config.yaml").read_text(encoding="utf-8"))
    assert list(settings["libraries"]) == ["mine"]
    assert "split" not in settings["libraries"]["mine"]
