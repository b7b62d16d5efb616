"""The nonlinearity of continuous measurements: its formula, its limits, and what makes it rise."""

import math

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize

from kcalseq.models.epistasis import EpistasisWeights, expected_value, linear_value

N_UNITS = 4


def weights(n_members: int, seed: int = 0) -> EpistasisWeights:
    rng = np.random.default_rng(seed)
    shapes = ((n_members,), *((n_members, N_UNITS),) * 3)
    return EpistasisWeights(*(torch.from_numpy(rng.normal(size=shape)) for shape in shapes))


def phenotypes(n_members: int, n: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).normal(size=(n_members, n)))


def test_values_are_the_formula() -> None:
    z, of = phenotypes(2, 30), weights(2)
    free, rising = expected_value(z, of, monotone=False), expected_value(z, of, monotone=True)
    for member in range(2):
        a, b, c, d = (item[member].numpy() for item in of)
        for place, x in enumerate(z[member].tolist()):
            by_hand = a + sum(b[k] * math.tanh(c[k] * x + d[k]) for k in range(N_UNITS))
            assert abs(float(free[member, place]) - by_hand) < 1e-13
            by_hand = a + sum(math.exp(b[k]) * math.tanh(math.exp(c[k]) * x + d[k]) for k in range(N_UNITS))
            assert abs(float(rising[member, place]) - by_hand) < 1e-13


def test_one_unit_can_be_checked_by_eye() -> None:
    one = torch.ones(1, 1, dtype=torch.float64)
    z = torch.tensor([[-50.0, 0.0, math.atanh(0.5), 50.0]], dtype=torch.float64)
    found = expected_value(z, EpistasisWeights(3.0 * one[0], 2.0 * one, one, 0.0 * one), monotone=False)
    assert torch.allclose(found, torch.tensor([[1.0, 3.0, 4.0, 5.0]], dtype=torch.float64), rtol=0, atol=1e-14)


@given(st.integers(0, 10_000))
def test_a_monotone_value_rises_everywhere(seed: int) -> None:
    """Whatever the weights; between phenotypes at which tanh has not yet come to its end in double precision."""
    z = torch.linspace(-1.0, 1.0, 40, dtype=torch.float64).repeat(3, 1)
    of = weights(3, seed)
    gentle = of._replace(c=of.c.clamp(max=1.0))
    assert (expected_value(z, gentle, monotone=True).diff(dim=1) > 0).all()


def test_a_value_that_need_not_rise_can_fall() -> None:
    z = torch.linspace(-1.0, 1.0, 40, dtype=torch.float64)[None]
    of = weights(1)
    falling = EpistasisWeights(of.a, -of.b.abs(), of.c.abs(), of.d)
    assert (expected_value(z, falling, monotone=False).diff(dim=1) < 0).all()
    assert (expected_value(z, falling, monotone=True).diff(dim=1) > 0).all()


def test_one_gentle_unit_is_a_straight_line() -> None:
    z, a, b = phenotypes(2, 50), *(torch.tensor(v, dtype=torch.float64) for v in ([1.0, -2.0], [0.5, -3.0]))
    slope = torch.full((2, 1), 1e-5, dtype=torch.float64)
    nearly = EpistasisWeights(a, b[:, None] / slope, slope, torch.zeros_like(slope))
    line = linear_value(z, a, b)
    assert torch.allclose(expected_value(z, nearly, monotone=False), line, rtol=0, atol=1e-8)
    assert np.allclose(line, a.numpy()[:, None] + b.numpy()[:, None] * z.numpy(), rtol=0, atol=1e-14)


def test_gradients_are_those_of_finite_differences() -> None:
    z, of = phenotypes(2, 7), weights(2)
    inputs = tuple(item.requires_grad_() for item in (z, *of))
    for monotone in (False, True):

        def value(z: torch.Tensor, *of: torch.Tensor, monotone: bool = monotone) -> torch.Tensor:
            return expected_value(z, EpistasisWeights(*of), monotone)

        assert torch.autograd.gradcheck(value, inputs)
    assert torch.autograd.gradcheck(linear_value, (z, of.a, of.a.detach().flip(0).requires_grad_()))


def test_members_do_not_see_each_other() -> None:
    z, of = phenotypes(3, 200), weights(3)
    curves, lines = expected_value(z, of, monotone=True), linear_value(z, of.a, of.b[:, 0])
    for member in range(3):
        rows = slice(member, member + 1)
        alone = expected_value(z[rows], EpistasisWeights(*(item[rows] for item in of)), monotone=True)
        assert torch.allclose(curves[rows], alone, rtol=0, atol=1e-14)
        assert torch.equal(lines[rows], linear_value(z[rows], of.a[rows], of.b[rows, 0]))


def test_a_curve_is_found_again_through_its_noise() -> None:
    """Least squares from 2,000 measurements: the root mean square error is at most twice s sqrt(parameters / n)."""
    rng, n, s = np.random.default_rng(6), 2_000, 0.1
    z = torch.from_numpy(rng.normal(size=(1, n)))
    truth = 0.5 + 2.0 * torch.tanh(1.5 * z - 0.7)
    y = truth + s * torch.from_numpy(rng.normal(size=(1, n)))

    def curve(flat: torch.Tensor) -> torch.Tensor:
        return expected_value(z, EpistasisWeights(flat[:1], *flat[1:].reshape(3, 1, 1)), monotone=True)

    def value_and_gradient(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        x = torch.from_numpy(flat).requires_grad_()
        value = (curve(x) - y).square().sum()
        return float(value.detach()), torch.autograd.grad(value, x)[0].numpy()

    found = optimize.minimize(value_and_gradient, np.zeros(4), jac=True, method="L-BFGS-B").x
    error = (curve(torch.from_numpy(found)) - truth).square().mean().sqrt()
    assert float(error) < 2.0 * s * math.sqrt(4 / n)
