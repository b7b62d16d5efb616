"""Replicates of a condition put together: effects of single changes combined, and how well replicates agree.

Effects are combined as activities are (``replicates``), so that their errors know that what is peculiar to a barcode is
so in all replicates: it adds to an effect in each of them what it does to the log ratio.
"""

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import sparse, stats

from kcalseq.activity.additive import Additive
from kcalseq.activity.agreement import pearson, spearman
from kcalseq.activity.changes import FATES, Change
from kcalseq.activity.controls import false_discovery_rate
from kcalseq.activity.groups import Floats, Integers
from kcalseq.activity.replicates import Combined, combine
from kcalseq.activity.units import Units

CHANGE_FATES = ("estimated", "never_seen", "few_barcodes", "confounded")
"""What becomes of a change."""
UNIT_FATES = (*FATES, "left_out", "no_ratio")
"""What becomes of a barcode; the first takes part."""
# Share of the noise of barcodes that sums over variants must have to be more than rounding.
_NO_NOISE = 1e-12
_SURER = ("never_seen", "few_barcodes", "confounded", "estimated")


class Replicate(NamedTuple):
    """One replicate.

    Attributes:
        fates: number of barcodes by their place in ``UNIT_FATES``.
        fitted: the effects; few_barcodes or confounded ones are NaN.
        fate: place in ``CHANGE_FATES`` of each change.
        n_variants: measured variants that carry each change.
        together: for each confounded change, what it is always seen with; else empty.
        units: the barcodes behind the effects.
    """

    fates: Integers
    fitted: Additive
    fate: Integers
    n_variants: Integers
    together: list[str]
    units: Units


class Agreement(NamedTuple):
    """Two replicates; numbers NaN where they cannot be told."""

    replicate: str
    other: str
    n_shared: int
    pearson: float
    spearman: float
    noise_correlation: float
    deviation_sd: float


class Found(NamedTuple):
    """Effects of a background in one condition; arrays of shape (n_changes,).

    Attributes:
        columns: the changes, by position and base.
        replicates: by name.
        combined: of these.
        fate: place in ``CHANGE_FATES``; estimated where any replicate has it.
        n_variants, n_barcodes: that carry it, over all replicates.
        p, q: two-sided normal, and Benjamini & Hochberg over these changes.
        agreement: of each two replicates.
    """

    columns: list[Change]
    replicates: dict[str, Replicate]
    combined: Combined
    fate: Integers
    n_variants: Integers
    n_barcodes: Integers
    p: Floats
    q: Floats
    agreement: list[Agreement]


def put_together(
    columns: list[Change], measured: dict[str, Replicate], variants: Integers, carries: sparse.csr_array
) -> Found:
    """Combine the replicates of a condition.

    Args:
        columns: the changes.
        measured: replicates by name.
        variants: numbers of the variants, rising.
        carries: 1 where a variant carries a change, shape (n_variants, n_changes).
    """
    effects = np.stack([own.fitted.effect for own in measured.values()], axis=1)
    errors = np.stack([own.fitted.se for own in measured.values()], axis=1)
    shared = {(one, two): _noise_correlation(measured[one], measured[two]) for one, two in combinations(measured, 2)}
    told = [value for value in shared.values() if not np.isnan(value)]
    combined = combine(effects, errors, float(np.mean(told)) if told else float("nan"))
    calls = np.stack([own.fate for own in measured.values()], axis=1)
    # What one replicate tells is told; else the most that any of them says of it.
    order = np.array([CHANGE_FATES.index(name) for name in _SURER])
    fate = order[np.argsort(order)[calls].max(axis=1)]
    numbers = np.concatenate([own.units.number for own in measured.values()])
    of_unit = np.concatenate([own.units.variant for own in measured.values()])
    _, first = np.unique(numbers, return_index=True)
    rows = np.searchsorted(variants, of_unit)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stats.norm.sf(np.abs(combined.log2_ratio) / combined.se)
    agreement = [
        _agreement(one, two, measured[one].fitted, measured[two].fitted, rho) for (one, two), rho in shared.items()
    ]
    return Found(
        columns,
        measured,
        combined,
        fate,
        n_carriers(carries[np.unique(rows)]),
        n_carriers(carries[rows[first]]),
        p,
        false_discovery_rate(p),
        agreement,
    )


def n_carriers(rows: sparse.csr_array) -> Integers:
    """How many rows carry each change, shape (n_changes,)."""
    return np.asarray(rows.sum(axis=0)).ravel().astype(np.int64)


def _noise_correlation(one: Replicate, two: Replicate) -> float:
    """Correlation of what barcodes add to the effects in two replicates, 0 to 1; NaN where no barcode is in both."""
    first, second = one.fitted.noise, two.fitted.noise
    _, at, place = np.intersect1d(one.units.number, two.units.number, assume_unique=True, return_indices=True)
    if not len(at):
        return float("nan")
    by_barcode = _correlation(first, second, math.fsum(first[at] * second[place]))
    # Where effects do not add up, barcodes of a variant deviate alike, in all replicates.
    variants = 1 + int(max(one.units.variant.max(), two.units.variant.max()))
    one_sums, two_sums = (
        np.bincount(own.units.variant, own.fitted.noise, minlength=variants).astype(np.float64) for own in (one, two)
    )
    if math.fsum(one_sums**2) < _NO_NOISE * math.fsum(first**2):
        return by_barcode
    by_variant = _correlation(one_sums, two_sums, math.fsum(one_sums * two_sums))
    return float(np.fmax(by_barcode, by_variant))


def _correlation(first: Floats, second: Floats, product: float) -> float:
    # Exact sums, so that the names of barcodes, by which they are matched, do not matter.
    size = math.sqrt(math.fsum(first**2) * math.fsum(second**2))
    return max(0.0, product / size) if size > 0 else float("nan")


def _agreement(one: str, two: str, first: Additive, second: Additive, rho: float) -> Agreement:
    both = np.isfinite(first.effect) & np.isfinite(second.effect)
    x, y = first.effect[both], second.effect[both]
    s, t = first.se[both], second.se[both]
    variance = s**2 + t**2 - 2.0 * np.nan_to_num(rho) * s * t
    known = np.isfinite(variance) & (variance > 0)
    deviations = (x - y)[known] / np.sqrt(variance[known])
    spread = float(np.std(deviations)) if len(deviations) > 2 else float("nan")
    return Agreement(one, two, len(x), pearson(x, y), spearman(x, y), rho, spread)
