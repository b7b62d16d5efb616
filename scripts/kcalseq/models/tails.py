"""Symmetric distributions of unit scale, on the log scale far into their tails: normal, logistic, Student's t.

What is asked of them is the log probability between two points. The difference of two distribution functions is 0 as
soon as both round to 1, so points are first reflected into the upper tail, where the difference of survival functions
keeps its digits; and where two points are so near that their survival functions agree in the first digits, the density
is integrated instead.
"""

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import betainc, betaln

# Between points whose log survivals differ by less, the density changes so little that Gauss-Legendre is exact.
_NARROW = 0.1
_N_NODES = 8
# Below, scipy's incomplete beta function begins to underflow.
_LEAST = 1e-290
_MAX_NU = 1000.0


class Distribution(NamedTuple):
    """A symmetric distribution around 0.

    Attributes:
        kind: ``normal`` of standard deviation 1, ``logistic`` of scale 1 (standard deviation pi / sqrt 3), or
            ``student_t`` of scale 1.
        nu: degrees of freedom of ``student_t``, 1 to 1000; not used by the others.
    """

    kind: Literal["normal", "logistic", "student_t"] = "normal"
    nu: float = 5.0


def log_survival(z: torch.Tensor, of: Distribution) -> torch.Tensor:
    """log P(Z > z), nats, of the shape of z.

    Raises:
        ValueError: the degrees of freedom of a Student's t are not within 1 and 1000.
    """
    if of.kind == "normal":
        normal: torch.Tensor = torch.special.log_ndtr(-z)
        return normal
    if of.kind == "logistic":
        return torch.nn.functional.logsigmoid(-z)
    if not 1.0 <= of.nu <= _MAX_NU:
        raise ValueError(f"{of.nu} degrees of freedom; a Student's t takes 1 to {_MAX_NU:.0f}: above, it is normal")
    value: torch.Tensor = _StudentLogSurvival.apply(z, of.nu)  # type: ignore[no-untyped-call]
    return value


def log_between(low: torch.Tensor, width: torch.Tensor, of: Distribution) -> torch.Tensor:
    """log P(low < Z < low + width).

    Args:
        low: shape (...).
        width: > 0, broadcasts against low; given itself because low + width may round to low.
        of: the distribution.

    Returns:
        nats, of the broadcast shape.
    """
    high = low + width
    if of.kind == "logistic":
        # sigmoid(high) - sigmoid(low) = sigmoid(high) sigmoid(-low) (1 - exp(-width))
        both = torch.nn.functional.logsigmoid(high) + torch.nn.functional.logsigmoid(-low)
        return both + _log1m_exp(-width)
    near, far = torch.where(low + high < 0.0, -high, low), torch.where(low + high < 0.0, -low, high)
    log_near = log_survival(near, of)
    fall = log_survival(far, of) - log_near
    narrow = fall > -_NARROW
    wide = log_near + _log1m_exp(torch.where(narrow, -1.0, fall))
    if not bool(narrow.any()):
        return wide
    return torch.where(narrow, _integral(low, width, of), wide)


def _integral(low: torch.Tensor, width: torch.Tensor, of: Distribution) -> torch.Tensor:
    """log of the integral of the density over a narrow interval, by Gauss-Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    terms = [
        _log_density(low + 0.5 * (1.0 + float(node)) * width, of) + math.log(0.5 * float(weight))
        for node, weight in zip(nodes, weights, strict=True)
    ]
    return width.log() + torch.logsumexp(torch.stack(terms), 0)


def _log_density(z: torch.Tensor, of: Distribution) -> torch.Tensor:
    """log density of the normal or of Student's t, nats, of the shape of z."""
    if of.kind == "normal":
        return -0.5 * z.square() - 0.5 * math.log(2.0 * math.pi)
    scale = -0.5 * math.log(of.nu) - float(betaln(0.5 * of.nu, 0.5))
    return scale - 0.5 * (of.nu + 1.0) * torch.log1p(z.square() / of.nu)


def _log1m_exp(x: torch.Tensor) -> torch.Tensor:
    """log(1 - exp x) for x < 0."""
    near = x > -math.log(2.0)
    small, large = torch.where(near, x, -1.0), torch.where(near, -1.0, x)
    return torch.where(near, torch.log(-torch.expm1(small)), torch.log1p(-torch.exp(large)))


class _StudentLogSurvival(torch.autograd.Function):
    """log survival of Student's t by scipy, since torch has no incomplete beta function; nu has no gradient."""

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor, nu: float) -> torch.Tensor:
        ctx.save_for_backward(z)
        ctx.nu = nu
        return torch.from_numpy(_student_log_survival(z.detach().cpu().numpy(), nu)).to(z)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (z,) = ctx.saved_tensors
        of = Distribution("student_t", ctx.nu)
        hazard = torch.exp(_log_density(z, of) - log_survival(z, of))
        return -gradients[0] * hazard, None


def _student_log_survival(z: NDArray[np.float64], nu: float) -> NDArray[np.float64]:
    """log P(T > z) for Student's t, nats, of the shape of z.

    P(|T| > |z|) is the incomplete beta function I_x(nu / 2, 1 / 2) at x = nu / (nu + z^2), of which the complement is
    exact near z = 0. Where it underflows: the first terms of x^a sqrt(1 - x) / (a B(a, 1/2)) 2F1(a + 1/2, 1; a + 1; x)
    (DLMF 8.17.8); x < 0.26 there for all nu up to 1000.
    """
    a, square = 0.5 * nu, z * z
    x = nu / (nu + square)
    inner = 1.0 - betainc(0.5, a, square / (nu + square))
    both = np.where(square < 1.0, inner, betainc(a, 0.5, x))
    log_both = np.log(np.maximum(both, _LEAST))
    far = both < _LEAST
    if far.any():
        series, term = np.ones(int(far.sum())), np.ones(int(far.sum()))
        for n in range(40):
            term = term * x[far] * (a + 0.5 + n) / (a + 1.0 + n)
            series += term
        log_x = -np.log1p(square[far] / nu)
        log_both[far] = a * log_x + 0.5 * np.log1p(-x[far]) - math.log(a) - betaln(a, 0.5) + np.log(series)
    # P(T > z) is half of it above 0 and 1 less that half below.
    upper = log_both - math.log(2.0)
    return np.asarray(np.where(z >= 0.0, upper, np.log1p(-np.exp(upper))))
