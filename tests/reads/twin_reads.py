"""Reads as the twin of the extractor handles them: turned round, and mates merged by the rules."""

from fractions import Fraction
from typing import NamedTuple

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


class Read(NamedTuple):
    """A read: its bases, its Phred scores, its header line."""

    bases: str
    scores: tuple[int, ...]
    name: str = "r"


def turned(read: Read) -> Read:
    return Read(read.bases.translate(COMPLEMENT)[::-1], read.scores[::-1], read.name)


def merge(one: Read, two: Read, min_overlap: int, max_fraction: float, foreseen: range) -> Read | None:
    """A size the layout foresees, then the smallest share that differs, the longest overlap, the shortest molecule."""
    mate, found = turned(two), []
    for size in range(min_overlap, len(one.bases) + len(mate.bases) - min_overlap + 1):
        offset = size - len(mate.bases)
        places = [n for n in range(size) if n < len(one.bases) and n - offset >= 0]
        different = sum(one.bases[n] != mate.bases[n - offset] for n in places)
        if len(places) >= min_overlap and different <= max_fraction * len(places) + 1e-9:
            found.append((size not in foreseen, Fraction(different, len(places)), -len(places), size))
    if not found:
        return None
    size = min(found)[3]
    offset, bases, scores = size - len(mate.bases), "", []
    for n in range(size):
        seen = [
            (read.scores[at], read.bases[at])
            for read, at in ((one, n), (mate, n - offset))
            if 0 <= at < len(read.bases)
        ]
        base, score = seen[0][1], seen[0][0]
        if len(seen) == 2 and seen[0][1] == seen[1][1]:
            score = min(60, seen[0][0] + seen[1][0])
        elif len(seen) == 2 and seen[0][0] == seen[1][0]:
            score = min(seen[0][0], 3)
        elif len(seen) == 2:
            base, score = max(seen)[1], max(3, abs(seen[0][0] - seen[1][0]))
        bases, scores = bases + base, [*scores, score]
    return Read(bases, tuple(scores), one.name)
