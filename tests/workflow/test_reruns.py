"""What is done again when something changes: that, all of that, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kcalseq.provenance import import_closure
from kcalseq.tablefile import read_table, read_tables

from .conftest import Project

pytestmark = pytest.mark.slow

NOT_IN_THE_EXAMPLE = {
    "bootstrap_model",
    "check_layout",
    "cross_validate_model",
    "import_barcode_map",
    "plot_black_box",
    "plot_value_black_box",
    "plot_value_model",
    "predict_sequences",
    "probe_layout",
    "read_values",
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
    expected = scripts_that_reach(project.root, module) - NOT_IN_THE_EXAMPLE
    assert expected
    plan = project.snakemake("-n")
    changed = plan.rules_with_changed_code()
    # A step behind another that is repeated is listed as such, whatever else would repeat it.
    assert changed
    assert changed <= expected <= set(plan.jobs())
    others = [line for line in plan.lines() if "Params have changed" not in line]
    assert all("Input files updated by another job" in line for line in others)
