"""Whether the parts of placed reads are good, and the keys under which they are counted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.reads.fates import Fates
from kcalseq.reads.keys import ERROR_UNITS, add_errors, append, breaks_pattern, copy_qualities, holds_n
from kcalseq.reads.layout import COUNTED, Layout, Part
from kcalseq.reads.pattern import parse_pattern
from kcalseq.reads.pattern_match import MASK_OF_LETTER
from kcalseq.reads.strands import Placed
from kcalseq.sequences import n_words


class Field(NamedTuple):
    """One kind of part in a key: its first word, its words, and the bases it can hold."""

    kind: str
    first_word: int
    n_words: int
    longest: int
    same_length: bool


class KeyForm(NamedTuple):
    """How a key is made: the number of the sample if there are several, then barcode, UMI and variant, as far as read.

    Attributes:
        has_sample: whether the first word is the number of the sample.
        fields: kinds of parts in the key.
        n_words: words of a key.
        n_qualities: quality letters kept beside it.
    """

    has_sample: bool
    fields: tuple[Field, ...]
    n_words: int
    n_qualities: int

    @classmethod
    def of(cls, layout: Layout, has_sample: bool, keep_qualities: bool) -> "KeyForm":
        """The form of a layout's keys."""
        fields, word = [], int(has_sample)
        for kind in COUNTED:
            shortest, longest = layout.length_of(kind)
            if longest:
                size = n_words(longest, shortest == longest)
                fields.append(Field(kind, word, size, longest, shortest == longest))
                word += size
        kept = layout.length_of("variant")[1] if keep_qualities else 0
        return cls(has_sample, tuple(fields), word, kept)


def judge(layout: Layout, placed: Placed, rows: NDArray[np.bool_], fates: Fates, part_names: tuple[str, ...]) -> None:
    """Drop reads whose barcode, UMI or variant is not good enough.

    Args:
        layout: what is asked of the parts.
        placed: where they stand.
        rows: reads that the placement is meant for, shape (n_reads,).
        fates: fates so far; grows by ``not_in_pattern``, ``has_n``, ``low_quality``.
        part_names: names by the numbers of the parts.
    """
    parts = [part for kind in COUNTED for part in layout.parts(kind)]
    numbers = {name: number for number, name in enumerate(part_names)}
    wanted = rows & fates.kept
    found = np.zeros(len(rows), dtype=np.bool_)
    for part in parts:
        if part.pattern and part.length is not None and not part.drop_constant:
            records, (span,) = placed.records[part.name], placed.spans[part.name]
            breaks_pattern(records.text, span.at, masks_of(part), wanted, found)
            fates.drop("not_in_pattern", numbers[part.name], wanted & found)
    for part in parts:
        records = placed.records[part.name]
        for span in placed.spans[part.name]:
            holds_n(records.text, span.at, span.lengths, wanted, found)
            fates.drop("has_n", numbers[part.name], wanted & found)
    for part in parts:
        if part.min_quality > 0:
            records = placed.records[part.name]
            offset = records.qualities - records.starts
            errors, bases = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
            for span in placed.spans[part.name]:
                add_errors(records.text, span.at + offset, span.lengths, wanted, errors)
                bases += span.lengths
            fates.drop("low_quality", numbers[part.name], wanted & (errors > ERROR_UNITS[part.min_quality] * bases))


def pack_keys(
    layout: Layout,
    form: KeyForm,
    placed: Placed,
    wanted: NDArray[np.bool_],
    keys: NDArray[np.uint64],
    qualities: NDArray[np.uint8],
) -> None:
    """Write the parts of the wanted reads into their keys, shape (n_reads, n_words), and the variant's qualities."""
    filled = np.zeros(len(wanted), dtype=np.int64)
    for field in form.fields:
        filled[:] = 0
        for part in layout.parts(field.kind):
            records = placed.records[part.name]
            spans = placed.spans[part.name]
            for span in reversed(spans) if part.reverse_complement else spans:
                append(
                    records.text, span.at, span.lengths, part.reverse_complement, wanted, keys, field.first_word, filled
                )
            if field.kind == "variant" and form.n_qualities:
                at = spans[0].at + records.qualities - records.starts
                copy_qualities(records.text, at, spans[0].lengths, part.reverse_complement, wanted, qualities)
        if not field.same_length:
            keys[wanted, field.first_word + field.n_words - 1] = filled[wanted].astype(np.uint64)


def masks_of(part: Part) -> NDArray[np.uint8]:
    """Bases allowed at each place of a part with a pattern: 1 = A, 2 = C, 4 = G, 8 = T, added up."""
    letters = parse_pattern(part.pattern, part.name).letters or ""
    return np.array([MASK_OF_LETTER[letter] for letter in letters], dtype=np.uint8)
