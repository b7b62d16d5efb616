"""Keys counted in a hash table: for short keys that come again and again.

A row of the table is a key of several words and behind it its count, so that a look-up touches one place in memory.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.counted import Counted
from kcalseq.reads.sorting import sorted_order

_FIRST_ROWS = 1 << 16
_AHEAD = 32


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
        n_rows = self._rows_for(int(wanted.sum()))
        if n_rows > len(self._table):
            table = np.zeros((n_rows, self._n_words + 1), dtype=np.uint64)
            _move(self._table, table)
            self._table = table
        self._n_keys = _add(keys, wanted, self._table, self._n_keys)

    def empty(self) -> Counted:
        """All keys, sorted; then there are none."""
        rows = np.flatnonzero(self._table[:, -1])
        rows = rows[sorted_order(self._table[rows, : self._n_words])]
        keys, counts = self._table[rows, : self._n_words], self._table[rows, -1].astype(np.int64)
        self._n_keys, self._table = 0, self._empty_table()
        return Counted(keys, counts, np.zeros((len(rows), 0), dtype=np.uint8))

    def _empty_table(self) -> NDArray[np.uint64]:
        return np.zeros((_FIRST_ROWS, self._n_words + 1), dtype=np.uint64)

    def _rows_for(self, n_new: int) -> int:
        """Rows that keep the table at most 7/10 full, all new keys taken as distinct: a small one is near at hand."""
        n_rows = len(self._table)
        while 10 * (self._n_keys + n_new) > 7 * n_rows:
            n_rows *= 2
        return n_rows


@kernel
def _hash(keys: NDArray[np.uint64], row: int, n_words: int, last: np.uint64) -> np.uint64:
    """Where a key belongs in a table whose last row is ``last``."""
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for word in range(n_words):
        mixed = (mixed ^ keys[row, word]) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(32)
    return mixed & last


@kernel
def _place(keys: NDArray[np.uint64], row: int, n_words: int, place: np.uint64, table: NDArray[np.uint64]) -> np.uint64:
    """Where a key stands in the table from ``place`` on, or the free row where it goes."""
    last = np.uint64(table.shape[0] - 1)
    while table[place, n_words] != 0:
        same = True
        for word in range(n_words):
            if table[place, word] != keys[row, word]:
                same = False
                break
        if same:
            break
        place = (place + np.uint64(1)) & last
    return place


@kernel
def _add(
    keys: NDArray[np.uint64],
    wanted: NDArray[np.bool_],
    table: NDArray[np.uint64],
    n_keys: int,
) -> int:
    n_rows, n_words = keys.shape
    last = np.uint64(table.shape[0] - 1)
    rows, places = np.empty(_AHEAD, dtype=np.int64), np.empty(_AHEAD, dtype=np.uint64)
    touched = np.uint64(0)
    row = 0
    while row < n_rows:
        # Rows of the table lie anywhere in memory. Asked for one after the other each would be waited for; so those of
        # some reads are touched first, which fetches them together.
        n_ahead = 0
        while row < n_rows and n_ahead < _AHEAD:
            if wanted[row]:
                place = _hash(keys, row, n_words, last)
                rows[n_ahead], places[n_ahead] = row, place
                touched |= table[place, n_words]
                n_ahead += 1
            row += 1
        for number in range(n_ahead):
            read = rows[number]
            place = _place(keys, read, n_words, places[number], table)
            if table[place, n_words] == 0:
                n_keys += 1
                for word in range(n_words):
                    table[place, word] = keys[read, word]
            table[place, n_words] += np.uint64(1)
    # Used, or the compiler would leave the touching out.
    return n_keys if touched < np.uint64(1 << 63) else -1


@kernel
def _move(table: NDArray[np.uint64], new_table: NDArray[np.uint64]) -> None:
    n_words = table.shape[1] - 1
    for row in range(table.shape[0]):
        if table[row, n_words] == 0:
            continue
        place = _place(table, row, n_words, _hash(table, row, n_words, np.uint64(new_table.shape[0] - 1)), new_table)
        for word in range(n_words + 1):
            new_table[place, word] = table[row, word]
