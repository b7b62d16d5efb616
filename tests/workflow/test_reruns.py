"""What is done again when something changes: that, all of that, and nothing else."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.provenance import import_closure
from kcalseq.tablefile import read_table, read_tables

from .conftest import Outcome, Project

pytestmark = pytest.mark.slow

NOT_IN_THE_EXAMPLE = {
    "bootstrap_model",
    "check_layout",
    "cross_validate_model",
    "export_anndata",
    "export_igvf",
    "export_tables",
    "export_tracks",
    "extract_part",
    "import_barcode_map",
    "join_parts",
    "measure_fluorescence",
    "measure_fluorescence_effects",
    "plot_black_box",
    "plot_fluorescence",
    "plot_value_black_box",
    "plot_value_model",
    "predict_sequences",
    "probe_layout",
    "read_values",
    "split_reads",
    "status",
}


def scripts_that_reach(root: Path, module: str) -> set[str]:
    """Names of the scripts whose import closure holds a module."""
    scripts = root / "scripts"
    return {path.stem for path in scripts.glob("*.py") if scripts / module in import_closure(path, scripts)}


def test_nothing_to_do_after_a_run(finished: Project) -> None:
    assert "Nothing to be done" in finished.snakemake("--cores", "1", "-n").text


def test_a_new_run_is_the_only_one_read(project: Project) -> None:
    sheet = project.root / "config/runs.tsv"
    whole = sheet.read_text(encoding="utf-8")
    lines = whole.splitlines()
    sheet.write_text("\n".join([*lines[:2], *lines[3:]]) + "\n", encoding="utf-8")
    assert project.snakemake("--cores", "2", "counts").code == 0
    before = read_table("variant_counts", project.root / "results/libraries/lac/variant_counts.parquet")
    sheet.write_text(whole, encoding="utf-8")
    plan = project.snakemake("-n", "counts")
    assert plan.jobs() == {"extract_reads": 1, "assign_variants": 1, "count_variants": 1, "counts": 1}
    assert [line for line in plan.lines() if "lac_run2" in line.split("Missing")[0]]
    assert not [line for line in plan.lines() if "Reading run lac_run1" in line]
    assert project.snakemake("--cores", "2", "counts").code == 0
    after = read_table("variant_counts", project.root / "results/libraries/lac/variant_counts.parquet")
    runs = [str(project.root / f"results/runs/{run}/read_fates.parquet") for run in ("lac_run1", "lac_run2")]
    fates = read_tables("read_fates", runs).groupby(["run", "reason"])["n_reads"].sum()
    assert before["n_reads"].sum() == fates["lac_run1", "kept"]
    assert after["n_reads"].sum() == fates["lac_run1", "kept"] + fates["lac_run2", "kept"]


def test_a_new_association_run_is_the_only_one_read(project: Project) -> None:
    """Barcode map and counts are made again; no other run is read again, and the lac promoter is left alone."""
    sheet = project.root / "config/runs.tsv"
    whole = sheet.read_text(encoding="utf-8")
    kept = [line for line in whole.splitlines() if "association_run2" not in line]
    sheet.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert project.snakemake("--cores", "2", "counts").code == 0
    sheet.write_text(whole, encoding="utf-8")
    plan = project.snakemake("-n", "counts")
    again = {"extract_reads": 1, "map_barcodes": 1, "count_barcodes": 1, "count_variants": 1, "counts": 1}
    assert plan.jobs() == again
    assert [line for line in plan.lines() if "Reading run mpra_simulated_association_run2" in line]


@pytest.mark.parametrize(
    "module",
    [
        "kcalseq/activity/footprint.py",
        "kcalseq/models/gauge.py",
        "kcalseq/report/page.py",
        "kcalseq/reads/records.py",
        "kcalseq/association/calls.py",
        "kcalseq/counts/saturation.py",
        "kcalseq/figures/energy_logos.py",
        "kcalseq/report/templates/style.css",
    ],
)
def test_an_edited_module_repeats_the_steps_that_import_it(finished_copy: Callable[[], Project], module: str) -> None:
    project = finished_copy()
    path = project.root / "scripts" / module
    comment = "/* edited */" if path.suffix == ".css" else "# edited"
    path.write_text(path.read_text(encoding="utf-8") + comment + "\n", encoding="utf-8")
    # The record of the run tells the program's digest, so it is behind every edit.
    expected = scripts_that_reach(project.root, module) - NOT_IN_THE_EXAMPLE | {"write_record"}
    assert expected
    plan = project.snakemake("-n")
    changed = plan.rules_with_changed_code()
    # A step behind another that is repeated is listed as such, whatever else would repeat it.
    assert changed
    assert changed <= expected <= set(plan.jobs())
    others = [line for line in plan.lines() if "Params have changed" not in line]
    assert all("Input files updated by another job" in line for line in others)


# What tells of all libraries at once is made again whenever any of them changes.
OF_ALL = {"all", "save_config", "write_qc", "write_record", "write_report", "write_summary"}


def jobs_of_one(plan: Outcome) -> list[str]:
    """Messages of the jobs that a dry run lists, those that tell of all libraries left out."""
    messages = re.findall(r"^Job \d+: (.*)$", plan.text, flags=re.MULTILINE)
    return [message for message in messages if " library " in message or " run " in message]


def test_a_new_library_is_the_only_one_made(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    run = project.root / "resources/lac/run1.fastq.gz"
    shutil.copyfile(run, run.with_name("other.fastq.gz"))
    samples = project.root / "config/samples.tsv"
    rows = [line for line in samples.read_text(encoding="utf-8").splitlines() if line.startswith("lac_")]
    new = "\n".join(row.replace("lac", "newlac") for row in rows)
    samples.write_text(samples.read_text(encoding="utf-8") + new + "\n", encoding="utf-8")
    runs = project.root / "config/runs.tsv"
    row = "newlac_run1\tnewlac_sort\tresources/lac/other.fastq.gz\t\t\n"
    runs.write_text(runs.read_text(encoding="utf-8") + row, encoding="utf-8")
    block = "  newlac:\n    assay: config/assays/lac.yaml\n    models: []\n\n  mpra_simulated:\n"
    project.edit("config/config.yaml", "  mpra_simulated:\n", block)
    plan = project.snakemake("-n")
    assert plan.code == 0, plan.text
    new_jobs = jobs_of_one(plan)
    assert [message for message in new_jobs if "newlac" not in message] == []
    assert plan.jobs()["extract_reads"] == plan.jobs()["assign_variants"] == plan.jobs()["count_variants"] == 1
    assert len(new_jobs) == sum(count for rule, count in plan.jobs().items() if rule not in OF_ALL)


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        (
            "models: []",
            "models: []\nquality:\n  reads_kept_fraction: [0.95, 0.6]",
            {"judge_quality": 2, "extract_reads": 0, "map_barcodes": 0, "fit_model": 0},
        ),
        (
            "design: resources/mpra_simulated/design.fa",
            "design: resources/mpra_simulated/design.fa\n      max_second: 0.01",
            {"map_barcodes": 1, "count_barcodes": 1, "extract_reads": 0, "fit_model": 0},
        ),
        ("confidence: 0.95", "confidence: 0.9", {"fit_model": 2, "estimate_intervals": 2, "extract_reads": 0}),
    ],
)
def test_a_changed_threshold_repeats_what_it_is_for(
    finished_copy: Callable[[], Project], old: str, new: str, again: dict[str, int]
) -> None:
    project = finished_copy()
    project.edit("config/config.yaml", old, new)
    plan = project.snakemake("-n")
    assert plan.code == 0, plan.text
    assert {rule: plan.jobs().get(rule, 0) for rule in again} == again


def test_a_changed_model_is_the_only_one_fitted(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    project.edit("config/models/additive.yaml", "description: ", "description: changed, ")
    plan = project.snakemake("-n")
    other = [message for message in jobs_of_one(plan) if "lac_thermodynamic" in message or "mpra_simulated" in message]
    assert other == []
    assert {rule: plan.jobs().get(rule, 0) for rule in ("fit_model", "estimate_intervals", "extract_reads")} == {
        "fit_model": 1,
        "estimate_intervals": 1,
        "extract_reads": 0,
    }


def test_a_removed_run_goes_out_of_the_counts_and_is_named_as_stale(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    sheet = project.root / "config/runs.tsv"
    lines = [line for line in sheet.read_text(encoding="utf-8").splitlines() if not line.startswith("lac_run2")]
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    plan = project.snakemake("-n", "counts")
    assert plan.jobs() == {"assign_variants": 1, "count_variants": 1, "counts": 1}
    assert plan.text.count("results/runs/lac_run2 is stale: no run has the name 'lac_run2' any more.") == 1


def test_a_removed_model_leaves_the_report_and_is_named_as_stale(finished_copy: Callable[[], Project]) -> None:
    project = finished_copy()
    project.edit("config/config.yaml", "      - config/models/additive.yaml\n", "")
    outcome = project.snakemake("--cores", "2")
    assert outcome.code == 0, outcome.text[-3000:]
    assert set(outcome.jobs()) <= OF_ALL | {"compare_models"}
    # Jobs are processes that read the plan again; they do not tell it again.
    assert outcome.text.count("results/libraries/lac/models/additive is stale: no model of library 'lac'") == 1
    assert (project.root / "results/libraries/lac/models/additive/fit.json").exists()
    tables = read_table("summary", project.root / "results/summary.tsv")
    assert "additive" not in set(tables["model"])
    assert "models/additive" not in (project.root / "results/report.html").read_text(encoding="utf-8")
