"""Hashes of sequences that know their neighbours: all sequences one edit away cost one lookup each.

A sequence s of length n hashes to the sum of value(s_i) * BASE**(n-1-i) modulo 2**64, so that the hash of an edited
sequence follows from sums over what stands before and behind the edit. Keys of 64 bits are compared without their
letters: among a million sequences and a billion lookups two collide with a chance of 1 in 10,000.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.kernels import kernel

BASE = np.uint64(0x9E3779B97F4A7C15)
INVERSE = np.uint64(pow(int(BASE), -1, 2**64))
_LETTERS = np.frombuffer(b"ACGT", dtype=np.uint8).copy()
COMPLEMENT = np.zeros(256, dtype=np.uint8)
COMPLEMENT[np.frombuffer(b"ACGTN", dtype=np.uint8)] = np.frombuffer(b"TGCAN", dtype=np.uint8)


def _values() -> NDArray[np.uint64]:
    """A fixed number of 64 random bits for each byte, by Steele et al.'s SplitMix64 (2014)."""
    state, values = 0, []
    for _ in range(256):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % 2**64
        values.append(mixed ^ (mixed >> 31))
    return np.array(values, dtype=np.uint64)


VALUES = _values()


@dataclass(frozen=True)
class Text:
    """Sequences end to end, as Arrow stores them.

    Attributes:
        letters: ASCII, shape (sum of lengths,).
        offsets: where each begins, and where the last ends, shape (n + 1,).
    """

    letters: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self.offsets) - 1


def to_text(column: pa.Array | pa.ChunkedArray) -> Text:
    """A column of strings without missing values, end to end."""
    if not len(column):
        return Text(np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64))
    # What is in one piece already is not copied.
    pieces = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    whole = pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces)
    _, starts, letters = whole.buffers()
    dtype = np.int64 if pa.types.is_large_string(whole.type) else np.int32
    places = np.frombuffer(starts, dtype=dtype)[whole.offset : whole.offset + len(whole) + 1].astype(np.int64)
    return Text(np.frombuffer(letters if letters is not None else b"", dtype=np.uint8), places)


class Index(NamedTuple):
    """An open-addressing table from hash to row.

    Attributes:
        keys: hashes, shape (n,).
        slots: row + 1 of the sequence in each slot, 0 = free; a power of two of slots.
        first: the first row with the same sequence, shape (n,).
    """

    keys: NDArray[np.uint64]
    slots: NDArray[np.int64]
    first: NDArray[np.int64]


def index_of(keys: NDArray[np.uint64]) -> Index:
    """The table of these hashes."""
    slots = np.zeros(1 << max(4, int(2 * len(keys)).bit_length()), dtype=np.int64)
    first = np.zeros(len(keys), dtype=np.int64)
    _fill(keys, slots, first)
    return Index(keys, slots, first)


def hashes(text: Text, reverse: bool = False) -> NDArray[np.uint64]:
    """Hash of each sequence, or of its reverse complement."""
    keys = np.zeros(len(text), dtype=np.uint64)
    (_hash_reverse if reverse else _hash_forward)(text.letters, text.offsets, keys)
    return keys


@kernel
def find(key: np.uint64, keys: NDArray[np.uint64], slots: NDArray[np.int64]) -> int:
    """The first row of that hash, or -1."""
    mask = len(slots) - 1
    slot = np.int64((key ^ (key >> np.uint64(32))) & np.uint64(mask))
    while slots[slot] > 0:
        row = slots[slot] - 1
        if keys[row] == key:
            return int(row)
        slot = (slot + 1) & mask
    return -1


@kernel
def one_edit_hashes(
    letters: NDArray[np.uint8], shifted: bool, before: NDArray[np.uint64], out: NDArray[np.uint64]
) -> int:
    """How many hashes of sequences one edit away were put into ``out``, some more than once.

    Args:
        letters: the sequence, shape (n,).
        shifted: keep the length, as where a fixed number of bases is read: a deletion lets in any base at the end, an
            insertion pushes out the last; else plain deletions and insertions.
        before: space for n + 1.
        out: space for 11 n + 4.
    """
    n, count = len(letters), 0
    _hash_beginnings(letters, before)
    behind, power = np.uint64(0), np.uint64(1)
    last = VALUES[letters[n - 1]] if n else np.uint64(0)
    for back in range(n + 1):
        place = n - back
        # behind: hash of letters[place:], power: BASE ** back
        for letter in _LETTERS:
            whole = (before[place] * BASE + VALUES[letter]) * power + behind
            if not shifted:
                out[count] = whole
                count += 1
            elif back:
                out[count] = (whole - last) * INVERSE
                count += 1
        if place == 0:
            break
        whole = before[place - 1] * power + behind
        if not shifted:
            out[count] = whole
            count += 1
        for letter in _LETTERS:
            if letter != letters[place - 1]:
                out[count] = (before[place - 1] * BASE + VALUES[letter]) * power + behind
                count += 1
            if shifted:
                out[count] = whole * BASE + VALUES[letter]
                count += 1
        behind += VALUES[letters[place - 1]] * power
        power *= BASE
    return count


@kernel
def _hash_beginnings(letters: NDArray[np.uint8], before: NDArray[np.uint64]) -> None:
    before[0] = np.uint64(0)
    for place in range(len(letters)):
        before[place + 1] = before[place] * BASE + VALUES[letters[place]]


@kernel
def hash_one(letters: NDArray[np.uint8]) -> np.uint64:
    """Hash of one sequence."""
    key = np.uint64(0)
    for letter in letters:
        key = key * BASE + VALUES[letter]
    return key


@kernel
def _hash_forward(letters: NDArray[np.uint8], offsets: NDArray[np.int64], keys: NDArray[np.uint64]) -> None:
    for row in range(len(keys)):
        key = np.uint64(0)
        for place in range(offsets[row], offsets[row + 1]):
            key = key * BASE + VALUES[letters[place]]
        keys[row] = key


@kernel
def _hash_reverse(letters: NDArray[np.uint8], offsets: NDArray[np.int64], keys: NDArray[np.uint64]) -> None:
    for row in range(len(keys)):
        key = np.uint64(0)
        for place in range(offsets[row + 1] - 1, offsets[row] - 1, -1):
            key = key * BASE + VALUES[COMPLEMENT[letters[place]]]
        keys[row] = key


@kernel
def _fill(keys: NDArray[np.uint64], slots: NDArray[np.int64], first: NDArray[np.int64]) -> None:
    mask = len(slots) - 1
    for row in range(len(keys)):
        key = keys[row]
        slot = np.int64((key ^ (key >> np.uint64(32))) & np.uint64(mask))
        while slots[slot] > 0 and keys[slots[slot] - 1] != key:
            slot = (slot + 1) & mask
        if slots[slot] == 0:
            slots[slot] = row + 1
        first[row] = slots[slot] - 1
