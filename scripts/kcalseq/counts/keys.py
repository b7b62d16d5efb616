"""Barcodes and UMIs as packed keys that can be told apart, sorted, summed and looked up as integers.

Pieces of a table come one by one, and only the last may show that lengths differ or how long the longest is. So each
piece is packed in the narrowest shape that holds it, and pieces of unlike shape are packed anew when they meet.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.kernels import kernel
from kcalseq.sequences import n_words, pack, to_letters, to_strings, unpack


class Shape(NamedTuple):
    """How keys are packed: the most bases that fit, and whether all sequences have exactly that many."""

    longest: int
    same_length: bool

    @property
    def words(self) -> int:
        """Words of a key."""
        return n_words(self.longest, self.same_length)


class Keys(NamedTuple):
    """Packed sequences.

    Attributes:
        words: as ``sequences.pack`` gives them, shape (n, shape.words).
        shape: how they are packed.
    """

    words: NDArray[np.uint64]
    shape: Shape

    def take(self, rows: NDArray[np.int64]) -> "Keys":
        """Some rows of them."""
        return Keys(self.words[rows], self.shape)

    def strings(self) -> pa.Array:
        """The sequences as a column."""
        letters, lengths = unpack(self.words, self.shape.longest, self.shape.same_length)
        return to_strings(letters, None if self.shape.same_length else lengths)


class Tally(NamedTuple):
    """Numbers of each of a sorted list of keys.

    Attributes:
        keys: sorted, each once, n of them.
        sums: numbers that add up where keys meet, for example reads, shape (n, k).
    """

    keys: Keys
    sums: NDArray[np.int64]


EMPTY = Keys(np.zeros((0, 1), dtype=np.uint64), Shape(0, True))


def to_keys(column: pa.Array | pa.ChunkedArray, where: str) -> Keys:
    """Pack a column of sequences.

    Args:
        column: strings of A, C, G and T.
        where: how to call the column in an error message.

    Raises:
        KcalseqError: a sequence is missing or holds another letter.
    """
    if column.null_count:
        raise KcalseqError(where, "a missing sequence", "a sequence in every row", "look at the assay layout")
    if len(column) == 0:
        return EMPTY
    letters, lengths = to_letters(column)
    same = bool(lengths.min() == lengths.max())
    try:
        words = pack(letters, None if same else lengths)
    except ValueError as error:
        expected = "only the letters A, C, G, T"
        raise KcalseqError(where, str(error), expected, "drop or spell out such sequences") from error
    return Keys(words, Shape(letters.shape[1], same))


def common_shape(shapes: list[Shape]) -> Shape:
    """The narrowest shape that holds keys of all these shapes; the shape of no key (longest 0) asks for nothing."""
    used = [shape for shape in shapes if shape.longest]
    if not used:
        return EMPTY.shape
    longest = max(shape.longest for shape in used)
    return Shape(longest, all(shape == Shape(longest, True) for shape in used))


def reshape(keys: Keys, shape: Shape) -> Keys:
    """The same sequences in another shape, which must hold them."""
    if keys.shape == shape:
        return keys
    if len(keys.words) == 0:
        return Keys(np.zeros((0, shape.words), dtype=np.uint64), shape)
    letters, lengths = unpack(keys.words, keys.shape.longest, keys.shape.same_length)
    wide = np.zeros((len(letters), shape.longest), dtype=np.uint8)
    wide[:, : letters.shape[1]] = letters
    return Keys(pack(wide, None if shape.same_length else lengths), shape)


def add_up(tallies: list[Tally]) -> Tally:
    """Add tallies: the union of their keys in order, their numbers summed.

    Args:
        tallies: at least one; their keys need be neither sorted nor unique.
    """
    shape = common_shape([tally.keys.shape for tally in tallies])
    words = np.concatenate([reshape(tally.keys, shape).words for tally in tallies])
    sums = np.concatenate([tally.sums for tally in tallies])
    order = sort_rows(words)
    words, first = words[order], starts(words[order])
    return Tally(Keys(words[first], shape), sum_groups(sums[order], first))


def sort_rows(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The order that sorts rows, first column first; equal rows keep their order."""
    # lexsort and the stable sort use runs that are sorted already, which pieces of sorted tables are.
    if words.shape[1] == 1:
        return np.argsort(words[:, 0], kind="stable")
    return np.lexsort(words.T[::-1])


def starts(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where a new row begins in sorted rows, shape (number of distinct rows,)."""
    if len(words) == 0:
        return np.zeros(0, dtype=np.int64)
    changed = np.any(words[1:] != words[:-1], axis=1)
    return np.concatenate(([0], np.flatnonzero(changed) + 1))


def sum_groups(sums: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums over the groups of rows that begin at ``first``, shape (len(first), k)."""
    if len(first) == 0:
        return np.zeros((0, sums.shape[1]), dtype=np.int64)
    return np.add.reduceat(sums, first, axis=0)


def locate(words: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Row of each wanted key among sorted keys of the same shape; -1 where it is not there."""
    rows = np.empty(len(wanted), dtype=np.int64)
    _locate(words, wanted, rows)
    return rows


@kernel
def _locate(words: NDArray[np.uint64], wanted: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
    # Gallops from the last place found: wanted keys mostly come in order, and then each costs a step or two.
    n, width = words.shape
    low = 0
    for row in range(wanted.shape[0]):
        if low > 0 and not _less(words, low - 1, wanted, row, width):
            low = 0
        step = 1
        high = low
        while high < n and _less(words, high, wanted, row, width):
            low = high + 1
            high = low + step
            step *= 2
        high = min(high, n)
        while low < high:
            middle = (low + high) // 2
            if _less(words, middle, wanted, row, width):
                low = middle + 1
            else:
                high = middle
        rows[row] = low
        for word in range(width):
            if low == n or words[low, word] != wanted[row, word]:
                rows[row] = -1
                break


@kernel
def _less(one: NDArray[np.uint64], i: int, two: NDArray[np.uint64], j: int, width: int) -> bool:
    for word in range(width):
        if one[i, word] != two[j, word]:
            return bool(one[i, word] < two[j, word])
    return False
