"""The consensus of one molecule's reads, position by position, weighted by quality.

Weights are whole numbers of centi-Phred (100 = a factor of 10 ** 0.1 in odds), so that sums do not depend on order.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.compare import align
from kcalseq.kernels import kernel

_LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8).copy()
_CODE = np.zeros(256, dtype=np.uint8)
_CODE[_LETTERS] = np.arange(4, dtype=np.uint8)


@kernel
def vote_in_frame(
    read: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    n_reads: int,
    sits: int,
    weights: NDArray[np.int64],
    votes: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Add a read's votes; a read with one letter too few or too many is put back into the frame.

    Args:
        read: its letters.
        quality: Phred+33.
        n_reads: how often it was read.
        sits: see ``molecules.relation``; not EDITED.
        weights: weight of a base by its Phred score, centi-Phred.
        votes: weights of A, C, G, T at each position of the frame, shape (length, 4).
        counts: reads likewise.
    """
    place, shift = 0, 0
    missing = sits // 2 if sits >= 0 and sits % 2 == 0 else -1
    extra = sits // 2 if sits >= 0 and sits % 2 == 1 else -1
    for here in range(len(read)):
        if here == extra:
            shift = -1
            continue
        if here == missing:
            shift = 1
        place = here + shift
        code = _CODE[read[here]]
        votes[place, code] += n_reads * weights[quality[here] - 33]
        counts[place, code] += n_reads


@kernel
def decide(
    votes: NDArray[np.int64],
    counts: NDArray[np.int64],
    least: int,
    consensus: NDArray[np.uint8],
    undecided: NDArray[np.bool_],
) -> tuple[int, int, int]:
    """The letter of each position.

    Args:
        votes: weights, shape (length, 4).
        counts: reads, shape (length, 4).
        least: margin in centi-Phred over the next letter that decides a position.
        consensus: filled with the letters.
        undecided: filled: the margin is smaller.

    Returns:
        undecided positions; the most reads that agree on another letter than the consensus at one position; the reads
        that vote there.
    """
    open_places, most, of = 0, 0, 0
    for place in range(len(votes)):
        best, second = 0, -1
        for code in range(1, 4):
            if votes[place, code] > votes[place, best]:
                second, best = best, code
            elif second < 0 or votes[place, code] > votes[place, second]:
                second = code
        if second < 0:
            second = 1
        consensus[place] = _LETTERS[best]
        undecided[place] = votes[place, best] - votes[place, second] < least
        open_places += undecided[place]
        for code in range(4):
            if code != best and counts[place, code] > most:
                most, of = counts[place, code], counts[place].sum()
    return open_places, most, of


@kernel
def pile_up(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    reads: NDArray[np.int64],
    frame: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """One round of consensus where reads are shifted against each other: each is aligned to the frame and votes there.

    Args:
        letters: all reads end to end.
        offsets: where each row begins.
        rows: the molecule's reads.
        reads: how often each was read.
        frame: the consensus so far.

    Returns:
        the next: a letter goes where most leave it out, and comes in where most let it in; and which letters have
        less than two thirds of the reads behind them, or beside a gap that has.
    """
    n = len(frame)
    counts, inside = np.zeros((n, 5), dtype=np.int64), np.zeros((n + 1, 4), dtype=np.int64)
    for number in range(len(rows)):
        _vote_aligned(letters[offsets[rows[number]] : offsets[rows[number] + 1]], reads[number], frame, counts, inside)
    total, length = reads.sum(), 0
    better, is_open = np.zeros(2 * n + 1, dtype=np.uint8), np.zeros(2 * n + 1, dtype=np.bool_)
    for place in range(n + 1):
        let_in = inside[place].sum()
        if 2 * let_in > total:
            better[length], is_open[length] = _LETTERS[inside[place].argmax()], 3 * let_in < 2 * total
            length += 1
        if place < n and counts[place].argmax() < 4:
            most, doubt = counts[place].max(), 3 * min(let_in, total - let_in) > total
            better[length], is_open[length] = _LETTERS[counts[place].argmax()], doubt or 3 * most < 2 * total
            length += 1
        elif place < n and length > 0:
            is_open[length - 1] |= 3 * counts[place, 4] < 2 * total
    return better[:length].copy(), is_open[:length].copy()


@kernel
def _vote_aligned(
    read: NDArray[np.uint8],
    n_reads: int,
    frame: NDArray[np.uint8],
    counts: NDArray[np.int64],
    inside: NDArray[np.int64],
) -> None:
    """Align a read; add its votes: a letter or a gap (fifth column) at each place, the first letter let in before."""
    operations = np.zeros(len(frame) + len(read), dtype=np.uint8)
    place, here, let_in = 0, 0, False
    for step in range(align(frame, read, operations), len(operations)):
        if operations[step] == 3:
            if not let_in:
                inside[place, _CODE[read[here]]] += n_reads
            here, let_in = here + 1, True
            continue
        let_in = False
        if operations[step] == 2:
            counts[place, 4] += n_reads
        else:
            counts[place, _CODE[read[here]]] += n_reads
            here += 1
        place += 1


@kernel
def most_frequent_gap(sits: NDArray[np.int64], reads: NDArray[np.int64], length: int) -> int:
    """The most reads that miss, or add, a letter at one and the same place of the frame."""
    by_place = np.zeros(2 * length + 4, dtype=np.int64)
    for number in range(len(sits)):
        if sits[number] >= 0:
            by_place[sits[number]] += reads[number]
    return int(by_place.max())


@kernel
def count_errors(
    read: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    n_reads: int,
    consensus: NDArray[np.uint8],
    bases: NDArray[np.int64],
    errors: NDArray[np.int64],
) -> None:
    """Add the bases of a read in the frame, and those that differ from the consensus, to the sums by Phred score."""
    for place in range(len(read)):
        phred = quality[place] - 33
        bases[phred] += n_reads
        if read[place] != consensus[place]:
            errors[phred] += n_reads
