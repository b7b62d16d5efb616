"""Finding patterned stretches in reads: flanks with misread bases, letters with several allowed bases, open lengths.

First the pieces of a pattern are laid out as arrays; then each read is searched depth first, over places and stretch
lengths, dropping every branch that cannot win any more; then the reported bases of the matches are gathered. The best
match has the fewest mismatches, then the leftmost start, then the shortest stretches, the first stretch first. A search
may instead take the leftmost start that matches at all, as a regular expression does; a flank with a misread base
that chance put before the true one then wins over it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.kernels import kernel
from kcalseq.reads.pattern import BASES_OF_LETTER, Pattern
from kcalseq.sequences import Letters

_ANY = 15
_BITS = np.zeros(256, dtype=np.uint8)
for _number, _base in enumerate(ALPHABET):
    _BITS[ord(_base)] = 1 << _number
MASK_OF_LETTER = {letter: sum(1 << ALPHABET.index(base) for base in bases) for letter, bases in BASES_OF_LETTER.items()}


class Piece(NamedTuple):
    """One of the patterns that follow each other in a read, for example left flank, barcode, right flank.

    Attributes:
        pattern: its elements.
        max_mismatches: letters of it (all but N) that may be misread.
        report: which of its bases are reported: ``all``, ``none``, or ``free`` = all but the letters A, C, G, T.
    """

    pattern: Pattern
    max_mismatches: int
    report: str = "all"


class Search(NamedTuple):
    """Pieces as arrays, one entry an element unless said otherwise.

    Attributes:
        masks: allowed bases, one bit each in the order A, C, G, T; 15 = any byte, also N.
        min_lengths: bases of the element at least, in nt.
        max_lengths: bases of the element at most, in nt.
        pieces: number of the piece it belongs to.
        reported: whether its bases are reported.
        limits: mismatches allowed in each piece, shape (n_pieces,).
    """

    masks: NDArray[np.uint8]
    min_lengths: NDArray[np.int64]
    max_lengths: NDArray[np.int64]
    pieces: NDArray[np.int64]
    reported: NDArray[np.bool_]
    limits: NDArray[np.int64]


class Matches(NamedTuple):
    """Where the pattern stands in each read; -1 in all three where it does not.

    Attributes:
        starts: first base of the match, counted from the read's first, shape (n_reads,).
        ends: one behind its last base, shape (n_reads,).
        mismatches: misread letters, shape (n_reads,).
        edges: start of each element and end of the last, shape (n_reads, n_elements + 1).
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    mismatches: NDArray[np.int64]
    edges: NDArray[np.int64]


def lay_out(pieces: Sequence[Piece]) -> Search:
    """The arrays of pieces that follow each other without a gap."""
    rows = [(number, piece, element) for number, piece in enumerate(pieces) for element in piece.pattern.elements]
    reported = [
        piece.report == "all" or (piece.report == "free" and element.letter not in ALPHABET)
        for _, piece, element in rows
    ]
    return Search(
        masks=np.array([MASK_OF_LETTER[element.letter] for _, _, element in rows], dtype=np.uint8),
        min_lengths=np.array([element.min_length for _, _, element in rows], dtype=np.int64),
        max_lengths=np.array([element.max_length for _, _, element in rows], dtype=np.int64),
        pieces=np.array([number for number, _, _ in rows], dtype=np.int64),
        reported=np.array(reported, dtype=np.bool_),
        limits=np.array([piece.max_mismatches for piece in pieces], dtype=np.int64),
    )


def find_pattern(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    search: Search,
    first: int | NDArray[np.int64] = 0,
    last: int | NDArray[np.int64] | None = None,
    leftmost: bool = False,
) -> Matches:
    """Find the best match in each read.

    Args:
        buffer: letters of all reads in ASCII, shape (n_letters,).
        starts: where each read begins in the buffer, shape (n_reads,).
        lengths: bases of each read, shape (n_reads,).
        search: what to find; see ``lay_out``.
        first: first place at which the match may start, counted from the read's start; one for all or one a read.
        last: last such place, ``first`` for an anchored pattern; None = anywhere.
        leftmost: take the leftmost start that matches at all rather than the fewest mismatches.
    """
    n = len(starts)
    firsts = np.array(np.broadcast_to(first, (n,)), dtype=np.int64)
    lasts = lengths if last is None else np.array(np.broadcast_to(last, (n,)), dtype=np.int64)
    rest = np.append(np.cumsum(search.min_lengths[::-1])[::-1], 0)
    edges = np.full((n, len(search.masks) + 1), -1, dtype=np.int64)
    mismatches = np.full(n, -1, dtype=np.int64)
    _find(buffer, starts, lengths, firsts, lasts, *search, rest, leftmost, edges, mismatches)
    return Matches(edges[:, 0].copy(), edges[:, -1].copy(), mismatches, edges)


def reported_letters(buffer: NDArray[np.uint8], starts: NDArray[np.int64], matches: Matches, search: Search) -> Letters:
    """The reported bases of each match, joined; none where there is no match.

    Args:
        buffer: letters of all reads, or their qualities in the same places, shape (n_letters,).
        starts: where each read begins in the buffer, shape (n_reads,).
        matches: from ``find_pattern``.
        search: the one they were found with.
    """
    letters = np.zeros((len(starts), int(search.max_lengths[search.reported].sum())), dtype=np.uint8)
    lengths = np.zeros(len(starts), dtype=np.int64)
    _gather(buffer, starts, matches.edges, search.reported, letters, lengths)
    return Letters(letters, lengths)


def allowed(letters: NDArray[np.uint8], pattern: Pattern) -> NDArray[np.bool_]:
    """Whether sequences obey a pattern of fixed length.

    Args:
        letters: ASCII, shape (n, length of the pattern); at a letter N any byte is allowed.
        pattern: without open lengths.

    Returns:
        shape (n,).

    Raises:
        ValueError: the pattern has no fixed length, or another one than the sequences.
    """
    if pattern.letters is None or len(pattern.letters) != letters.shape[1]:
        raise ValueError(f"sequences of {letters.shape[1]} nt held against the pattern '{pattern.text}'")
    masks = np.array([MASK_OF_LETTER[letter] for letter in pattern.letters], dtype=np.uint8)
    fits: NDArray[np.bool_] = (((_BITS[letters] & masks) != 0) | (masks == _ANY)).all(axis=1)
    return fits


@kernel
def _find(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    masks: NDArray[np.uint8],
    min_lengths: NDArray[np.int64],
    max_lengths: NDArray[np.int64],
    pieces: NDArray[np.int64],
    reported: NDArray[np.bool_],
    limits: NDArray[np.int64],
    rest: NDArray[np.int64],
    leftmost: bool,
    edges: NDArray[np.int64],
    mismatches: NDArray[np.int64],
) -> None:
    n = masks.size
    at, taken = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    total, in_piece = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    for read in range(starts.size):
        best = limits.sum() + 1
        for start in range(max(firsts[read], 0), min(lasts[read], lengths[read] - rest[0]) + 1):
            depth, at[0], taken[0] = 0, start, min_lengths[0] - 1
            while depth >= 0:
                if depth == n:
                    best = total[n]
                    edges[read] = at
                    depth -= 1
                    continue
                taken[depth] += 1
                cost, spent, end = total[depth], in_piece[depth], at[depth] + taken[depth]
                if taken[depth] <= max_lengths[depth] and end + rest[depth + 1] <= lengths[read]:
                    if masks[depth] != _ANY and not masks[depth] & _BITS[buffer[starts[read] + end - 1]]:
                        cost, spent = cost + 1, spent + 1
                    if cost < best and spent <= limits[pieces[depth]]:
                        depth += 1
                        at[depth], total[depth], in_piece[depth] = end, cost, 0
                        if depth < n:
                            taken[depth] = min_lengths[depth] - 1
                            in_piece[depth] = spent if pieces[depth] == pieces[depth - 1] else 0
                        continue
                depth -= 1  # a longer stretch would cost as much
            if best == 0 or (leftmost and edges[read, 0] >= 0):
                break
        if edges[read, 0] >= 0:
            mismatches[read] = best


@kernel
def _gather(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    edges: NDArray[np.int64],
    reported: NDArray[np.bool_],
    letters: NDArray[np.uint8],
    lengths: NDArray[np.int64],
) -> None:
    for read in range(starts.size):
        if edges[read, 0] < 0:
            continue
        place = 0
        for element in range(reported.size):
            if reported[element]:
                for letter in range(edges[read, element], edges[read, element + 1]):
                    letters[read, place] = buffer[starts[read] + letter]
                    place += 1
        lengths[read] = place
