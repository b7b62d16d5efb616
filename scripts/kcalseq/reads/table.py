"""Keys counted in a hash table, and the best quality letters seen with each.

A row of the table is a key of several words and behind it its count, so that a look-up touches one place in memory;
where there are qualities, the number of the key's row among them stands behind the count. Keys of one word wait until
there are many, and are sorted first: then equal ones are counted side by side, and the table, whose rows lie anywhere
in memory, is asked once for all of them.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.counted import Counted

_FIRST_ROWS = 1 << 16
_AHEAD = 64
_WAITING = 1 << 20


class HashTable:
    """Counts of keys.

    Args:
        n_words: words of a key, at least 1.
        n_qualities: quality letters kept with each key.
        max_bytes: memory that the keys may take.
    """

    def __init__(self, n_words: int, n_qualities: int, max_bytes: int) -> None:
        self._n_words, self._n_qualities, self._max_bytes = n_words, n_qualities, max_bytes
        self._n_keys, self._table = 0, self._empty_table()
        self._best = np.empty((0, n_qualities), dtype=np.uint8)
        self._waits = n_words == 1 and n_qualities == 0
        self._waiting, self._n_waiting = np.empty(_WAITING if self._waits else 0, dtype=np.uint64), 0

    def __len__(self) -> int:
        """Distinct keys, those that wait taken as distinct."""
        return self._n_keys + self._n_waiting

    def is_full(self, n_new: int) -> bool:
        """Whether it would outgrow its memory if so many keys were new."""
        n_rows = self._rows_for(n_new)
        # While it grows, old and new table are there together; when it is emptied, qualities in both orders.
        n_bytes = 8 * (n_rows + len(self._table)) * self._table.shape[1]
        n_bytes += 3 * (len(self) + n_new) * self._n_qualities
        grows = n_rows > len(self._table) or self._n_qualities > 0
        return grows and n_bytes > self._max_bytes and len(self) > n_new

    def add(self, keys: NDArray[np.uint64], wanted: NDArray[np.bool_], qualities: NDArray[np.uint8]) -> None:
        """Count one read a wanted row."""
        if self._waits:
            self._wait(keys[wanted, 0])
            return
        self._grow(len(wanted))
        if not self._n_qualities:
            self._n_keys = _add(keys.ravel(), wanted, self._table.ravel(), self._n_keys, self._n_words)
            return
        if self._n_keys + len(wanted) > len(self._best):
            # Room that is not written to takes no memory: all that may be is asked for at once, to be copied never.
            most = max(self._n_keys + len(wanted), self._max_bytes // (3 * self._n_qualities))
            best = np.empty((most, self._n_qualities), dtype=np.uint8)
            best[: self._n_keys] = self._best[: self._n_keys]
            self._best = best
        self._n_keys = _add_best(
            keys.ravel(), wanted, qualities, self._table.ravel(), self._best, self._n_keys, self._n_words
        )

    def empty(self) -> Counted:
        """All keys in no order, each once; then there are none."""
        self._count_waiting()
        rows = self._table[self._table[:, self._n_words] > 0]
        best, self._best = self._best, np.empty((0, self._n_qualities), dtype=np.uint8)
        self._n_keys, self._table = 0, self._empty_table()
        keys, counts = np.ascontiguousarray(rows[:, : self._n_words]), rows[:, self._n_words].astype(np.int64)
        if not self._n_qualities:
            return Counted(keys, counts, np.zeros((len(rows), 0), dtype=np.uint8))
        order = np.empty(len(rows), dtype=np.int64)
        order[rows[:, -1].astype(np.int64)] = np.arange(len(rows))
        return Counted(keys[order], counts[order], best[: len(rows)])

    def _wait(self, keys: NDArray[np.uint64]) -> None:
        for first in range(0, len(keys), _WAITING):
            some = keys[first : first + _WAITING]
            if self._n_waiting + len(some) > _WAITING:
                self._count_waiting()
            self._waiting[self._n_waiting : self._n_waiting + len(some)] = some
            self._n_waiting += len(some)

    def _count_waiting(self) -> None:
        keys, self._n_waiting = self._waiting[: self._n_waiting], 0
        if not len(keys):
            return
        keys.sort()
        firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        self._grow(len(firsts))
        counts = np.diff(np.append(firsts, len(keys)))
        self._n_keys = _add_sorted(keys[firsts], counts, self._table.ravel(), self._n_keys)

    def _grow(self, n_new: int) -> None:
        n_rows = self._rows_for(n_new)
        if n_rows > len(self._table):
            table = np.zeros((n_rows, self._table.shape[1]), dtype=np.uint64)
            _move(self._table.ravel(), table.ravel(), self._n_words, self._table.shape[1])
            self._table = table

    def _empty_table(self) -> NDArray[np.uint64]:
        return np.zeros((_FIRST_ROWS, self._n_words + 1 + (self._n_qualities > 0)), dtype=np.uint64)

    def _rows_for(self, n_new: int) -> int:
        """Rows that keep the table at most 7/10 full, all new keys taken as distinct: a small one is near at hand."""
        n_rows = len(self._table)
        while 10 * (len(self) + n_new) > 7 * n_rows:
            n_rows *= 2
        return n_rows


# Rows are addressed within one flat array, by unsigned numbers: signed ones could count from the end, and the test for
# that in the innermost loop costs more than all the rest. ``stride`` is the words of a row.


@kernel
def _slot(
    keys: NDArray[np.uint64], first: np.uint64, n_words: np.uint64, stride: np.uint64, last: np.uint64
) -> np.uint64:
    """First word of the row where a key belongs in a table whose last row is ``last``."""
    mixed = np.uint64(0)
    for word in range(n_words):
        mixed = (mixed ^ keys[first + word]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return (mixed & last) * stride


@kernel
def _place(
    keys: NDArray[np.uint64],
    first: np.uint64,
    n_words: np.uint64,
    stride: np.uint64,
    slot: np.uint64,
    table: NDArray[np.uint64],
) -> tuple[np.uint64, np.uint64]:
    """First word of the row of a key, looked for from ``slot`` on; and 1 if it is new and was put there, else 0."""
    while True:
        if table[slot + n_words] == np.uint64(0):
            for word in range(n_words):
                table[slot + word] = keys[first + word]
            return slot, np.uint64(1)
        differs = np.uint64(0)
        for word in range(n_words):
            differs |= table[slot + word] ^ keys[first + word]
        if differs == np.uint64(0):
            return slot, np.uint64(0)
        slot += stride
        if slot == np.uint64(len(table)):
            slot = np.uint64(0)


@kernel
def _add_sorted(keys: NDArray[np.uint64], counts: NDArray[np.int64], table: NDArray[np.uint64], n_keys: int) -> int:
    """Add reads to keys of one word, each given once."""
    last, end = np.uint64(len(table) // 2 - 1), np.uint64(len(table))
    for row in range(len(keys)):
        key = keys[row]
        mixed = key * np.uint64(0x9E3779B97F4A7C15)
        slot = ((mixed ^ (mixed >> np.uint64(32))) & last) * np.uint64(2)
        while table[slot + np.uint64(1)] > np.uint64(0) and table[slot] != key:
            slot += np.uint64(2)
            if slot == end:
                slot = np.uint64(0)
        n_keys += table[slot + np.uint64(1)] == np.uint64(0)
        table[slot] = key
        table[slot + np.uint64(1)] += np.uint64(counts[row])
    return n_keys


@kernel
def _add(
    keys: NDArray[np.uint64], wanted: NDArray[np.bool_], table: NDArray[np.uint64], n_keys: int, width: int
) -> int:
    n_words, stride = np.uint64(width), np.uint64(width + 1)
    n_rows, last = np.uint64(len(wanted)), np.uint64(len(table)) // stride - np.uint64(1)
    firsts, slots = np.empty(_AHEAD, dtype=np.uint64), np.empty(_AHEAD, dtype=np.uint64)
    touched, n_new, row = np.uint64(0), np.uint64(0), np.uint64(0)
    while row < n_rows:
        # Rows of the table lie anywhere in memory. Asked for one after the other each would be waited for; so those of
        # some reads are touched first, which fetches them together.
        n_ahead = np.uint64(0)
        while row < n_rows and n_ahead < np.uint64(_AHEAD):
            first = row * n_words
            slot = _slot(keys, first, n_words, stride, last)
            firsts[n_ahead], slots[n_ahead] = first, slot
            touched |= table[slot + n_words]
            n_ahead += np.uint64(wanted[row])
            row += np.uint64(1)
        for number in range(n_ahead):
            slot, is_new = _place(keys, firsts[number], n_words, stride, slots[number], table)
            table[slot + n_words] += np.uint64(1)
            n_new += is_new
    # Used, or the compiler would leave the touching out.
    return n_keys + int(n_new) if touched < np.uint64(1 << 63) else -1


@kernel
def _add_best(
    keys: NDArray[np.uint64],
    wanted: NDArray[np.bool_],
    qualities: NDArray[np.uint8],
    table: NDArray[np.uint64],
    best: NDArray[np.uint8],
    n_keys: int,
    width: int,
) -> int:
    n_words, stride = np.uint64(width), np.uint64(width + 2)
    last = np.uint64(len(table)) // stride - np.uint64(1)
    for row in range(len(wanted)):
        if not wanted[row]:
            continue
        first = np.uint64(row) * n_words
        slot, is_new = _place(keys, first, n_words, stride, _slot(keys, first, n_words, stride, last), table)
        table[slot + n_words] += np.uint64(1)
        if is_new:
            table[slot + n_words + np.uint64(1)] = np.uint64(n_keys)
            best[n_keys] = qualities[row]
            n_keys += 1
        else:
            number = table[slot + n_words + np.uint64(1)]
            for place in range(best.shape[1]):
                best[number, np.uint64(place)] = max(best[number, np.uint64(place)], qualities[row, np.uint64(place)])
    return n_keys


@kernel
def _move(table: NDArray[np.uint64], new_table: NDArray[np.uint64], width: int, row_words: int) -> None:
    n_words, stride = np.uint64(width), np.uint64(row_words)
    last = np.uint64(len(new_table)) // stride - np.uint64(1)
    first = np.uint64(0)
    while first < np.uint64(len(table)):
        if table[first + n_words] > np.uint64(0):
            home = _slot(table, first, n_words, stride, last)
            slot, _ = _place(table, first, n_words, stride, home, new_table)
            for word in range(n_words, stride):
                new_table[slot + word] = table[first + word]
        first += stride
