"""Black boxes and constant models through the whole pipeline, beside a sum over bases; or refused before any job."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kcalseq.tablefile import read_table

from .conftest import Outcome, Project

CONFIG = """\
libraries:
  epistatic:
    values: values.tsv
    models: [sum.yaml, box.yaml, floor.yaml]
fit:
  starts: 2
  bootstraps: 3
"""
HEAD = "sequence: {length: 5}\nmeasurement: {kind: continuous, curve: linear}\n"
MODELS = {
    "sum.yaml": f"description: additive\nkind: additive\n{HEAD}sites:\n  motif: {{start: 0, length: 5}}\n",
    "box.yaml": f"description: a box\nkind: black_box\n{HEAD}network: {{architecture: mlp, hidden_units: [12], "
    "weight_sd: 1.0, epochs: 60, batch: 64, learning_rate: 0.02}\n",
    "floor.yaml": f"description: a floor\nkind: constant\n{HEAD}",
}
FOLDER = "results/libraries/epistatic"


def values_table() -> str:
    """All 1,024 sequences of five bases: half of what varies is a sum over bases, half the product of two signs."""
    rng, sign = np.random.default_rng(1), np.array([1.0, 1.0, -1.0, -1.0])
    codes = np.array(list(np.ndindex(4, 4, 4, 4, 4)))
    value = sign[codes[:, 0]] + sign[codes[:, 1]] * sign[codes[:, 3]] + rng.normal(0.0, 0.2, len(codes))
    names = ["".join("ACGT"[base] for base in row) for row in codes]
    return pd.DataFrame({"sequence": names, "value": value.round(3)}).to_csv(sep="\t", index=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name, text in {"config.yaml": CONFIG, "values.tsv": values_table(), **MODELS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Project(tmp_path)


def run(project: Project, *arguments: str) -> Outcome:
    return project.snakemake("--configfile", "config.yaml", "--cores", "2", *arguments)


def test_a_box_is_a_ceiling_and_a_constant_a_floor(project: Project) -> None:
    outcome = run(project)
    assert outcome.code == 0, outcome.text[-3000:]
    jobs = outcome.jobs()
    assert (jobs["fit_model"], jobs["estimate_intervals"], jobs["bootstrap_model"]) == (3, 1, 1)
    assert (jobs["plot_value_model"], jobs["plot_value_black_box"]) == (1, 2)
    compared = read_table("model_comparison", project.root / FOLDER / "model_comparison.tsv").set_index("model")
    assert compared["best"].to_dict() == {"box": False, "floor": False, "sum": True}
    assert compared.loc["box", "upper"] < -0.5 and compared.loc["floor", "lower"] > 0.2
    made = {path.name for path in (project.root / FOLDER / "models/box").iterdir()}
    assert "weights.safetensors" in made and not made & {"parameters.tsv", "fit.checkpoint"}
    summary = read_table("summary", project.root / "results/summary.tsv")
    box = summary[summary["model"] == "box"].set_index("metric")["value"]
    assert box["r_squared_test"] > 0.9 and box["in_minibatches"] == 1 and "n_parameters" not in box
    page = (project.root / "results/report.html").read_text(encoding="utf-8")
    assert "Black box box, a ceiling that explains nothing, predicts the test set" in page
    assert "Black box box predicts better than sum" in page and "Model sum predicts better than floor" in page
    assert "No data" not in page
    assert "Nothing to be done" in run(project, "--dry-run").text


def test_a_box_without_a_network_is_refused_before_any_job(project: Project) -> None:
    project.edit("box.yaml", "network", "# network")
    outcome = run(project, "--dry-run")
    assert outcome.code != 0 and "Traceback" not in outcome.text
    assert "box.yaml line 2, key 'kind'" in outcome.text and "Remedy: add 'network:" in outcome.text
