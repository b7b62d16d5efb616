"""Sorting rows of unsigned words, the first word first: by numpy where rows differ early, else by a loop."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel

_LONG_RUN = 4096


def sorted_order(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Row numbers in ascending order of the rows, shape (n_rows,); distinct rows have one order.

    Args:
        keys: shape (n_rows, n_words).
    """
    order = np.arange(len(keys), dtype=np.int64)
    _refine(keys, order, 0, len(keys), 0)
    return order


def _refine(keys: NDArray[np.uint64], order: NDArray[np.int64], first: int, last: int, word: int) -> None:
    """Sort rows ``first`` to ``last`` of the order, which agree in all words before ``word``."""
    if word == keys.shape[1] or last - first < 2:
        return
    rows = order[first:last]
    values = keys[rows, word]
    if (values[1:] < values[:-1]).any():
        by_word = np.argsort(values)
        order[first:last] = rows[by_word]
        values = values[by_word]
    if word + 1 == keys.shape[1]:
        return
    ends = np.append(np.flatnonzero(values[1:] != values[:-1]) + 1, last - first)
    begins = np.append(0, ends[:-1])
    is_long = ends - begins > _LONG_RUN
    for begin, end in zip(begins[is_long], ends[is_long], strict=True):
        _refine(keys, order, first + int(begin), first + int(end), word + 1)
    is_short = ~is_long & (ends - begins > 1)
    _sort_runs(keys, order, first + begins[is_short], first + ends[is_short], word + 1)


@kernel
def _is_after(keys: NDArray[np.uint64], one: int, other: int, word: int) -> bool:
    while word < keys.shape[1]:
        if keys[one, word] != keys[other, word]:
            return bool(keys[one, word] > keys[other, word])
        word += 1
    return False


@kernel
def _sort_runs(
    keys: NDArray[np.uint64], order: NDArray[np.int64], begins: NDArray[np.int64], ends: NDArray[np.int64], word: int
) -> None:
    """Shell sort of each run: runs are short, and rows are moved by their numbers only."""
    for run in range(len(begins)):
        begin, size = begins[run], ends[run] - begins[run]
        gap = 1
        while 3 * gap + 1 < size:
            gap = 3 * gap + 1
        while gap > 0:
            for place in range(gap, size):
                row, hole = order[begin + place], place
                while hole >= gap and _is_after(keys, order[begin + hole - gap], row, word):
                    order[begin + hole] = order[begin + hole - gap]
                    hole -= gap
                order[begin + hole] = row
            gap //= 3
