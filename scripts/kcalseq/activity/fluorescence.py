"""Mean and width of the log fluorescence of each variant in one replicate, from its cells in sort bins with gates.

Where cells lie in two bins or more, the likeliest normal distribution of log10 fluorescence (``likeliest_normal``).
Cells in one bin between others leave open where in the bin the mean lies, and cells in an end bin alone tell a bound
only (``single_bins``): these get no maximum, which would be an accident of the prior. Observations that the background
explains (``background``) are no cells of the variant there.
"""

from typing import NamedTuple

import numpy as np

from kcalseq.activity.background import fit_background
from kcalseq.activity.dispersion import estimate_dispersion
from kcalseq.activity.gated_normal import Sorter, log_shares_beyond, shares
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.likeliest_normal import Likeliest, fit
from kcalseq.activity.single_bins import bounds, posterior
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
        background: share of observations that are no cells of their variant, 0 to 1.
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
    background: float


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
    cells = sorting.effective
    sorter, (prior, _) = fit_background(cells[inside], cells.sum(0), sorting.sorter)
    found = fit(cells[inside], sorter, prior, bin_mean[inside])
    dispersion = estimate_dispersion(found, cells[inside], sorter, prior, seed)
    if dispersion > 1.0:
        cells = cells / dispersion
        fate[(fate < FEW) & (cells.sum(1) < LEAST_EFFECTIVE)] = FEW
        kept = fate[inside] != FEW
        inside = inside[kept]
        prior, _ = fit_width(cells[inside], sorter)
        found = fit(cells[inside], sorter, prior, found.mean[kept])
    fate[inside] = _refined(found, cells[inside], sorter, confidence)
    told = fate[inside] == MEASURED
    numbers = {name: np.full(len(fate), np.nan) for name in ("mean", "mean_se", "log_sd", "log_sd_se", "least", "most")}
    for name in ("mean", "mean_se", "log_sd", "log_sd_se"):
        numbers[name][inside[told]] = getattr(found, name)[told]
    single = np.flatnonzero(fate == ONE_BIN)
    for name, values in posterior(cells[single], sorter, prior)._asdict().items():
        numbers[name][single] = values
    for end, name in ((BELOW, "most"), (ABOVE, "least")):
        own = np.flatnonzero(fate == end)
        numbers[name][own] = bounds(cells[own], end == BELOW, sorter, prior, confidence)
    sd = np.exp(numbers["log_sd"])
    return Fluorescence(
        fate,
        cells.sum(1),
        numbers["mean"],
        numbers["mean_se"],
        sd,
        sd * numbers["log_sd_se"],
        numbers["least"],
        numbers["most"],
        bin_mean,
        prior,
        dispersion,
        float(sorter.background.sum()),
    )


def _refined(found: Likeliest, cells: Floats, sorter: Sorter, confidence: float) -> Integers:
    """Fates of variants that were fitted, now that it is known which observations may be background.

    A mean is measured where it is much likelier than that all the variant's cells lie beyond the gates, and where half
    an observation of its own lies outside its fullest bin.
    """
    expected = shares(found.mean, found.log_sd, sorter)
    fullest = cells.argmax(1)
    outside = cells * expected.own
    outside[np.arange(len(cells)), fullest] = 0.0
    is_inner = (fullest > 0) & (fullest < cells.shape[1] - 1)
    fate = np.where(is_inner & (outside.sum(1) < LEAST_EFFECTIVE), ONE_BIN, MEASURED)
    least = (cells * expected.log_q).sum(1) + np.log(1.0 - confidence)
    for end in (BELOW, ABOVE):
        beyond = (cells * np.maximum(log_shares_beyond(end == BELOW, sorter), -1e9)).sum(1)
        fate[beyond > least] = end
    return fate


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
