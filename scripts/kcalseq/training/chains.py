"""How well chains of draws agree, and what many correlated draws are worth: split R-hat and effective sample size.

Both on normal scores of the ranks, as Vehtari, Gelman, Simpson, Carpenter & Burkner (2021) propose: then they hold for
numbers without a mean or variance too. Ends of flat valleys have such tails.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

# Two halves of two draws each: below that no half has a variance within.
_FEWEST_DRAWS = 4


class Summary(NamedTuple):
    """What the draws say about each number, all of shape (n_numbers,).

    Attributes:
        mean: of all draws.
        sd: of all draws.
        r_hat: 1 where chains agree; above 1.01 they have not run long enough, or never met.
        ess: effective number of independent draws for the middle of the distribution.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    r_hat: NDArray[np.float64]
    ess: NDArray[np.float64]


def summarise(chains: NDArray[np.float64]) -> Summary:
    """Mean, standard deviation, R-hat and effective sample size of each number.

    Args:
        chains: draws, shape (n_chains, n_draws, n_numbers).

    Raises:
        ValueError: fewer than four draws in a chain.
    """
    together = chains.reshape(-1, chains.shape[2])
    return Summary(together.mean(0), together.std(0, ddof=1), r_hat(chains), bulk_ess(chains))


def r_hat(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Split R-hat of the ranks: the larger of that for the place and that for the width of the distribution.

    Chains of one mean and different widths pass the first; the second ranks distances from the median instead.

    Args:
        chains: draws, shape (n_chains, n_draws, n_numbers).

    Returns:
        shape (n_numbers,); NaN where all draws are the same.

    Raises:
        ValueError: fewer than four draws in a chain.
    """
    halves = _split(chains)
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    return np.maximum(_potential_reduction(_normal_scores(halves)), _potential_reduction(_normal_scores(folded)))


def bulk_ess(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Effective sample size of the normal scores of the ranks.

    Autocorrelations of the halved chains (their Eq. 10) are added up in pairs until a pair is negative, and no
    pair counts for more than the one before it (Geyer 1992). Of the first negative pair the even lag counts once if it
    is positive: without it draws that swing about the mean would be overrated.

    Args:
        chains: draws, shape (n_chains, n_draws, n_numbers).

    Returns:
        shape (n_numbers,), at most S log10(S) of S draws; NaN where all draws are the same.

    Raises:
        ValueError: fewer than four draws in a chain.
    """
    scores = _normal_scores(_split(chains))
    rho = _autocorrelation(scores)  # shape: (n_draws / 2, n_numbers)
    n_pairs = len(rho) // 2
    pairs = rho[: 2 * n_pairs].reshape(n_pairs, 2, -1).sum(1)
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    falling = np.minimum.accumulate(pairs, axis=0)
    rejected = np.minimum(2 * positive.sum(0), len(rho) - 1)
    rest = np.maximum(np.take_along_axis(rho, rejected[None], 0)[0], 0.0)
    n = scores.shape[0] * scores.shape[1]
    time = np.maximum(2.0 * np.where(positive, falling, 0.0).sum(0) - 1.0 + rest, 1.0 / np.log10(n))
    return np.where(np.isnan(rho[0]), np.nan, n / time)


def _split(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halves of the chains as chains, so that a chain that drifts disagrees with itself; a middle draw is dropped."""
    if chains.shape[1] < _FEWEST_DRAWS:
        raise ValueError(f"{chains.shape[1]} draws in a chain; R-hat and effective sample size need {_FEWEST_DRAWS}")
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _normal_scores(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = rankdata(chains.reshape(-1, chains.shape[2]), axis=0).reshape(chains.shape)
    return np.asarray(ndtri((ranks - 0.375) / (chains.shape[0] * chains.shape[1] + 0.25)))


def _variances(chains: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean variance within chains, and the variance that within and between give together, each (n_numbers,)."""
    n = chains.shape[1]
    within = chains.var(1, ddof=1).mean(0)
    within = np.where(within > 0, within, np.nan)
    return within, within * (n - 1) / n + chains.mean(1).var(0, ddof=1)


def _potential_reduction(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    within, total = _variances(chains)
    return np.asarray(np.sqrt(total / within))


def _autocorrelation(chains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocorrelation of several chains together at every lag, shape (n_draws, n_numbers)."""
    n = chains.shape[1]
    within, total = _variances(chains)
    # Padded with as many zeros: the transform must not join the end of a chain to its beginning.
    spectrum = np.fft.rfft(chains - chains.mean(1, keepdims=True), 2 * n, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n, axis=1)[:, :n].mean(0) / n
    return np.asarray(1.0 - (within - covariance) / total)
