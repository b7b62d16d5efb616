"""A library that came as a table of values: to the report without any read, or refused in one clear message."""

from pathlib import Path

import numpy as np
import pytest

from kcalseq.tablefile import read_table

from .conftest import Outcome, Project
from .small_fit import FOLDER, write_small_fit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_small_fit(tmp_path)
    return Project(tmp_path)


def run(project: Project, *arguments: str) -> Outcome:
    return project.snakemake("--configfile", "config.yaml", "--cores", "2", *arguments)


def test_a_table_of_values_becomes_a_model_and_a_report(project: Project) -> None:
    outcome = run(project)
    assert outcome.code == 0, outcome.text[-3000:]
    predictions = read_table("predictions", project.root / FOLDER / "models/model/predictions.parquet")
    values = read_table("variant_values", project.root / FOLDER / "variant_values.parquet")
    joined = predictions.merge(values, on=["condition", "variant"], suffixes=("", "_measured"))
    assert len(joined) == 512
    test = joined[joined["set"] == "test"]
    assert np.corrcoef(test["value"], test["value_measured"])[0, 1] > 0.9
    assert set(read_table("response", project.root / FOLDER / "models/model/response.parquet")["condition"]) == {
        "hot",
        "cold",
    }
    page = (project.root / "results/report.html").read_text(encoding="utf-8")
    assert "Library splicing came as 512 values of 256 variants." in page
    assert "values.tsv" in page and "No data" not in page
    again = run(project, "--dry-run")
    assert "Nothing to be done" in again.text


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("model.yaml", "length: 4}\nsites", "length: 5}\nsites", ("model.yaml", "sequence.length is 5", "4, as in")),
        ("model.yaml", "kind: continuous, ", "", ("a measurement of kind bins", "for a library of values")),
        ("model.yaml", "hidden_units: 3", "noise: binomial", ("line 6", "continuous with binomial noise", "skew_t")),
        ("model.yaml", "hidden_units: 3", "curve: linear, hidden_units: 3", ("a linear curve with hidden_units",)),
        ("model.yaml", "hidden_units: 3", "background: true", ("a measurement of kind continuous with background",)),
        ("model.yaml", "hidden_units: 3", "noise: empirical", ("no column value_se",)),
        ("config.yaml", "    models", "    assay: a.yaml\n    models", ("line 4", "assay beside values")),
        ("config.yaml", "values: values.tsv", "values: value.tsv", ("value.tsv", "there is no such file")),
        ("config.yaml", "values: values.tsv", "description: none", ("neither an assay nor values",)),
        ("values.tsv", "sequence\tvalue", "sequence\tscore", ("values.tsv line 1", "unknown column 'score'")),
    ],
)
def test_what_is_wrong_is_refused_before_any_job(
    project: Project, path: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    project.edit(path, old, new)
    outcome = run(project, "--dry-run")
    assert outcome.code != 0 and "Traceback" not in outcome.text and "Remedy:" in outcome.text
    for word in words:
        assert word in outcome.text, outcome.text[-2000:]
    assert not (project.root / "results").exists()


def test_a_wrong_row_is_refused_by_the_first_job(project: Project) -> None:
    project.edit("values.tsv", "\nAACU\t", "\nAANU\t")
    outcome = run(project, "--quiet")
    assert outcome.code != 0
    assert "Error in read_values: values.tsv line " in outcome.text and "the letter 'N' in AANT" in outcome.text
    assert not list((project.root / "results").rglob("*.parquet"))
