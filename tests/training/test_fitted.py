"""A fitted model from its folder: the same predictions to the last digit, energies and mutants by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from binned import bins_of

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fitted import FittedPromoter, load
from kcalseq.training.fitting import Setup, phenotypes
from kcalseq.training.problem import Problem
from kcalseq.training.weights import save_weights

from .conftest import MODEL

WILDTYPE = "ACGTACGTACGT"


@pytest.fixture
def flat(setup: Setup, beginnings: torch.Tensor) -> np.ndarray:
    return beginnings[0].numpy()


@pytest.fixture
def folder(tmp_path: Path, setup: Setup, problem: Problem, flat: np.ndarray) -> Path:
    phi = setup.posterior.network.phenotype(torch.from_numpy(flat)[None], setup.posterior.training[0].design, 0)
    scale = {"phi_mean": phi.mean().item(), "phi_sd": phi.std().item()}
    card = {"model": "tiny", "experiments": [{"condition": "simulated", "bins": bins_of(problem), **scale}]}
    (tmp_path / "fit.json").write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    save_weights(setup.posterior.network.layout, flat, tmp_path / "weights.safetensors")
    return tmp_path


@pytest.fixture
def model(folder: Path) -> FittedPromoter:
    return load(folder)


def sequences(problem: Problem) -> list[str]:
    return ["".join("ACGT"[code] for code in row) for row in problem.codes]


def test_measured_variants_are_predicted_as_in_the_fit(
    model: FittedPromoter, spec: ModelSpec, setup: Setup, problem: Problem, flat: np.ndarray
) -> None:
    found = model.predict(sequences(problem))
    (expected,) = phenotypes(spec, setup, problem, flat)
    assert np.allclose(found["phi"], expected, rtol=0, atol=1e-12)
    assert found["mean_bin"].between(1, max(bins_of(problem))).all()


def test_a_prediction_does_not_depend_on_its_company(model: FittedPromoter, problem: Problem) -> None:
    many, alone = model.predict(sequences(problem)[:20]), model.predict(sequences(problem)[3:4])
    assert alone["phi"][0] == pytest.approx(many["phi"][3], abs=1e-12)


def test_energies_are_sums_of_the_matrix_less_those_of_the_wild_type(
    model: FittedPromoter, setup: Setup, flat: np.ndarray
) -> None:
    theta = flat[setup.posterior.network.layout.blocks["CRP.theta"].slice].reshape(-1, 4)
    found = model.energies([WILDTYPE, "TCGTACGTACGT", "ACGTACGTACGA"])
    assert found["CRP"].tolist() == pytest.approx([0.0, theta[0, 3] - theta[0, 0], 0.0], abs=1e-12)
    assert found["RNAP"].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)  # position 11 is in no site


def test_every_single_mutant_is_there_once(model: FittedPromoter) -> None:
    found = model.single_mutants()
    assert len(found) == 3 * 12 == found["sequence"].nunique()
    assert all(sum(a != b for a, b in zip(WILDTYPE, row, strict=True)) == 1 for row in found["sequence"])
    assert found.loc[found["position"].isin([5, 11]), "delta_phi"].abs().max() < 1e-12  # outside the sites
    assert found.loc[found["position"] == 2, "delta_phi"].abs().min() > 0


@pytest.mark.parametrize(
    ("sequence", "words"), [("ACGT", "4 bases; expected 12 bases"), ("ACGTACGTACGN", "the letter 'N'")]
)
def test_what_cannot_be_predicted_is_told(model: FittedPromoter, sequence: str, words: str) -> None:
    with pytest.raises(KcalseqError, match=f"sequence 2: .*{words}"):
        model.predict([WILDTYPE, sequence])


def test_a_folder_without_a_fit_is_told(folder: Path) -> None:
    (folder / "model.yaml").unlink()
    with pytest.raises(KcalseqError, match="there is no model.yaml"):
        load(folder)


def test_a_fit_of_an_earlier_version_is_refused(folder: Path) -> None:
    card = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
    del card["experiments"]
    (folder / "fit.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(KcalseqError, match="the fit of an earlier version of kcalseq; expected one of this version"):
        load(folder)


def test_a_model_keeps_its_name(model: FittedPromoter) -> None:
    assert model.spec.name == "tiny"
