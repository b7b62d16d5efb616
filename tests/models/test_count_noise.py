"""Probabilities of counts: against scipy, against exact products in many digits, and by the laws they obey."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.models.count_noise import beta_binomial, binomial, negative_binomial, poisson


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def exact_log(numerators: list[Decimal], denominators: list[Decimal]) -> Decimal:
    ratio = Decimal(1)
    for number in numerators:
        ratio *= number
    for number in denominators:
        ratio /= number
    return ratio.ln()


def exact_beta_binomial(k: int, n: int, logit_p: float, log_kappa: float) -> float:
    """(n choose k) (a)_k (b)_(n-k) / (a + b)_n, all factors multiplied out."""
    with localcontext() as context:
        context.prec = 50
        kappa = Decimal(log_kappa).exp()
        a, b = kappa / (1 + Decimal(-logit_p).exp()), kappa / (1 + Decimal(logit_p).exp())
        rising = [a + j for j in range(k)] + [b + j for j in range(n - k)]
        return float(exact_log([Decimal(math.comb(n, k)), *rising], [kappa + j for j in range(n)]))


def exact_negative_binomial(k: int, log_mu: float, log_alpha: float) -> float:
    """(r)_k / k! (r / (r + mu))^r (mu / (r + mu))^k, r = 1 / alpha, the rising factorial multiplied out."""
    with localcontext() as context:
        context.prec = 120
        mu, r = Decimal(log_mu).exp(), Decimal(-log_alpha).exp()
        factorial = exact_log([r + j for j in range(k)], [Decimal(j + 1) for j in range(k)])
        powers = r * (r / (r + mu)).ln() + k * (mu / (r + mu)).ln()
        return float(factorial + powers)


def test_values_that_the_eye_can_check() -> None:
    assert binomial(tensor(2), tensor(4), tensor(0.0)).exp().item() == pytest.approx(6 / 16, rel=1e-14)
    # Beta(1, 1) is uniform, so all 0 .. 9 successes are equally probable.
    uniform = beta_binomial(torch.arange(10).double(), tensor(9), tensor(0.0), tensor(math.log(2.0)))
    assert torch.allclose(uniform.exp(), torch.full((10,), 0.1, dtype=torch.float64), rtol=1e-14)
    assert poisson(tensor(0), tensor(0.0)).item() == pytest.approx(-1.0, abs=1e-15)
    # alpha = 1 is the geometric distribution.
    geometric = negative_binomial(torch.arange(3).double(), tensor(0.0), tensor(0.0))
    assert torch.allclose(geometric.exp(), tensor(1 / 2, 1 / 4, 1 / 8), rtol=1e-14)
    assert beta_binomial(tensor(0), tensor(0), tensor(0.3), tensor(1.0)).item() == pytest.approx(0.0, abs=1e-15)


def test_values_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 200, 500)
    k, eta = np.floor(rng.random(500) * (n + 1)), rng.normal(0.0, 2.0, 500)
    log_kappa, log_mu, log_alpha = rng.uniform(-3, 6, 500), rng.uniform(-2, 6, 500), rng.uniform(-5, 2, 500)
    p, kappa, mu, r = 1 / (1 + np.exp(-eta)), np.exp(log_kappa), np.exp(log_mu), np.exp(-log_alpha)
    found = [torch.from_numpy(item.astype(float)) for item in (k, n, eta, log_kappa, log_mu, log_alpha)]
    pairs = [
        (binomial(*found[:3]), scipy.stats.binom.logpmf(k, n, p)),
        (beta_binomial(*found[:4]), scipy.stats.betabinom.logpmf(k, n, kappa * p, kappa * (1 - p))),
        (poisson(found[0], found[4]), scipy.stats.poisson.logpmf(k, mu)),
        (negative_binomial(found[0], found[4], found[5]), scipy.stats.nbinom.logpmf(k, r, r / (r + mu))),
    ]
    for ours, theirs in pairs:
        assert np.allclose(ours.numpy(), theirs, rtol=1e-10, atol=1e-10)


# scipy's own sum of log Gammas has lost its tenth digit by kappa = 1e5; the products have not.
@pytest.mark.parametrize("log_kappa", [-20.0, -2.0, 1.0, 5.0, math.log(1e5), math.log(1e8), 60.0, 100.0])
@pytest.mark.parametrize("logit_p", [-20.0, -3.0, 0.4, 8.0])
def test_beta_binomial_keeps_its_digits_at_any_concentration(log_kappa: float, logit_p: float) -> None:
    for n in (1, 7, 300, 3000):
        mean = round(n / (1 + math.exp(-logit_p)))
        for k in {0, 1, n // 3, mean, n - 1, n}:
            found = beta_binomial(tensor(k), tensor(n), tensor(logit_p), tensor(log_kappa)).item()
            assert found == pytest.approx(exact_beta_binomial(k, n, logit_p, log_kappa), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("log_alpha", [-100.0, -30.0, math.log(1e-8), -5.0, 0.0, 10.0])
@pytest.mark.parametrize("log_mu", [-10.0, 0.0, 3.0, math.log(2000.0)])
def test_negative_binomial_keeps_its_digits_at_any_dispersion(log_alpha: float, log_mu: float) -> None:
    for k in (0, 1, 10, 50, 1900, 2500):
        found = negative_binomial(tensor(k), tensor(log_mu), tensor(log_alpha)).item()
        assert found == pytest.approx(exact_negative_binomial(k, log_mu, log_alpha), rel=1e-12, abs=1e-13)


def test_log_factorials_keep_all_digits_where_the_series_takes_over() -> None:
    """At mu = k the Poisson probability is k^k / k! exp(-k)."""
    for k in (1, 5, 15, 16, 17, 20, 40):
        with localcontext() as context:
            context.prec = 50
            exact = float(k * Decimal(k).ln() - Decimal(math.factorial(k)).ln() - k)
        assert poisson(tensor(k), tensor(math.log(k))).item() == pytest.approx(exact, abs=3e-15)


def test_a_large_concentration_is_the_binomial_and_a_small_dispersion_the_poisson() -> None:
    n = torch.tensor([5.0, 80.0, 1e6], dtype=torch.float64)
    k, eta = torch.floor(0.3 * n), tensor(-0.5, -1.0, -0.8)
    log_mu = tensor(0.5, 3.0, 12.6)
    for log_small in (-10.0, -20.0, -30.0, -90.0):
        for found, limit in (
            (beta_binomial(k, n, eta, tensor(-log_small)), binomial(k, n, eta)),
            (negative_binomial(k, log_mu, tensor(log_small)), poisson(k, log_mu)),
        ):
            assert torch.all((found - limit).abs() <= 1e-12 * limit.abs() + n.square() * math.exp(log_small))
    # Not because all are the same: at a concentration of exp(10) the gap is far more than rounding.
    assert abs(beta_binomial(k, n, eta, tensor(10.0)) - binomial(k, n, eta))[1] > 1e-5


@pytest.mark.parametrize("log_kappa", [-3.0, 2.0, 9.0])
def test_beta_binomial_has_its_norm_mean_and_variance(log_kappa: float) -> None:
    n, p, kappa = 60, 0.2, math.exp(log_kappa)
    k = torch.arange(n + 1).double()
    weight = beta_binomial(k, tensor(n), tensor(math.log(p / (1 - p))), tensor(log_kappa)).exp()
    assert weight.sum().item() == pytest.approx(1.0, abs=1e-13)
    mean = (weight * k).sum().item()
    assert mean == pytest.approx(n * p, rel=1e-12)
    variance = n * p * (1 - p) * (kappa + n) / (kappa + 1)
    assert (weight * (k - mean) ** 2).sum().item() == pytest.approx(variance, rel=1e-11)
    assert binomial(k, tensor(n), tensor(-1.0)).exp().sum().item() == pytest.approx(1.0, abs=1e-13)


@pytest.mark.parametrize("log_alpha", [-80.0, -4.0, -0.5])
def test_negative_binomial_has_its_norm_mean_and_variance(log_alpha: float) -> None:
    k, mu = torch.arange(3000).double(), 12.0
    weight = negative_binomial(k, tensor(math.log(mu)), tensor(log_alpha)).exp()
    assert weight.sum().item() == pytest.approx(1.0, abs=1e-12)
    assert (weight * k).sum().item() == pytest.approx(mu, rel=1e-11)
    assert (weight * (k - mu) ** 2).sum().item() == pytest.approx(mu + math.exp(log_alpha) * mu**2, rel=1e-10)
    assert poisson(k, tensor(math.log(mu))).exp().sum().item() == pytest.approx(1.0, abs=1e-13)


def _four(k: torch.Tensor, n: torch.Tensor) -> list[Callable[[torch.Tensor, torch.Tensor], torch.Tensor]]:
    return [
        lambda x, _: binomial(k, n, x),
        lambda x, y: beta_binomial(k, n, x, y),
        lambda x, _: poisson(k, x),
        lambda x, y: negative_binomial(k, x, y),
    ]


def test_first_and_second_derivatives_are_those_of_finite_differences() -> None:
    n = tensor(0, 1, 6, 40, 40, 40, 300)
    k = tensor(0, 0, 5, 0, 13, 40, 120)
    x = tensor(0.3, -1.0, 2.0, -4.0, -0.8, 3.0, -0.4).requires_grad_()
    y = tensor(1.0, -1.0, 0.0, 3.0, 2.0, -2.0, 4.0).requires_grad_()
    for function in _four(k, n):
        assert torch.autograd.gradcheck(lambda x, y, f=function: f(x, y) + 0.0 * y, (x, y))
        assert torch.autograd.gradgradcheck(lambda x, y, f=function: f(x, y) + 0.0 * y, (x, y), atol=1e-4)


@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(0, 10**7),
    share=st.floats(0, 1),
    x=st.floats(-250, 250),
    y=st.floats(-100, 100),
)
def test_wherever_the_parameters_wander_all_stays_finite(n: int, share: float, x: float, y: float) -> None:
    total = tensor(n)
    k = torch.floor(share * total)
    place = tensor(x).requires_grad_()
    spread = tensor(y).requires_grad_()
    for function in _four(k, total):
        value = function(place, spread)
        assert value.item() <= 1e-12
        first = torch.autograd.grad(value.sum() + 0.0 * spread.sum(), (place, spread), create_graph=True)
        second = torch.autograd.grad(first[0].sum() + first[1].sum() + 0.0 * (place + spread).sum(), (place, spread))
        assert all(bool(torch.isfinite(item).all()) for item in (value, *first, *second))


def test_members_do_not_see_each_other() -> None:
    rng = np.random.default_rng(3)
    n = torch.from_numpy(rng.integers(1, 100, 20).astype(float))
    k = torch.floor(n * torch.from_numpy(rng.random(20)))
    x, y = (torch.from_numpy(rng.normal(size=shape)) for shape in ((3, 20), (3, 1)))
    for function in _four(k, n):
        together = function(x, y)
        assert together.shape == (3, 20)
        for member in range(3):
            alone = function(x[member : member + 1], y[member : member + 1])
            assert torch.allclose(together[member], alone[0], rtol=1e-14, atol=1e-14)


def test_the_expected_score_is_zero_at_the_truth() -> None:
    """A proper scoring rule: over all outcomes of the truth the gradient averages to 0."""
    k, n = torch.arange(41).double(), tensor(40)
    x, y = tensor(-0.7).requires_grad_(), tensor(1.5).requires_grad_()
    log_p = beta_binomial(k, n, x, y)
    for gradient in torch.autograd.grad((log_p.detach().exp() * log_p).sum(), (x, y)):
        assert abs(gradient.item()) < 1e-12
    counts = torch.arange(4000).double()
    log_p = negative_binomial(counts, x + 3.0, y - 2.0)
    for gradient in torch.autograd.grad((log_p.detach().exp() * log_p).sum(), (x, y)):
        assert abs(gradient.item()) < 1e-10
