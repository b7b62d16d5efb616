"""Noise models: densities that are the textbook's, proper scores, and draws and intervals that follow them."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, stats

from kcalseq.models.noise import LOG_DENSITIES, Numbers, empirical, gaussian, interval, polynomial, simulate, skew_t

CASES: list[tuple[str, dict[str, float]]] = [
    ("gaussian", {"log_s": -0.4}),
    ("cauchy", {"log_s": 0.3}),
    ("skew_t", {"log_s": 0.2, "log_a": math.log(0.6), "log_b": math.log(5.0)}),
    ("skew_t", {"log_s": -0.7, "log_a": math.log(9.0), "log_b": math.log(1.5)}),
    ("empirical", {"dy": 0.6}),
    ("empirical", {"dy": 0.6, "log_s": -0.3}),
]
Y_HAT = 0.8
each_case = pytest.mark.parametrize(("noise", "numbers"), CASES, ids=[f"{n}{i}" for i, (n, _) in enumerate(CASES)])


def column(value: float) -> torch.Tensor:
    return torch.tensor([[value]], dtype=torch.float64)


def log_density(noise: str, y: NDArray[np.float64], y_hat: float, numbers: dict[str, float]) -> NDArray[np.float64]:
    """One member's log density at many y."""
    values = {name: column(value) for name, value in numbers.items()}
    return LOG_DENSITIES[noise](torch.from_numpy(y), column(y_hat), **values)[0].numpy()


def arrays(numbers: dict[str, float]) -> Numbers:
    return {name: np.array(value) for name, value in numbers.items()}


def quadrature() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points about Y_HAT and their weights: the trapezoidal rule in asinh(y), where heavy tails fall exponentially."""
    x = np.linspace(-80.0, 80.0, 16_001)
    return Y_HAT + np.sinh(x), np.cosh(x) * (x[1] - x[0])


@each_case
def test_densities_add_up_to_one(noise: str, numbers: dict[str, float]) -> None:
    y, weights = quadrature()
    assert np.exp(log_density(noise, y, Y_HAT, numbers)) @ weights == pytest.approx(1.0, abs=1e-12)


@each_case
def test_densities_are_greatest_at_the_expected_value(noise: str, numbers: dict[str, float]) -> None:
    y = column(Y_HAT).requires_grad_()
    values = {name: column(value) for name, value in numbers.items()}
    (slope,) = torch.autograd.grad(LOG_DENSITIES[noise](y, column(Y_HAT), **values).sum(), y)
    assert float(slope) == pytest.approx(0.0, abs=1e-14)
    steps = np.linspace(0.01, 20.0, 200)
    for side in (-1.0, 1.0):
        fall = np.diff(log_density(noise, Y_HAT + side * np.append(0.0, steps), Y_HAT, numbers))
        assert (fall < 0).all()


@pytest.mark.parametrize("log_s", [-1.5, 0.0, 0.9])
def test_densities_are_those_of_scipy(log_s: float) -> None:
    y, s = np.linspace(-6.0, 7.0, 131), math.exp(log_s)
    found = {name: log_density(name, y, Y_HAT, {"log_s": log_s}) for name in ("gaussian", "cauchy")}
    assert np.allclose(found["gaussian"], stats.norm.logpdf(y, Y_HAT, s), rtol=0, atol=1e-10)
    assert np.allclose(found["cauchy"], stats.cauchy.logpdf(y, Y_HAT, s), rtol=0, atol=1e-10)
    for a in (0.5, 1.0, 2.0, 30.0):
        student = log_density("skew_t", y, Y_HAT, {"log_s": log_s, "log_a": math.log(a), "log_b": math.log(a)})
        assert np.allclose(student, stats.t.logpdf(y, 2.0 * a, Y_HAT, s), rtol=0, atol=1e-10)
    for a, b in itertools.permutations((0.6, 1.0, 3.0, 12.0), 2):
        skewed = log_density("skew_t", y, Y_HAT, {"log_s": log_s, "log_a": math.log(a), "log_b": math.log(b)})
        mode = (a - b) * math.sqrt(a + b) / math.sqrt((2 * a + 1) * (2 * b + 1))
        assert np.allclose(skewed, stats.jf_skew_t.logpdf(y, a, b, Y_HAT - s * mode, s), rtol=0, atol=1e-10)


def test_known_and_fitted_variances_add() -> None:
    y, dy = np.linspace(-3.0, 3.0, 50), np.linspace(0.1, 2.0, 50)
    arguments = torch.from_numpy(y), column(Y_HAT), torch.from_numpy(dy)
    assert np.allclose(empirical(*arguments)[0], stats.norm.logpdf(y, Y_HAT, dy), rtol=0, atol=1e-10)
    both = stats.norm.logpdf(y, Y_HAT, np.sqrt(dy**2 + 0.49))
    assert np.allclose(empirical(*arguments, column(math.log(0.7)))[0], both, rtol=0, atol=1e-10)
    exactly_known = empirical(arguments[0], arguments[1], torch.zeros(50, dtype=torch.float64), column(0.4))
    assert torch.allclose(exactly_known, gaussian(arguments[0], arguments[1], column(0.4)), rtol=0, atol=1e-13)


def test_tails_fall_as_their_own_powers() -> None:
    a, b = 0.7, 4.0
    numbers = {"log_s": 0.0, "log_a": math.log(a), "log_b": math.log(b)}
    for side, power in ((-1.0, 2 * a + 1), (1.0, 2 * b + 1)):
        near, far = log_density("skew_t", side * np.array([1e9, 1e12]), 0.0, numbers)
        assert (near - far) / math.log(1e3) == pytest.approx(power, rel=1e-7)


def test_two_light_tails_are_normal_noise() -> None:
    """To first order in the degrees of freedom n, Student's t differs by (r^4 - 2 r^2 - 1) / (4 n) nats."""
    y, log_a = np.linspace(-1.0, 3.0, 81), math.log(1e5)
    skewed = log_density("skew_t", y, Y_HAT, {"log_s": -0.2, "log_a": log_a, "log_b": log_a})
    r = (y - Y_HAT) * math.exp(0.2)
    expected = log_density("gaussian", y, Y_HAT, {"log_s": -0.2}) + (r**4 - 2.0 * r**2 - 1.0) / 8e5
    assert np.allclose(skewed, expected, rtol=0, atol=3e-9)


@given(*[st.floats(-5.0, 5.0)] * 2, *[st.floats(-2.0, 3.0)] * 3)
def test_exchanging_the_tails_mirrors_the_skewed_t(
    y: float, y_hat: float, log_s: float, log_a: float, log_b: float
) -> None:
    scale, a, b = column(log_s), column(log_a), column(log_b)
    mirrored = skew_t(column(-y), column(-y_hat), scale, b, a)
    assert float(skew_t(column(y), column(y_hat), scale, a, b)) == pytest.approx(float(mirrored), rel=1e-12, abs=1e-12)


@each_case
def test_gradients_are_those_of_finite_differences(noise: str, numbers: dict[str, float]) -> None:
    y = torch.tensor([[-1.3, 0.2, 2.9]], dtype=torch.float64)
    inputs = [y, y.flip(1) * 0.5, *(torch.full((1, 3), value, dtype=torch.float64) for value in numbers.values())]
    assert torch.autograd.gradcheck(LOG_DENSITIES[noise], [item.requires_grad_() for item in inputs])


@each_case
def test_members_do_not_see_each_other(noise: str, numbers: dict[str, float]) -> None:
    rng = np.random.default_rng(1)
    y = torch.from_numpy(rng.normal(size=50))
    y_hat = torch.from_numpy(rng.normal(size=(3, 50)))
    values = {name: value + torch.from_numpy(rng.uniform(0, 1, (3, 1))) for name, value in numbers.items()}
    together = LOG_DENSITIES[noise](y, y_hat, **values)
    for member in range(3):
        own = {name: value[member : member + 1] for name, value in values.items()}
        alone = LOG_DENSITIES[noise](y, y_hat[member : member + 1], **own)
        assert torch.allclose(together[member], alone[0], rtol=0, atol=1e-14)


@each_case
def test_the_expected_score_is_greatest_at_the_truth(noise: str, numbers: dict[str, float]) -> None:
    y, weights = quadrature()
    share = torch.from_numpy(np.exp(log_density(noise, y, Y_HAT, numbers)) * weights)
    truth = [column(value).requires_grad_() for value in (Y_HAT, *numbers.values())]

    def score(values: list[torch.Tensor]) -> torch.Tensor:
        named = dict(zip(numbers, values[1:], strict=True))
        return (LOG_DENSITIES[noise](torch.from_numpy(y), values[0], **named) * share).sum()

    best = score(truth)
    for slope in torch.autograd.grad(best, truth):
        assert float(slope) == pytest.approx(0.0, abs=1e-10)
    truth = [value.detach() for value in truth]
    for moved, step in itertools.product(range(len(truth)), (-0.5, -0.05, 0.05, 0.5)):
        other = [value + step * (number == moved) for number, value in enumerate(truth)]
        assert float(score(other)) < float(best.detach()) - 1e-6


def test_polynomials_are_those_of_numpy() -> None:
    rng = np.random.default_rng(2)
    coefficients, y_hat = rng.normal(size=(3, 4)), rng.normal(size=(3, 20))
    found = polynomial(torch.from_numpy(coefficients), torch.from_numpy(y_hat))
    for member in range(3):
        expected = np.polynomial.polynomial.polyval(y_hat[member], coefficients[member])
        assert np.allclose(found[member], expected, rtol=0, atol=1e-13)


def test_a_polynomial_of_order_0_is_the_same_noise_everywhere() -> None:
    rng = np.random.default_rng(3)
    y, y_hat, log_s = (torch.from_numpy(rng.normal(size=shape)) for shape in ((20,), (3, 20), (3, 1)))
    constant = polynomial(log_s, y_hat)
    assert constant.shape == y_hat.shape
    assert torch.equal(constant, log_s.repeat(1, 20))
    assert torch.equal(gaussian(y, y_hat, constant), gaussian(y, y_hat, log_s))


@each_case
def test_draws_follow_the_density(noise: str, numbers: dict[str, float]) -> None:
    """Kolmogorov-Smirnov against the integrated density; with this seed, and a level of 0.001."""
    y, weights = quadrature()
    pieces = np.exp(log_density(noise, y, Y_HAT, numbers)) * weights
    below = np.cumsum(pieces) - 0.5 * pieces

    def cumulative(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(np.arcsinh(values - Y_HAT), np.arcsinh(y - Y_HAT), below)

    draws = simulate(noise, np.full(50_000, Y_HAT), arrays(numbers), np.random.default_rng(4))
    assert stats.kstest(draws, cumulative).pvalue > 0.001


@each_case
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_intervals_leave_out_as_much_below_as_above(noise: str, numbers: dict[str, float], confidence: float) -> None:
    ends = interval(noise, np.array(Y_HAT), arrays(numbers), confidence)
    x = np.linspace(-40.0, 80.0, 12_001)
    distance, step = np.exp(x), x[1] - x[0]
    for end, side in ((ends.lower, -1.0), (ends.upper, 1.0)):
        beyond = np.exp(log_density(noise, end + side * distance, Y_HAT, numbers)) @ distance * step
        assert beyond == pytest.approx((1.0 - confidence) / 2.0, rel=1e-9)


@each_case
def test_draws_fall_into_intervals_as_often_as_told(noise: str, numbers: dict[str, float]) -> None:
    """Also where noise differs between members and variants; within 4 standard errors, with this seed."""
    rng, n = np.random.default_rng(5), 50_000
    y_hat = rng.normal(size=(2, n))
    varied = {name: value + np.array([[0.0], [0.4]]) for name, value in numbers.items()}
    first = next(iter(varied))
    varied[first] = varied[first] + 0.1 * np.abs(y_hat)
    draws = simulate(noise, y_hat, varied, rng)
    assert draws.shape == y_hat.shape
    for confidence in (0.5, 0.9, 0.99):
        ends, tail = interval(noise, y_hat, varied, confidence), (1.0 - confidence) / 2.0
        for outside in (draws < ends.lower, draws > ends.upper):
            share = outside.mean(1)
            assert np.abs(share - tail).max() < 4.0 * math.sqrt(tail * (1.0 - tail) / n)


def test_draws_depend_on_the_seed_alone() -> None:
    for noise, numbers in CASES:
        first, again, other = (
            simulate(noise, np.zeros(5), arrays(numbers), np.random.default_rng(seed)) for seed in (6, 6, 7)
        )
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def test_unknown_noise_models_and_missing_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="'laplace' is no noise model; there are gaussian, cauchy, skew_t, empirical"):
        interval("laplace", np.zeros(1), {"log_s": np.zeros(1)}, 0.9)
    with pytest.raises(KeyError, match="log_a"):
        simulate("skew_t", np.zeros(1), {"log_s": np.zeros(1)}, np.random.default_rng(0))


def test_noise_that_changes_with_the_expected_value_is_found_again() -> None:
    """Six coefficients from 20,000 draws: each within 4 standard errors, of which none is above 0.1."""
    truth = np.array([[-0.5, 0.4], [math.log(2.0), 0.3], [math.log(0.8), -0.3]])
    y_hat = torch.linspace(-1.0, 1.0, 20_000, dtype=torch.float64)[None]

    def numbers(flat: torch.Tensor) -> dict[str, torch.Tensor]:
        rows = flat.reshape(3, 1, 2)
        return {name: polynomial(row, y_hat) for name, row in zip(("log_s", "log_a", "log_b"), rows, strict=True)}

    given = {name: value.numpy() for name, value in numbers(torch.from_numpy(truth)).items()}
    y = torch.from_numpy(simulate("skew_t", y_hat.numpy(), given, np.random.default_rng(8)))

    def loss(flat: torch.Tensor) -> torch.Tensor:
        return -skew_t(y, y_hat, **numbers(flat)).sum()

    def value_and_gradient(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        x = torch.from_numpy(flat).requires_grad_()
        value = loss(x)
        return float(value.detach()), torch.autograd.grad(value, x)[0].numpy()

    found = optimize.minimize(value_and_gradient, np.zeros(6), jac=True, method="L-BFGS-B").x
    hessian = torch.autograd.functional.hessian(loss, torch.from_numpy(found)).numpy()
    standard_errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert standard_errors.max() < 0.1
    assert np.abs((found - truth.ravel()) / standard_errors).max() < 4.0
