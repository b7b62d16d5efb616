"""How many distinct barcodes or molecules fewer reads would have shown, and more reads would show.

Fewer reads: the exact expectation over all ways of leaving reads out, from how many barcodes have 1, 2, 3 ... reads.
More reads: each barcode's reads are Poisson with a rate of its own; the distribution of the rates is the one under
which those numbers are likeliest, of any shape (the nonparametric maximum, found by EM on a grid of rates; Norris and
Pollock 1998; Wang and Lindsay 2005). No shape of abundances is taken for granted, and what little the reads tell of
the rarest barcodes bends the projection, not to a wild number: at most each barcode read once brings one per read.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

FRACTIONS = tuple(tenth / 10 for tenth in range(1, 11))
PROJECTIONS = (2, 5, 10)
_MOST_READS = 100  # barcodes read more often than this will not be missed at any depth
_N_RATES, _LEAST_RATE, _N_STEPS = 80, 0.01, 3000


class Spectrum(NamedTuple):
    """How many things (barcodes, molecules) were read how often.

    Attributes:
        reads: numbers of reads, in order, each > 0, shape (k,).
        things: how many have just so many, shape (k,).
    """

    reads: NDArray[np.int64]
    things: NDArray[np.int64]

    @property
    def n_reads(self) -> int:
        """All reads."""
        return int((self.reads * self.things).sum())


def spectrum(n_reads: NDArray[np.int64]) -> Spectrum:
    """The spectrum of things with these reads, shape (n_things,)."""
    return Spectrum(*np.unique(n_reads, return_counts=True))


def add_spectra(spectra: list[Spectrum]) -> Spectrum:
    """The spectrum of all things together; of none, an empty one."""
    if not spectra:
        return Spectrum(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    reads, place = np.unique(np.concatenate([one.reads for one in spectra]), return_inverse=True)
    things = np.zeros(len(reads), dtype=np.int64)
    np.add.at(things, place, np.concatenate([one.things for one in spectra]))
    return Spectrum(reads, things)


def expected_distinct(seen: Spectrum, n_reads: int) -> float:
    """Things expected among ``n_reads`` of the reads, drawn without putting back (0 <= n_reads <= all)."""
    total = seen.n_reads
    left_out = total - seen.reads
    with np.errstate(invalid="ignore"):
        log_missed = (gammaln(left_out + 1.0) - gammaln(left_out - n_reads + 1.0) - gammaln(total + 1.0)) + gammaln(
            total - n_reads + 1.0
        )
    missed = np.where(left_out >= n_reads, np.exp(np.minimum(log_missed, 0.0)), 0.0)
    return float((seen.things * (1.0 - missed)).sum())


def projected_distinct(seen: Spectrum, folds: tuple[int, ...]) -> list[float]:
    """Things expected when so many times as many reads are taken from the same library.

    On simulated libraries of 50,000 (abundances log-normal with sd 0.5 to 1.5, gamma with shape 0.5 to 2, or all alike;
    0.3 to 20 reads each) the error was at most 1.5 % at twice, 4 % at five and 12 % at ten times the depth.

    Args:
        seen: the spectrum at the depth sequenced.
        folds: times that depth, each >= 1.
    """
    few = seen.reads <= _MOST_READS
    reads, things = seen.reads[few].astype(np.float64), seen.things[few].astype(np.float64)
    n_things = float(seen.things.sum())
    if not few.any():
        return [n_things] * len(folds)
    rates = np.geomspace(_LEAST_RATE, _MOST_READS, _N_RATES)
    number = np.arange(1, _MOST_READS + 1, dtype=np.float64)[:, None]
    poisson = np.exp(number * np.log(rates) - rates - gammaln(number + 1.0))
    within = poisson.sum(axis=0)  # chance of 1.._MOST_READS reads, shape (n_rates,)
    likelihood = poisson[reads.astype(np.int64) - 1] / within
    weights = _likeliest_weights(likelihood, things)
    of_rate = weights * things.sum() / within
    return [n_things + float((of_rate * (np.exp(-rates) - np.exp(-rates * fold))).sum()) for fold in folds]


def _likeliest_weights(likelihood: NDArray[np.float64], things: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a mixture by EM: likelihood of each outcome under each component, shape (k, n_rates)."""
    # Sums are written out, since a library for matrices may add in another order on other cores.
    weights = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    share = things / things.sum()
    for _ in range(_N_STEPS):
        mixed = (likelihood * weights).sum(axis=1)
        weights = weights * (likelihood * (share / mixed)[:, None]).sum(axis=0)
    normalised: NDArray[np.float64] = weights / weights.sum()
    return normalised
