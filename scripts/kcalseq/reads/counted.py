"""Distinct keys with their counts, sorted: in memory, on disk, and put together piece by piece."""

import tempfile
from collections.abc import Iterator, Sequence
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

    def pieces(self, n_rows: int = _PIECE_ROWS) -> Iterator["Counted"]:
        """The same rows in pieces of at most so many."""
        for first in range(0, len(self.keys), n_rows):
            yield self.slice(first, first + n_rows)

    def slice(self, first: int, last: int) -> "Counted":
        """The rows from ``first`` up to, and without, ``last``."""
        return Counted(self.keys[first:last], self.counts[first:last], self.qualities[first:last])


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
        share = max(1, _PIECE_ROWS // max(1, len(self._places)))
        return merged([_read(place, share) for place in self._places])

    def close(self) -> None:
        """Remove all from disk."""
        if self._folder is not None:
            self._folder.cleanup()


def _read(place: Path, n_rows: int) -> Iterator[Counted]:
    """What was put in one place, in pieces of so many rows."""
    whole = Counted(*(np.load(f"{place}.{name}.npy", mmap_mode="r") for name in Counted._fields))
    for piece in whole.pieces(n_rows):
        yield Counted(*map(np.array, piece))


def merged(streams: Sequence[Iterator[Counted]]) -> Iterator[Counted]:
    """Sorted streams to one: again and again all rows up to a key that every stream's next rows reach."""
    in_hand = [next(stream, None) for stream in streams]
    while any(piece is not None for piece in in_hand):
        # The smallest of the last keys in hand: no stream holds a key up to it behind what is in hand.
        limit = min(tuple(piece.keys[-1].tolist()) for piece in in_hand if piece is not None)
        parts = []
        for number, piece in enumerate(in_hand):
            if piece is None:
                continue
            n_rows = int(_n_up_to(piece.keys, np.array(limit, dtype=np.uint64)))
            parts.append(piece.slice(0, n_rows))
            is_used_up = n_rows == len(piece.keys)
            in_hand[number] = next(streams[number], None) if is_used_up else piece.slice(n_rows, len(piece.keys))
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
