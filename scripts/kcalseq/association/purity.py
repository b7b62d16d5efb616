"""How sure it is that a barcode has one molecule.

Each read of a barcode shows another molecule now and then: a chimera, joined to the barcode in PCR. Its origin is drawn
from all molecules by their abundance. A barcode may also truly have two molecules, in shares that are more or less
even. Both leave reads of a second molecule; how many of each kind there are is measured on all barcodes together. With
k1, k2, k0 reads of the first, the second and all further molecules, the chances of these reads are

    one molecule:           (1 - p) (1 - c)^k1 c^(k2 + k0) q^(k2 - 1)
    two, both of them read: p (1 - s) (1 - c)^(k1 + k2) c^k0 B(k1 + a, k2 + a) / B(a, a) x (1 or 2)
    two, one not read:      p (1 - s) (1 - c)^k1 c^(k2 + k0) q^(k2 - 1) B(k1 + a, a) / B(a, a) x 2
    two, which are alike:   p s (1 - c)^k1 c^(k2 + k0) q^(k2 - 1)

each divided by the share of the second molecule's origin among all. p is the share of barcodes with two molecules, c
the share of reads that are chimeras and show it, q the share of the second molecule's origin among chimeras that show
it (so that two chimeras of a rare variant are hardly ever seen, two of a frequent one are), B the beta function, a how
even two molecules are shared; the factor 2 stands for either of them being the first. Molecules that are nearly alike
count as one origin, and s is the chance that two molecules are of one origin: then neither chimera nor second molecule
shows here, but the test of near molecules tells, where both are read. p, c and a are the maximum of the posterior under
weak priors (p ~ Beta(1.5, 50), c ~ Beta(1.5, 50), log a ~ N(0.7, 1)), which matter only where there are few barcodes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kcalseq.association.binomial import upper_tail

UNIQUE = 0.001
"""Probability of a second molecule up to which a barcode is unique: of a thousand such, at most one has two."""
SURE_NEIGHBOUR = 1e-4
"""Level of the test for a second molecule that is nearly the first: one barcode in 10,000 is lost to it."""
_START = np.array([-4.0, -4.0, 0.7])
_LOW, _HIGH = np.array([-12.0, -12.0, -1.0]), np.array([-0.01, -0.01, 5.0])


class Readings(NamedTuple):
    """Reads of n barcodes by the molecule that they show, each of shape (n,).

    Attributes:
        first: of the first molecule, k1.
        second: of the second, k2.
        further: voting reads of all others, k0.
        share: share of the second molecule's origin among all reads; any number where there are less than two.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    further: NDArray[np.int64]
    share: NDArray[np.float64]


class MixtureRates(NamedTuple):
    """What the barcodes of a library have in common.

    Attributes:
        two_molecules: share of barcodes with two molecules, p.
        chimeras: share of reads that are chimeras of another origin, c.
        evenness: the parameter a of the beta distribution of shares; 1 = any share alike, large = half and half.
        same_origin: chance that two molecules are of one origin, s.
    """

    two_molecules: float
    chimeras: float
    evenness: float
    same_origin: float

    @property
    def all_chimeras(self) -> float:
        """Share of reads that are chimeras, those of the same origin included."""
        return self.chimeras / (1 - self.same_origin)


def fit_rates(readings: Readings, same_origin: float) -> MixtureRates:
    """Measure the rates on all barcodes.

    Args:
        readings: of the barcodes.
        same_origin: chance that two molecules are of one origin.
    """
    # The share matters only where two reads agree on a second molecule.
    share = np.where(readings.second > 1, readings.share, 1.0)
    table = np.stack([readings.first, readings.second, readings.further, share])
    # One read cannot disagree.
    kinds, often = np.unique(table[:, table[:3].sum(axis=0) > 1], axis=1, return_counts=True)
    whole = kinds[:3].astype(np.int64)
    different = Readings(whole[0], whole[1], whole[2], kinds[3])

    def loss(point: NDArray[np.float64]) -> float:
        (p, c), a = 1 / (1 + np.exp(-point[:2])), np.exp(point[2])
        one, read, unread, alike = _log_chances(different, MixtureRates(float(p), float(c), float(a), same_origin))
        apart = np.log1p(-same_origin) + np.logaddexp(read, unread)
        prior = sum(0.5 * np.log(part) + 49 * np.log1p(-part) for part in (p, c)) - (point[2] - 0.7) ** 2 / 2
        # Not as a product of vectors: its last digits depend on the number of cores.
        return -float((often * np.logaddexp(one, np.logaddexp(apart, alike))).sum() + prior)

    found = minimize(loss, _START, method="L-BFGS-B", bounds=list(zip(_LOW, _HIGH, strict=True)))
    p, c, a = found.x.tolist()
    return MixtureRates(float(1 / (1 + np.exp(-p))), float(1 / (1 + np.exp(-c))), float(np.exp(a)), same_origin)


def chance_of_two(readings: Readings, rates: MixtureRates) -> NDArray[np.float64]:
    """Posterior probability that each barcode has two molecules, shape (n,)."""
    one, read, unread, _ = _log_chances(readings, rates)
    # Where both are alike and were read, the test of near molecules has told already.
    two = np.logaddexp(np.log1p(-rates.same_origin) + read, unread)
    return np.asarray(np.exp(two - np.logaddexp(one, two)))


def _log_chances(readings: Readings, rates: MixtureRates) -> tuple[NDArray[np.float64], ...]:
    """Logarithms of the chances in the order of the module's text; the second and third without 1 - s."""
    k1, k2, k0, share = readings
    p, c, a, s = rates
    split = _log_rising(a, int(max(k1.max(initial=0), k2.max(initial=0))))
    whole = _log_rising(2 * a, int((k1 + k2).max(initial=0)))
    by_chance = k1 * np.log1p(-c) + (k2 + k0) * np.log(c) + np.maximum(k2 - 1, 0) * np.log(share / (1 - s))
    one = np.log1p(-p) + by_chance
    unread = np.log(p) + by_chance + split[k1] - whole[k1] + np.log(2.0) * (k1 > 0)
    either = np.where(k1 == k2, 1.0, 2.0) * np.where(k2 == 1, 1 + k0, 1.0)  # any of the single reads may be the second
    read = np.log(p * either) + (k1 + k2) * np.log1p(-c) + k0 * np.log(c) + split[k1] + split[k2] - whole[k1 + k2]
    return one, np.where(k2 > 0, read, -np.inf), unread, np.log(p * s) + by_chance


def _log_rising(start: float, most: int) -> NDArray[np.float64]:
    """Logarithms of start (start + 1) ... (start + n - 1) for n from 0: what beta functions of whole numbers are of."""
    return np.concatenate(([0.0], np.cumsum(np.log(start + np.arange(most)))))


def near_molecules(
    minority: NDArray[np.int64],
    voters: NDArray[np.int64],
    places: NDArray[np.int64],
    misread: float,
    chimeras: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether reads agree on another letter, or gap, at one place of the molecule more often than chance explains.

    Args:
        minority: most reads that agree on it at one place, shape (n,).
        voters: reads there.
        places: places and kinds at which it could have been, for all of which the test is corrected.
        misread: chance of that misreading.
        chimeras: chance that a read is a chimera of the same origin, which shows it too, shape (n,).
    """
    # Chimeras show it where their molecule differs, not at every place, so only misreadings are tried so often.
    chance = upper_tail(minority, voters, np.full(len(voters), misread)) * places
    chance += upper_tail(minority, voters, np.minimum(misread + chimeras, 0.5)) * (chimeras > 0)
    return np.asarray((minority > 1) & (chance < SURE_NEIGHBOUR))
