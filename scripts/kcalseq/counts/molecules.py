"""Molecules: UMIs that one barcode shows in one sample, put together where one is a misreading of another.

UMIs are compared within a barcode of a sample only, where there are few: so each is held against each, with a handful
of operations on packed keys; the few barcodes with many UMIs go the way of the barcodes themselves, by look-up.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.counts.keys import Keys
from kcalseq.counts.nearby import cluster
from kcalseq.counts.search import Reach
from kcalseq.kernels import kernel

_MANY = 64
_LONGEST = 32
_LOW_BITS = np.uint64(0x5555555555555555)


def molecule_heads(
    umis: Keys, first: NDArray[np.int64], n_reads: NDArray[np.int64], reach: Reach, ratio: int
) -> NDArray[np.int64]:
    """The UMI that each UMI is a reading of, by the rule of ``nearby.cluster`` within each group.

    Args:
        umis: UMIs of all groups, one group after the other; in order and each once within a group.
        first: where each group begins, shape (n_groups,), from 0 on.
        n_reads: reads of each UMI, shape (n,).
        reach: how far to look; distance 0 leaves each UMI a molecule of its own.
        ratio: as for ``nearby.cluster``; 2 is UMI-tools' rule.

    Returns:
        row of the head of each UMI's molecule, shape (n,); heads name themselves.
    """
    heads = np.arange(len(n_reads), dtype=np.int64)
    if reach.distance == 0:
        return heads
    last = np.append(first[1:], len(n_reads)) if len(first) else first
    in_pairs = umis.shape.same_length and umis.shape.longest <= _LONGEST
    if in_pairs:
        _by_pairs(umis.words[:, 0], umis.shape.longest, first, last, n_reads, reach, ratio, heads)
    for group in np.flatnonzero(last - first > (_MANY if in_pairs else 1)):
        rows = slice(first[group], last[group])
        heads[rows] = first[group] + cluster(Keys(umis.words[rows], umis.shape), n_reads[rows], reach, ratio)
    return heads


@kernel
def _near(one: np.uint64, two: np.uint64, length: int, reach: Reach) -> bool:
    """Whether two sequences of one length are within reach, see ``search``."""
    differing = one ^ two
    differing = (differing | (differing >> np.uint64(1))) & _LOW_BITS
    left = differing
    for _ in range(reach.distance):
        left &= left - np.uint64(1)
    if left == np.uint64(0):
        return True
    if not reach.indels:
        return False
    # From the first base that differs on, one sequence must be the other moved by a base, within the window.
    rest = differing
    for step in (1, 2, 4, 8, 16, 32):
        rest |= rest >> np.uint64(step)
    rest |= rest << np.uint64(1)
    rest &= ~np.uint64(0) << np.uint64(66 - 2 * length)
    lost, added = ((one << np.uint64(2)) ^ two) & rest, ((two << np.uint64(2)) ^ one) & rest
    return bool(lost == np.uint64(0) or added == np.uint64(0))


@kernel
def _by_pairs(
    umis: NDArray[np.uint64],
    length: int,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    n_reads: NDArray[np.int64],
    reach: Reach,
    ratio: int,
    heads: NDArray[np.int64],
) -> None:
    queue = np.empty(_MANY, dtype=np.int64)
    taken = np.empty(_MANY, dtype=np.bool_)
    for group in range(first.shape[0]):
        start, n = first[group], last[group] - first[group]
        if n == 1 or n > _MANY:
            continue
        taken[:n] = False
        order = np.argsort(-n_reads[start : start + n], kind="mergesort")
        for head in order:
            if taken[head]:
                continue
            taken[head] = True
            queue[0], n_queue, done = head, 1, 0
            while done < n_queue:
                taker = start + queue[done]
                done += 1
                for other in range(n):
                    row = start + other
                    if taken[other] or n_reads[taker] - 1 < ratio * (n_reads[row] - 1):
                        continue
                    if _near(umis[taker], umis[row], length, reach):
                        taken[other] = True
                        heads[row] = start + head
                        queue[n_queue] = other
                        n_queue += 1
