"""Which oligo a molecule is: exactly, with open positions, or one edit away.

All designed oligos that a molecule can be are found by hash, however many of them are nearly alike, so single-base and
one-base deletion neighbours are told apart as surely as unrelated oligos. What is further off is left to ``nearest``.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.association.hashing import (
    BASE,
    VALUES,
    Index,
    Text,
    find,
    hash_one,
    hashes,
    index_of,
    one_edit_hashes,
    to_text,
)
from kcalseq.kernels import kernel

EXACT, NEAR, SEVERAL, FAR, SKIPPED = range(5)
"""What was found: one oligo; the first of those one edit away; more than one that it can be; none; not looked for."""
_MAX_OPEN = 4  # open positions of which all 4 ** n combinations are looked up
_LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8).copy()


class Oligos(NamedTuple):
    """The design, ready to be looked up.

    Attributes:
        text: sequences of the oligos.
        forward: their hashes.
        reverse: hashes of their reverse complements.
        twins: whether the sequence stands there under another name too, shape (n_oligos,).
    """

    text: Text
    forward: Index
    reverse: Index
    twins: NDArray[np.bool_]


class Matches(NamedTuple):
    """What n molecules are.

    Attributes:
        kind: EXACT to SKIPPED, shape (n,).
        oligo: number of the oligo, -1 = none, shape (n,).
        reverse: whether it is the oligo's reverse complement, shape (n,).
    """

    kind: NDArray[np.int64]
    oligo: NDArray[np.int64]
    reverse: NDArray[np.bool_]


def prepare_oligos(sequences: tuple[str, ...]) -> Oligos:
    """Hash a design."""
    text = to_text(pa.array(sequences, pa.string()))
    forward = index_of(hashes(text))
    twins = np.bincount(forward.first, minlength=len(text))[forward.first] > 1
    return Oligos(text, forward, index_of(hashes(text, reverse=True)), twins)


def match_molecules(
    oligos: Oligos,
    consensus: NDArray[np.uint8],
    lengths: NDArray[np.int64],
    undecided: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
) -> Matches:
    """Look up molecules in the design, as they are first, then as reverse complements.

    Args:
        oligos: the design.
        consensus: letters of the molecules, shape (n, longest).
        lengths: their lengths, shape (n,).
        undecided: positions where any letter may stand, shape (n, longest).
        wanted: which to look up, shape (n,).
    """
    n = len(lengths)
    found = Matches(np.full(n, SKIPPED), np.full(n, -1), np.zeros(n, dtype=np.bool_))
    forward, reverse = oligos.forward, oligos.reverse
    _match_all(
        consensus, lengths, undecided, wanted, forward.keys, forward.slots, reverse.keys, reverse.slots,
        oligos.twins, *found,
    )  # fmt: skip
    return found


@kernel
def _match_all(
    consensus: NDArray[np.uint8],
    lengths: NDArray[np.int64],
    undecided: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
    forward: NDArray[np.uint64],
    forward_slots: NDArray[np.int64],
    reverse: NDArray[np.uint64],
    reverse_slots: NDArray[np.int64],
    twins: NDArray[np.bool_],
    kind: NDArray[np.int64],
    oligo: NDArray[np.int64],
    is_reverse: NDArray[np.bool_],
) -> None:
    longest = consensus.shape[1]
    before, near = np.zeros(longest + 1, np.uint64), np.zeros(11 * longest + 4, np.uint64)
    for row in range(len(lengths)):
        if not wanted[row]:
            continue
        letters = consensus[row, : lengths[row]]
        places = np.flatnonzero(undecided[row, : lengths[row]])
        kind[row] = FAR
        for strand in range(2):
            keys, slots = (forward, forward_slots) if strand == 0 else (reverse, reverse_slots)
            first, several = _with_open_places(letters, places, keys, slots)
            if first >= 0:
                oligo[row], is_reverse[row] = first, strand == 1
                kind[row] = SEVERAL if several or twins[first] else EXACT
                break
        if kind[row] != FAR or len(places):
            continue
        count = one_edit_hashes(letters, False, before, near)
        for strand in range(2):
            keys, slots = (forward, forward_slots) if strand == 0 else (reverse, reverse_slots)
            best = _first_of(near[:count], keys, slots)
            if best >= 0:
                kind[row], oligo[row], is_reverse[row] = NEAR, best, strand == 1
                break


def which_oligo(oligos: Oligos, text: Text, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The oligo that each of these reads is, letter by letter or as its reverse complement, -1 = none, shape (n,)."""
    found = np.full(len(rows), -1)
    forward, reverse = oligos.forward, oligos.reverse
    _find_rows(text.letters, text.offsets, rows, forward.keys, forward.slots, reverse.keys, reverse.slots, found)
    return found


@kernel
def _find_rows(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    forward: NDArray[np.uint64],
    forward_slots: NDArray[np.int64],
    reverse: NDArray[np.uint64],
    reverse_slots: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    for number in range(len(rows)):
        key = hash_one(letters[offsets[rows[number]] : offsets[rows[number] + 1]])
        found[number] = find(key, forward, forward_slots)
        if found[number] < 0:
            found[number] = find(key, reverse, reverse_slots)


@kernel
def _first_of(near: NDArray[np.uint64], keys: NDArray[np.uint64], slots: NDArray[np.int64]) -> int:
    """The first oligo of the design among these hashes, -1 = none."""
    best = -1
    for key in near:
        other = find(key, keys, slots)
        if other >= 0 and (best < 0 or other < best):
            best = other
    return best


@kernel
def _with_open_places(
    letters: NDArray[np.uint8],
    places: NDArray[np.int64],
    keys: NDArray[np.uint64],
    slots: NDArray[np.int64],
) -> tuple[int, bool]:
    """The first oligo among all that open positions allow, -1 = none, and whether there is another."""
    whole = hash_one(letters)
    if len(places) == 0:
        return find(whole, keys, slots), False
    if len(places) > _MAX_OPEN:
        return -1, False
    first, several = -1, False
    for combination in range(4 ** len(places)):
        key, rest = whole, combination
        for place in places:
            power = np.uint64(1)
            for _ in range(len(letters) - 1 - place):
                power *= BASE
            key += (VALUES[_LETTERS[rest & 3]] - VALUES[letters[place]]) * power
            rest >>= 2
        other = find(key, keys, slots)
        if other >= 0 and other != first:
            several = several or first >= 0
            first = other if first < 0 else min(first, other)
    return first, several
