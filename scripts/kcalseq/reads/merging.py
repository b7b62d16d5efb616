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
from kcalseq.reads.words import n_different

_BEST, _GUESS = 60, 3


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
        first, length = new_starts[row], max(0, lengths[row])
        bases, letters = turned[first : first + length], turned[n_bases + first : n_bases + first + length]
        _turn_one(text, starts[row], qualities[row], length, bases, letters)


@kernel
def _turn_one(
    text: NDArray[np.uint8], start: int, quality: int, length: int, bases: NDArray[np.uint8], letters: NDArray[np.uint8]
) -> None:
    """One read from its other end, to the beginning of ``bases`` and ``letters``."""
    for number in range(length):
        place, from_end = np.uint64(number), np.uint64(length - 1 - number)
        base = text[np.uint64(start) + from_end]
        # In ASCII, A and T differ by 21, C and G by 4. Of these and N, C, G and N have bit 1 set, and N alone bit 3.
        is_cg, is_n = (base >> np.uint8(1)) & np.uint8(1), (base >> np.uint8(3)) & np.uint8(1)
        flip = np.uint8(np.uint8(21) - np.uint8(17) * np.uint8(is_cg)) * np.uint8(np.uint8(1) - np.uint8(is_n))
        bases[place] = np.uint8(base ^ flip)
        letters[place] = text[np.uint64(quality) + from_end]


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
    longest = max(1, mate_lengths.max() if len(mate_lengths) else 0)
    mate, mate_letters = np.zeros(longest, dtype=np.uint8), np.zeros(longest, dtype=np.uint8)
    guess = 0
    for row in range(len(starts)):
        n_one, n_two, one = lengths[row], mate_lengths[row], starts[row]
        _turn_one(mate_text, mate_starts[row], mate_qualities[row], n_two, mate, mate_letters)
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
        _copy(text, one, first_mate, merged, into)
        _copy(text, qualities[row], first_mate, merged, quality_into)
        at_mate = first_mate - size + n_two
        _agree(
            text, one + first_mate, qualities[row] + first_mate, mate, mate_letters, at_mate, end_one - first_mate,
            merged, into + first_mate, quality_into + first_mate,
        )  # fmt: skip
        _copy(mate, end_one - size + n_two, size - end_one, merged, into + end_one)
        _copy(mate_letters, end_one - size + n_two, size - end_one, merged, quality_into + end_one)


@kernel
def _copy(text: NDArray[np.uint8], at: int, size: int, copy: NDArray[np.uint8], into: int) -> None:
    for place in range(size):
        copy[np.uint64(into) + np.uint64(place)] = text[np.uint64(at) + np.uint64(place)]


@kernel
def _agree(
    text: NDArray[np.uint8],
    at: int,
    quality_at: int,
    mate: NDArray[np.uint8],
    mate_letters: NDArray[np.uint8],
    at_mate: int,
    size: int,
    merged: NDArray[np.uint8],
    into: int,
    quality_into: int,
) -> None:
    """The bases that two readings speak for, and their qualities; chosen without a jump, so many at a time."""
    for number in range(size):
        place = np.uint64(number)
        base, other = text[np.uint64(at) + place], mate[np.uint64(at_mate) + place]
        score = np.int16(text[np.uint64(quality_at) + place]) - np.int16(33)
        other_score = np.int16(mate_letters[np.uint64(at_mate) + place]) - np.int16(33)
        together = min(np.int16(_BEST), np.int16(score + other_score))
        apart = max(np.int16(_GUESS), np.int16(abs(score - other_score)))
        apart = min(score, np.int16(_GUESS)) if score == other_score else apart
        chosen = together if base == other else apart
        merged[np.uint64(into) + place] = other if other_score > score else base
        merged[np.uint64(quality_into) + place] = np.uint8(chosen + np.int16(33))


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
        at, shift = np.uint64(one + first), np.uint64(first - (size - n_two))
        different = n_different(text, at, mate, shift, np.uint64(overlap), allowed)
        if different > allowed:
            continue
        gain = different * best_overlap - best_different * overlap
        if best_size < 0 or gain < 0 or (gain == 0 and (overlap, -size) > (best_overlap, -best_size)):
            best_size, best_different, best_overlap = size, different, overlap
    return best_size
