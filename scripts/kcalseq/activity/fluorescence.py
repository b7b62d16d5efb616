"""Mean and width of the log fluorescence of each variant in one replicate, from its cells in sort bins with gates.

Where cells lie in two bins or more, the likeliest normal distribution of log10 fluorescence (``likeliest_normal``).
Cells in one bin between others leave open where in the bin the mean lies, and cells in an end bin alone tell a bound
only (``single_bins``): these get no maximum, which would be an accident of the prior.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.dispersion import estimate_dispersion
from kcalseq.activity.gated_normal import Sorter
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.likeliest_normal import fit
from kcalseq.activity.single_bins import bounds, within_bin
from kcalseq.activity.sorting import Sorting
from kcalseq.activity.width_prior import WidthPrior, fit_width

FATES = ("measured", "one_bin", "below_gates", "above_gates", "few_cells", "not_seen")
MEASURED, ONE_BIN, BELOW, ABOVE, FEW, NOT_SEEN = range(len(FATES))
LEAST_EFFECTIVE = 0.5
"""Independent observations of a variant below which nothing is told of it."""


class Fluorescence(NamedTuple):
    """One replicate; arrays of shape (n_variants,), NaN where not told.

    Attributes:
        fate: place in ``FATES``.
        effective: independent observations, dispersion taken into account.
        mean, mean_se: of log10 fluorescence.
        sd, sd_se: of log10 fluorescence among cells of the variant.
        least, most: bounds of the mean where cells lie in an end bin alone.
        bin_mean: mean of the middles of the bins, by cells; log10 fluorescence.
        prior: of log sigma.
        dispersion: variance of observations over what drawing cells and reads leads to expect, at least 1.
    """

    fate: Integers
    effective: Floats
    mean: Floats
    mean_se: Floats
    sd: Floats
    sd_se: Floats
    least: Floats
    most: Floats
    bin_mean: Floats
    prior: WidthPrior
    dispersion: float


def measure(sorting: Sorting, confidence: float, seed: int) -> Fluorescence:
    """Measure one replicate.

    Args:
        sorting: its cells.
        confidence: level of the bounds, 0 to 1.
        seed: of the draws that tell what residuals chance alone leaves.
    """
    fate = _fates(sorting)
    bin_mean = _bin_means(sorting)
    inside = np.flatnonzero(fate <= ONE_BIN)
    cells, start = sorting.effective[inside], bin_mean[inside]
    prior = fit_width(cells, sorting.sorter)
    found = fit(cells, sorting.sorter, prior, start)
    dispersion = estimate_dispersion(found, cells, sorting.sorter, prior, seed)
    if dispersion > 1.0:
        cells = cells / dispersion
        prior = fit_width(cells, sorting.sorter)
        found = fit(cells, sorting.sorter, prior, found.mean)
    effective = sorting.effective.sum(1) / dispersion
    numbers = {name: np.full(len(fate), np.nan) for name in ("mean", "mean_se", "log_sd", "log_sd_se", "least", "most")}
    for name in ("mean", "mean_se", "log_sd", "log_sd_se"):
        numbers[name][inside] = getattr(found, name)
    single = np.flatnonzero(fate == ONE_BIN)
    place = sorting.effective[single].argmax(1)
    for name, values in within_bin(effective[single], place, sorting.sorter, prior)._asdict().items():
        numbers[name][single] = values
    for end, name in ((BELOW, "most"), (ABOVE, "least")):
        own = np.flatnonzero(fate == end)
        numbers[name][own] = bounds(effective[own], end == BELOW, sorting.sorter, prior, confidence)
    sd = np.exp(numbers["log_sd"])
    return Fluorescence(
        fate,
        effective,
        numbers["mean"],
        numbers["mean_se"],
        sd,
        sd * numbers["log_sd_se"],
        numbers["least"],
        numbers["most"],
        bin_mean,
        prior,
        dispersion,
    )


def middles(sorter: Sorter) -> Floats:
    """Middle of each bin, log10 fluorescence; that of an open end half the width of its neighbour beyond the gate."""
    low, high = sorter.lower.copy(), sorter.upper.copy()
    width = high - low
    # The neighbour of an end of two bins may be open itself: then the span of the gates stands for its width.
    finite = sorter.finite
    near = [width[place] if np.isfinite(width[place]) else finite[-1] - finite[0] for place in (1, -2)]
    low[0] = low[0] if np.isfinite(low[0]) else high[0] - near[0]
    high[-1] = high[-1] if np.isfinite(high[-1]) else low[-1] + near[1]
    return np.asarray((low + high) / 2.0)


def _fates(sorting: Sorting) -> Integers:
    effective, n = sorting.effective, sorting.counts.sum(1)
    occupied = (sorting.counts > 0).sum(1)
    single = occupied == 1
    fate = np.where(single, ONE_BIN, MEASURED)
    fate[single & (sorting.counts[:, 0] > 0)] = BELOW
    fate[single & (sorting.counts[:, -1] > 0)] = ABOVE
    fate[effective.sum(1) < LEAST_EFFECTIVE] = FEW
    fate[n == 0] = NOT_SEEN
    return fate


def _bin_means(sorting: Sorting) -> Floats:
    total = sorting.population.sum(1)
    weighted = (sorting.population * middles(sorting.sorter)).sum(1)
    found: Floats = np.divide(weighted, total, out=np.full(len(total), np.nan), where=total > 0)
    return found
