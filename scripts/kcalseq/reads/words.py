"""Eight bytes of text at a time, as one unsigned number, where a loop over bytes is not turned into wider steps.

The compiler makes one load of ``eight`` (and one more swap of bytes): what is written as a loop here is none.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel

N_BYTES = np.uint64(8)
_ONES = np.uint64(0x0101010101010101)
_HIGHEST = np.uint64(0x8080808080808080)
_LINE_ENDS = np.uint64(0x0A0A0A0A0A0A0A0A)


@kernel
def eight(text: NDArray[np.uint8], at: np.uint64) -> np.uint64:
    """Eight bytes of a text, the first one highest."""
    word = np.uint64(0)
    for place in range(8):
        word = (word << np.uint64(8)) | np.uint64(text[at + np.uint64(place)])
    return word


@kernel
def eight_backwards(text: NDArray[np.uint8], at: np.uint64) -> np.uint64:
    """Eight bytes of a text, the last one highest."""
    word = np.uint64(0)
    for place in range(8):
        word |= np.uint64(text[at + np.uint64(place)]) << np.uint64(8 * place)
    return word


@kernel
def holds_line_end(text: NDArray[np.uint8], at: np.uint64, size: np.uint64) -> bool:
    """Whether a line end is among the next ``size`` bytes."""
    found, place = np.uint64(0), np.uint64(0)
    if size < N_BYTES:
        while place < size:
            found |= np.uint64(text[at + place] == 10)
            place += np.uint64(1)
        return bool(found != 0)
    while place < size:
        # The last eight may overlap those before. A byte of 0 borrows, which sets a high bit that was not there.
        differing = eight_backwards(text, at + min(place, size - N_BYTES)) ^ _LINE_ENDS
        found |= (differing - _ONES) & ~differing & _HIGHEST
        place += N_BYTES
    return bool(found != 0)


@kernel
def pack_eight(bases: np.uint64) -> np.uint64:
    """Eight upper-case letters A, C, G, T as 16 bits, A = 0, C = 1, G = 2, T = 3, the highest byte first.

    N becomes some base; ``unread_of`` tells it.
    """
    # ASCII has C, G and T differ from A in bits 1 and 2: 00, 01, 11, 10 from the higher to the lower one.
    codes = ((bases >> np.uint64(1)) ^ (bases >> np.uint64(2))) & np.uint64(0x0303030303030303)
    codes = (codes | (codes >> np.uint64(6))) & np.uint64(0x000F000F000F000F)
    codes = (codes | (codes >> np.uint64(12))) & np.uint64(0x000000FF000000FF)
    return (codes | (codes >> np.uint64(24))) & np.uint64(0xFFFF)


@kernel
def unread_of(bases: np.uint64) -> np.uint64:
    """Not 0 if a letter among A, C, G, T and N is an N: the only one with bit 3 set."""
    return bases & np.uint64(0x0808080808080808)


@kernel
def n_different(
    one: NDArray[np.uint8], at: np.uint64, other: NDArray[np.uint8], other_at: np.uint64, size: np.uint64, most: int
) -> int:
    """Bytes that differ in two texts; some number above ``most`` if they are more."""
    n, place = 0, np.uint64(0)
    while place + N_BYTES <= size:
        differing = eight(one, at + place) ^ eight(other, other_at + place)
        if differing != 0:
            n += _n_not_zero(differing)
            if n > most:
                return n
        place += N_BYTES
    while place < size:
        n += one[at + place] != other[other_at + place]
        place += np.uint64(1)
    return n


@kernel
def _n_not_zero(word: np.uint64) -> int:
    """Bytes of a word that are not 0: their bits are gathered in the lowest of each byte, and those added up."""
    word |= word >> np.uint64(4)
    word |= word >> np.uint64(2)
    word |= word >> np.uint64(1)
    return int(((word & _ONES) * _ONES) >> np.uint64(56))
