"""Columns of sequences, as tables hold them, to and from matrices of letters and packed keys, as loops want them.

A packed key holds 2 bits a base, 32 bases a word, the first base in the highest bits: so keys sort as their strings do.
Where lengths differ, a last word holds the length, which tells 'A' from 'AA' and sorts the shorter first.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.kernels import kernel

BASES_PER_WORD = 32
_CODE = np.full(256, 255, dtype=np.uint8)
_CODE[np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)] = np.arange(4, dtype=np.uint8)
_LETTER = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8).copy()


class Letters(NamedTuple):
    """Sequences as a matrix.

    Attributes:
        letters: ASCII bytes, 0 behind the end of a shorter sequence, shape (n, longest).
        lengths: letters in each, shape (n,).
    """

    letters: NDArray[np.uint8]
    lengths: NDArray[np.int64]


def to_letters(column: pa.Array | pa.ChunkedArray) -> Letters:
    """A column of strings without missing values as a matrix of letters."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    whole = whole.cast(pa.large_string())
    _, offset_buffer, text_buffer = whole.buffers()
    if len(whole) == 0:
        return Letters(np.zeros((0, 0), dtype=np.uint8), np.zeros(0, dtype=np.int64))
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    text = np.frombuffer(text_buffer, dtype=np.uint8) if text_buffer is not None else np.zeros(0, dtype=np.uint8)
    lengths = np.diff(offsets)
    letters = np.zeros((len(whole), int(lengths.max())), dtype=np.uint8)
    _spread(text, offsets, letters)
    return Letters(letters, lengths)


def to_strings(letters: NDArray[np.uint8], lengths: NDArray[np.int64] | None = None) -> pa.Array:
    """A matrix of letters, shape (n, longest), as a column of strings; without lengths all rows are whole."""
    n, width = letters.shape
    ends = np.full(n, width, dtype=np.int64) if lengths is None else lengths
    offsets = np.concatenate(([0], np.cumsum(ends)))
    if lengths is None or (n and int(lengths.min()) == width):
        text = np.ascontiguousarray(letters).ravel()
    else:
        text = np.empty(int(offsets[-1]), dtype=np.uint8)
        _gather(letters, offsets, text)
    strings = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(text))
    return strings.cast(pa.string()) if offsets[-1] < 2**31 else strings


def n_words(longest: int, same_length: bool) -> int:
    """Words of a packed key of sequences of at most that many bases."""
    return max(1, -(-longest // BASES_PER_WORD)) + (not same_length)


def pack(letters: NDArray[np.uint8], lengths: NDArray[np.int64] | None = None) -> NDArray[np.uint64]:
    """Packed keys of sequences.

    Args:
        letters: A, C, G and T in ASCII, shape (n, longest).
        lengths: bases in each, shape (n,); None = all as long as the matrix is wide, which saves the last word.

    Returns:
        shape (n, n_words).

    Raises:
        ValueError: a letter within a sequence is none of the four.
    """
    ends = np.full(len(letters), letters.shape[1], dtype=np.int64) if lengths is None else lengths
    keys = np.zeros((len(letters), n_words(letters.shape[1], lengths is None)), dtype=np.uint64)
    if not _pack(letters, ends, lengths is not None, keys):
        raise ValueError("a sequence holds a letter other than A, C, G, T")
    return keys


def unpack(keys: NDArray[np.uint64], longest: int, same_length: bool) -> Letters:
    """Sequences of packed keys; the reverse of ``pack``."""
    lengths = np.full(len(keys), longest, dtype=np.int64) if same_length else keys[:, -1].astype(np.int64)
    letters = np.zeros((len(keys), longest), dtype=np.uint8)
    _unpack(keys, lengths, letters)
    return Letters(letters, lengths)


@kernel
def _spread(text: NDArray[np.uint8], offsets: NDArray[np.int64], letters: NDArray[np.uint8]) -> None:
    for row in range(letters.shape[0]):
        first, here = np.uint64(offsets[row]), letters[row]
        for place in range(np.uint64(offsets[row + 1]) - first):
            here[place] = text[first + place]


@kernel
def _gather(letters: NDArray[np.uint8], offsets: NDArray[np.int64], text: NDArray[np.uint8]) -> None:
    for row in range(letters.shape[0]):
        first, here = np.uint64(offsets[row]), letters[row]
        for place in range(np.uint64(offsets[row + 1]) - first):
            text[first + place] = here[place]


@kernel
def _pack(letters: NDArray[np.uint8], lengths: NDArray[np.int64], with_length: bool, keys: NDArray[np.uint64]) -> bool:
    for row in range(letters.shape[0]):
        for place in range(lengths[row]):
            code = _CODE[letters[row, place]]
            if code > 3:
                return False
            shift = np.uint64(62 - 2 * (place % 32))
            keys[row, place // 32] |= np.uint64(code) << shift
        if with_length:
            keys[row, keys.shape[1] - 1] = np.uint64(lengths[row])
    return True


@kernel
def _unpack(keys: NDArray[np.uint64], lengths: NDArray[np.int64], letters: NDArray[np.uint8]) -> None:
    for row in range(letters.shape[0]):
        for place in range(lengths[row]):
            shift = np.uint64(62 - 2 * (place % 32))
            letters[row, place] = _LETTER[(keys[row, place // 32] >> shift) & np.uint64(3)]
