"""Find the keys near a key by looking up each possible neighbour: no pair of keys is ever compared.

A key of L bases has 3 L neighbours by substitution and some 8 L more by insertion and deletion, so the work grows with
the number of keys alone. Each key has a print of 64 bits, the exclusive or of one number for each base at each place:
a changed base changes the print by one known number, so that a neighbour costs one operation and one look-up. Up to 32
bases (29 where lengths differ) the print is the packed key itself and tells all sequences apart; beyond that two
sequences share one by chance, once in 10^19 pairs.

What one insertion or deletion does depends on how a barcode is read:

- sequences of one length are read through a window: behind a lost base the next base of the construct moves in, which
  may be any; before an added base the last one moves out. So neighbours keep their length.
- where lengths differ, the ends are seen, and neighbours are one base shorter or longer.

What is done with the neighbours, rescue or clustering, are the two loops at the end; all loops stay in one file because
compiled code is kept as long as its own file is unchanged.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.counts.keys import Keys
from kcalseq.kernels import kernel

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LONGEST_EXACT = 32, 29  # bases that fit into a print: all of one length, or with 6 bits for the length


class Reach(NamedTuple):
    """Which sequences count as near.

    Attributes:
        distance: how many bases may differ: 0, 1 or 2.
        indels: whether one inserted or deleted base may differ instead.
    """

    distance: int
    indels: bool


class Index(NamedTuple):
    """Keys by their prints.

    Attributes:
        bases: what each base at each place adds to a print, shape (longest + 1, 4).
        ends: what each length adds, shape (longest + 2,); 0 where all lengths are the same.
        same_length: whether all lengths are the same.
        prints: of each key, shape (n,).
        bitmap: bits at the places of the prints: where a bit is 0, the key is not there.
        table: rows + 1 at the places of the prints or behind them; 0 = free.
    """

    bases: NDArray[np.uint64]
    ends: NDArray[np.uint64]
    same_length: bool
    prints: NDArray[np.uint64]
    bitmap: NDArray[np.uint64]
    table: NDArray[np.int32]


def index_keys(keys: Keys) -> Index:
    """Index keys, each of which occurs once."""
    (longest, same), n = keys.shape, len(keys.words)
    ends = np.arange(longest + 2, dtype=np.uint64) * np.uint64(not same)
    if longest <= _LONGEST_EXACT[0 if same else 1]:
        shifts = (62 - 2 * np.minimum(np.arange(longest + 1), 31)).astype(np.uint64)
        bases = np.arange(4, dtype=np.uint64)[None, :] << shifts[:, None]
    else:  # any fixed numbers will do, as long as they are scattered
        bases = np.random.Generator(np.random.PCG64(longest)).integers(0, 2**64, (longest + 1, 4), dtype=np.uint64)
        ends *= _SPREAD
    bits = max(6, n.bit_length())
    # 32 to 64 bits a key let one absent key in thirty pass; 2 to 4 slots a key keep chains short.
    bitmap, table = np.zeros(1 << (bits - 1), dtype=np.uint64), np.zeros(1 << (bits + 1), dtype=np.int32)
    index = Index(bases, ends, same, np.empty(n, dtype=np.uint64), bitmap, table)
    _fill(keys.words, index)
    return index


def room_for(keys: Keys, reach: Reach) -> NDArray[np.uint64]:
    """Room for the prints of all neighbours of a key."""
    # 3 L substitutions, 9 for each pair of them, at most 4 L deletions and 4 (L + 1) insertions.
    longest = keys.shape.longest
    pairs = 9 * longest * (longest - 1) // 2 if reach.distance > 1 else 0
    return np.zeros(11 * longest + 4 + pairs, dtype=np.uint64)


@kernel
def _read(key: NDArray[np.uint64], index: Index, codes: NDArray[np.uint8]) -> tuple[np.int64, np.uint64]:
    """Length and print of a packed key; its bases go into ``codes``."""
    length = np.int64(index.bases.shape[0] - 1) if index.same_length else np.int64(key[key.shape[0] - 1])
    value = index.ends[length]
    for place in range(length):
        code = (key[place // 32] >> np.uint64(62 - 2 * (place % 32))) & np.uint64(3)
        codes[place] = code
        value ^= index.bases[place, code]
    return length, value


@kernel
def _fill(words: NDArray[np.uint64], index: Index) -> None:
    codes = np.empty(index.bases.shape[0], dtype=np.uint8)
    mask = np.uint64(index.table.shape[0] - 1)
    for row in range(words.shape[0]):
        _, index.prints[row] = _read(words[row], index, codes)
        place = _scatter(index.prints[row])
        word = (place >> np.uint64(6)) & np.uint64(index.bitmap.shape[0] - 1)
        index.bitmap[word] |= np.uint64(1) << (place & np.uint64(63))
        slot = (place >> np.uint64(6)) & mask
        while index.table[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        index.table[slot] = row + 1


@kernel
def _scatter(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(32))) * _SPREAD
    return value ^ (value >> np.uint64(32))


@kernel
def _find(value: np.uint64, index: Index) -> np.int64:
    """Row of the key with this print; -1 where there is none."""
    place = _scatter(value)
    word = index.bitmap[(place >> np.uint64(6)) & np.uint64(index.bitmap.shape[0] - 1)]
    if (word >> (place & np.uint64(63))) & np.uint64(1) == np.uint64(0):
        return np.int64(-1)
    mask = np.uint64(index.table.shape[0] - 1)
    slot = (place >> np.uint64(6)) & mask
    while index.table[slot] != 0:
        row = np.int64(index.table[slot]) - 1
        if index.prints[row] == value:
            return row
        slot = (slot + np.uint64(1)) & mask
    return np.int64(-1)


@kernel
def _neighbours(
    codes: NDArray[np.uint8], length: np.int64, value: np.uint64, index: Index, reach: Reach, room: NDArray[np.uint64]
) -> int:
    """Write the prints of all sequences within reach of one, some twice, into ``room``; returns how many."""
    n = 0
    for place in range(length if reach.distance > 0 else 0):
        own = index.bases[place, codes[place]]
        for code in range(4):
            if code != codes[place]:
                room[n] = value ^ own ^ index.bases[place, code]
                n += 1
    if reach.distance > 1:
        single = n
        for one in range(single):
            for two in range(3 * (one // 3 + 1), single):
                room[n] = room[one] ^ room[two] ^ value
                n += 1
    if reach.indels and length > 0:
        n = _deletions(codes, length, index, room, n)
        if index.same_length or length < index.bases.shape[0] - 1:
            n = _insertions(codes, length, index, room, n)
    return n


@kernel
def _deletions(codes: NDArray[np.uint8], length: np.int64, index: Index, room: NDArray[np.uint64], n: int) -> int:
    # Each deletion is the one before with one base put back; within a run of equal bases all are the same.
    value = index.ends[length if index.same_length else length - 1]
    for place in range(1, length):
        value ^= index.bases[place - 1, codes[place]]
    for place in range(length):
        if place > 0:
            value ^= index.bases[place - 1, codes[place]] ^ index.bases[place - 1, codes[place - 1]]
            if codes[place] == codes[place - 1]:
                continue
        if not index.same_length:
            room[n] = value
            n += 1
            continue
        for code in range(4):
            room[n] = value ^ index.bases[length - 1, code]
            n += 1
    return n


@kernel
def _insertions(codes: NDArray[np.uint8], length: np.int64, index: Index, room: NDArray[np.uint64], n: int) -> int:
    # Each insertion is the one before with the added base moved on; behind a base like itself it makes the same.
    bases, end = index.bases, length if index.same_length else length + 1
    shifted = index.ends[end]
    for place in range(1, end):
        shifted ^= bases[place, codes[place - 1]]
    for added in range(4):
        value = shifted ^ bases[0, added]
        room[n] = value
        n += 1
        for place in range(1, end):
            before = codes[place - 1]
            value ^= bases[place - 1, added] ^ bases[place - 1, before] ^ bases[place, before] ^ bases[place, added]
            if before != added:
                room[n] = value
                n += 1
    return n


@kernel
def rescue_rows(
    keys: NDArray[np.uint64],
    index: Index,
    reach: Reach,
    room: NDArray[np.uint64],
    target: NDArray[np.int64],
    n_near: NDArray[np.int8],
    exact: NDArray[np.bool_],
) -> None:
    """The loop of ``nearby.rescue``; the last three arrays are what it finds."""
    codes = np.empty(index.bases.shape[0], dtype=np.uint8)
    for row in range(keys.shape[0]):
        length, value = _read(keys[row], index, codes)
        hit = _find(value, index)
        if hit >= 0:
            target[row], n_near[row], exact[row] = hit, 1, True
            continue
        for number in range(_neighbours(codes, length, value, index, reach, room)):
            hit = _find(room[number], index)
            if hit < 0 or hit == target[row]:
                continue
            if n_near[row] == 1:
                target[row], n_near[row] = -1, 2
                break
            target[row], n_near[row] = hit, 1


@kernel
def cluster_rows(
    keys: NDArray[np.uint64],
    index: Index,
    reach: Reach,
    room: NDArray[np.uint64],
    n_reads: NDArray[np.int64],
    order: NDArray[np.int64],
    ratio: int,
    heads: NDArray[np.int64],
) -> None:
    """The loop of ``nearby.cluster``; ``heads`` comes filled with -1 and goes filled with heads."""
    codes = np.empty(index.bases.shape[0], dtype=np.uint8)
    queue = np.empty(keys.shape[0], dtype=np.int32)
    for head in order:
        if heads[head] >= 0:
            continue
        heads[head] = head
        queue[0], n_queue, done = head, 1, 0
        while done < n_queue:
            taker = np.int64(queue[done])
            done += 1
            length, value = _read(keys[taker], index, codes)
            for number in range(_neighbours(codes, length, value, index, reach, room)):
                row = _find(room[number], index)
                if row >= 0 and heads[row] < 0 and n_reads[taker] - 1 >= ratio * (n_reads[row] - 1):
                    heads[row] = head
                    queue[n_queue] = row
                    n_queue += 1
