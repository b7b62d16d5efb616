"""Noise models of a continuous measurement: how y scatters about its expected value y_hat.

Normal, Cauchy, skewed t and given normal noise, as in MAVE-NN (Tareen et al. 2022); the numbers that shape them may
be polynomials in y_hat. First log densities (tensors, for fits), then draws and intervals (arrays, for reports).

The skewed t of Jones & Faddy (2003) is t = sqrt(a + b) sinh(logit(B) / 2) with B ~ Beta(a, b). With
w = asinh(t / sqrt(a + b)) the factors 1 +- t / sqrt(a + b + t^2) of its density are exp(+-w) / cosh(w), which lose no
digits in the tails; draws and quantiles of t are those of the odds of B.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, ndtri

_LOG_2 = math.log(2.0)
_LOG_PI = math.log(math.pi)
_LOG_2_PI = math.log(2.0 * math.pi)

# What shapes the noise, by the argument of the log density.
Numbers = Mapping[str, NDArray[np.float64]]
_Either = TypeVar("_Either", torch.Tensor, NDArray[np.float64])


def polynomial(coefficients: torch.Tensor, y_hat: torch.Tensor) -> torch.Tensor:
    """sum_k coefficients_k y_hat^k: a number that shapes the noise where it changes with y_hat.

    Args:
        coefficients: lowest power first, shape (n_members, order + 1); order 0 is the same noise everywhere.
        y_hat: expected values, shape (n_members, n).

    Returns:
        shape (n_members, n).
    """
    value = coefficients[:, -1:].expand_as(y_hat)
    for power in range(coefficients.shape[1] - 2, -1, -1):
        value = torch.addcmul(coefficients[:, power : power + 1], value, y_hat)
    return value


def gaussian(y: torch.Tensor, y_hat: torch.Tensor, log_s: torch.Tensor) -> torch.Tensor:
    """log p(y | y_hat) of normal noise.

    Args:
        y: measurements, shape (n_members, n) or (n,).
        y_hat: expected values, shape (n_members, n).
        log_s: log standard deviation, shape (n_members, n) or (n_members, 1).

    Returns:
        nats, shape (n_members, n). A density in the units of y: where y was divided by its sd, subtract log(sd).
    """
    return -0.5 * ((y - y_hat) * torch.exp(-log_s)).square() - log_s - 0.5 * _LOG_2_PI


def cauchy(y: torch.Tensor, y_hat: torch.Tensor, log_s: torch.Tensor) -> torch.Tensor:
    """log p(y | y_hat) of Cauchy noise.

    Args:
        y, y_hat: as in ``gaussian``.
        log_s: log of half the distance between the quartiles, shape (n_members, n) or (n_members, 1).

    Returns:
        nats, shape (n_members, n), as in ``gaussian``.
    """
    return -torch.log1p(((y - y_hat) * torch.exp(-log_s)).square()) - log_s - _LOG_PI


def skew_t(
    y: torch.Tensor, y_hat: torch.Tensor, log_s: torch.Tensor, log_a: torch.Tensor, log_b: torch.Tensor
) -> torch.Tensor:
    """log p(y | y_hat) of skewed t noise with its mode at y_hat (Jones & Faddy 2003).

    Above y_hat the density falls as the power 2b + 1 of distance, below as 2a + 1. With a = b it is Student's t of 2a
    degrees of freedom, and with a = b towards infinity normal noise of standard deviation s.

    Args:
        y, y_hat: as in ``gaussian``.
        log_s: log scale, shape (n_members, n) or (n_members, 1).
        log_a: log of the shape of the lower tail, shaped as log_s.
        log_b: log of the shape of the upper tail, shaped as log_s.

    Returns:
        nats, shape (n_members, n), as in ``gaussian``; rounding leaves errors near 1e-16 (a + b) log(a + b).
    """
    a, b = log_a.exp(), log_b.exp()
    nu = a + b
    x = _skewed_mode(a, b) + (y - y_hat) * torch.exp(-log_s) / torch.sqrt(nu)
    log_beta = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(nu)
    constant = (1.0 - nu) * _LOG_2 - log_beta - 0.5 * torch.log(nu) - log_s
    return constant + (a - b) * torch.asinh(x) - 0.5 * (nu + 1.0) * torch.log1p(x.square())


def empirical(
    y: torch.Tensor, y_hat: torch.Tensor, dy: torch.Tensor, log_s: torch.Tensor | None = None
) -> torch.Tensor:
    """log p(y | y_hat) of normal noise with a known standard error for each variant.

    Args:
        y, y_hat: as in ``gaussian``.
        dy: standard errors in the units of y, shape (n_members, n) or (n,); above 0 unless log_s is given.
        log_s: log standard deviation of further noise (variances add), shape (n_members, n) or (n_members, 1);
            None for none.

    Returns:
        nats, shape (n_members, n), as in ``gaussian``.
    """
    variance = dy.square() if log_s is None else dy.square() + torch.exp(2.0 * log_s)
    return -0.5 * ((y - y_hat).square() / variance + torch.log(variance) + _LOG_2_PI)


LOG_DENSITIES: dict[str, Callable[..., torch.Tensor]] = {
    "gaussian": gaussian,
    "cauchy": cauchy,
    "skew_t": skew_t,
    "empirical": empirical,
}


class Interval(NamedTuple):
    """Ends of a central interval, each of the shape of the expected values and in the units of y."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def simulate(noise: str, y_hat: NDArray[np.float64], numbers: Numbers, rng: np.random.Generator) -> NDArray[np.float64]:
    """One measurement for each expected value.

    Args:
        noise: name of a noise model, as in ``LOG_DENSITIES``.
        y_hat: expected values, any shape.
        numbers: what shapes the noise; each of y_hat's shape or broadcast to it.
        rng: source of random numbers.

    Returns:
        y, of y_hat's shape.

    Raises:
        ValueError: no noise model has this name.
        KeyError: one of its numbers is missing.
    """
    return y_hat + _scale(noise, numbers) * _standard_draws(noise, numbers, y_hat.shape, rng)


def interval(noise: str, y_hat: NDArray[np.float64], numbers: Numbers, confidence: float) -> Interval:
    """Central interval of a measurement: as much probability is left out below as above.

    A narrow one of a skewed noise model need not hold y_hat, which is the mode and not the median.

    Args:
        noise, y_hat, numbers: as in ``simulate``.
        confidence: probability within, above 0 and below 1.

    Raises:
        ValueError, KeyError: as in ``simulate``.
    """
    scale = _scale(noise, numbers)
    lower, upper = _standard_ends(noise, numbers, (1.0 - confidence) / 2.0)
    return Interval(y_hat + scale * lower, y_hat + scale * upper)


def _scale(noise: str, numbers: Numbers) -> NDArray[np.float64]:
    """What the standard draws of a noise model are multiplied by, in the units of y."""
    if noise not in LOG_DENSITIES:
        raise ValueError(f"'{noise}' is no noise model; there are {', '.join(LOG_DENSITIES)}")
    if noise == "empirical":
        return np.hypot(numbers["dy"], np.exp(numbers.get("log_s", np.array(-np.inf))))
    return np.exp(numbers["log_s"])


def _standard_draws(
    noise: str, numbers: Numbers, shape: tuple[int, ...], rng: np.random.Generator
) -> NDArray[np.float64]:
    if noise == "cauchy":
        return rng.standard_cauchy(shape)
    if noise == "skew_t":
        a, b = np.exp(numbers["log_a"]), np.exp(numbers["log_b"])
        # The odds of a beta variate are those of two gamma variates; its own digits end near 1.
        return _skewed_distance(np.log(rng.standard_gamma(a, shape)) - np.log(rng.standard_gamma(b, shape)), a, b)
    return rng.standard_normal(shape)


def _standard_ends(noise: str, numbers: Numbers, tail: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantiles of tail and of 1 - tail."""
    if noise == "skew_t":
        a, b = np.exp(numbers["log_a"]), np.exp(numbers["log_b"])
        lower = _skewed_distance(np.log(betaincinv(a, b, tail)) - np.log(betainccinv(b, a, tail)), a, b)
        return lower, _skewed_distance(np.log(betainccinv(a, b, tail)) - np.log(betaincinv(b, a, tail)), a, b)
    upper = np.asarray(1.0 / np.tan(np.pi * tail) if noise == "cauchy" else -ndtri(tail))
    return -upper, upper


def _skewed_distance(
    log_odds: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance from the mode, in units of s, of the skewed t whose beta variate has these log odds."""
    return np.sqrt(a + b) * (np.sinh(0.5 * log_odds) - _skewed_mode(a, b))


def _skewed_mode(a: _Either, b: _Either) -> _Either:
    """Mode of the skewed t in units of sqrt(a + b)."""
    return (a - b) / ((2.0 * a + 1.0) * (2.0 * b + 1.0)) ** 0.5
