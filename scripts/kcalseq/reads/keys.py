"""Judging the parts of reads and packing them into keys: loops over reads.

Errors are added up in whole units of 2**-40, so that the sum does not depend on the order and a read exactly at the
limit is kept on every machine.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel

_UNITS = 1 << 40
ERROR_UNITS = np.array([round(_UNITS * 10 ** (-score / 10)) for score in range(94)], dtype=np.int64)
"""Error probability of each Phred score, in units of 2**-40."""

CODE_OF_BYTE = np.full(256, 255, dtype=np.uint8)
CODE_OF_BYTE[np.frombuffer(b"ACGT", dtype=np.uint8)] = np.arange(4, dtype=np.uint8)


@kernel
def holds_n(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    found: NDArray[np.bool_],
) -> None:
    """Fill ``found`` with whether a part holds an unread base (N), for the reads wanted."""
    for row in range(len(at)):
        if not wanted[row]:
            continue
        seen = np.uint8(0)
        for place in range(lengths[row]):
            seen = np.uint8(seen | np.uint8(text[np.uint64(at[row]) + np.uint64(place)] == np.uint8(78)))
        found[row] = seen != 0


@kernel
def add_errors(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    errors: NDArray[np.int64],
) -> None:
    """Add the error probabilities of a part to ``errors``, in units of 2**-40; ``at`` is its first quality letter."""
    for row in range(len(at)):
        if not wanted[row]:
            continue
        total = 0
        for place in range(lengths[row]):
            total += ERROR_UNITS[np.uint64(text[np.uint64(at[row]) + np.uint64(place)]) - np.uint64(33)]
        errors[row] += total


@kernel
def append(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    turned: bool,
    wanted: NDArray[np.bool_],
    keys: NDArray[np.uint64],
    first_word: int,
    filled: NDArray[np.int64],
) -> None:
    """Pack a part behind what its key holds already.

    Args:
        text: bases of all reads.
        at: first base of the part in each read, shape (n_reads,).
        lengths: its bases, shape (n_reads,).
        turned: whether it goes in as its reverse complement.
        wanted: reads to look at, shape (n_reads,); their parts hold A, C, G and T only.
        keys: packed as ``sequences.pack`` does, from the word ``first_word`` on, shape (n_reads, n_words).
        first_word: where this kind of part begins in the key.
        filled: bases in the key so far, shape (n_reads,); grows by the part's length.
    """
    for row in range(len(at)):
        if not wanted[row]:
            continue
        size, start, before = lengths[row], at[row], filled[row]
        for place in range(size):
            from_start = start + (size - 1 - place if turned else place)
            code = np.uint64(CODE_OF_BYTE[text[np.uint64(from_start)]])
            if turned:
                code = np.uint64(3) - code
            base = before + place
            keys[row, first_word + base // 32] |= code << np.uint64(62 - 2 * (base % 32))
        filled[row] = before + size


@kernel
def copy_qualities(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    turned: bool,
    wanted: NDArray[np.bool_],
    qualities: NDArray[np.uint8],
) -> None:
    """Copy the quality letters of a part, shape (n_reads, longest), turned round with its bases."""
    for row in range(len(at)):
        if not wanted[row]:
            continue
        for place in range(lengths[row]):
            from_start = lengths[row] - 1 - place if turned else place
            qualities[row, place] = text[at[row] + from_start]


@kernel
def breaks_pattern(
    text: NDArray[np.uint8],
    at: NDArray[np.int64],
    masks: NDArray[np.uint8],
    wanted: NDArray[np.bool_],
    found: NDArray[np.bool_],
) -> None:
    """Fill ``found`` with whether a part has a base that its pattern does not allow.

    Args:
        text: bases of all reads.
        at: first base of the part in each read, shape (n_reads,).
        masks: bases allowed at each place: 1 = A, 2 = C, 4 = G, 8 = T, added up, shape (length,). N passes: it is
            judged as an unread base.
        wanted: reads to look at, shape (n_reads,).
        found: filled.
    """
    for row in range(len(at)):
        if not wanted[row]:
            continue
        found[row] = False
        for place in range(len(masks)):
            code = CODE_OF_BYTE[text[at[row] + place]]
            if code < 4 and not (masks[place] >> code) & 1:
                found[row] = True
                break
