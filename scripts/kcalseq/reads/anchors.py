"""Where the constant parts of reads match best, and what stands between them: loops over reads.

A constant part may differ in some bases but not in its length. Of all places where it may begin, the one with the
fewest differing bases is taken; of equals the one nearest to where it is expected, then the left one. N differs.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel

MISSING = -1


@kernel
def locate(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    letters: NDArray[np.uint8],
    allowed: int,
    earliest: NDArray[np.int64],
    fewest: int,
    most: int,
    reach: int,
    places: NDArray[np.int64],
) -> None:
    """Find a constant part in each read.

    Args:
        text: bases of all reads.
        starts: first base of each read, shape (n_reads,).
        lengths: bases in each, shape (n_reads,).
        wanted: reads to look at, shape (n_reads,).
        letters: the constant part, shape (length,).
        allowed: bases that may differ.
        earliest: end of the constant part before it, or 0, shape (n_reads,).
        fewest: bases expected at least between there and this part.
        most: bases expected at most.
        reach: how far from the expected range it may begin; negative = anywhere behind ``earliest``.
        places: filled with the first base of the best match in the read, ``MISSING`` where there is none.
    """
    size = len(letters)
    for row in range(len(starts)):
        places[row] = MISSING
        if not wanted[row]:
            continue
        start, low, high = starts[row], earliest[row] + fewest, earliest[row] + most
        last = lengths[row] - size
        # Nothing beats a perfect match within the expected range, and most reads have one.
        for place in range(low, min(high, last) + 1):
            if text[start + place] == letters[0] and _differences(text, start + place, letters, 0) == 0:
                places[row] = place
                break
        if places[row] != MISSING:
            continue
        first = earliest[row] if reach < 0 else max(0, low - reach)
        if reach >= 0:
            last = min(last, high + reach)
        places[row] = _best_place(text, start, letters, allowed, first, last, low, high)


@kernel
def _best_place(
    text: NDArray[np.uint8],
    start: int,
    letters: NDArray[np.uint8],
    allowed: int,
    first: int,
    last: int,
    low: int,
    high: int,
) -> int:
    best, fewest, nearest = MISSING, allowed + 1, 0
    for place in range(first, last + 1):
        distance = max(0, low - place, place - high)
        # As good as the best so far is good enough only nearer to the expected range.
        limit = fewest if best != MISSING and distance < nearest else fewest - 1
        if limit < 0:
            continue
        found = _differences(text, start + place, letters, limit)
        if found <= limit:
            best, fewest, nearest = place, found, distance
    return best


@kernel
def _differences(text: NDArray[np.uint8], at: int, letters: NDArray[np.uint8], limit: int) -> int:
    """Differing bases, counted until there are more than ``limit``."""
    found = 0
    for place in range(len(letters)):
        if text[np.uint64(at) + np.uint64(place)] != letters[np.uint64(place)]:
            found += 1
            if found > limit:
                break
    return found


@kernel
def nearest_code(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    codes: NDArray[np.uint8],
    nearest: NDArray[np.int64],
    differences: NDArray[np.int64],
    is_tie: NDArray[np.bool_],
) -> None:
    """Find the sample code each read is nearest to.

    Args:
        text: bases of all reads.
        at: first base of each read's code, shape (n_reads,).
        wanted: reads to look at, shape (n_reads,).
        codes: the codes, shape (n_codes, length).
        nearest: filled with the first of the nearest codes.
        differences: filled with the bases that differ from it.
        is_tie: filled with whether another code is as near.
    """
    for row in range(len(at)):
        if not wanted[row]:
            continue
        fewest = codes.shape[1] + 1
        for number in range(codes.shape[0]):
            found = 0
            for place in range(codes.shape[1]):
                if text[np.uint64(at[row]) + np.uint64(place)] != codes[number, place]:
                    found += 1
            if found < fewest:
                fewest, nearest[row], is_tie[row] = found, number, False
            elif found == fewest:
                is_tie[row] = True
        differences[row] = fewest
