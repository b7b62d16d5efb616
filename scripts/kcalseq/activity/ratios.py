"""log2 RNA per DNA of the barcodes and variants of one replicate, with what was left out and why."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kcalseq.activity.groups import Floats, Groups, Integers, group
from kcalseq.activity.outliers import leave_one_out_residuals
from kcalseq.activity.resampling import bootstrap_se
from kcalseq.activity.scatter import (
    LN2_SQUARED,
    Evidence,
    Scatter,
    counting_variance,
    moderated_degrees,
    moderated_variance,
    scatter_of,
    shown_by,
)
from kcalseq.activity.settings import Settings
from kcalseq.activity.shrinkage import Shrunken, shrink

BARCODE_FATES = ("used", "few_dna", "few_rna", "outlier")
VARIANT_FATES = ("measured", "not_seen", "no_barcode_left", "few_barcodes", "no_ratio")
_FREEST = 5.0  # standard errors of its variant that one barcode's influence counts for, between replicates


class BarcodeRatios(NamedTuple):
    """Of barcodes, all of shape (n_barcodes,).

    Attributes:
        seen: whether it has any count.
        fate: place in ``BARCODE_FATES``.
        dna, rna: normalised counts, the pseudocount included.
        log2_ratio, se: and its standard error by counting; NaN where not used.
        shrunken: drawn towards its variant's log ratio as far as barcodes are alike; NaN where that is not known.
        residual: leave-one-out residual in standard deviations; NaN where not judged.
        influence: on its variant's log ratio, in standard errors; 0 where not used.
    """

    seen: np.ndarray
    fate: np.ndarray
    dna: Floats
    rna: Floats
    log2_ratio: Floats
    se: Floats
    shrunken: Floats
    residual: Floats
    influence: Floats


class VariantRatios(NamedTuple):
    """Of variants, all of shape (n_variants,); NaN where not measured.

    Attributes:
        fate: place in ``VARIANT_FATES``.
        n_barcodes: barcodes used.
        dna_counts, rna_counts: their counts.
        dna, rna: normalised, the pseudocount included.
        log2_ratio: log2 of RNA per DNA.
        dna_variance: variance of the log ratio by the counting of DNA alone, log2 squared.
        counting_se, delta_se, bootstrap_se: standard errors by counting, by scatter between barcodes, and by drawing
            barcodes.
        se: what to believe: scatter of its own and of all variants together.
        degrees: degrees of freedom of se.
        shrunken: drawn towards the mean of all variants.
    """

    fate: np.ndarray
    n_barcodes: Integers
    dna_counts: Integers
    rna_counts: Integers
    dna: Floats
    rna: Floats
    log2_ratio: Floats
    dna_variance: Floats
    counting_se: Floats
    delta_se: Floats
    bootstrap_se: Floats
    se: Floats
    degrees: Floats
    shrunken: Shrunken


class Measured(NamedTuple):
    """A replicate."""

    barcodes: BarcodeRatios
    variants: VariantRatios
    scatter: Scatter | None


class _Estimate(NamedTuple):
    """Of the variants that have barcodes, each of shape (n_groups,), and of the barcodes used."""

    log2_ratio: Floats
    dna_variance: Floats
    told: Evidence
    influence: Floats


def measure(
    dna: Integers, rna: Integers, variant: Integers, n_variants: int, settings: Settings, rng: np.random.Generator
) -> Measured:
    """Measure one replicate.

    Args:
        dna, rna: counts of each barcode, shape (n_barcodes,).
        variant: number of its variant, rising.
        n_variants: how many variants there are.
        settings: the rules.
        rng: draws the bootstrap.
    """
    fate, residual = _judge(dna, rna, variant, settings)
    seen = (dna > 0) | (rna > 0)
    used = np.flatnonzero(seen & (fate == 0))
    groups, own = group(variant[used]), variant[used]
    d, r = dna[used].astype(float), rna[used].astype(float)
    sums = groups.sums(d), groups.sums(r)
    taken = (d, r) if settings.estimator == "mean_of_logs" else sums
    scale = _scales(taken[0], taken[1], settings)
    estimate = _estimate(d, r, groups, scale, settings)
    scatter = scatter_of(estimate.told)
    se = np.sqrt(moderated_variance(scatter, estimate.told))
    place = variant[used][groups.start]

    def spread(values: Floats) -> Floats:
        whole = np.full(n_variants, np.nan)
        whole[place] = values
        return whole

    n_barcodes = np.bincount(own, minlength=n_variants)
    fates = _variant_fates(np.bincount(variant[seen], minlength=n_variants), n_barcodes, settings)
    fates[(fates == 0) & ~np.isfinite(spread(estimate.log2_ratio))] = VARIANT_FATES.index("no_ratio")
    measured = fates == 0

    def shown(values: Floats) -> Floats:
        return np.where(measured, spread(values), np.nan)

    drawn = _bootstrap(d, r, groups, scale, settings, rng)
    log2_ratio, error = shown(estimate.log2_ratio), shown(se)
    variants = VariantRatios(
        fates,
        n_barcodes,
        np.bincount(own, d, n_variants).astype(np.int64),
        np.bincount(own, r, n_variants).astype(np.int64),
        shown((sums[0] + settings.pseudocount) * scale[0]),
        shown((sums[1] + settings.pseudocount) * scale[1]),
        log2_ratio,
        shown(estimate.dna_variance),
        shown(np.sqrt(estimate.told.by_counting)),
        shown(np.sqrt(estimate.told.observed)),
        shown(drawn),
        error,
        shown(moderated_degrees(scatter, estimate.told)),
        shrink(log2_ratio, error),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = np.clip(estimate.influence / se[groups.of_barcode], -_FREEST, _FREEST)
    whole = np.zeros(len(dna))
    whole[used] = np.nan_to_num(influence)
    barcodes = _barcodes(dna, rna, seen, fate, residual, scale, log2_ratio[variant], scatter, whole, settings)
    return Measured(barcodes, variants, scatter)


def _judge(dna: Integers, rna: Integers, variant: Integers, settings: Settings) -> tuple[np.ndarray, Floats]:
    fate = np.zeros(len(dna), dtype=np.int8)
    # A mean of logs needs the log of each barcode.
    alone = settings.estimator == "mean_of_logs"
    least_dna = max(settings.min_dna, 1) if alone else settings.min_dna
    least_rna = max(settings.min_rna, 1) if alone and not settings.pseudocount else settings.min_rna
    fate[rna < least_rna] = BARCODE_FATES.index("few_rna")
    fate[dna < least_dna] = BARCODE_FATES.index("few_dna")
    residual = np.full(len(dna), np.nan)
    used = np.flatnonzero(((dna > 0) | (rna > 0)) & (fate == 0))
    if settings.outliers == "leave_one_out" and len(used):
        found = leave_one_out_residuals(dna[used].astype(float), rna[used].astype(float), group(variant[used]))
        residual[used] = found
        fate[used[np.abs(np.nan_to_num(found)) > settings.outlier_threshold]] = BARCODE_FATES.index("outlier")
    return fate, residual


def _variant_fates(n_seen: Integers, n_used: Integers, settings: Settings) -> np.ndarray:
    fates = np.zeros(len(n_seen), dtype=np.int8)
    fates[n_used < settings.min_barcodes] = VARIANT_FATES.index("few_barcodes")
    fates[n_used == 0] = VARIANT_FATES.index("no_barcode_left")
    fates[n_seen == 0] = VARIANT_FATES.index("not_seen")
    return fates


def _scales(dna: Floats, rna: Floats, settings: Settings) -> tuple[float, float]:
    """Factors of DNA and RNA counts that make them comparable; of the counts of which logarithms are taken."""
    if settings.normalisation == "none" or not (dna.sum() and rna.sum()):
        return 1.0, 1.0
    if settings.normalisation == "cpm":
        more = settings.pseudocount * len(dna)
        return 1e6 / (float(dna.sum()) + more), 1e6 / (float(rna.sum()) + more)
    both = (dna > 0) & (rna > 0)
    if not both.any():
        return 1.0, 1.0
    # Size factors (Anders & Huber 2010) of the two samples: medians of counts over the geometric mean of the two.
    mean = np.sqrt(dna[both] * rna[both])
    return 1.0 / float(np.median(dna[both] / mean)), 1.0 / float(np.median(rna[both] / mean))


def _ratio(sums: Sequence[Floats], scale: tuple[float, float], pseudocount: float) -> Floats:
    """log2 of RNA per DNA; NaN without DNA, or where RNA and pseudocount are 0."""
    dna, rna = sums
    known = (dna > 0) & (rna + pseudocount > 0)
    logs = np.log2(np.where(known, rna + pseudocount, 1.0)) - np.log2(np.where(known, dna + pseudocount, 1.0))
    return np.where(known, logs + np.log2(scale[1] / scale[0]), np.nan)


def _estimate(d: Floats, r: Floats, groups: Groups, scale: tuple[float, float], settings: Settings) -> _Estimate:
    c = settings.pseudocount
    if settings.estimator == "mean_of_logs":
        logs = _ratio((d, r), scale, c)
        return _Estimate(
            groups.means(logs),
            groups.means(counting_variance(d + c, np.full(len(d), np.inf))) / groups.size,
            Evidence(
                groups.variances(logs) / groups.size,
                groups.means(counting_variance(d + c, r + c)) / groups.size,
                *shown_by(np.ones(len(d)), groups),
            ),
            groups.centred(logs) / groups.size[groups.of_barcode],
        )
    dna, rna = groups.sums(d), groups.sums(r)
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = (r / (rna + c)[groups.of_barcode] - d / (dna + c)[groups.of_barcode]) / np.sqrt(LN2_SQUARED)
    return _Estimate(
        _ratio((dna, rna), scale, c),
        counting_variance(dna + c, np.full(len(dna), np.inf)),
        Evidence(groups.variances(influence) * groups.size, counting_variance(dna + c, rna + c), *shown_by(d, groups)),
        groups.centred(influence),
    )


def _bootstrap(
    d: Floats, r: Floats, groups: Groups, scale: tuple[float, float], settings: Settings, rng: np.random.Generator
) -> Floats:
    c, n = settings.pseudocount, settings.bootstraps
    if settings.estimator == "mean_of_logs":
        return bootstrap_se((_ratio((d, r), scale, c),), lambda sums: sums[0] / groups.size, groups, n, rng)
    return bootstrap_se((d, r), lambda sums: _ratio(sums, scale, c), groups, n, rng)


def _barcodes(
    dna: Integers,
    rna: Integers,
    seen: np.ndarray,
    fate: np.ndarray,
    residual: Floats,
    scale: tuple[float, float],
    of_variant: Floats,
    scatter: Scatter | None,
    influence: Floats,
    settings: Settings,
) -> BarcodeRatios:
    d, r, c = dna.astype(float), rna.astype(float), settings.pseudocount
    used = seen & (fate == 0)
    log2_ratio = np.where(used, _ratio((d, r), scale, c), np.nan)
    variance = np.where(np.isfinite(log2_ratio), counting_variance(d + c, r + c), np.nan)
    shrunken = np.full(len(d), np.nan)
    if scatter is not None:
        noise = scatter.over_counting * variance
        kept = scatter.between / (scatter.between + noise)
        shrunken = of_variant + kept * (log2_ratio - of_variant)
    normalised = (d + c) * scale[0], (r + c) * scale[1]
    se = np.sqrt(variance)
    return BarcodeRatios(seen, fate, normalised[0], normalised[1], log2_ratio, se, shrunken, residual, influence)
