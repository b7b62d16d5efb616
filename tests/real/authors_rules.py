"""How the authors of MPRAdecoder take a mapping read apart, put down from their rules: slow, one read at a time.

A constant part is aligned from end to end, a match 1, a mismatch 0, a missing or extra base -1. How many bases of the
read it takes, and where it begins, is found by climbing: one base more as long as the score rises, else one fewer.
Its score may fall short of the best one by as many as mismatches are allowed, and by one less for each base that the
stretch is longer than the part. So a lost base, which forgoes its match and costs 1, weighs as much as two mismatches,
and an extra base, which costs 1 and makes the limit stricter, likewise.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

CP1, CP1_MISMATCHES = "GACACTCGAGGATCGAG", 2
CP2 = "GAGTTGTGGCCGGCCCTTGTGACTGGGAAAACCCTGGCGTAAATAAAATACGAAATGACTAGTCATGCGTCAATTTTACGCAT"
CP2_MISMATCHES = 8
CP3, CP3_MISMATCHES = "TTAACGTACG", 1
BARCODE, BARCODES, VARIANT, MIN_QUALITY = 18, range(16, 21), 8, 10


class Place(NamedTuple):
    """Where a constant part begins and ends in the read, its score, and the least score allowed."""

    begin: int
    end: int
    score: int
    limit: int


class Decoded(NamedTuple):
    """What became of a read, and where its parts stand as far as they were looked for."""

    fate: str
    places: tuple[Place, ...]

    @property
    def barcode(self) -> slice:
        """Where the barcode stands."""
        return slice(self.places[0].end, self.places[1].begin)

    @property
    def variant(self) -> slice:
        """Where the variant stands."""
        return slice(self.places[1].end, self.places[2].begin)


def decode(bases: str, quality: str) -> Decoded:
    """Take a read apart, part by part, until something is wrong with it."""
    read = codes(bases)
    one = _at(read, 0, CP1, CP1_MISMATCHES)
    if one.score < one.limit:
        return Decoded("no CP1", (one,))
    two = _climb(read, one.end, BARCODE, CP2, CP2_MISMATCHES)
    if two.begin - one.end not in BARCODES:
        return Decoded("barcode length", (one, two))
    if two.score < two.limit:
        return Decoded("no CP2", (one, two))
    if _is_low(quality[one.end : two.begin]):
        return Decoded("low quality", (one, two))
    three = _climb(read, two.end, VARIANT, CP3, CP3_MISMATCHES)
    places = (one, two, three)
    if three.begin - two.end != VARIANT:
        return Decoded("variant length", places)
    if three.score < three.limit:
        return Decoded("no CP3", places)
    return Decoded("low quality" if _is_low(quality[two.end : three.begin]) else "effective", places)


def codes(bases: str) -> NDArray[np.uint8]:
    """Letters as bytes."""
    return np.frombuffer(bases.encode("ascii"), dtype=np.uint8)


def score(stretch: str, part: str) -> int:
    """Score of a whole stretch against a part."""
    return int(prefix_scores(codes(stretch), codes(part), 1, 0)[-1])


def errors(stretch: str, part: str) -> int:
    """Fewest mismatches, missing and extra bases that make the part of the stretch."""
    return -int(prefix_scores(codes(stretch), codes(part), 0, -1)[-1])


def weighed(stretch: str, part: str) -> int:
    """The errors with each lost and extra base counted twice: what the authors' limit allows of, if none is alike."""
    n_errors = errors(stretch, part)
    n_lost = len(part) - n_errors - score(stretch, part)
    n_extra = n_lost - (len(part) - len(stretch))
    return n_errors + n_lost + n_extra


@numba.njit  # type: ignore[misc]
def prefix_scores(read: NDArray[np.uint8], part: NDArray[np.uint8], match: int, mismatch: int) -> NDArray[np.int64]:
    """Score of the part against the first 0, 1, ... bases of a read; each missing or extra base costs 1."""
    scores = np.empty(len(read) + 1, dtype=np.int64)
    row = -np.arange(len(part) + 1)
    scores[0] = row[-1]
    for i in range(len(read)):
        diagonal = row[0]
        row[0] = -i - 1
        for j in range(len(part)):
            best = diagonal + (match if read[i] == part[j] else mismatch)
            diagonal = row[j + 1]
            row[j + 1] = max(best, row[j] - 1, diagonal - 1)
        scores[i + 1] = row[-1]
    return scores


def _at(read: NDArray[np.uint8], begin: int, part: str, mismatches: int) -> Place:
    """The part where it begins at a given base: only its end is open."""
    scores = prefix_scores(read[begin : begin + len(part) + mismatches], codes(part), 1, 0).tolist()
    size = min(len(part), len(scores) - 1)
    best = size
    while best + 1 < len(scores) and best < size + mismatches and scores[best + 1] > scores[best]:
        best += 1
    if best == size:
        while best > max(size - mismatches, 0) and scores[best - 1] >= scores[best]:
            best -= 1
    return Place(begin, begin + best, scores[best], len(part) - mismatches + max(best - size, 0))


def _climb(read: NDArray[np.uint8], begin: int, length: int, part: str, mismatches: int) -> Place:
    """The part behind a stretch of about ``length`` bases: longer while the score rises, else shorter likewise."""
    best = _at(read, begin + length, part, mismatches)
    for step in (1, -1):
        while (more := _at(read, best.begin + step, part, mismatches)).score > best.score:
            best = more
        if best.begin != begin + length:
            break
    return best


def _is_low(quality: str) -> bool:
    return min(map(ord, quality)) - 33 < MIN_QUALITY
