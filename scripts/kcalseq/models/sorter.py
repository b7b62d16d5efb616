"""A cell sorter with gates as a measurement process: p(bin | phi).

The log fluorescence of a cell is m(phi) + s Z with m(phi) = intercept + slope * phi, slope > 0, and Z of a
symmetric distribution of unit scale. A cell falls into bin y = 1 .. n_gates + 1 if its log fluorescence lies between
the gates g_(y-1) and g_y. Far fewer parameters than the tanh units of ``measurement``, and gates that can be read off
the sorter; where the distribution is wrong, so is the fit.

Gates, intercept, slope and s together have more numbers than p(bin | phi): multiplying all by a constant, or shifting
gates and intercept, changes nothing. With known gates the other three are free; with learned gates hold intercept and
log_scale at 0. Depths are poorly determined together with learned gates: a wider and a deeper bin look almost alike.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.tails import Distribution, log_between, log_survival


class SorterWeights(NamedTuple):
    """Parameters for a batch of members.

    Attributes:
        gates: rising, shape (n_members, n_gates), n_gates >= 1, log fluorescence.
        intercept: log fluorescence at phi = 0, shape (n_members,).
        log_slope: log of d log fluorescence / d phi, shape (n_members,).
        log_scale: log of s, shape (n_members,).
        log_depth: log of observations made per cell that falls into each bin, up to a constant, shape
            (n_members, n_gates + 1); None if the same for all bins. It is not where equal numbers of cells were taken
            from each bin, or each bin was sequenced equally: then p(bin | phi) is that of a retrospective sample.
        unsorted_logit: log odds that an observation is of the unsorted library, shape (n_members,); then bin 0 is that
            library. None if there is no such bin.
    """

    gates: torch.Tensor
    intercept: torch.Tensor
    log_slope: torch.Tensor
    log_scale: torch.Tensor
    log_depth: torch.Tensor | None = None
    unsorted_logit: torch.Tensor | None = None


def rising_gates(first: torch.Tensor, log_gaps: torch.Tensor) -> torch.Tensor:
    """Gates from free numbers: the first gate and the logs of the gaps between neighbours.

    Args:
        first: shape (n_members,).
        log_gaps: shape (n_members, n_gates - 1).

    Returns:
        shape (n_members, n_gates).
    """
    return torch.cat([first[:, None], first[:, None] + log_gaps.exp().cumsum(1)], 1)


def log_probability(phi: torch.Tensor, weights: SorterWeights, noise: Distribution) -> torch.Tensor:
    """log p(bin | phi).

    Args:
        phi: latent phenotype, shape (n_members, n).
        weights: of as many members.
        noise: distribution of Z.

    Returns:
        nats, shape (n_members, n_bins, n), the unsorted library first if there is one; exponentials add up to 1 over
        bins.
    """
    log_p = _log_sorted(phi, weights, noise)
    if weights.log_depth is not None:
        log_p = torch.log_softmax(log_p + weights.log_depth[:, :, None], 1)
    if weights.unsorted_logit is None:
        return log_p
    logit = weights.unsorted_logit[:, None, None]
    unsorted = torch.nn.functional.logsigmoid(logit).expand(-1, 1, phi.shape[1])
    return torch.cat([unsorted, torch.nn.functional.logsigmoid(-logit) + log_p], 1)


def simulate(
    phi: torch.Tensor, n: NDArray[np.int64], weights: SorterWeights, noise: Distribution, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw in which bins the observations of each variant lie.

    Args:
        phi: latent phenotype, shape (1, n_variants).
        n: observations of each variant, shape (n_variants,).
        weights: of one member.
        noise: distribution of Z.
        rng: source of the draws.

    Returns:
        counts, shape (n_bins, n_variants).
    """
    p = log_probability(phi, weights, noise)[0].detach().exp().numpy().T
    counts: NDArray[np.int64] = rng.multinomial(n, p / p.sum(1, keepdims=True)).T
    return counts


def _log_sorted(phi: torch.Tensor, weights: SorterWeights, noise: Distribution) -> torch.Tensor:
    """log probability that a cell falls between two gates, shape (n_members, n_gates + 1, n)."""
    mean = weights.intercept[:, None] + weights.log_slope.exp()[:, None] * phi
    scale = weights.log_scale.exp()[:, None, None]
    z = (weights.gates[:, :, None] - mean[:, None]) / scale
    width = weights.gates.diff(dim=1)[:, :, None] / scale
    between = log_between(z[:, :-1], width, noise)
    return torch.cat([log_survival(-z[:, :1], noise), between, log_survival(z[:, -1:], noise)], 1)
