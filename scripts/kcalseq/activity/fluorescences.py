"""Fluorescence of a sorted library: each replicate measured, replicates of a condition combined."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.activity.agreement import pearson, spearman
from kcalseq.activity.fluorescence import ABOVE, BELOW, Fluorescence, measure
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.replicates import Combined, combine
from kcalseq.activity.sorting import Sorting, counts_in_bins, sorting_of
from kcalseq.confidence import normal_reach


class Replicate(NamedTuple):
    """What was counted in a replicate, and what was made of it."""

    sorting: Sorting
    found: Fluorescence


class Agreement(NamedTuple):
    """Two replicates of a condition; numbers NaN where they cannot be told."""

    replicate: str
    other_replicate: str
    n_shared: int
    pearson: float
    spearman: float
    median_difference: float


class Condition(NamedTuple):
    """Replicates of a condition combined; arrays of shape (n_variants,), NaN where not told.

    Attributes:
        replicates: by name.
        combined: their means; ``log2_ratio`` and ``se`` hold log10 fluorescence here.
        n_bounds: replicates in which only a bound is known, shape (n_variants,).
        contradict: no mean was measured, and the bounds of replicates exclude each other: above one value, below a
            lesser one. Nobody knows which replicate is right, so neither bound is told.
        lower, upper: ends of the mean's interval, or bounds, on the level of the combined means.
        sd, sd_se: of log10 fluorescence among cells.
        agreement: of each two replicates.
    """

    replicates: dict[str, Replicate]
    combined: Combined
    n_bounds: Integers
    contradict: NDArray[np.bool_]
    lower: Floats
    upper: Floats
    sd: Floats
    sd_se: Floats
    agreement: list[Agreement]


def fluorescences(
    counts: pd.DataFrame, names: Sequence[str], bins: Sequence[Mapping[str, Any]], confidence: float, seed: int
) -> dict[str, Condition]:
    """Measure a library, by condition.

    Args:
        counts: table ``variant_counts``.
        names: of all its variants.
        bins: of every bin condition, replicate, number, gates and cells; see ``sorting.sorting_of``.
        confidence: level of intervals and bounds, 0 to 1.
        seed: of what is drawn; the same for each replicate, so that one more changes nothing of the others.

    Raises:
        KcalseqError: a bin has no counts.
    """
    measured: dict[str, dict[str, Replicate]] = {}
    for condition, replicate in dict.fromkeys((own["condition"], own["replicate"]) for own in bins):
        rows = [own for own in bins if (own["condition"], own["replicate"]) == (condition, replicate)]
        here = (counts["condition"] == condition) & (counts["replicate"] == replicate) & (counts["fraction"] == "bin")
        sorting = sorting_of(counts_in_bins(counts[here], names, [own["bin"] for own in rows]), rows)
        measured.setdefault(condition, {})[replicate] = Replicate(sorting, measure(sorting, confidence, seed))
    return {condition: _condition(replicates, confidence) for condition, replicates in measured.items()}


def _condition(replicates: dict[str, Replicate], confidence: float) -> Condition:
    found = [own.found for own in replicates.values()]
    means, errors, fates, least, most, log_sd, log_sd_se = (
        np.stack(columns, axis=1)
        for columns in zip(
            *((f.mean, f.mean_se, f.fate, f.least, f.most, np.log(f.sd), f.sd_se / f.sd) for f in found), strict=True
        )
    )
    # Cells of replicates are other cells: nothing is peculiar to a variant in all replicates but its mean.
    combined = combine(means, errors, 0.0)
    reach = normal_reach(confidence) * combined.se
    nothing = combined.n_replicates == 0
    above, below = np.fmax.reduce(least - combined.offsets, axis=1), np.fmin.reduce(most - combined.offsets, axis=1)
    contradict = nothing & (above > below)
    above[contradict] = below[contradict] = np.nan
    weight = np.nan_to_num(log_sd_se**-2.0)
    total = weight.sum(1)
    width = np.divide((weight * np.nan_to_num(log_sd)).sum(1), total, out=np.full(len(total), np.nan), where=total > 0)
    width_se = np.divide(1.0, np.sqrt(total), out=np.full(len(total), np.nan), where=total > 0)
    return Condition(
        replicates,
        combined,
        ((fates == BELOW) | (fates == ABOVE)).sum(1),
        contradict,
        np.where(nothing, above, combined.log2_ratio - reach),
        np.where(nothing, below, combined.log2_ratio + reach),
        np.exp(width),
        np.exp(width) * width_se,
        [
            _agreement(one, two, replicates[one].found.mean, replicates[two].found.mean)
            for one, two in combinations(replicates, 2)
        ],
    )


def _agreement(one: str, two: str, x: Floats, y: Floats) -> Agreement:
    difference = (y - x)[np.isfinite(x) & np.isfinite(y)]
    middle = float(np.median(difference)) if len(difference) else float("nan")
    return Agreement(one, two, len(difference), pearson(x, y), spearman(x, y), middle)
