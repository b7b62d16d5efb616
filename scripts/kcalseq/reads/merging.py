"""Two overlapping mates to one read: the molecule from its first base to its last, each base by the better evidence.

Of all ways in which read_1 and the reverse complement of read_2 can overlap by at least ``min_overlap`` bases, the
one with the smallest share of differing bases is taken, of equals the longest overlap, then the shortest molecule. Ways
that make a molecule as long as the layout foresees go before all others.
Where both mates read a base and agree, its error probability is the product of theirs (qualities add up, to at most
60); where they differ, the better one is taken with the difference of the qualities, since the worse one speaks against
it; of equals read_1's, as no better than a guess between two. Bases beyond the end of the molecule (adapter) fall away.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.layout import Merge
from kcalseq.reads.records import Records

_BEST, _GUESS = 60, 3
_COMPLEMENT = np.zeros(256, dtype=np.uint8)
for _one, _other in zip(b"ACGTN", b"TGCAN", strict=True):
    _COMPLEMENT[_one] = _other


def merge_mates(first: Records, second: Records, merge: Merge, fewest: int, most: int) -> Records:
    """Merge mates.

    Args:
        first: read_1 of each molecule.
        second: read_2, as read.
        merge: least overlap and largest share of differing bases.
        fewest: bases that the layout foresees at least.
        most: bases that it foresees at most.

    Returns:
        the merged reads; those that do not overlap well enough have length -1.
    """
    starts, n_bases = _room(first.lengths + second.lengths)
    text, lengths = np.zeros(2 * n_bases, dtype=np.uint8), np.full(len(starts), -1, dtype=np.int64)
    _merge(
        first.text,
        first.starts,
        first.lengths,
        first.qualities,
        second.text,
        second.starts,
        second.lengths,
        second.qualities,
        merge.min_overlap,
        merge.max_mismatch_fraction,
        fewest,
        most,
        starts,
        n_bases,
        text,
        lengths,
    )
    # The names stay in read_1's text; merged reads are asked for bases and qualities only.
    return Records(text, starts, starts, lengths, starts + n_bases)


def reverse_complements(records: Records) -> Records:
    """Each read from its other end: complemented bases and the qualities in reverse."""
    starts, n_bases = _room(np.maximum(records.lengths, 0))
    text = np.zeros(2 * n_bases, dtype=np.uint8)
    _turn(records.text, records.starts, records.lengths, records.qualities, starts, n_bases, text)
    return Records(text, starts, starts, records.lengths, starts + n_bases)


def _room(lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Where each read begins if they stand behind each other, and how many bases that takes."""
    ends = np.cumsum(lengths)
    return ends - lengths, int(ends[-1]) if len(ends) else 0


@kernel
def _turn(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
    new_starts: NDArray[np.int64],
    n_bases: int,
    turned: NDArray[np.uint8],
) -> None:
    for row in range(len(starts)):
        base, quality = new_starts[row], n_bases + new_starts[row]
        for place in range(lengths[row]):
            from_end = lengths[row] - 1 - place
            turned[base + place] = _COMPLEMENT[text[starts[row] + from_end]]
            turned[quality + place] = text[qualities[row] + from_end]


@kernel
def _merge(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
    mate_text: NDArray[np.uint8],
    mate_starts: NDArray[np.int64],
    mate_lengths: NDArray[np.int64],
    mate_qualities: NDArray[np.int64],
    min_overlap: int,
    max_fraction: float,
    fewest: int,
    most: int,
    merged_starts: NDArray[np.int64],
    n_bases: int,
    merged: NDArray[np.uint8],
    merged_lengths: NDArray[np.int64],
) -> None:
    mate = np.zeros(max(1, mate_lengths.max() if len(mate_lengths) else 0), dtype=np.uint8)
    guess = 0
    for row in range(len(starts)):
        n_one, n_two, one, two = lengths[row], mate_lengths[row], starts[row], mate_starts[row]
        for place in range(n_two):
            mate[np.uint64(place)] = _COMPLEMENT[mate_text[np.uint64(two + n_two - 1 - place)]]
        largest = n_one + n_two - min_overlap
        low, high = max(min_overlap, fewest), min(largest, most)
        size = _best_size(text, one, n_one, mate, n_two, min_overlap, max_fraction, guess, low, high)
        if size < 0:
            size = _best_size(text, one, n_one, mate, n_two, min_overlap, max_fraction, guess, min_overlap, largest)
        if size < 0:
            continue
        guess = size
        merged_lengths[row] = size
        into, quality_into = merged_starts[row], n_bases + merged_starts[row]
        first_mate, end_one = max(0, size - n_two), min(n_one, size)
        quality, mate_quality = qualities[row], mate_qualities[row] + size - 1
        for place in range(first_mate):
            merged[np.uint64(into + place)] = text[np.uint64(one + place)]
            merged[np.uint64(quality_into + place)] = text[np.uint64(quality + place)]
        for place in range(first_mate, end_one):
            base, other = text[np.uint64(one + place)], mate[np.uint64(place - size + n_two)]
            score = int(text[np.uint64(quality + place)]) - 33
            other_score = int(mate_text[np.uint64(mate_quality - place)]) - 33
            base, score = _agreed(base, score, other, other_score)
            merged[np.uint64(into + place)] = base
            merged[np.uint64(quality_into + place)] = score + 33
        for place in range(end_one, size):
            merged[np.uint64(into + place)] = mate[np.uint64(place - size + n_two)]
            merged[np.uint64(quality_into + place)] = mate_text[np.uint64(mate_quality - place)]


@kernel
def _agreed(base: np.uint8, quality: int, other: np.uint8, other_quality: int) -> tuple[np.uint8, int]:
    """The base that two readings speak for, and its quality."""
    if base == other:
        return base, min(_BEST, quality + other_quality)
    if quality == other_quality:
        return base, min(quality, _GUESS)
    if other_quality > quality:
        return other, max(_GUESS, other_quality - quality)
    return base, max(_GUESS, quality - other_quality)


@kernel
def _best_size(
    text: NDArray[np.uint8],
    one: int,
    n_one: int,
    mate: NDArray[np.uint8],
    n_two: int,
    min_overlap: int,
    max_fraction: float,
    guess: int,
    low: int,
    high: int,
) -> int:
    """Length of the molecule, from ``low`` to ``high``, by the best overlap; -1 = none is good enough.

    The guess is only tried first, so that all others have a good one to beat and fail at their first bases.
    """
    best_size, best_different, best_overlap = -1, 0, 0
    for attempt in range(low - 1, high + 1):
        size = guess if attempt == low - 1 else attempt
        if size < low or size > high or (attempt >= low and size == guess):
            continue
        first, last = max(0, size - n_two), min(n_one, size)
        overlap = last - first
        if overlap < min_overlap:
            continue
        allowed = int(max_fraction * overlap + 1e-9)
        if best_size >= 0:
            allowed = min(allowed, best_different * overlap // best_overlap)
        different, at, shift = 0, one + first, first - (size - n_two)
        for place in range(overlap):
            if text[np.uint64(at + place)] != mate[np.uint64(shift + place)]:
                different += 1
                if different > allowed:
                    break
        if different > allowed:
            continue
        gain = different * best_overlap - best_different * overlap
        if best_size < 0 or gain < 0 or (gain == 0 and (overlap, -size) > (best_overlap, -best_size)):
            best_size, best_different, best_overlap = size, different, overlap
    return best_size
