"""DNA as letters and as numbers: the order A, C, G, T is fixed here and nowhere else."""

import numpy as np
from numpy.typing import NDArray

ALPHABET = "ACGT"
MISSING = 255

_CODE_OF_BYTE = np.full(256, MISSING, dtype=np.uint8)
for _code, _letter in enumerate(ALPHABET):
    _CODE_OF_BYTE[ord(_letter)] = _code
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def reverse_complement(sequence: str) -> str:
    """Reverse complement of an upper-case DNA sequence; N stays N.

    >>> reverse_complement("AACGN")
    'NCGTT'
    """
    return sequence.translate(_COMPLEMENT)[::-1]


def encode(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """ASCII bytes of any shape to codes 0..3 in the order ACGT; any other byte becomes ``MISSING``."""
    return _CODE_OF_BYTE[letters]


def encode_sequences(sequences: list[str], length: int) -> NDArray[np.uint8]:
    """Sequences of one length to codes.

    Args:
        sequences: upper-case DNA, each of ``length`` letters.
        length: letters in each sequence.

    Returns:
        codes 0..3, shape (n_sequences, length).

    Raises:
        ValueError: if the letters do not make up n_sequences x length.
    """
    letters = np.frombuffer("".join(sequences).encode("ascii"), dtype=np.uint8)
    return encode(letters.reshape(len(sequences), length))


def most_common_bases(codes_nl: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Most common base at each position, the first in the order ACGT on a tie; shape (length,)."""
    counts = np.stack([(codes_nl == code).sum(0) for code in range(len(ALPHABET))])
    most: NDArray[np.uint8] = counts.argmax(0).astype(np.uint8)
    return most
