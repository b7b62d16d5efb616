"""The molecules of many barcodes at once: one sweep over their reads."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.compare import edit_distance
from kcalseq.association.hashing import Text, hashes
from kcalseq.association.molecules import EDITED, IN_FRAME, collapse, gather, relation, sort_by
from kcalseq.association.voting import count_errors, decide, most_frequent_gap, pile_up, vote_in_frame
from kcalseq.kernels import kernel

N_PHRED = 94
_ROUNDS = 3  # of alignment to the consensus so far, for long reads
TOTAL, MAIN, SILENT, OPEN, MINORITY, VOTERS, GAP, LENGTH, TWINS = range(9)
"""Columns of ``Molecules.numbers``."""
FRAME_READS, GAP_READS, EDITED_READS, GAP_BASES, EDITED_BASES, EDITS = range(6)
"""Places in ``Molecules.shifted``."""


class Reads(NamedTuple):
    """Rows of ``observations`` of some barcodes; n rows.

    Attributes:
        sequence: variants as read.
        quality: their Phred+33 letters; written to.
        n_reads: reads of each row, shape (n,).
        group: the barcode each row counts for, 0 to n_groups - 1, shape (n,).
        n_groups: number of barcodes.
    """

    sequence: Text
    quality: NDArray[np.uint8]
    n_reads: NDArray[np.int64]
    group: NDArray[np.int64]
    n_groups: int


class Molecules(NamedTuple):
    """What the reads of n barcodes show.

    Attributes:
        numbers: per barcode: reads; reads of the molecule; reads beyond the leaders tried; undecided positions; the
            most reads of another letter at one position, and the reads there; the most reads with one and the same
            gap; length of the molecule; the most equal reads that are further off than one gap; shape (n, 9).
        consensus: letters, 0 behind the end, shape (n, longest).
        undecided: positions where any letter may stand, shape (n, longest).
        others: further gatherings: barcode, row of the leader, reads; shape (n_others, 3).
        supports: whether a row is of its barcode's molecule, shape (n_rows,).
        bases: bases of reads in the frame by Phred score, shape (94,).
        errors: those that differ from the consensus, shape (94,).
        shifted: reads in the frame, with one gap, and further off; bases of the latter two; edits of the last, where
            they decided the molecule; shape (6,).
    """

    numbers: NDArray[np.int64]
    consensus: NDArray[np.uint8]
    undecided: NDArray[np.bool_]
    others: NDArray[np.int64]
    supports: NDArray[np.bool_]
    bases: NDArray[np.int64]
    errors: NDArray[np.int64]
    shifted: NDArray[np.int64]


def find_molecules(
    reads: Reads, weights: NDArray[np.int64], reach_of: NDArray[np.int64], least: int, errors_too: bool
) -> Molecules:
    """The molecules of the barcodes.

    Args:
        reads: all rows of these barcodes.
        weights: weight of a base by its Phred score, centi-Phred, shape (94,).
        reach_of: most differences between two reads of one molecule, by length.
        least: margin that decides a position, centi-Phred.
        errors_too: count errors as well; else ``bases``, ``errors`` and ``shifted`` stay 0.
    """
    lengths = np.diff(reads.sequence.offsets)
    n, n_rows = reads.n_groups, len(lengths)
    width = int(lengths.max(initial=0)) + 16
    keys = hashes(reads.sequence)
    order = np.argsort(reads.group, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(reads.group, minlength=n))))
    found = Molecules(
        np.zeros((n, 9), dtype=np.int64),
        np.zeros((n, width), dtype=np.uint8),
        np.zeros((n, width), dtype=np.bool_),
        np.zeros((n_rows, 3), dtype=np.int64),
        np.zeros(n_rows, dtype=np.bool_),
        np.zeros(N_PHRED, dtype=np.int64),
        np.zeros(N_PHRED, dtype=np.int64),
        np.zeros(6, dtype=np.int64),
    )
    n_others = _sweep(
        reads.sequence.letters, reads.quality, reads.sequence.offsets, reads.n_reads, keys, order, starts,
        weights, reach_of, least, errors_too, *found,
    )  # fmt: skip
    return found._replace(others=found.others[:n_others])


@kernel
def _sweep(
    letters: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    n_reads: NDArray[np.int64],
    keys: NDArray[np.uint64],
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    weights: NDArray[np.int64],
    reach_of: NDArray[np.int64],
    least: int,
    errors_too: bool,
    numbers: NDArray[np.int64],
    consensus: NDArray[np.uint8],
    undecided: NDArray[np.bool_],
    others: NDArray[np.int64],
    supports: NDArray[np.bool_],
    bases: NDArray[np.int64],
    errors: NDArray[np.int64],
    shifted: NDArray[np.int64],
) -> int:
    most = (starts[1:] - starts[:-1]).max() if len(starts) > 1 else 0
    space, reads, group, sits, leaders, sizes = np.zeros((6, most + 1), dtype=np.int64)
    n_others = 0
    for barcode in range(len(starts) - 1):
        rows = order[starts[barcode] : starts[barcode + 1]]
        if len(rows) == 0:
            continue
        sort_by(keys, rows)
        n = collapse(letters, quality, offsets, n_reads, keys, rows, space, reads)
        distinct = space[:n]
        n_leaders = gather(letters, offsets, distinct, reads, reach_of, group, sits, leaders, sizes)
        main = sizes[:n_leaders].argmax()
        for number in range(n_leaders):
            if number != main:
                others[n_others] = (barcode, distinct[leaders[number]], sizes[number])
                n_others += 1
        numbers[barcode, TOTAL], numbers[barcode, MAIN] = reads[:n].sum(), sizes[main]
        numbers[barcode, SILENT] = numbers[barcode, TOTAL] - sizes[:n_leaders].sum()
        _decide_one(
            letters, quality, offsets, distinct[group[:n] == main], reads[:n][group[:n] == main],
            sits[:n][group[:n] == main], distinct[leaders[main]], weights, reach_of, least, errors_too,
            numbers[barcode], consensus[barcode], undecided[barcode], bases, errors, shifted,
        )  # fmt: skip
        _mark(rows, keys, distinct, group[:n] == main, supports)
    return n_others


@kernel
def _mark(
    rows: NDArray[np.int64],
    keys: NDArray[np.uint64],
    distinct: NDArray[np.int64],
    of_molecule: NDArray[np.bool_],
    supports: NDArray[np.bool_],
) -> None:
    """Which rows are of the molecule, equal ones alike; both lists are sorted by hash."""
    last = 0
    for row in rows:
        while keys[distinct[last]] != keys[row]:
            last += 1
        supports[row] = of_molecule[last]


@kernel
def _decide_one(
    letters: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    members: NDArray[np.int64],
    reads: NDArray[np.int64],
    sits: NDArray[np.int64],
    leader: int,
    weights: NDArray[np.int64],
    reach_of: NDArray[np.int64],
    least: int,
    errors_too: bool,
    numbers: NDArray[np.int64],
    consensus: NDArray[np.uint8],
    undecided: NDArray[np.bool_],
    bases: NDArray[np.int64],
    errors: NDArray[np.int64],
    shifted: NDArray[np.int64],
) -> None:
    """Fill one barcode's part of ``Molecules`` from the reads of its molecule."""
    frame, total = letters[offsets[leader] : offsets[leader + 1]], reads.sum()
    if len(members) > 1 and 2 * reads[sits == IN_FRAME].sum() <= total:
        frame, is_open = _piled_up(letters, offsets, members, reads, frame)
        for number in range(len(members)):
            read = letters[offsets[members[number]] : offsets[members[number] + 1]]
            _, sits[number] = relation(frame, read, reach_of[min(len(frame), len(reach_of) - 1)])
        if 2 * reads[sits == EDITED].sum() > total:
            _keep_aligned(frame, is_open, reads, numbers, consensus, undecided)
            if errors_too:
                _count_edits(letters, offsets, members, reads, frame, shifted)
            return
    n = min(len(frame), len(consensus))
    votes, counts = np.zeros((n, 4), dtype=np.int64), np.zeros((n, 4), dtype=np.int64)
    for number in range(len(members)):
        if sits[number] != EDITED:
            first, end = offsets[members[number]], offsets[members[number] + 1]
            vote_in_frame(letters[first:end], quality[first:end], reads[number], sits[number], weights, votes, counts)
    numbers[OPEN], numbers[MINORITY], numbers[VOTERS] = decide(votes, counts, least, consensus[:n], undecided[:n])
    numbers[GAP], numbers[LENGTH] = most_frequent_gap(sits, reads, n), n
    for number in range(len(members)):
        if sits[number] == EDITED:
            numbers[TWINS] = max(numbers[TWINS], reads[number])
    if errors_too:
        _count_reads(letters, quality, offsets, members, reads, sits, consensus[:n], bases, errors, shifted)


@kernel
def _count_reads(
    letters: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    members: NDArray[np.int64],
    reads: NDArray[np.int64],
    sits: NDArray[np.int64],
    consensus: NDArray[np.uint8],
    bases: NDArray[np.int64],
    errors: NDArray[np.int64],
    shifted: NDArray[np.int64],
) -> None:
    """Add the errors of a molecule's reads to the sums over all barcodes."""
    for number in range(len(members)):
        if sits[number] == IN_FRAME:
            first, end = offsets[members[number]], offsets[members[number] + 1]
            shifted[FRAME_READS] += reads[number]
            count_errors(letters[first:end], quality[first:end], reads[number], consensus, bases, errors)
        elif sits[number] == EDITED:
            shifted[EDITED_READS] += reads[number]
        else:
            shifted[GAP_READS] += reads[number]
            shifted[GAP_BASES] += reads[number] * len(consensus)


@kernel
def _piled_up(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    members: NDArray[np.int64],
    reads: NDArray[np.int64],
    leader: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The consensus of the aligned reads, whatever their quality, and its open positions."""
    frame, is_open = pile_up(letters, offsets, members, reads, leader)
    for _ in range(_ROUNDS - 1):
        frame, is_open = pile_up(letters, offsets, members, reads, frame)
    return frame, is_open


@kernel
def _keep_aligned(
    frame: NDArray[np.uint8],
    is_open: NDArray[np.bool_],
    reads: NDArray[np.int64],
    numbers: NDArray[np.int64],
    consensus: NDArray[np.uint8],
    undecided: NDArray[np.bool_],
) -> None:
    """Take the consensus of the aligned reads as it is, where most reads fit no frame."""
    n = min(len(frame), len(consensus))
    consensus[:n], undecided[:n] = frame[:n], is_open[:n]
    numbers[OPEN], numbers[LENGTH], numbers[VOTERS] = is_open[:n].sum(), n, reads.sum()


@kernel
def _count_edits(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    members: NDArray[np.int64],
    reads: NDArray[np.int64],
    frame: NDArray[np.uint8],
    shifted: NDArray[np.int64],
) -> None:
    """Add the edits of aligned reads to the sums over all barcodes."""
    for number in range(len(members)):
        read = letters[offsets[members[number]] : offsets[members[number] + 1]]
        shifted[EDITED_READS] += reads[number]
        shifted[EDITED_BASES] += reads[number] * len(read)
        shifted[EDITS] += reads[number] * edit_distance(frame, read)
