"""New sequences through Snakemake: predicted by every model where the library names them, and only there."""

from pathlib import Path

import numpy as np
import pytest

from kcalseq.tablefile import read_table
from kcalseq.training.fitted import load

from .conftest import Project, copy_project

pytestmark = pytest.mark.slow

CONFIG, FASTA = "config/config.yaml", "new.fa"
MODEL = "results/libraries/lac/models/additive"
WILDTYPE = "AATTAATGTGAGTTAGCTCACTCATTAGGCACCCCAGGCTTTACACTTTATGCTTCCGGCTCGTATGTTGTGTGG"
REGION = f"GATTACA{WILDTYPE}NACGT"
RECORDS = f">wild_type\n{WILDTYPE}\n>region with neighbours\n{REGION[:40]}\n{REGION[40:].lower()}\n"


@pytest.fixture
def asking(tmp_path: Path) -> Project:
    """A small copy whose lac library has one model and sequences to predict."""
    project = copy_project(tmp_path / "project")
    project.edit(CONFIG, "      - config/models/lac_thermodynamic.yaml\n", "")
    project.edit(CONFIG, "    split: resources", f"    predict: {FASTA}\n    split: resources")
    (project.root / FASTA).write_text(RECORDS, encoding="utf-8")
    return project


def test_new_sequences_are_predicted_as_from_python(asking: Project) -> None:
    outcome = asking.snakemake("--cores", "2", "predict")
    assert outcome.code == 0, outcome.text[-3000:]
    found = read_table("predicted_sequences", asking.root / MODEL / "predicted_sequences.tsv")
    assert found["sequence_name"].value_counts().to_dict() == {"region": 26, "wild_type": 1}
    windows = {start: REGION[start : start + 75] for start in range(13)}
    expected = load(asking.root / MODEL).predict([windows[start].replace("N", "A") for start in windows])
    forward = found[(found["sequence_name"] == "region") & (found["strand"] == "+")]
    assert forward["start"].tolist() == list(windows)
    read = np.array(["N" not in window for window in windows.values()])
    assert read.sum() == 8
    assert np.allclose(forward["phi"][read], expected["phi"][read], rtol=0, atol=1e-9)
    assert forward["phi"][~read].isna().all()
    alone = found[found["sequence_name"] == "wild_type"].iloc[0]
    assert (alone["start"], alone["strand"]) == (0, "+")
    assert alone["phi"] == pytest.approx(forward["phi"].iloc[7], abs=1e-9)
    # Other sequences are another question to the same fit.
    (asking.root / FASTA).write_text(f">only\n{WILDTYPE}\n", encoding="utf-8")
    assert asking.snakemake("-n", "predict").jobs() == {"predict_sequences": 1, "predict": 1}


def test_everything_asks_for_predictions_only_where_sequences_are_named(asking: Project) -> None:
    assert asking.snakemake("-n").jobs()["predict_sequences"] == 1
    asking.edit(CONFIG, f"    predict: {FASTA}\n", "")
    assert "predict_sequences" not in asking.snakemake("-n").jobs()
    assert "predict_sequences" not in asking.snakemake("-n", "predict").jobs()


def test_a_sequence_shorter_than_the_model_is_refused_before_any_job(asking: Project) -> None:
    (asking.root / FASTA).write_text(f"{RECORDS}>short\n{WILDTYPE[1:]}\n", encoding="utf-8")
    outcome = asking.snakemake("--cores", "1", "predict")
    assert outcome.code != 0 and "Traceback" not in outcome.text
    assert "new.fa record 3 ('short'): 74 bases; expected at least 75, the length of model additive" in outcome.text
    assert "Remedy: add the bases that surround it, or remove the record" in outcome.text
    assert not (asking.root / "results").exists()
