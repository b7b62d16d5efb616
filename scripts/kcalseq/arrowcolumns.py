"""Columns for Arrow tables from numbers and names without ``pyarrow.array``, which starts pandas: 0.2 s a job."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def integers(values: NDArray[np.int64]) -> pa.Array:
    """A column of whole numbers, shape (n,)."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of strings; None = missing."""
    encoded = [(value or "").encode("utf-8") for value in values]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    is_there = np.packbits([value is not None for value in values], bitorder="little")
    buffers = [pa.py_buffer(is_there), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def repeated(values: Sequence[str], counts: NDArray[np.int64]) -> pa.Array:
    """A column of strings, each value so many times: counts of shape (n_values,)."""
    return texts(values).take(integers(np.repeat(np.arange(len(values)), counts)))
