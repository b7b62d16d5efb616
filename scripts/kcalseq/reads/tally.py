"""Counting equal variants without a Python object per read: bases packed to 2 bits, rows sorted, runs counted.

A key is one row of unsigned 64-bit words: first the number of the sample, then the variant, 32 bases a word.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, encode

_BASES_PER_WORD = 32
_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)


class Tally:
    """Reads of each (sample, variant), grown batch by batch; the result does not depend on the batches.

    Args:
        variant_length: bases in every variant, in nt.
    """

    def __init__(self, variant_length: int) -> None:
        self._length = variant_length
        n_words = 1 + -(-variant_length // _BASES_PER_WORD)
        self._keys = np.zeros((0, n_words), dtype=np.uint64)
        self._counts = np.zeros(0, dtype=np.int64)
        self._pending: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
        self._n_pending = 0

    def add(self, samples: NDArray[np.int64], variants: NDArray[np.uint8]) -> None:
        """Count one read a row.

        Args:
            samples: number of each read's sample, from 0, shape (n_reads,).
            variants: ASCII letters, A, C, G and T only, shape (n_reads, variant_length).
        """
        keys, counts = _count_rows(_pack(samples, variants), np.ones(len(samples), dtype=np.int64))
        self._pending.append((keys, counts))
        self._n_pending += len(keys)
        # Merging only when as much waits as is merged already keeps the whole work at n log n.
        if self._n_pending > max(len(self._keys), 1 << 16):
            self._merge()

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.str_], NDArray[np.int64]]:
        """Sample numbers, variant sequences and reads, each shape (n_keys,), sorted by sample, then sequence."""
        self._merge()
        return self._keys[:, 0].astype(np.int64), _unpack(self._keys[:, 1:], self._length), self._counts

    def _merge(self) -> None:
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._pending)])
        counts = np.concatenate([self._counts, *(counts for _, counts in self._pending)])
        self._keys, self._counts = _count_rows(keys, counts)
        self._pending, self._n_pending = [], 0


def _pack(samples: NDArray[np.int64], variants: NDArray[np.uint8]) -> NDArray[np.uint64]:
    codes = encode(variants).astype(np.uint64)
    words = [samples.astype(np.uint64)]
    for first in range(0, codes.shape[1], _BASES_PER_WORD):
        word = np.zeros(len(codes), dtype=np.uint64)
        for column in range(first, first + _BASES_PER_WORD):
            word <<= np.uint64(2)
            if column < codes.shape[1]:
                word |= codes[:, column]
        words.append(word)
    return np.stack(words, axis=1)


def _unpack(words: NDArray[np.uint64], length: int) -> NDArray[np.str_]:
    letters = np.empty((len(words), length), dtype=np.uint8)
    for column in range(length):
        word, place = divmod(column, _BASES_PER_WORD)
        shift = np.uint64(2 * (_BASES_PER_WORD - 1 - place))
        letters[:, column] = _LETTERS[((words[:, word] >> shift) & np.uint64(3)).astype(np.intp)]
    return letters.view(f"S{length}").ravel().astype(f"U{length}")


def _count_rows(keys: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Distinct rows in ascending order, each with the sum of its counts."""
    if not len(keys):
        return keys, counts
    order = np.lexsort(keys.T[::-1])
    keys, counts = keys[order], counts[order]
    is_first = np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1)))
    return keys[is_first], np.add.reduceat(counts, np.flatnonzero(is_first))
