"""How sure it is that a barcode has one molecule.

Each read of a barcode shows another molecule now and then: a chimera, joined to the barcode in PCR, of whatever origin.
A barcode may also truly have two molecules, in shares that are more or less even. Both leave reads of a second
molecule; how many of each kind there are is measured on all barcodes together, by the mixture

    one molecule:  (1 - c)^k1 c^(k2 + k0) s^(k2 - 1)                                  with probability 1 - p
    two molecules: (1 - c)^(k1 + k2) c^k0 B(k1 + a, k2 + a) / B(a, a) x (1 or 2)       with probability p

where k1, k2, k0 are the reads of the first, the second and all further molecules, c the chimera rate, s the chance that
two chimeras come from one variant (sum of squared shares: chimeras of a common origin are rare, so a second molecule
read twice is hardly ever one), B the beta function, a how even two molecules are shared, and the factor 2 stands for
either of them being the first. p, c and a are the maximum of the posterior under weak priors (p ~ Beta(1.5, 50),
c ~ Beta(1.5, 50), log a ~ N(0.7, 1)), which matter only where there are few barcodes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betainc, betaln, expit

_START = np.array([-4.0, -4.0, 0.7])
_SURE_NEIGHBOUR = 1e-4
"""Level of the test for a second molecule that is nearly the first: one barcode in 10,000 is lost to it."""


class MixtureRates(NamedTuple):
    """What the barcodes of a library have in common.

    Attributes:
        two_molecules: share of barcodes with two molecules, p.
        chimeras: share of reads that are chimeras, c.
        evenness: the parameter a of the beta distribution of shares; 1 = any share alike, large = half and half.
        same_origin: chance that two chimeras agree, s.
    """

    two_molecules: float
    chimeras: float
    evenness: float
    same_origin: float


def fit_rates(
    first: NDArray[np.int64], second: NDArray[np.int64], further: NDArray[np.int64], same_origin: float
) -> MixtureRates:
    """Measure the rates on all barcodes.

    Args:
        first: reads of the first molecule of each barcode, k1, shape (n,).
        second: reads of the second, k2.
        further: voting reads of all others, k0.
        same_origin: chance that two chimeras agree.
    """
    kinds, often = np.unique(np.stack([first, second, further]), axis=1, return_counts=True)

    def loss(point: NDArray[np.float64]) -> float:
        p, c, a = expit(point[0]), expit(point[1]), np.exp(point[2])
        one, two = _log_chances(kinds, MixtureRates(float(p), float(c), float(a), same_origin))
        prior = sum(0.5 * np.log(share) + 49 * np.log1p(-share) for share in (p, c)) - (point[2] - 0.7) ** 2 / 2
        return -float(often @ np.logaddexp(one, two) + prior)

    best = minimize(loss, _START, method="L-BFGS-B", bounds=[(-12, 0), (-12, 0), (-1, 5)]).x
    return MixtureRates(float(expit(best[0])), float(expit(best[1])), float(np.exp(best[2])), same_origin)


def chance_of_two(
    first: NDArray[np.int64], second: NDArray[np.int64], further: NDArray[np.int64], rates: MixtureRates
) -> NDArray[np.float64]:
    """Posterior probability that each barcode has two molecules, shape (n,)."""
    one, two = _log_chances(np.stack([first, second, further]), rates)
    return np.asarray(expit(two - one))


def _log_chances(kinds: NDArray[np.int64], rates: MixtureRates) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k1, k2, k0 = kinds.astype(np.float64)
    p, c, a, s = rates
    one = np.log1p(-p) + k1 * np.log1p(-c) + (k2 + k0) * np.log(c) + np.maximum(k2 - 1, 0) * np.log(s)
    either = np.where(k1 == k2, 1.0, 2.0) * np.where(k2 == 1, 1 + k0, 1.0)  # any of the single reads may be the second
    two = np.log(p) + (k1 + k2) * np.log1p(-c) + k0 * np.log(c) + betaln(k1 + a, k2 + a) - betaln(a, a) + np.log(either)
    return one, two


def near_molecules(
    minority: NDArray[np.int64], voters: NDArray[np.int64], places: NDArray[np.int64], rate: float
) -> NDArray[np.bool_]:
    """Whether reads agree on another letter, or gap, at one place of the molecule more often than misreading explains.

    Args:
        minority: most reads that agree on it at one place, shape (n,).
        voters: reads there.
        places: places and kinds at which it could have been, for all of which the test is corrected.
        rate: chance of that misreading.
    """
    # The upper tail of the binomial distribution is an incomplete beta function.
    chance = betainc(np.maximum(minority, 1), np.maximum(voters - minority, 0) + 1, rate) * places
    return np.asarray((minority > 1) & (chance < _SURE_NEIGHBOUR))
