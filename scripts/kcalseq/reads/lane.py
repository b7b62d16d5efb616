"""A short way for ordinary reads: all parts of fixed length, every constant part perfect and in its place.

Such a read needs no search: nothing beats a perfect match in the expected place, and a first constant part that may not
move (``max_shift: 0``) has no other. Part by part, one loop over all reads judges it and packs it into the keys. A read
in which anything at all is amiss is left to the long way, which finds out what; so the two ways cannot disagree on a
fate, and the outcome does not depend on which way a read went.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.judging import KeyForm, masks_of
from kcalseq.reads.keys import CODE_OF_BYTE, ERROR_UNITS
from kcalseq.reads.layout import COUNTED, Layout, Part
from kcalseq.reads.molecules import Molecules
from kcalseq.reads.records import Records
from kcalseq.reads.words import N_BYTES, eight, eight_backwards, n_different, pack_eight, unread_of

_LONGEST_CODE = 31


class _Step(Protocol):
    """What to do about one part of the reads."""

    def take(self, records: Records, keys: NDArray[np.uint64], done: NDArray[np.bool_]) -> None:
        """Judge the part in every read that is still ``done``, shape (n_reads,), and fill its place in the keys."""
        ...


class _Constant(NamedTuple):
    """A constant part in its place, in which some letters may differ."""

    offset: int
    letters: NDArray[np.uint8]
    limit: int

    def take(self, records: Records, _keys: NDArray[np.uint64], done: NDArray[np.bool_]) -> None:
        _compare(records.text, records.starts, self.offset, self.letters, self.limit, done)


class _Code(NamedTuple):
    """A sample code without a mismatch: codes packed and sorted, and the number of the sample of each."""

    offset: int
    length: int
    packed: NDArray[np.uint64]
    numbers: NDArray[np.int64]

    def take(self, records: Records, keys: NDArray[np.uint64], done: NDArray[np.bool_]) -> None:
        _look_up(records.text, records.starts, self.offset, self.length, self.packed, self.numbers, keys, done)


class _Counted(NamedTuple):
    """A part of the key, from a base of the key on: words of its kind hold 32 bases each.

    Its mean error is at most that of ``min_quality``; ``masks`` holds the bases allowed at each place, none = all.
    """

    offset: int
    length: int
    first_word: int
    first_base: int
    turned: bool
    min_quality: int
    masks: NDArray[np.uint8]

    def take(self, records: Records, keys: NDArray[np.uint64], done: NDArray[np.bool_]) -> None:
        _pack(records.text, records.starts, *self[:5], keys, done)
        _add_errors(records.text, records.qualities, self.offset, self.length, self.min_quality, done)
        if len(self.masks):
            _hold_against(records.text, records.starts, self.offset, self.masks, done)


class Lane:
    """The short way of one layout.

    Args:
        layout: one that ``has_lane``.
        form: how keys are made.
        codes: sample codes, shape (n_codes, length).
    """

    def __init__(self, layout: Layout, form: KeyForm, codes: NDArray[np.uint8]) -> None:
        self._done, self._keys = np.empty(0, dtype=np.bool_), np.empty((0, form.n_words), dtype=np.uint64)
        self._fewest = {slot: sum(part.min_length for part in parts) for slot, parts in layout.reads.items()}
        self._steps = {slot: list(_steps(layout, form, slot, codes)) for slot in layout.reads}

    def take(self, molecules: Molecules) -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
        """Reads that went the short way, all of them to be kept, shape (n_reads,), and their keys.

        Both are valid until the next call: new memory must be cleared, which takes longer than filling it.
        """
        n_reads = len(next(iter(molecules.values())).starts)
        if n_reads > len(self._done):
            self._done = np.empty(n_reads, dtype=np.bool_)
            self._keys = np.empty((n_reads, self._keys.shape[1]), dtype=np.uint64)
        done, keys = self._done[:n_reads], self._keys[:n_reads]
        done[:], keys[:] = True, 0
        for slot, fewest in self._fewest.items():
            done &= molecules[slot].lengths >= fewest
        for slot, steps in self._steps.items():
            for step in steps:
                step.take(molecules[slot], keys, done)
        return done, keys


def has_lane(layout: Layout, form: KeyForm) -> bool:
    """Whether a layout's parts all have fixed lengths and nothing else is asked for."""
    parts = [part for parts in layout.reads.values() for part in parts]
    code = layout.sample_code
    return (
        layout.merge is None
        and layout.read_name is None
        and form.n_qualities == 0
        and all(part.length is not None and not part.drop_constant for part in parts)
        and (code is None or (code.min_length <= _LONGEST_CODE and form.has_sample))
    )


def _steps(layout: Layout, form: KeyForm, slot: str, codes: NDArray[np.uint8]) -> Iterator[_Step]:
    fields = {field.kind: field for field in form.fields}
    begins = {part.name: begin for kind in COUNTED for part, begin in _bases_before(layout.parts(kind))}
    offset, is_first = 0, True
    for part in layout.reads[slot]:
        if part.kind == "constant":
            letters = np.frombuffer(part.sequence.encode("ascii"), dtype=np.uint8)
            may_differ = part.max_mismatches if is_first and part.max_shift == 0 and not part.indels else 0
            yield _Constant(offset, letters, may_differ)
            is_first = False
        elif part.kind == "sample_code":
            packed = np.zeros(len(codes), dtype=np.uint64)
            for column in range(codes.shape[1]):
                packed = (packed << np.uint64(2)) | CODE_OF_BYTE[codes[:, column]].astype(np.uint64)
            numbers = np.argsort(packed)
            yield _Code(offset, part.min_length, packed[numbers], numbers)
        elif part.kind in COUNTED:
            yield _Counted(
                offset,
                part.min_length,
                fields[part.kind].first_word,
                begins[part.name],
                part.reverse_complement,
                part.min_quality,
                masks_of(part) if part.pattern else np.zeros(0, dtype=np.uint8),
            )
        offset += part.min_length


def _bases_before(parts: tuple[Part, ...]) -> list[tuple[Part, int]]:
    before, found = 0, []
    for part in parts:
        found.append((part, before))
        before += part.min_length
    return found


# The loops run over reads, each about one part only: a loop that called others for every read would spend more time on
# handing over arrays than on the bases.


@kernel
def _compare(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offset: int,
    letters: NDArray[np.uint8],
    limit: int,
    done: NDArray[np.bool_],
) -> None:
    """Leave reads done in which at most ``limit`` letters of a constant part differ."""
    size = np.uint64(len(letters))
    for row in range(len(starts)):
        if not done[row]:
            continue
        at = np.uint64(starts[row] + offset)
        done[row] = n_different(text, at, letters, np.uint64(0), size, limit) <= limit


@kernel
def _look_up(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offset: int,
    length: int,
    codes: NDArray[np.uint64],
    numbers: NDArray[np.int64],
    keys: NDArray[np.uint64],
    done: NDArray[np.bool_],
) -> None:
    """Write the numbers of the sample codes into the keys; leave reads done that have a code without a mismatch."""
    for row in range(len(starts)):
        if not done[row]:
            continue
        at = np.uint64(starts[row] + offset)
        packed, is_read = np.uint64(0), True
        for place in range(np.uint64(length)):
            code = CODE_OF_BYTE[text[at + place]]
            is_read &= code < 4
            packed = (packed << np.uint64(2)) | np.uint64(code & np.uint8(3))
        low = np.searchsorted(codes, packed)
        done[row] = is_read and low < len(codes) and codes[low] == packed
        if done[row]:
            keys[row, 0] = np.uint64(numbers[low])


@kernel
def _pack(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offset: int,
    length: int,
    first_word: int,
    first_base: int,
    turned: bool,
    keys: NDArray[np.uint64],
    done: NDArray[np.bool_],
) -> None:
    """Pack a part, or its reverse complement; leave reads done in which all its bases are read."""
    size, flip = np.uint64(length), np.uint64(0xFFFF) if turned else np.uint64(0)
    for row in range(len(starts)):
        if not done[row]:
            continue
        at, unread = np.uint64(starts[row] + offset), np.uint64(0)
        word, in_word = np.uint64(first_word) + (np.uint64(first_base) >> np.uint64(5)), np.uint64(first_base & 31)
        packed, place = np.uint64(0), np.uint64(0)
        while place < size:
            if size >= N_BYTES:
                # The last eight may overlap those before; of the eight, the ones from ``place`` on are taken.
                first = min(place, size - N_BYTES)
                n_bases = min(N_BYTES - (place - first), np.uint64(32) - in_word)
                letters = eight_backwards(text, at + size - N_BYTES - first) if turned else eight(text, at + first)
                unread |= unread_of(letters)
                behind = first + N_BYTES - place - n_bases
                bases = (pack_eight(letters) ^ flip) >> (np.uint64(2) * behind)
                bases &= (np.uint64(1) << (np.uint64(2) * n_bases)) - np.uint64(1)
            else:
                n_bases = np.uint64(1)
                code = CODE_OF_BYTE[text[at + size - np.uint64(1) - place if turned else at + place]]
                unread |= np.uint64(code > 3)
                bases = np.uint64(code & np.uint8(3)) ^ (flip & np.uint64(3))
            place, in_word = place + n_bases, in_word + n_bases
            packed |= bases << (np.uint64(64) - np.uint64(2) * in_word)
            if in_word == np.uint64(32) or place == size:
                keys[row, word] |= packed
                packed, in_word, word = np.uint64(0), np.uint64(0), word + np.uint64(1)
        done[row] = unread == 0


@kernel
def _add_errors(
    text: NDArray[np.uint8],
    qualities: NDArray[np.int64],
    offset: int,
    length: int,
    min_quality: int,
    done: NDArray[np.bool_],
) -> None:
    """Leave reads done whose qualities are ``min_quality`` in the mean over their errors."""
    size, limit = np.uint64(length), ERROR_UNITS[min_quality] * length
    for row in range(len(qualities)):
        if not done[row]:
            continue
        at, errors = np.uint64(qualities[row] + offset), 0
        for place in range(size):
            errors += ERROR_UNITS[np.uint64(text[at + place]) - np.uint64(33)]
        done[row] = errors <= limit


@kernel
def _hold_against(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offset: int,
    masks: NDArray[np.uint8],
    done: NDArray[np.bool_],
) -> None:
    """Leave reads done whose bases a pattern allows."""
    for row in range(len(starts)):
        if not done[row]:
            continue
        at, forbidden = np.uint64(starts[row] + offset), np.uint8(0)
        for place in range(np.uint64(len(masks))):
            code = CODE_OF_BYTE[text[at + place]] & np.uint8(3)
            forbidden |= ~(masks[place] >> code) & np.uint8(1)
        done[row] = forbidden == 0
