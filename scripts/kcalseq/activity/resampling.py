"""The barcode bootstrap: each variant's barcodes drawn with replacement, as many as it has (Efron & Tibshirani 1993).

Draws of n barcodes vary less than barcodes do, by (n - 1) / n on average; the standard error is put right by that.
"""

from collections.abc import Callable, Sequence

import numpy as np

from kcalseq.activity.groups import Floats, Groups


def bootstrap_se(
    columns: Sequence[Floats],
    statistic: Callable[[Sequence[Floats]], Floats],
    groups: Groups,
    n_draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Standard error of a statistic of sums over the barcodes of each variant.

    Args:
        columns: what is summed, each of shape (n_barcodes,).
        statistic: from the sums of the columns, each of shape (n_groups,), to the estimate; draws where it is not
            finite do not count.
        groups: barcodes by variant.
        n_draws: how many.
        rng: draws them.

    Returns:
        shape (n_groups,); NaN for variants with one barcode, or without draws.
    """
    size = groups.size[groups.of_barcode].astype(np.float32)
    start, last = groups.start[groups.of_barcode], groups.size[groups.of_barcode] - 1
    n, first, second = (np.zeros(len(groups.start)) for _ in range(3))
    shift = statistic([groups.sums(column) for column in columns])
    for _ in range(n_draws):
        # A product of float32 can round up to the size itself.
        drawn = start + np.minimum((rng.random(len(size), dtype=np.float32) * size).astype(np.int64), last)
        found = statistic([groups.sums(column[drawn]) for column in columns]) - shift
        finite = np.isfinite(found)
        found = np.where(finite, found, 0.0)
        n, first, second = n + finite, first + found, second + found**2
    enough = (n > 1) & (groups.size > 1)
    n = np.where(enough, n, 2.0)
    variance = np.maximum(second - first**2 / n, 0.0) / (n - 1.0)
    return np.where(enough, np.sqrt(variance * groups.size / np.maximum(groups.size - 1, 1)), np.nan)
