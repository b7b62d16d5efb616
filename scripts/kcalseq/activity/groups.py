"""Sums over the barcodes of each variant, where barcodes are ordered by variant."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Groups(NamedTuple):
    """Stretches of barcodes.

    Attributes:
        start: first barcode of each variant that has any, shape (n_groups,).
        size: its barcodes, shape (n_groups,).
        of_barcode: number of each barcode's group, shape (n_barcodes,).
    """

    start: Integers
    size: Integers
    of_barcode: Integers

    def sums(self, values: Floats) -> Floats:
        """Sum over each variant: from (n_barcodes,) to (n_groups,)."""
        if not len(self.start):
            return np.zeros(0)
        total: Floats = np.add.reduceat(values, self.start)
        return total

    def means(self, values: Floats) -> Floats:
        """Mean over each variant."""
        return self.sums(values) / self.size

    def centred(self, values: Floats) -> Floats:
        """Each barcode's value less the mean of its variant, shape (n_barcodes,)."""
        return values - self.means(values)[self.of_barcode]

    def variances(self, values: Floats) -> Floats:
        """Sample variance over the barcodes of each variant; NaN for one barcode."""
        squares = self.sums(self.centred(values) ** 2)
        return np.where(self.size > 1, squares / np.maximum(self.size - 1, 1), np.nan)


def group(variant: Integers) -> Groups:
    """Groups of barcodes from the number of each one's variant, which must not fall, shape (n_barcodes,)."""
    is_first = np.ones(len(variant), dtype=bool)
    is_first[1:] = variant[1:] != variant[:-1]
    start = np.flatnonzero(is_first)
    return Groups(start, np.diff(np.append(start, len(variant))), np.cumsum(is_first) - 1)
