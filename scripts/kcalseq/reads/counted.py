"""Distinct keys with their counts, sorted: in memory, on disk, and put together piece by piece."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.sorting import sorted_order

_PIECE_ROWS = 1 << 18


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

    def pieces(self) -> Iterator["Counted"]:
        """The same rows in pieces of bounded size."""
        for first in range(0, len(self.keys), _PIECE_ROWS):
            rows = slice(first, first + _PIECE_ROWS)
            yield Counted(self.keys[rows], self.counts[rows], self.qualities[rows])


def joined(parts: list[Counted]) -> Counted:
    """The rows of all parts behind each other."""
    return parts[0] if len(parts) == 1 else Counted(*map(np.concatenate, zip(*parts, strict=True)))


def reduced(counted: Counted) -> Counted:
    """Rows in any order sorted, and equal keys made one."""
    if not len(counted.keys):
        return counted
    order = sorted_order(counted.keys)
    keys = counted.keys[order]
    firsts = np.flatnonzero(np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1))))
    best = np.empty((len(firsts), counted.qualities.shape[1]), dtype=np.uint8)
    _best(counted.qualities, order, np.append(firsts, len(order)), best)
    return Counted(keys[firsts], np.add.reduceat(counted.counts[order], firsts), best)


@kernel
def _best(
    qualities: NDArray[np.uint8], order: NDArray[np.int64], bounds: NDArray[np.int64], best: NDArray[np.uint8]
) -> None:
    """Highest letters of each run of rows, from one of ``bounds`` to the next in the order."""
    for run in range(best.shape[0]):
        for base in range(best.shape[1]):
            best[run, base] = qualities[order[bounds[run]], base]
        for place in range(bounds[run] + 1, bounds[run + 1]):
            for base in range(best.shape[1]):
                best[run, base] = max(best[run, base], qualities[order[place], base])


class Spill:
    """Sorted keys on disk.

    Args:
        parent: where to put the folder for them, made when needed; None = the system's folder for temporary files.
    """

    def __init__(self, parent: Path | None) -> None:
        self._parent, self._places = parent, list[Path]()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __len__(self) -> int:
        """How often something was put on disk."""
        return len(self._places)

    def put(self, counted: Counted) -> None:
        """Put sorted keys on disk."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kcalseq-", dir=self._parent)
        place = Path(self._folder.name) / f"{len(self._places)}"
        np.save(f"{place}.keys.npy", counted.keys)
        np.save(f"{place}.counts.npy", counted.counts)
        np.save(f"{place}.qualities.npy", counted.qualities)
        self._places.append(place)

    def pieces(self) -> Iterator[Counted]:
        """All keys that were put, in order, each once."""
        return _merged(self._places)

    def close(self) -> None:
        """Remove all from disk."""
        if self._folder is not None:
            self._folder.cleanup()


def _merged(spilled: list[Path]) -> Iterator[Counted]:
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
        yield reduced(joined(parts))


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
