"""Counting equal keys without a Python object per read; what grows too large goes to disk.

Sums and maxima of whole numbers do not depend on their order, so the result depends neither on batches nor on what was
put on disk.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kcalseq.reads.counted import Counted, Spill
from kcalseq.reads.table import HashTable


class Tally:
    """Reads of each key.

    Args:
        n_words: words of a key, at least 1.
        n_qualities: quality letters kept with each key: at each base the best one seen.
        max_bytes: memory that the keys may take before they go to disk.
        folder: where to put what goes to disk; None = the system's folder for temporary files.
    """

    def __init__(
        self, n_words: int, n_qualities: int = 0, max_bytes: int = 1 << 30, folder: Path | None = None
    ) -> None:
        self._store = HashTable(n_words, n_qualities, max_bytes)
        self._spill = Spill(folder)

    def close(self) -> None:
        """Remove what was put on disk."""
        self._spill.close()

    @property
    def n_spilled(self) -> int:
        """How often keys were put on disk."""
        return len(self._spill)

    def add(self, keys: NDArray[np.uint64], wanted: NDArray[np.bool_], qualities: NDArray[np.uint8]) -> None:
        """Count one read a row.

        Args:
            keys: shape (n_reads, n_words).
            wanted: reads to count, shape (n_reads,).
            qualities: letters that go with the key, shape (n_reads, n_qualities).
        """
        if self._store.is_full(len(wanted)):
            self._spill.put(self._store.empty())
        self._store.add(keys, wanted, qualities)

    def pieces(self) -> Iterator[Counted]:
        """All keys in ascending order, piece by piece."""
        if not len(self._spill):
            yield from self._store.empty().pieces()
            return
        if len(self._store):
            self._spill.put(self._store.empty())
        yield from self._spill.pieces()
