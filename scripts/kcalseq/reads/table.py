"""Keys counted in a hash table: for short keys that come again and again.

A row of the table is a key of several words and behind it its count, so that a look-up touches one place in memory.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.counted import Counted
from kcalseq.reads.sorting import sorted_order

_FIRST_ROWS = 1 << 16
_AHEAD = 64


class HashTable:
    """Counts of keys.

    Args:
        n_words: words of a key, at least 1.
        max_bytes: memory that the table may take.
    """

    def __init__(self, n_words: int, max_bytes: int) -> None:
        self._n_words, self._max_bytes = n_words, max_bytes
        self._n_keys, self._table = 0, self._empty_table()

    def __len__(self) -> int:
        """Distinct keys."""
        return self._n_keys

    def is_full(self, n_new: int) -> bool:
        """Whether it would outgrow its memory if so many keys were new."""
        n_rows = self._rows_for(n_new)
        # While it grows, old and new table are there together.
        n_bytes = 8 * (n_rows + len(self._table)) * (self._n_words + 1)
        return n_rows > len(self._table) and n_bytes > self._max_bytes and self._n_keys > n_new

    def add(self, keys: NDArray[np.uint64], wanted: NDArray[np.bool_], _qualities: NDArray[np.uint8]) -> None:
        """Count one read a wanted row."""
        n_rows = self._rows_for(len(wanted))
        if n_rows > len(self._table):
            table = np.zeros((n_rows, self._n_words + 1), dtype=np.uint64)
            _move(self._table.ravel(), table.ravel(), self._n_words)
            self._table = table
        self._n_keys = _add(keys.ravel(), wanted, self._table.ravel(), self._n_keys, self._n_words)

    def empty(self) -> Counted:
        """All keys, sorted; then there are none."""
        rows = self._table[self._table[:, -1] > 0]
        keys, counts = np.ascontiguousarray(rows[:, :-1]), rows[:, -1].astype(np.int64)
        order = sorted_order(keys)
        self._n_keys, self._table = 0, self._empty_table()
        return Counted(keys[order], counts[order], np.zeros((len(rows), 0), dtype=np.uint8))

    def _empty_table(self) -> NDArray[np.uint64]:
        return np.zeros((_FIRST_ROWS, self._n_words + 1), dtype=np.uint64)

    def _rows_for(self, n_new: int) -> int:
        """Rows that keep the table at most 7/10 full, all new keys taken as distinct: a small one is near at hand."""
        n_rows = len(self._table)
        while 10 * (self._n_keys + n_new) > 7 * n_rows:
            n_rows *= 2
        return n_rows


# Rows are addressed within one flat array, by unsigned numbers: signed ones could count from the end, and the test for
# that in the innermost loop costs more than all the rest.


@kernel
def _slot(keys: NDArray[np.uint64], first: np.uint64, n_words: np.uint64, last: np.uint64) -> np.uint64:
    """First word of the row where a key belongs in a table whose last row is ``last``."""
    mixed = np.uint64(0)
    for word in range(n_words):
        mixed = (mixed ^ keys[first + word]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return (mixed & last) * (n_words + np.uint64(1))


@kernel
def _count(
    keys: NDArray[np.uint64],
    first: np.uint64,
    n_words: np.uint64,
    slot: np.uint64,
    n_reads: np.uint64,
    table: NDArray[np.uint64],
) -> np.uint64:
    """Add reads to a key, looked for from ``slot`` on; 1 if it is new, else 0."""
    while True:
        seen = table[slot + n_words]
        if seen == np.uint64(0):
            for word in range(n_words):
                table[slot + word] = keys[first + word]
            table[slot + n_words] = n_reads
            return np.uint64(1)
        differs = np.uint64(0)
        for word in range(n_words):
            differs |= table[slot + word] ^ keys[first + word]
        if differs == np.uint64(0):
            table[slot + n_words] = seen + n_reads
            return np.uint64(0)
        slot += n_words + np.uint64(1)
        if slot == np.uint64(len(table)):
            slot = np.uint64(0)


@kernel
def _add(
    keys: NDArray[np.uint64], wanted: NDArray[np.bool_], table: NDArray[np.uint64], n_keys: int, width: int
) -> int:
    n_words = np.uint64(width)
    n_rows, last = np.uint64(len(wanted)), np.uint64(len(table)) // (n_words + np.uint64(1)) - np.uint64(1)
    firsts, slots = np.empty(_AHEAD, dtype=np.uint64), np.empty(_AHEAD, dtype=np.uint64)
    touched, n_new, row = np.uint64(0), np.uint64(0), np.uint64(0)
    while row < n_rows:
        # Rows of the table lie anywhere in memory. Asked for one after the other each would be waited for; so those of
        # some reads are touched first, which fetches them together.
        n_ahead = np.uint64(0)
        while row < n_rows and n_ahead < np.uint64(_AHEAD):
            first = row * n_words
            slot = _slot(keys, first, n_words, last)
            firsts[n_ahead], slots[n_ahead] = first, slot
            touched |= table[slot + n_words]
            n_ahead += np.uint64(wanted[row])
            row += np.uint64(1)
        for number in range(n_ahead):
            n_new += _count(keys, firsts[number], n_words, slots[number], np.uint64(1), table)
    # Used, or the compiler would leave the touching out.
    return n_keys + int(n_new) if touched < np.uint64(1 << 63) else -1


@kernel
def _move(table: NDArray[np.uint64], new_table: NDArray[np.uint64], width: int) -> None:
    n_words = np.uint64(width)
    last = np.uint64(len(new_table)) // (n_words + np.uint64(1)) - np.uint64(1)
    first = np.uint64(0)
    while first < np.uint64(len(table)):
        n_reads = table[first + n_words]
        if n_reads > np.uint64(0):
            _count(table, first, n_words, _slot(table, first, n_words, last), n_reads, new_table)
        first += n_words + np.uint64(1)
