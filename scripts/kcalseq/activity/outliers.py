"""Barcodes that contradict the others of their variant: a second molecule, a jackpot of PCR, a lucky integration.

The residual of a barcode is its log2 ratio less that of its variant's other barcodes. Its variance is what counting
gives to both, and a variance between barcodes that the residuals of the whole replicate tell: the one with which half
of all squared standardised residuals lie below 0.455, the median of chi-square with one degree of freedom, which a few
outliers hardly move. One round: a barcode is judged against all others, those that turn out to be outliers included.
"""

import numpy as np

from kcalseq.activity.groups import Floats, Groups
from kcalseq.activity.scatter import counting_variance

LEAST_BARCODES = 3
"""Of two barcodes that contradict each other nobody knows which is right."""
_MEDIAN_CHI_SQUARE = 0.45493642311957
_HALF = 0.5  # added to each count, so that a barcode without RNA has a residual too
_BISECTIONS = 60


def leave_one_out_residuals(dna: Floats, rna: Floats, groups: Groups) -> Floats:
    """Standardised residual of each barcode, in standard deviations.

    Args:
        dna, rna: counts, shape (n_barcodes,).
        groups: barcodes by variant.

    Returns:
        shape (n_barcodes,); NaN for barcodes of variants with fewer than three.
    """
    others_dna, others_rna = (groups.sums(counts)[groups.of_barcode] - counts for counts in (dna, rna))
    difference = np.log2((rna + _HALF) / (dna + _HALF)) - np.log2((others_rna + _HALF) / (others_dna + _HALF))
    variance = counting_variance(dna + _HALF, rna + _HALF) + counting_variance(others_dna + _HALF, others_rna + _HALF)
    judged = groups.size[groups.of_barcode] >= LEAST_BARCODES
    if not judged.any():
        return np.full(len(dna), np.nan)
    between = _robust_variance(difference[judged] ** 2, variance[judged])
    return np.where(judged, difference / np.sqrt(variance + between), np.nan)


def _robust_variance(squares: Floats, variance: Floats) -> float:
    """The variance that, added to each, makes the median of squares / variance that of chi-square; at least 0."""
    low, high = 0.0, float(squares.max()) / _MEDIAN_CHI_SQUARE
    if np.median(squares / variance) <= _MEDIAN_CHI_SQUARE:
        return 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if np.median(squares / (variance + middle)) > _MEDIAN_CHI_SQUARE:
            low = middle
        else:
            high = middle
    return high
