"""A gated sorter as a process: p(bin | phi) from the distribution's own tails, scores, simulate-then-fit."""

import numpy as np
import pytest
import torch
from binned import data_of
from scipy.optimize import minimize
from scipy.stats import logistic, norm
from scipy.stats import t as student

from kcalseq.models.bins import BinData
from kcalseq.models.gated import GatedSorter
from kcalseq.models.process import Weights
from kcalseq.models.tails import Distribution

CDF = {"normal": norm.cdf, "logistic": logistic.cdf, "student_t": lambda x: student.cdf(x, 5.0)}
GIVEN, BINS = (-1.0, 0.2, 1.5), (0, 1, 2, 3, 4)


def weights_of(process: GatedSorter, n_members: int, seed: int) -> Weights:
    rng = np.random.default_rng(seed)
    return {one.letter: torch.from_numpy(rng.normal(0, 0.4, (n_members, *one.shape))) for one in process.blocks}


@pytest.mark.parametrize("noise", sorted(CDF))
@pytest.mark.parametrize("gates", [GIVEN, None])
def test_probabilities_are_those_between_gates(noise: str, gates: tuple[float, ...] | None) -> None:
    process = GatedSorter(BINS, gates, Distribution(noise))  # type: ignore[arg-type]
    weights, z = weights_of(process, 2, 1), torch.linspace(-3, 3, 7, dtype=torch.float64).expand(2, -1)
    found = process.log_probabilities(z, weights).exp().numpy()
    for member in range(2):
        w = {name: value[member].numpy() for name, value in weights.items()}
        if gates is None:
            edges, intercept, scale = w["g"] + np.concatenate([[0.0], np.exp(w["w"]).cumsum()]), 0.0, 1.0
        else:
            edges, intercept, scale = np.array(gates), w["i"], np.exp(w["s"])
        mean = intercept + np.exp(w["k"]) * z[member].numpy()
        below = CDF[noise]((np.concatenate([[-np.inf], edges, [np.inf]])[:, None] - mean) / scale)
        share = 1 / (1 + np.exp(-w["u"]))
        assert np.allclose(found[member, 1:], (1 - share) * np.diff(below, axis=0), atol=1e-10)
        assert np.allclose(found[member, 0], share) and np.allclose(found[member].sum(0), 1.0)


@pytest.mark.parametrize("gates", [GIVEN, None])
@pytest.mark.parametrize("bins", [BINS, BINS[1:]])
def test_scores_add_up_to_the_gradient(gates: tuple[float, ...] | None, bins: tuple[int, ...]) -> None:
    process = GatedSorter(bins, gates, Distribution("logistic"))
    weights = {name: value.requires_grad_() for name, value in weights_of(process, 1, 2).items()}
    rng = np.random.default_rng(3)
    z = torch.from_numpy(rng.normal(size=(1, 30))).requires_grad_()
    data = data_of(rng.poisson(1.0, (len(bins), 30)).astype(float))
    value = process.negative_log_likelihood(z, weights, data)
    by_z, *by_weights = torch.autograd.grad(value.sum(), [z, *weights.values()])
    found = process.slopes(z, weights, data)
    assert torch.allclose(found.by_z, by_z[0], atol=1e-10)
    expected = torch.cat([gradient.reshape(-1) for gradient in by_weights])
    assert torch.allclose(found.by_weights.sum(0), expected, atol=1e-9)


def test_what_was_simulated_is_found_again() -> None:
    """Learned gates within 0.06 widths, the slope within 5 %, from 20,000 cells."""
    process, rng = GatedSorter(BINS, None, Distribution("normal")), np.random.default_rng(4)
    true = {"u": -2.0, "k": 0.3, "g": -1.2, "w": np.log([1.0, 0.8])}
    flat = np.concatenate([np.atleast_1d(true[one.letter]) for one in process.blocks])
    z = torch.from_numpy(rng.normal(size=(1, 20_000)))

    def weights(x: torch.Tensor) -> Weights:
        found, start = {}, 0
        for one in process.blocks:
            size = int(np.prod(one.shape, dtype=int))
            found[one.letter] = x[start : start + size].reshape(1, *one.shape)
            start += size
        return found

    made: BinData = process.simulate(z, weights(torch.from_numpy(flat)), data_of(np.eye(5)[:, [0] * 20_000]), rng)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        leaf = torch.from_numpy(x).requires_grad_()
        value = process.negative_log_likelihood(z, weights(leaf), made).sum()
        (gradient,) = torch.autograd.grad(value, leaf)
        return float(value.detach()), gradient.numpy()

    beginning = np.concatenate([np.atleast_1d(process.initial(rng)[one.letter]) for one in process.blocks])
    found = minimize(objective, beginning, jac=True, method="BFGS").x
    assert np.allclose(found, flat, atol=0.06)


def test_phi_cannot_be_turned_over() -> None:
    assert GatedSorter(BINS, None, Distribution()).turned == ()
