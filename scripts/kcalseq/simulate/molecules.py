"""Sequences of different lengths as one matrix: drawn, mutated, turned round, and carried on by what follows them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, encode

_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_COMPLEMENT = np.arange(256, dtype=np.uint8)
_COMPLEMENT[np.frombuffer(b"ACGTN", dtype=np.uint8)] = np.frombuffer(b"TGCAN", dtype=np.uint8)


class Molecules(NamedTuple):
    """Sequences.

    Attributes:
        letters: ASCII letters, 0 behind the end of a shorter sequence, shape (n, longest).
        lengths: letters in each, shape (n,).
    """

    letters: NDArray[np.uint8]
    lengths: NDArray[np.int64]


def from_strings(sequences: list[str]) -> Molecules:
    """Sequences as a matrix."""
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    longest = int(lengths.max(initial=0))
    text = "".join(sequence.ljust(longest, "\0") for sequence in sequences)
    return Molecules(np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(len(sequences), longest), lengths)


def to_list(molecules: Molecules) -> list[str]:
    """Sequences as strings."""
    rows = zip(molecules.letters, molecules.lengths, strict=True)
    return [row[:length].tobytes().decode("ascii") for row, length in rows]


def take(molecules: Molecules, rows: NDArray[np.int64]) -> Molecules:
    """Some of the sequences, in the order of their rows."""
    return Molecules(molecules.letters[rows], molecules.lengths[rows])


def concatenate(first: Molecules, second: Molecules) -> Molecules:
    """The sequences of both, one below the other; the second may be no longer than the first's longest."""
    room = first.letters.shape[1] - second.letters.shape[1]
    below = np.pad(second.letters, ((0, 0), (0, room)))
    return Molecules(np.concatenate([first.letters, below]), np.concatenate([first.lengths, second.lengths]))


def draw_barcodes(n: int, length: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Random barcodes, all different, in random order, shape (n, length).

    Raises:
        ValueError: if there are fewer than twice as many sequences of this length.
    """
    if 2 * n > 4**length:
        raise ValueError(f"{n} different barcodes of {length} nt are too many to draw")
    codes = np.zeros(0, dtype=np.int64)
    while len(codes) < n:
        codes = np.unique(np.concatenate([codes, rng.integers(4**length, size=2 * (n - len(codes)))]))
    chosen = rng.permutation(codes)[:n]
    return _LETTERS[chosen[:, None] // 4 ** np.arange(length - 1, -1, -1) % 4]


def mutate(molecules: Molecules, rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Molecules, list[str]]:
    """Give some molecules one synthesis error each: half of them another base, half a missing one.

    Returns:
        all molecules, and the error of each chosen one, 1-based: 12A>G or 57del, a deletion in a run of equal bases
        at the first of them.
    """
    letters, lengths = molecules.letters.copy(), molecules.lengths.copy()
    places = rng.integers(lengths[rows])
    is_deletion = rng.random(len(rows)) < 0.5
    before = letters[rows, places]
    after = _LETTERS[(encode(before) + rng.integers(1, 4, len(rows))) % 4]
    letters[rows[~is_deletion], places[~is_deletion]] = after[~is_deletion]
    shorter = rows[is_deletion]
    sources = np.arange(letters.shape[1]) + (np.arange(letters.shape[1]) >= places[is_deletion, None])
    letters[shorter] = np.take_along_axis(np.pad(letters[shorter], ((0, 0), (0, 1))), sources, axis=1)
    lengths[shorter] -= 1
    notes = []
    for row, place, old, new, gone in zip(rows, places, before, after, is_deletion, strict=True):
        first = place
        while gone and first > 0 and molecules.letters[row, first - 1] == old:
            first -= 1
        notes.append(f"{first + 1}del" if gone else f"{place + 1}{chr(old)}>{chr(new)}")
    return Molecules(letters, lengths), notes


def reverse_complement(molecules: Molecules) -> Molecules:
    """Each sequence as the other strand reads it."""
    columns = np.arange(molecules.letters.shape[1])
    sources = molecules.lengths[:, None] - 1 - columns
    turned = _COMPLEMENT[np.take_along_axis(molecules.letters, np.maximum(sources, 0), axis=1)]
    return Molecules(np.where(sources >= 0, turned, np.uint8(0)), molecules.lengths)


def templates(before: str, molecules: Molecules, behind: str, width: int) -> NDArray[np.uint8]:
    """What a sequencer can read of each molecule: ``before``, the sequence, ``behind``, cut at ``width`` bases.

    Raises:
        ValueError: if a molecule with what stands around it is shorter than that.
    """
    head, tail = (np.frombuffer(text.encode("ascii"), dtype=np.uint8) for text in (before, behind))
    if len(head) + int(molecules.lengths.min(initial=width)) + len(tail) < width:
        raise ValueError(f"{width} nt are to be read, but a molecule ends before")
    padded = np.pad(molecules.letters, ((0, 0), (0, max(0, width - molecules.letters.shape[1]))))
    beyond = np.arange(padded.shape[1]) - molecules.lengths[:, None]
    followed = padded
    if len(tail):
        followed = np.where(beyond >= 0, tail[np.clip(beyond, 0, len(tail) - 1)], padded)
    heads = np.broadcast_to(head, (len(padded), len(head)))
    return np.concatenate([heads, followed], axis=1)[:, :width]
