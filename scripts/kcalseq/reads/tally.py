"""Counting equal keys without a Python object per read: a hash table in one array, put on disk when it grows too large.

A row of the table is a key of several words and behind it its count, so that a look-up touches one place in memory.
Where qualities are kept, each key also keeps the best quality letter seen at each of its bases. Sums and maxima of
whole numbers do not depend on their order, so the result depends neither on batches nor on what was put on disk.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.sorting import sorted_order

_FIRST_ROWS = 1 << 16
_PIECE_ROWS = 1 << 18
_AHEAD = 32


class Counted(NamedTuple):
    """Distinct keys in ascending order.

    Attributes:
        keys: shape (n_keys, n_words).
        counts: reads of each, shape (n_keys,).
        qualities: best quality letters, shape (n_keys, n_qualities).
    """

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    qualities: NDArray[np.uint8]


class Tally:
    """Reads of each key.

    Args:
        n_words: words of a key, at least 1.
        n_qualities: quality letters kept with each key.
        max_bytes: memory that the table may take before it goes to disk.
        folder: where to put what is spilled; None = the system's folder for temporary files.
    """

    def __init__(
        self, n_words: int, n_qualities: int = 0, max_bytes: int = 1 << 30, folder: Path | None = None
    ) -> None:
        self._n_words, self._n_qualities, self._max_bytes = n_words, n_qualities, max_bytes
        self._parent = folder
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._spilled: list[Path] = []
        self._n_keys = 0
        self._clear()

    def close(self) -> None:
        """Remove what was spilled."""
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def n_spilled(self) -> int:
        """How often the table was put on disk."""
        return len(self._spilled)

    def add(self, keys: NDArray[np.uint64], wanted: NDArray[np.bool_], qualities: NDArray[np.uint8]) -> None:
        """Count one read a row.

        Args:
            keys: shape (n_reads, n_words).
            wanted: reads to count, shape (n_reads,).
            qualities: letters that go with the key, shape (n_reads, n_qualities).
        """
        self._make_room(int(wanted.sum()))
        self._n_keys = _add(keys, wanted, qualities, self._table, self._qualities, self._n_keys)

    def pieces(self) -> Iterator[Counted]:
        """All keys in ascending order, piece by piece."""
        if not self._spilled:
            yield from _cut(self._sorted())
            return
        if self._n_keys:
            self._spill()
        yield from _merged(self._spilled, self._n_words, self._n_qualities)

    def _clear(self) -> None:
        self._table = np.zeros((_FIRST_ROWS, self._n_words + 1), dtype=np.uint64)
        self._qualities = np.zeros((_FIRST_ROWS, self._n_qualities), dtype=np.uint8)
        self._n_keys = 0

    def _make_room(self, n_new: int) -> None:
        """Keep the table at most 7/10 full, all new keys counted as distinct; a smaller table is nearer at hand."""
        n_rows = len(self._table)
        while 10 * (self._n_keys + n_new) > 7 * n_rows:
            n_rows *= 2
        if n_rows == len(self._table):
            return
        # While it grows, old and new table are there together.
        n_bytes = (n_rows + len(self._table)) * (8 * (self._n_words + 1) + self._n_qualities)
        if n_bytes > self._max_bytes and self._n_keys > n_new:
            self._spill()
            self._make_room(n_new)
            return
        table = np.zeros((n_rows, self._n_words + 1), dtype=np.uint64)
        qualities = np.zeros((n_rows, self._n_qualities), dtype=np.uint8)
        _move(self._table, self._qualities, table, qualities)
        self._table, self._qualities = table, qualities

    def _sorted(self) -> Counted:
        rows = np.flatnonzero(self._table[:, -1])
        rows = rows[sorted_order(self._table[rows, : self._n_words])]
        return Counted(
            self._table[rows, : self._n_words], self._table[rows, -1].astype(np.int64), self._qualities[rows]
        )

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kcalseq-", dir=self._parent)
        place = Path(self._folder.name) / f"{len(self._spilled)}"
        counted = self._sorted()
        np.save(f"{place}.keys.npy", counted.keys)
        np.save(f"{place}.counts.npy", counted.counts)
        np.save(f"{place}.qualities.npy", counted.qualities)
        self._spilled.append(place)
        self._clear()


def _cut(counted: Counted) -> Iterator[Counted]:
    for first in range(0, len(counted.keys), _PIECE_ROWS):
        rows = slice(first, first + _PIECE_ROWS)
        yield Counted(counted.keys[rows], counted.counts[rows], counted.qualities[rows])


def _merged(spilled: list[Path], n_words: int, n_qualities: int) -> Iterator[Counted]:
    """Sorted files to one sorted stream: again and again all rows up to a key that every file's next rows reach."""
    files = [Counted(*(np.load(f"{place}.{name}.npy", mmap_mode="r") for name in Counted._fields)) for place in spilled]
    at = [0] * len(files)
    share = max(1, _PIECE_ROWS // len(files))
    while any(place < len(file.keys) for place, file in zip(at, files, strict=True)):
        ends = [min(place + share, len(file.keys)) for place, file in zip(at, files, strict=True)]
        # The smallest of the last keys in hand: no file holds a key up to it behind what is in hand.
        open_ends = [
            file.keys[end - 1] for place, file, end in zip(at, files, ends, strict=True) if end < len(file.keys)
        ]
        limit = min((tuple(key.tolist()) for key in open_ends), default=None)
        parts = []
        for number, file in enumerate(files):
            keys = np.array(file.keys[at[number] : ends[number]])
            n_rows = len(keys) if limit is None else int(_n_up_to(keys, np.array(limit, dtype=np.uint64)))
            span = slice(at[number], at[number] + n_rows)
            parts.append(Counted(keys[:n_rows], np.array(file.counts[span]), np.array(file.qualities[span])))
            at[number] += n_rows
        yield _reduced(Counted(*(np.concatenate(column) for column in zip(*parts, strict=True))))


def _reduced(counted: Counted) -> Counted:
    """Rows of several files sorted, equal keys made one."""
    order = sorted_order(counted.keys)
    keys = counted.keys[order]
    firsts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1))))
    return Counted(
        keys[firsts],
        np.add.reduceat(counted.counts[order], firsts),
        np.maximum.reduceat(counted.qualities[order], firsts, axis=0),
    )


@kernel
def _n_up_to(keys: NDArray[np.uint64], limit: NDArray[np.uint64]) -> int:
    """Rows of a sorted table that are at most ``limit``."""
    low, high = 0, keys.shape[0]
    while low < high:
        middle, greater = (low + high) // 2, False
        for word in range(keys.shape[1]):
            if keys[middle, word] != limit[word]:
                greater = keys[middle, word] > limit[word]
                break
        if greater:
            high = middle
        else:
            low = middle + 1
    return low


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
    qualities: NDArray[np.uint8],
    table: NDArray[np.uint64],
    best: NDArray[np.uint8],
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
            for base in range(best.shape[1]):
                best[place, base] = max(best[place, base], qualities[read, base])
    # Used, or the compiler would leave the touching out.
    return n_keys if touched < np.uint64(1 << 63) else -1


@kernel
def _move(
    table: NDArray[np.uint64], best: NDArray[np.uint8], new_table: NDArray[np.uint64], new_best: NDArray[np.uint8]
) -> None:
    n_words = table.shape[1] - 1
    for row in range(table.shape[0]):
        if table[row, n_words] == 0:
            continue
        place = _place(table, row, n_words, _hash(table, row, n_words, np.uint64(new_table.shape[0] - 1)), new_table)
        for word in range(n_words + 1):
            new_table[place, word] = table[row, word]
        for base in range(best.shape[1]):
            new_best[place, base] = best[row, base]
