"""Counting equal keys without a Python object per read; what grows too large goes to disk.

Sums and maxima of whole numbers do not depend on their order, so the result depends neither on batches nor on what was
put on disk.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kcalseq.reads.counted import Counted, Spill, joined, reduced
from kcalseq.reads.table import HashTable


class Tally:
    """Reads of each key.

    Args:
        n_words: words of a key, at least 1.
        n_qualities: quality letters kept with each key: at each base the best one seen.
        max_bytes: memory that the keys may take before they go to disk.
        folder: where to put what goes to disk; None = the system's folder for temporary files.
        n_parts: threads that count; each has a part of its own.
    """

    def __init__(
        self, n_words: int, n_qualities: int = 0, max_bytes: int = 1 << 30, folder: Path | None = None, n_parts: int = 1
    ) -> None:
        self._parts = [HashTable(n_words, n_qualities, max_bytes // n_parts) for _ in range(n_parts)]
        self._spill, self._spilling = Spill(folder), threading.Lock()

    def close(self) -> None:
        """Remove what was put on disk."""
        self._spill.close()

    @property
    def n_spilled(self) -> int:
        """How often keys were put on disk."""
        return len(self._spill)

    def add(
        self, keys: NDArray[np.uint64], wanted: NDArray[np.bool_], qualities: NDArray[np.uint8], part: int = 0
    ) -> None:
        """Count one read a row.

        Args:
            keys: shape (n_reads, n_words).
            wanted: reads to count, shape (n_reads,).
            qualities: letters that go with the key, shape (n_reads, n_qualities).
            part: that of the calling thread.
        """
        own = self._parts[part]
        if own.is_full(len(wanted)):
            self._put(own)
        own.add(keys, wanted, qualities)

    def pieces(self) -> Iterator[Counted]:
        """All keys in ascending order, piece by piece."""
        if not len(self._spill):
            yield from reduced(joined([part.empty() for part in self._parts])).pieces()
            return
        for part in self._parts:
            if len(part):
                self._put(part)
        yield from self._spill.pieces()

    def _put(self, part: HashTable) -> None:
        rows = reduced(part.empty())
        with self._spilling:
            self._spill.put(rows)
