"""Which oligo a read resembles, cheaply: by the short words it shares with the design.

A read resembles the design if enough of its words stand in any oligo; which one is a guess, the first oligo of the
design that holds most of them, since oligos may share most of their words. Reads that resemble none are silent: they
say nothing about the purity of a barcode. A word counts in the direction whose hash is the lesser, so that both strands
are one; of long oligos only every so manieth word is kept, the same ones in every sequence.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.hashing import BASE, COMPLEMENT, INVERSE, VALUES, Text
from kcalseq.kernels import kernel

WORD = 16
_WORDS_PER_READ = 24


class Words(NamedTuple):
    """The words of a design.

    Attributes:
        keys: hashes of the words, sorted, shape (n,).
        oligos: the first oligo that holds each, shape (n,).
        length: letters in a word.
        modulus: words are kept whose hash is divisible by it.
    """

    keys: NDArray[np.uint64]
    oligos: NDArray[np.int64]
    length: int
    modulus: int


def words_of(text: Text) -> Words:
    """The words of a design, about 24 of each oligo."""
    lengths = np.diff(text.offsets)
    shortest = int(lengths.min())
    length = min(WORD, max(4, shortest // 3))
    modulus = max(1, (shortest - length) // _WORDS_PER_READ)
    keys, rows = np.zeros(int(lengths.sum()), np.uint64), np.zeros(int(lengths.sum()), np.int64)
    n = _list_words(text.letters, text.offsets, length, modulus, keys, rows)
    unique, first = np.unique(keys[:n], return_index=True)
    return Words(unique, rows[:n][first], length, modulus)


def resembling(text: Text, rows: NDArray[np.int64], words: Words, error_rate: float) -> NDArray[np.int64]:
    """A guess at the oligo of each read, -1 where it shares less than half of the words it should with the design.

    Args:
        text: reads.
        rows: which of them, shape (n,).
        words: words of the design.
        error_rate: errors a base, which break words.
    """
    share = 0.5 * (1.0 - min(error_rate, 0.9)) ** words.length
    found = np.full(len(rows), -1)
    _vote(
        text.letters, text.offsets, rows, words.length, words.modulus, words.keys, words.oligos, share, found
    )  # fmt: skip
    return found


@kernel
def _list_words(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    length: int,
    modulus: int,
    keys: NDArray[np.uint64],
    rows: NDArray[np.int64],
) -> int:
    count = 0
    for row in range(len(offsets) - 1):
        found = _words(letters[offsets[row] : offsets[row + 1]], length, modulus, keys[count:])
        rows[count : count + found] = row
        count += found
    return count


@kernel
def _words(letters: NDArray[np.uint8], length: int, modulus: int, keys: NDArray[np.uint64]) -> int:
    """Hashes of the words of a sequence, of the two directions the lesser, and only those the modulus keeps."""
    top = np.uint64(1)
    for _ in range(length - 1):
        top *= BASE
    forward, reverse, count = np.uint64(0), np.uint64(0), 0
    for place in range(len(letters)):
        if place >= length:
            forward -= VALUES[letters[place - length]] * top
            reverse -= VALUES[COMPLEMENT[letters[place - length]]]
        forward = forward * BASE + VALUES[letters[place]]
        # The reverse complement begins with the complement of the letter just read: the others move down by one.
        reverse = reverse * INVERSE + VALUES[COMPLEMENT[letters[place]]] * top
        if place < length - 1:
            continue
        key = min(forward, reverse)
        if (key >> np.uint64(20)) % np.uint64(modulus) == 0:
            keys[count] = key
            count += 1
    return count


@kernel
def _vote(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    length: int,
    modulus: int,
    keys: NDArray[np.uint64],
    oligos: NDArray[np.int64],
    share: float,
    found: NDArray[np.int64],
) -> None:
    longest = 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
    words, hits = np.zeros(longest + 1, np.uint64), np.zeros(longest + 1, np.int64)
    for number in range(len(rows)):
        n = _words(letters[offsets[rows[number]] : offsets[rows[number] + 1]], length, modulus, words)
        for word in range(n):
            place = np.searchsorted(keys, words[word])
            hits[word] = oligos[place] if place < len(keys) and keys[place] == words[word] else -1
        best, most, known = -1, 0, 0
        for one in range(n):
            if hits[one] < 0:
                continue
            known += 1
            count = 0
            for two in range(n):
                count += hits[one] == hits[two]
            if count > most or (count == most and hits[one] < best):
                best, most = hits[one], count
        if known > 0 and known >= share * n:
            found[number] = best
