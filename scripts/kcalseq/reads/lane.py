"""A short way for ordinary reads: all parts of fixed length, every constant part perfect and in its place.

Such a read needs no search: nothing beats a perfect match in the expected place, and a first constant part that may not
move (``max_shift: 0``) has no other. One loop reads its parts, judges them and packs the key. A read in which anything
at all is amiss is left to the long way, which finds out what; so the two ways cannot disagree on a fate, and the
outcome does not depend on which way a read went.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.judging import KeyForm, masks_of
from kcalseq.reads.keys import CODE_OF_BYTE, ERROR_UNITS
from kcalseq.reads.layout import COUNTED, Layout, Part
from kcalseq.reads.molecules import Molecules

_CONSTANT, _COUNTED_PART, _CODE = 0, 1, 2
_LONGEST_CODE = 31


class _Steps(NamedTuple):
    """What to do with one read, one row a part that matters.

    Attributes:
        kinds: constant, counted part or sample code.
        offsets: first base of the part in the read.
        lengths: its bases.
        words: first word of its kind in the key.
        bases: base of the key, counted from there, at which it begins.
        patterned: whether not all bases are allowed in it.
        turned: whether it is packed as its reverse complement.
        limits: of a constant part, bases that may differ; else most error units that all its bases may have together.
        letters: constant letters or masks of allowed bases of all parts behind each other, by ``begins``.
        begins: where those of each part begin.
        fewest: bases that the read must have.
    """

    kinds: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    words: NDArray[np.int64]
    bases: NDArray[np.int64]
    patterned: NDArray[np.bool_]
    turned: NDArray[np.bool_]
    limits: NDArray[np.int64]
    letters: NDArray[np.uint8]
    begins: NDArray[np.int64]
    fewest: int


class Lane:
    """The short way of one layout.

    Args:
        layout: one that ``has_lane``.
        form: how keys are made.
        codes: sample codes, shape (n_codes, length).
    """

    def __init__(self, layout: Layout, form: KeyForm, codes: NDArray[np.uint8]) -> None:
        self._n_words = form.n_words
        self._steps = {slot: _steps(layout, form, slot) for slot in layout.reads}
        packed = np.zeros(len(codes), dtype=np.uint64)
        for column in range(codes.shape[1]):
            packed = (packed << np.uint64(2)) | CODE_OF_BYTE[codes[:, column]].astype(np.uint64)
        self._numbers = np.argsort(packed)
        self._codes = packed[self._numbers]

    def take(self, molecules: Molecules) -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
        """Reads that went the short way, all of them to be kept, shape (n_reads,), and their keys."""
        n_reads = len(next(iter(molecules.values())).starts)
        done, keys = np.ones(n_reads, dtype=np.bool_), np.zeros((n_reads, self._n_words), dtype=np.uint64)
        for slot, steps in self._steps.items():
            records = molecules[slot]
            _take(
                records.text,
                records.starts,
                records.lengths,
                records.qualities,
                *steps,
                self._codes,
                self._numbers,
                keys,
                done,
            )
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


def _steps(layout: Layout, form: KeyForm, slot: str) -> _Steps:
    fields = {field.kind: field for field in form.fields}
    begins = {part.name: begin for kind in COUNTED for part, begin in _bases_before(layout.parts(kind))}
    rows, letters, offset, is_first = [], [np.zeros(0, dtype=np.uint8)], 0, True
    for part in layout.reads[slot]:
        letter_begin = sum(map(len, letters))
        if part.kind == "constant":
            letters.append(np.frombuffer(part.sequence.encode("ascii"), dtype=np.uint8))
            may_differ = part.max_mismatches if is_first and part.max_shift == 0 and not part.indels else 0
            rows.append((_CONSTANT, offset, part.min_length, 0, 0, False, False, may_differ, letter_begin))
            is_first = False
        elif part.kind == "sample_code":
            rows.append((_CODE, offset, part.min_length, 0, 0, False, False, 0, letter_begin))
        elif part.kind in COUNTED:
            letters.append(masks_of(part) if part.pattern else np.full(part.min_length, 15, dtype=np.uint8))
            limit = int(ERROR_UNITS[part.min_quality]) * part.min_length
            word, base = fields[part.kind].first_word, begins[part.name]
            rows.append(
                (
                    _COUNTED_PART,
                    offset,
                    part.min_length,
                    word,
                    base,
                    bool(part.pattern),
                    part.reverse_complement,
                    limit,
                    letter_begin,
                )
            )
        offset += part.min_length
    # A read that is only passed over has no rows.
    table = np.array(rows, dtype=np.int64).reshape(-1, 9)
    kinds, offsets, lengths, words, bases, patterned, turned, limits, begin_columns = (
        column.copy() for column in table.T
    )
    return _Steps(
        kinds,
        offsets,
        lengths,
        words,
        bases,
        patterned.astype(np.bool_),
        turned.astype(np.bool_),
        limits,
        np.concatenate(letters),
        begin_columns,
        offset,
    )


def _bases_before(parts: tuple[Part, ...]) -> list[tuple[Part, int]]:
    before, found = 0, []
    for part in parts:
        found.append((part, before))
        before += part.min_length
    return found


@kernel
def _take(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    read_lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
    kinds: NDArray[np.int64],
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
    words: NDArray[np.int64],
    bases: NDArray[np.int64],
    patterned: NDArray[np.bool_],
    turned: NDArray[np.bool_],
    limits: NDArray[np.int64],
    letters: NDArray[np.uint8],
    begins: NDArray[np.int64],
    fewest: int,
    codes: NDArray[np.uint64],
    numbers: NDArray[np.int64],
    keys: NDArray[np.uint64],
    done: NDArray[np.bool_],
) -> None:
    for row in range(len(starts)):
        if not done[row]:
            continue
        done[row] = read_lengths[row] >= fewest
        step = 0
        while done[row] and step < len(kinds):
            at = np.uint64(starts[row] + offsets[step])
            size, begin = np.uint64(lengths[step]), np.uint64(begins[step])
            if kinds[step] == _CONSTANT:
                n_differ = 0
                for place in range(size):
                    n_differ += text[at + place] != letters[begin + place]
                done[row] = n_differ <= limits[step]
            elif kinds[step] == _CODE:
                number = _code_number(text, at, size, codes)
                done[row] = number >= 0
                keys[row, 0] = np.uint64(numbers[number]) if number >= 0 else np.uint64(0)
            else:
                quality_at = np.uint64(qualities[row] + offsets[step])
                done[row] = _pack_part(
                    text,
                    at,
                    quality_at,
                    size,
                    letters,
                    begin,
                    patterned[step],
                    turned[step],
                    limits[step],
                    keys,
                    row,
                    words[step],
                    bases[step],
                )
            step += 1


@kernel
def _code_number(text: NDArray[np.uint8], at: np.uint64, size: np.uint64, codes: NDArray[np.uint64]) -> int:
    """Row of the code that is read here without a mismatch, -1 = none."""
    packed = np.uint64(0)
    for place in range(size):
        code = CODE_OF_BYTE[text[at + place]]
        if code > 3:
            return -1
        packed = (packed << np.uint64(2)) | np.uint64(code)
    low, high = 0, len(codes)
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < packed:
            low = middle + 1
        else:
            high = middle
    return low if low < len(codes) and codes[low] == packed else -1


@kernel
def _pack_part(
    text: NDArray[np.uint8],
    at: np.uint64,
    quality_at: np.uint64,
    size: np.uint64,
    masks: NDArray[np.uint8],
    begin: np.uint64,
    has_pattern: bool,
    turned: bool,
    limit: int,
    keys: NDArray[np.uint64],
    row: int,
    word: int,
    base: int,
) -> bool:
    """Pack one part; whether all its bases are read, allowed and good enough."""
    errors = 0
    strange, forbidden = np.uint8(0), np.uint8(0)
    flip = np.uint64(3) if turned else np.uint64(0)
    done, in_word = np.uint64(0), np.uint64(base) & np.uint64(31)
    at_word = np.uint64(word) + (np.uint64(base) >> np.uint64(5))
    while done < size:
        n_bases = min(size - done, np.uint64(32) - in_word)
        packed = np.uint64(0)
        for place in range(done, done + n_bases):
            from_start = size - np.uint64(1) - place if turned else place
            code = CODE_OF_BYTE[text[at + from_start]]
            strange |= code
            packed = (packed << np.uint64(2)) | (np.uint64(code & np.uint8(3)) ^ flip)
            errors += ERROR_UNITS[np.uint64(text[quality_at + place]) - np.uint64(33)]
        keys[row, at_word] |= packed << (np.uint64(64) - np.uint64(2) * (in_word + n_bases))
        done, in_word, at_word = done + n_bases, np.uint64(0), at_word + np.uint64(1)
    if has_pattern:
        for place in range(size):
            code = CODE_OF_BYTE[text[at + place]] & np.uint8(3)
            forbidden |= ~(masks[begin + place] >> code) & np.uint8(1)
    # The code of N is 255; those of bases are below 4.
    return bool(strange < 4) and bool(forbidden == 0) and errors <= limit
