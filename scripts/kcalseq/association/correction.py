"""Misread barcodes: which barcode a rarer one may have been misread from.

Only a candidate is named here. Many reads move only if they show the molecule of the more abundant barcode, which two
true barcodes that happen to be neighbours do not: so correction never merges callable barcodes of different variants.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.hashing import Index, Text, find, hashes, index_of, one_edit_hashes
from kcalseq.kernels import kernel

_OTHER_BITS = np.uint64(24)  # of the hash than those that ``find`` looks at first


def candidate_heads(barcodes: Text, n_reads: NDArray[np.int64]) -> NDArray[np.int64]:
    """The barcode from which each may have been misread.

    A barcode may be a misreading of one that is one edit away and at least twice as abundant less one (the directional
    rule of UMI-tools, Smith et al., Genome Res. 27 (2017) 491), and more abundant. Of several, the most abundant is
    named, then the first. One that is itself a misreading has none.

    Args:
        barcodes: distinct barcodes, sorted.
        n_reads: reads of each, shape (n,).

    Returns:
        number of the head of each barcode, its own where it has no other, shape (n,).
    """
    lengths = np.diff(barcodes.offsets)
    heads = np.arange(len(barcodes))
    if len(heads):
        shifted = bool(lengths.min() == lengths.max())
        index: Index = index_of(hashes(barcodes))
        _find_heads(
            barcodes.letters, barcodes.offsets, n_reads, shifted, int(lengths.max()), index.keys, index.slots, heads
        )
    own = heads == np.arange(len(heads))
    return np.where(own[heads], heads, np.arange(len(heads)))


@kernel
def _find_heads(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    n_reads: NDArray[np.int64],
    shifted: bool,
    longest: int,
    keys: NDArray[np.uint64],
    slots: NDArray[np.int64],
    heads: NDArray[np.int64],
) -> None:
    before, near = np.zeros(longest + 1, np.uint64), np.zeros(11 * longest + 4, np.uint64)
    # Nearly all neighbours are nobody's barcode: most are known for it by one look into a table that the cache holds.
    mask = np.uint64(8 * len(slots) - 1)
    there = np.zeros(8 * len(slots), dtype=np.bool_)
    for key in keys:
        there[(key >> _OTHER_BITS) & mask] = True
    for row in range(len(heads)):
        count = one_edit_hashes(letters[offsets[row] : offsets[row + 1]], shifted, before, near)
        best = -1
        for number in range(count):
            if not there[(near[number] >> _OTHER_BITS) & mask]:
                continue
            other = find(near[number], keys, slots)
            if other < 0 or n_reads[other] <= n_reads[row] or n_reads[other] < 2 * n_reads[row] - 1:
                continue
            if best < 0 or n_reads[other] > n_reads[best] or (n_reads[other] == n_reads[best] and other < best):
                best = other
        if best >= 0:
            heads[row] = best
