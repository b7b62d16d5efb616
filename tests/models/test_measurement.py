"""The measurement process: a proper score whose closed-form gradient is that of automatic differentiation."""

import numpy as np
import pytest
import torch

from kcalseq.models.measurement import MeasurementWeights, log_probability, negative_log_likelihood

N_BINS, N_UNITS = 5, 4


def weights(n_members: int, seed: int = 0, scale: float = 1.0) -> MeasurementWeights:
    rng = np.random.default_rng(seed)
    shapes = ((n_members, N_BINS), (n_members, N_BINS, N_UNITS), (n_members, N_UNITS), (n_members, N_UNITS))
    return MeasurementWeights(*(torch.from_numpy(rng.normal(0.0, scale, shape)) for shape in shapes))


def phenotypes(n_members: int, n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).normal(size=(n_members, n)))


def random_counts(n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(6).poisson(0.7, (1, N_BINS, n)).astype(float))


def tracked(z: torch.Tensor, of: MeasurementWeights) -> tuple[torch.Tensor, ...]:
    return tuple(item.clone().requires_grad_() for item in (z, *of))


def test_probabilities_are_the_formula() -> None:
    z, of = phenotypes(2, 30), weights(2)
    found = log_probability(z, of)
    for member in range(2):
        a, b, c, d = (item[member].numpy() for item in of)
        logits = a[:, None] + b @ np.tanh(c[:, None] * z[member].numpy() + d[:, None])
        expected = logits - np.log(np.exp(logits).sum(0))
        assert np.allclose(found[member].numpy(), expected, rtol=0, atol=1e-13)
    assert torch.allclose(found.exp().sum(1), torch.ones(2, 30, dtype=torch.float64), rtol=0, atol=1e-14)


# Above 8192 variants the value comes from several pieces.
@pytest.mark.parametrize("n", [1, 50, 20_000])
def test_value_and_gradient_are_those_of_log_probability(n: int) -> None:
    z, counts = phenotypes(2, n), random_counts(n)
    closed, automatic = tracked(z, weights(2)), tracked(z, weights(2))
    value = negative_log_likelihood(closed[0], MeasurementWeights(*closed[1:]), counts)
    expected = -(log_probability(automatic[0], MeasurementWeights(*automatic[1:])) * counts).sum((1, 2))
    assert torch.allclose(value, expected, rtol=1e-12)
    outer = torch.tensor([1.0, -0.3], dtype=torch.float64)
    gradients = torch.autograd.grad((value * outer).sum(), closed)
    for found, wanted in zip(gradients, torch.autograd.grad((expected * outer).sum(), automatic), strict=True):
        assert torch.allclose(found, wanted, rtol=1e-10, atol=1e-9)


def test_gradient_is_that_of_finite_differences() -> None:
    counts = random_counts(7)

    def value(z: torch.Tensor, *of: torch.Tensor) -> torch.Tensor:
        return negative_log_likelihood(z, MeasurementWeights(*of), counts)

    assert torch.autograd.gradcheck(value, tracked(phenotypes(2, 7), weights(2)))


def test_members_do_not_see_each_other() -> None:
    z, of, counts = phenotypes(3, 200), weights(3), random_counts(200)
    together = negative_log_likelihood(z, of, counts)
    for member in range(3):
        own = MeasurementWeights(*(item[member : member + 1] for item in of))
        alone = negative_log_likelihood(z[member : member + 1], own, counts)
        assert torch.allclose(together[member], alone[0], rtol=1e-13)


def test_the_expected_loss_is_least_at_the_truth() -> None:
    """A proper scoring rule: with the expected counts of a truth, nothing scores better than the truth."""
    z, truth = phenotypes(1, 400), weights(1)
    expected_counts = 3.0 * log_probability(z, truth).exp()
    at_truth = tracked(z, truth)
    best = negative_log_likelihood(at_truth[0], MeasurementWeights(*at_truth[1:]), expected_counts)
    for gradient in torch.autograd.grad(best.sum(), at_truth):
        assert torch.allclose(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-10)
    for seed in range(1, 30):
        other = MeasurementWeights(*(t + s for t, s in zip(truth, weights(1, seed, 0.1), strict=True)))
        assert negative_log_likelihood(z, other, expected_counts) > best
