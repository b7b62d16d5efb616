"""How much a model says about continuous values: R2, and information in bits per value.

I_var = h[y] + <log2 p(y | phi)> and I_pred = I[y; phi] as MAVE-NN defines them (Tareen et al. 2022). The differential
entropy h is that of Kozachenko & Leonenko (1987), the mutual information that of Kraskov, Stoegbauer & Grassberger
(2004, Eq. 8), both with 5 neighbours. Standard errors are those of means over the values' own terms.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma

from kcalseq.models.information import NEIGHBOURS, Estimate
from kcalseq.units import NATS_PER_BIT

# Equal values would have an entropy of minus infinity: they are told apart by this share of the sd, as in MAVE-NN.
_JITTER = 0.01


def r_squared(expected: NDArray[np.float64], y: NDArray[np.float64]) -> Estimate:
    """Squared Pearson correlation of expected and measured values, each of shape (n,).

    0 where one of them does not vary. The standard error is that of normal variables.
    """
    if len(y) < 3 or np.ptp(expected) == 0 or np.ptp(y) == 0:
        return Estimate(0.0, float("nan"))
    r = float(np.corrcoef(expected, y)[0, 1])
    return Estimate(r * r, float(2.0 * abs(r) * (1.0 - r * r) / np.sqrt(len(y))))


def mean_log_likelihood(log_p: NDArray[np.float64]) -> Estimate:
    """Mean of log densities (n,), in their unit."""
    return _mean(log_p)


def entropy_terms(y: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """What each value adds to the differential entropy of values (n,), which is their mean, bits; shape (n,).

    Args:
        y: more than 5 values. A jitter of 1 % of their sd tells equal ones apart; of values of few kinds the entropy is
            that of the jitter.
        seed: of the jitter.

    Raises:
        ValueError: there are not more values than neighbours.
    """
    n = len(y)
    if n <= NEIGHBOURS:
        raise ValueError(f"{n} values; an entropy takes more than {NEIGHBOURS}")
    points = _told_apart(y, seed)[:, None]
    reach = cKDTree(points).query(points, NEIGHBOURS + 1)[0][:, -1] * _spread(y)
    return np.asarray((digamma(n) - digamma(NEIGHBOURS) + np.log(2.0 * reach)) / NATS_PER_BIT)


def variational_information(log_p: NDArray[np.float64], y: NDArray[np.float64], seed: int) -> Estimate:
    """I_var, bits a value: a lower bound of the mutual information; negative for a bad model.

    Args:
        log_p: log densities in the units of y, nats, shape (n,).
        y: values, shape (n,).
        seed: as for ``entropy_terms``.
    """
    return _mean(entropy_terms(y, seed) + log_p / NATS_PER_BIT)


def predictive_information(phi: NDArray[np.float64], y: NDArray[np.float64], seed: int) -> Estimate:
    """I_pred, bits a value: mutual information of phenotype and value, each of shape (n,).

    Both are brought to unit sd first; of points in the k-th neighbour's square around each, coordinate by coordinate.

    Raises:
        ValueError: as ``entropy_terms``.
    """
    n = len(y)
    if n <= NEIGHBOURS:
        raise ValueError(f"{n} values; an information takes more than {NEIGHBOURS}")
    points = np.stack([_told_apart(phi, seed), _told_apart(y, seed + 1)], 1)
    reach = cKDTree(points).query(points, NEIGHBOURS + 1, p=np.inf)[0][:, -1]
    within = [_within(column, reach) for column in points.T]
    # Both counts include the point itself: n + 1 in the paper's words.
    terms = digamma(NEIGHBOURS) + digamma(n) - digamma(within[0]) - digamma(within[1])
    return _mean(terms / NATS_PER_BIT)


def _within(x: NDArray[np.float64], reach: NDArray[np.float64]) -> NDArray[np.int64]:
    """Points of x nearer than its reach to each, itself included."""
    ordered = np.sort(x)
    found = np.searchsorted(ordered, x + reach, "left") - np.searchsorted(ordered, x - reach, "right")
    return np.asarray(np.maximum(found, 1))


def _told_apart(x: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Values in standard deviations from their mean, jittered."""
    jitter = np.random.default_rng([seed, 0x1F1]).normal(0.0, _JITTER, len(x))
    return np.asarray((x - x.mean()) / _spread(x) + jitter)


def _spread(x: NDArray[np.float64]) -> float:
    return max(float(x.std()), 1e-12)


def _mean(terms: NDArray[np.float64]) -> Estimate:
    return Estimate(float(terms.mean()), float(terms.std(ddof=1) / np.sqrt(len(terms))))
