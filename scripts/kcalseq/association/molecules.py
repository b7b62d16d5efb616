"""The molecules behind the reads of one barcode.

Equal reads of a barcode are one first, so that the outcome does not depend on how runs were split. Then reads are
gathered around leaders, the best supported read first: a read within reach of sequencing errors of a leader is of its
molecule. The largest gathering is the barcode's molecule; its reads vote on each position, in the leader's frame.
Reads that are shifted by one base are put back into the frame; where most are shifted (long reads), all are aligned.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.compare import edit_distance, mismatches, one_gap
from kcalseq.kernels import kernel

MAX_LEADERS = 50
"""Leaders tried for one barcode; reads beyond are silent, which bounds the time a heap of unrelated reads takes."""
_FEW = 64  # rows that are sorted by insertion
IN_FRAME, EDITED = -1, -2


@kernel
def sort_by(keys: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
    """Sort a barcode's rows by their hashes, in place; most have few."""
    if len(rows) > _FEW:
        rows[:] = rows[np.argsort(keys[rows])]
        return
    for last in range(1, len(rows)):
        row, place = rows[last], last
        while place > 0 and keys[rows[place - 1]] > keys[row]:
            rows[place] = rows[place - 1]
            place -= 1
        rows[place] = row


@kernel
def collapse(
    letters: NDArray[np.uint8],
    quality: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    n_reads: NDArray[np.int64],
    keys: NDArray[np.uint64],
    rows: NDArray[np.int64],
    distinct: NDArray[np.int64],
    reads: NDArray[np.int64],
) -> int:
    """Make equal reads one: their counts add up, the best quality of each position stays.

    Args:
        letters: all reads end to end.
        quality: Phred+33 likewise; the first of equal reads gets the best of them, in place.
        offsets: where each row begins.
        n_reads: reads of each row.
        keys: hash of each row's sequence.
        rows: rows of one barcode, sorted by hash.
        distinct: filled with the row that stands for each distinct sequence.
        reads: filled with its reads.

    Returns:
        how many distinct sequences.
    """
    count = 0
    for row in rows:
        if count and keys[distinct[count - 1]] == keys[row]:
            kept = distinct[count - 1]
            reads[count - 1] += n_reads[row]
            for place in range(offsets[row + 1] - offsets[row]):
                here = offsets[kept] + place
                quality[here] = max(quality[here], quality[offsets[row] + place])
        else:
            distinct[count], reads[count] = row, n_reads[row]
            count += 1
    return count


@kernel
def relation(one: NDArray[np.uint8], two: NDArray[np.uint8], reach: int) -> tuple[bool, int]:
    """Whether a read is within reach of a leader, and how it sits in the leader's frame.

    Args:
        one: the leader.
        two: the read.
        reach: most differences.

    Returns:
        within reach; ``IN_FRAME``, ``EDITED``, or where the one letter too few (2 * place) or too many (2 * place + 1)
        is.
    """
    shift = len(two) - len(one)
    if shift == 0 and mismatches(one, two) <= reach:
        return True, IN_FRAME
    if shift == 1:
        count, place = one_gap(one, two)
        if count + 1 <= reach:
            return True, 2 * place + 1
    if shift == -1:
        count, place = one_gap(two, one)
        if count + 1 <= reach:
            return True, 2 * place
    if abs(shift) > reach:
        return False, EDITED
    return bool(edit_distance(one, two) <= reach), EDITED


@kernel
def _usual_length(distinct: NDArray[np.int64], reads: NDArray[np.int64], offsets: NDArray[np.int64]) -> int:
    """The length of most reads; of several, the one nearest to the middle of all."""
    longest = 0
    for row in distinct:
        longest = max(longest, offsets[row + 1] - offsets[row])
    by_length = np.zeros(longest + 1, dtype=np.int64)
    for number in range(len(distinct)):
        by_length[offsets[distinct[number] + 1] - offsets[distinct[number]]] += reads[number]
    middle, seen = 0, by_length[0]
    while 2 * seen < by_length.sum():
        middle += 1
        seen += by_length[middle]
    best = middle
    for length in range(longest + 1):
        more = by_length[length] - by_length[best]
        if more > 0 or (more == 0 and abs(length - middle) < abs(best - middle)):
            best = length
    return best


@kernel
def _next_leader(
    distinct: NDArray[np.int64],
    reads: NDArray[np.int64],
    offsets: NDArray[np.int64],
    group: NDArray[np.int64],
    usual: int,
) -> int:
    """The best supported read that has no gathering yet, one of the usual length if there is one; -1 = none left."""
    leader, leader_good = -1, False
    for number in range(len(distinct)):
        if group[number] >= 0:
            continue
        good = offsets[distinct[number] + 1] - offsets[distinct[number]] == usual
        if leader < 0 or (good, reads[number]) > (leader_good, reads[leader]):
            leader, leader_good = number, good
    return leader


@kernel
def gather(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    distinct: NDArray[np.int64],
    reads: NDArray[np.int64],
    reach_of: NDArray[np.int64],
    group: NDArray[np.int64],
    sits: NDArray[np.int64],
    leaders: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> int:
    """Gather reads around leaders; how many leaders.

    Args:
        letters, offsets: all reads end to end, and where each row begins.
        distinct, reads: rows of the distinct sequences, sorted by hash, and the reads of each.
        reach_of: most differences between two reads of one molecule, by length.
        group: filled with the leader's number, or -1 for reads beyond ``MAX_LEADERS``.
        sits: filled with how the read sits in the leader's frame, see ``relation``.
        leaders, sizes: filled with the place of each leader in ``distinct``, and the reads of its gathering.
    """
    usual = _usual_length(distinct, reads, offsets)
    group[: len(distinct)] = -1
    count = 0
    while count < MAX_LEADERS:
        leader = _next_leader(distinct, reads, offsets, group, usual)
        if leader < 0:
            break
        leaders[count], sizes[count] = leader, 0
        head = letters[offsets[distinct[leader]] : offsets[distinct[leader] + 1]]
        reach = reach_of[min(len(head), len(reach_of) - 1)]
        for number in range(len(distinct)):
            if group[number] < 0:
                row = distinct[number]
                within, sits[number] = relation(head, letters[offsets[row] : offsets[row + 1]], reach)
                if within:
                    group[number] = count
                    sizes[count] += reads[number]
        count += 1
    return count
