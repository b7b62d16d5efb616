"""A library sorted by gates whose truth is known: fluorescence of variants, their cells in bins, and reads of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import polygamma, psi


@dataclass(frozen=True)
class GatedSorting:
    """How the library is sorted.

    Attributes:
        n_variants: how many.
        cells_per_variant: of each that fall between the gates or not, mean of a log-normal number.
        reads_per_cell: of each bin on the mean.
        gates: boundaries between bins, log10 fluorescence; the ends are open.
        means: least and most mean log10 fluorescence of variants.
        sd: of log10 fluorescence among cells of a variant.
        sd_spread: of log sd among variants.
        abundance_sd: of the log number of cells among variants.
        shape: distribution of the fluorescence of a variant: normal in its log10, or gamma in itself with the same
            mean and standard deviation of log10.
        amplification: reads of a cell scatter as a gamma number of that squared coefficient of variation, beyond
            Poisson; 0 = not.
        background: share of the reads of each bin that are of variants as the whole library has them.
        passages: share of the cells of each bin that is collected; None = all.
    """

    n_variants: int = 2000
    cells_per_variant: float = 200.0
    reads_per_cell: float = 5.0
    gates: Sequence[float] = (2.0, 2.4, 2.8, 3.2, 3.6, 4.0)
    means: tuple[float, float] = (1.8, 4.2)
    sd: float = 0.25
    sd_spread: float = 0.2
    abundance_sd: float = 0.7
    shape: Literal["normal", "gamma"] = "normal"
    amplification: float = 0.0
    background: float = 0.0
    passages: Sequence[float] | None = None


class Sorted(NamedTuple):
    """What the pipeline would see, and what it cannot see.

    Attributes:
        counts: reads of each variant in each bin, shape (n_variants, n_bins).
        bins: gates, cells and share of the population of each bin, as ``activity.sorting.sorting_of`` takes them.
        mean, sd: true ones of log10 fluorescence, shape (n_variants,).
    """

    counts: NDArray[np.int64]
    bins: list[dict[str, Any]]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]


def sort_cells(how: GatedSorting, seed: int, mean: NDArray[np.float64] | None = None) -> Sorted:
    """Sort and read a library.

    Args:
        how: it is done.
        seed: the same seed gives the same library.
        mean: of log10 fluorescence of each variant, else drawn.
    """
    rng = np.random.default_rng(seed)
    if mean is None:
        mean = rng.uniform(*how.means, how.n_variants)
    sd = how.sd * np.exp(rng.normal(0.0, how.sd_spread, len(mean)))
    log_abundance = rng.normal(-0.5 * how.abundance_sd**2, how.abundance_sd, len(mean))
    expected = how.cells_per_variant * np.exp(log_abundance)[:, None] * _in_bins(how, mean, sd)
    collected = np.ones(expected.shape[1]) if how.passages is None else np.asarray(how.passages)
    cells = rng.poisson(expected * collected)
    deep = how.reads_per_cell * cells.astype(float)
    if how.amplification:
        deep = how.reads_per_cell * rng.gamma(cells / how.amplification) * how.amplification
    counts = rng.poisson(deep)
    if how.background:
        counts += rng.poisson(how.background * np.outer(counts.sum(1) / counts.sum(), counts.sum(0)))
    linear = [None, *(10.0**gate for gate in how.gates), None]
    shares = expected.sum(0) / expected.sum()
    bins = [
        {
            "condition": "cond",
            "replicate": "1",
            "bin": number,
            "lower": low,
            "upper": high,
            "cells": float(n),
            "population_share": None if how.passages is None else share,
        }
        for number, (low, high, n, share) in enumerate(
            zip(linear[:-1], linear[1:], cells.sum(0), shares.tolist(), strict=True), start=1
        )
    ]
    return Sorted(counts, bins, mean, sd)


def _in_bins(how: GatedSorting, mean: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    gates = np.array([-np.inf, *how.gates, np.inf])
    if how.shape == "normal":
        return np.diff(stats.norm.cdf((gates - mean[:, None]) / sd[:, None]), axis=1)
    shape, scale = gamma_of(mean, sd)
    with np.errstate(over="ignore"):
        return np.diff(stats.gamma.cdf(10.0**gates, shape[:, None], scale=scale[:, None]), axis=1)


def gamma_of(mean: NDArray[np.float64], sd: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shape and scale of gamma numbers whose log10 has that mean and standard deviation: var ln x = trigamma(shape)."""
    wanted = (np.log(10.0) * sd) ** 2
    low, high = np.full(len(sd), -12.0), np.full(len(sd), 12.0)
    for _ in range(60):
        middle = (low + high) / 2
        above = polygamma(1, np.exp(middle)) > wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    shape = np.exp(low)
    return shape, np.exp(np.log(10.0) * mean - psi(shape))
