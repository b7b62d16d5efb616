"""More than a hundred libraries, where rules take any name but those of the libraries that are not theirs."""

import importlib.util
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Project

pytestmark = pytest.mark.slow


@pytest.fixture
def many(tmp_path: Path) -> Project:
    """120 barcoded libraries with seven runs each, and the lac promoter, whose variants are read directly."""
    source = REPOSITORY / "benchmarks/scale/many_libraries.py"
    specification = importlib.util.spec_from_file_location("many_libraries", source)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.write_project(tmp_path, 120)
    project = Project(tmp_path)
    (tmp_path / "reads/lac.fastq.gz").touch()
    lac = "  lac:\n    assay: config/assays/lac.yaml\n    models: [config/models/additive.yaml]\n"
    project.edit("config/config.yaml", "libraries:\n", f"libraries:\n{lac}")
    codes = {1: "ACTGATG", 2: "AGTCGAG"}
    bins = [f"lac_{number}\tlac\tc\t1\tbin\t{number}\tsorted\t{code}" for number, code in codes.items()]
    rows = {"samples": bins, "runs": ["lac_run\tsorted\treads/lac.fastq.gz\t\t"]}
    for sheet, new in rows.items():
        path = tmp_path / f"config/{sheet}.tsv"
        path.write_text(path.read_text(encoding="utf-8") + "\n".join(new) + "\n", encoding="utf-8")
    return project


def test_each_library_gets_the_jobs_of_its_kind(many: Project) -> None:
    outcome = many.snakemake("-n", "-q", "rules")
    assert outcome.code == 0, outcome.text[-3000:]
    jobs = outcome.jobs()
    assert jobs["extract_reads"] == 120 * 7 + 1
    assert jobs["map_barcodes"] == jobs["check_design"] == jobs["count_barcodes"] == 120
    assert jobs["count_variants"] == jobs["judge_quality"] == 121
    assert jobs["assign_variants"] == jobs["measure_activity"] == jobs["fit_model"] == 1
