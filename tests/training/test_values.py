"""Models of continuous values: from tables to a problem, scores that add up, and energies that come back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from kcalseq.errors import KcalseqError
from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.tablefile import conform
from kcalseq.training import fit_tables
from kcalseq.training.fisher import scores
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import metrics_table
from kcalseq.training.values import build_value_problem

MODEL = """\
description: additive, six bases
kind: additive
sequence: {length: 6}
sites:
  motif: {start: 0, length: 6}
measurement: {kind: continuous, MEASUREMENT}
"""
NOISE = 0.15


@pytest.fixture
def model(tmp_path: Path) -> Callable[[str], ModelSpec]:
    def make(measurement: str) -> ModelSpec:
        (tmp_path / "model.yaml").write_text(MODEL.replace("MEASUREMENT", measurement), encoding="utf-8")
        return read_model(tmp_path / "model.yaml")

    return make


def tables(n: int = 500, n_conditions: int = 2) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Variants, their values (tanh of an additive phenotype, in condition 1 half as high) and the true energies."""
    rng = np.random.default_rng(1)
    codes = np.unique(rng.integers(0, 4, (n, 6)), axis=0)
    theta = rng.normal(size=(6, 4))
    phi = theta[np.arange(6), codes].sum(1)
    phi = (phi - phi.mean()) / phi.std()
    names = ["".join("ACGT"[base] for base in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(names), p=[0.6, 0.2, 0.2])
    variants = pd.DataFrame({"library": "lib", "variant": names, "variant_sequence": names, "set": sets})
    values = [
        pd.DataFrame(
            {
                "library": "lib",
                "condition": str(number),
                "variant": names,
                "value": 2.0 + np.tanh(1.2 * phi) / (1 + number) + rng.normal(0.0, NOISE, len(names)),
                "value_se": 0.1,
                "n_replicates": 1,
            }
        )
        for number in range(n_conditions)
    ]
    return variants, pd.concat(values, ignore_index=True), theta


@pytest.mark.parametrize("curve", ["linear", "monotone, hidden_units: 3", "free, hidden_units: 3"])
@pytest.mark.parametrize("noise", ["gaussian", "skew_t, noise_order: 1", "empirical"])
def test_scores_and_prior_add_up_to_the_gradient_of_the_fit(
    model: Callable[[str], ModelSpec], curve: str, noise: str
) -> None:
    """Through the standardisation too, with variants that one of the conditions lacks."""
    spec, (variants, values, _) = model(f"curve: {curve}, noise: {noise}"), tables(80)
    posterior = prepare(spec, build_value_problem(spec, variants, values.iloc[10:])).posterior
    flat = torch.from_numpy(initial_parameters(posterior.network, 1, 0))
    _, gradient = posterior.value_and_gradient(flat[None], torch.zeros(1, dtype=torch.long))
    found = scores(posterior, flat).sum(0) + flat * posterior.precision_at(flat)
    assert torch.allclose(found, gradient[0], rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("curve", ["monotone", "free"])
def test_energies_and_noise_come_back_from_simulated_values(model: Callable[[str], ModelSpec], curve: str) -> None:
    spec, (variants, values, theta) = model(f"curve: {curve}, hidden_units: 3"), tables()
    problem = build_value_problem(spec, variants, values)
    fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    assert fitted.converged and fitted.reported.phi_rises
    setup = prepare(spec, problem)
    network = setup.posterior.network
    found = -fitted.flat[network.layout.blocks["motif.theta"].slice].reshape(6, 4)
    centred, truth = (matrix - matrix.mean(1, keepdims=True) for matrix in (found, theta))
    assert np.corrcoef(centred.ravel(), truth.ravel())[0, 1] > 0.99
    of_fit = problem, network, fitted.flat, phenotypes(spec, setup, problem, fitted.flat)
    for number in range(2):
        process = problem.experiments[number].process
        log_s = float(fitted.flat[network.layout.blocks[f"ge[{number}].log_s"].start])
        assert (np.exp(log_s) + 0.01) * process.description["value_sd"] == pytest.approx(NOISE, rel=0.15)
    named = {"library": "lib", "model": "model"}
    predictions = conform("predictions", fit_tables.predictions_table(*of_fit).assign(**named), "predictions")
    assert predictions["value"].notna().all() and predictions["mean_bin"].isna().all()
    response = conform("response", fit_tables.response_table(*of_fit, 0.9).assign(**named), "response")
    width = (response["upper"] - response["lower"]) / (2 * 1.645)
    assert width.to_numpy() == pytest.approx(NOISE, rel=0.15)
    conform("measurement_process", fit_tables.measurement_table(*of_fit).assign(**named), "measurement_process")
    metrics = conform("fit_metrics", metrics_table(*of_fit, 1, 0.95).assign(**named), "fit_metrics")
    test = metrics[(metrics["set"] == "test") & (metrics["condition"] == "0")].set_index("metric")["value"]
    assert test["r_squared"] > 0.9
    assert test["I_var"] == pytest.approx(test["I_pred"], abs=0.35)
    assert test["log_likelihood"] == pytest.approx(-0.5 * np.log(2 * np.pi * np.e * NOISE**2), abs=0.2)


@pytest.mark.parametrize(
    ("measurement", "change", "words"),
    [
        ("noise: empirical", {"value_se": np.nan}, "values without standard errors"),
        ("noise: gaussian", {"value": 1.0}, "all values of the training set are 1"),
    ],
)
def test_values_that_cannot_carry_the_model_are_refused(
    model: Callable[[str], ModelSpec], measurement: str, change: dict[str, float], words: str
) -> None:
    variants, values, _ = tables(60)
    with pytest.raises(KcalseqError, match=words):
        build_value_problem(model(measurement), variants, values.assign(**change))


def test_a_set_without_values_is_refused(model: Callable[[str], ModelSpec]) -> None:
    variants, values, _ = tables(60)
    untested = values[~values["variant"].isin(variants.loc[variants["set"] == "test", "variant"])]
    with pytest.raises(KcalseqError, match="no value in the test set"):
        build_value_problem(model("noise: gaussian"), variants, untested)
