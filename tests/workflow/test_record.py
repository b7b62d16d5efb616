"""Another folder with the record of a run and its data gives the same results."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kcalseq.report.crate import data_of
from kcalseq.report.recorded import MEASURED
from kcalseq.report.repeat import lay_out

from .conftest import Project

pytestmark = pytest.mark.slow


def record_of(project: Project) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((project.root / "results/ro-crate-metadata.json").read_text(encoding="utf-8"))
    return held


def test_checksums_are_those_of_the_files(finished: Project) -> None:
    record, n_checked = record_of(finished), 0
    for entity in record["@graph"]:
        if entity["@type"] == "File" and "sha256" in entity and "alternateName" not in entity:
            content = (finished.root / "results" / entity["@id"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entity["sha256"], entity["@id"]
            assert len(content) == int(entity["contentSize"])
            n_checked += 1
    assert n_checked > 40
    assert len(data_of(record)) > 5
    for file in data_of(record):
        assert hashlib.sha256((finished.root / file.path).read_bytes()).hexdigest() == file.sha256, file.path


def test_what_holds_measured_times_has_no_checksum(finished: Project) -> None:
    named = {entity["@id"]: entity for entity in record_of(finished)["@graph"]}
    measured = [path for path in named if path.rpartition("/")[2] in MEASURED]
    assert {"report.html", "summary.tsv"} <= set(measured)
    assert not [path for path in measured if "sha256" in named[path]]


def test_the_record_lays_out_a_run_with_the_same_counts(finished: Project, tmp_path: Path) -> None:
    record = record_of(finished)
    (tmp_path / "resources").symlink_to(finished.root / "resources")
    (tmp_path / "profiles").symlink_to(finished.root / "profiles")
    assert lay_out(record, tmp_path) == []
    again = Project(tmp_path)
    counts = "results/libraries/lac/variant_counts.parquet"
    outcome = again.snakemake("--configfile", "run_config.yaml", "--cores", "2", counts)
    assert outcome.code == 0, outcome.text[-3000:]
    (entity,) = [entity for entity in record["@graph"] if entity["@id"] == "libraries/lac/variant_counts.parquet"]
    assert hashlib.sha256((tmp_path / counts).read_bytes()).hexdigest() == entity["sha256"]
