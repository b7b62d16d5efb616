"""Reads that the short way left over, gathered until there are enough for the long way to be worth its start-up.

Their bases and qualities are copied, since the text they stand in is soon overwritten.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.molecules import Molecules
from kcalseq.reads.records import Records

MANY = 1 << 13


class Leftovers:
    """Molecules of several batches put together."""

    def __init__(self) -> None:
        self._piles: dict[str, _Pile] = {}
        self.n_reads = 0

    def put(self, molecules: Molecules, rows: NDArray[np.int64]) -> None:
        """Copy these molecules of a batch."""
        for slot, records in molecules.items():
            self._piles.setdefault(slot, _Pile()).put(records, rows)
        self.n_reads += len(rows)

    def take(self) -> Molecules:
        """All that were put, in one batch, to be used before more are put; then there are none."""
        self.n_reads = 0
        return {slot: pile.take() for slot, pile in self._piles.items()}


class _Pile:
    """Reads of one file behind each other, the qualities of each behind its bases, in room that is used again."""

    def __init__(self) -> None:
        self._text, self._places = np.empty(0, dtype=np.uint8), np.empty((2, 0), dtype=np.int64)
        self._n_bytes, self._n_reads = 0, 0

    def put(self, records: Records, rows: NDArray[np.int64]) -> None:
        n_bytes, n_reads = self._n_bytes + 2 * int(records.lengths[rows].sum()), self._n_reads + len(rows)
        if n_bytes > len(self._text):
            self._text = np.concatenate([self._text[: self._n_bytes], np.empty(n_bytes, dtype=np.uint8)])
        if n_reads > self._places.shape[1]:
            self._places = np.concatenate([self._places[:, : self._n_reads], np.empty((2, n_reads), dtype=np.int64)], 1)
        places = self._places[:, self._n_reads : n_reads]
        _copy(records.text, *records[2:], rows, self._text, self._n_bytes, *places)
        self._n_bytes, self._n_reads = n_bytes, n_reads

    def take(self) -> Records:
        starts, lengths = self._places[:, : self._n_reads]
        text, self._n_bytes, self._n_reads = self._text[: self._n_bytes], 0, 0
        # Names are not asked for: a layout that reads them has no short way.
        return Records(text, starts, starts, lengths, starts + lengths)


@kernel
def _copy(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
    rows: NDArray[np.int64],
    copy: NDArray[np.uint8],
    at: int,
    new_starts: NDArray[np.int64],
    new_lengths: NDArray[np.int64],
) -> None:
    for number in range(len(rows)):
        row = rows[number]
        length = lengths[row]
        new_starts[number], new_lengths[number] = at, length
        for place in range(length):
            copy[at + place] = text[starts[row] + place]
            copy[at + length + place] = text[qualities[row] + place]
        at += 2 * length
