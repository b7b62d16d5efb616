"""Designed variants that reads cannot tell apart, or can mistake: a table of pairs.

Identical sequences and reverse complements meet in a hash; whether one oligo lies within another is asked of every
place of every oligo by a rolling hash of each length there is, so the time grows with the letters of the design times
its number of different lengths, not with the pairs.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.association.design import Design
from kcalseq.association.hashing import BASE, VALUES, Text, find, hashes, index_of, to_text
from kcalseq.kernels import kernel

_COLUMNS = ["library", "variant", "other_variant", "relation"]


def no_conflicts(library: str) -> pd.DataFrame:
    """An empty table ``design_conflicts``, of a library without a design."""
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in _COLUMNS})


def design_conflicts(library: str, design: Design) -> pd.DataFrame:
    """Table ``design_conflicts``.

    Of several identical oligos each is paired with the one before it, and only the first stands for them in other
    pairs; a reverse complement is listed once, under the name that comes first in the design.
    """
    text = to_text(pa.array(design.sequences, pa.string()))
    forward = index_of(hashes(text))
    rows = list(_identical(forward.first))
    turned = hashes(text, reverse=True)
    rows += [
        (int(here), int(there), "reverse_complement")
        for here, there in enumerate(_look_up(turned, forward.keys, forward.slots))
        if there > here and forward.first[here] == here
    ]
    rows += [(int(within), int(whole), "contained") for within, whole in _contained(text, forward.first)]
    named = [(library, design.names[one], design.names[two], relation) for one, two, relation in rows]
    return pd.DataFrame(named, columns=_COLUMNS).astype("str") if named else no_conflicts(library)


def _identical(first: NDArray[np.int64]) -> list[tuple[int, int, str]]:
    order = np.argsort(first, kind="stable")
    return [(int(one), int(two), "identical") for one, two in pairwise(order) if first[one] == first[two]]


def _contained(text: Text, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs (oligo, longer oligo that holds it), each once, shape (n, 2)."""
    lengths = np.diff(text.offsets)
    alone = first == np.arange(len(first))
    keys, pairs = hashes(text), []
    for length in np.unique(lengths)[:-1]:
        short = np.flatnonzero(alone & (lengths == length))
        index = index_of(keys[short])
        longer = np.flatnonzero(alone & (lengths > length))
        found = np.zeros((int((lengths[longer] - length + 1).sum()), 2), dtype=np.int64)
        n = _roll(text.letters, text.offsets, longer, int(length), index.keys, index.slots, found)
        pairs.append(np.stack([short[found[:n, 0]], found[:n, 1]], axis=1))
    return np.unique(np.concatenate(pairs), axis=0) if pairs else np.zeros((0, 2), dtype=np.int64)


@kernel
def _look_up(wanted: NDArray[np.uint64], keys: NDArray[np.uint64], slots: NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.zeros(len(wanted), dtype=np.int64)
    for row in range(len(wanted)):
        found[row] = find(wanted[row], keys, slots)
    return found


@kernel
def _roll(
    letters: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    length: int,
    keys: NDArray[np.uint64],
    slots: NDArray[np.int64],
    found: NDArray[np.int64],
) -> int:
    top, count = np.uint64(1), 0
    for _ in range(length):
        top *= BASE
    for row in rows:
        key = np.uint64(0)
        for place in range(offsets[row], offsets[row + 1]):
            key = key * BASE + VALUES[letters[place]]
            if place - offsets[row] >= length:
                key -= VALUES[letters[place - length]] * top
            if place - offsets[row] >= length - 1:
                within = find(key, keys, slots)
                if within >= 0:
                    found[count, 0], found[count, 1] = within, row
                    count += 1
    return count
