"""Single changes of molecules against a reference: bases exchanged, and single bases missing.

Told by sequences where they are known, else by names: ``12A>G`` and ``57del``, as association names mutated molecules,
and ``TERT:200:C>G`` and ``TERT:75:GCC>GC``, as MPRAflow's tables of saturation mutagenesis have them (Kircher et al.
2019). Names count positions from 1. Of a run of equal bases the first counts as the missing one, where that is known.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from kcalseq.dna import ALPHABET, MISSING, encode_sequences
from kcalseq.errors import KcalseqError

FATES = ("used", "other_change", "unlike", "unreadable")
"""What becomes of a variant; the first takes part."""
DELETED = "-"
_ROWS = 1 << 16
_MOST_CHANGED = 0.5  # of the positions; random sequences differ in three of four
_TOKEN = re.compile(r"(?:(?P<parent>.*):)?(?P<position>\d+):?(?:(?P<deleted>del)|(?P<old>[ACGT]+)>(?P<new>[ACGT]+|\.))")
_OTHER = re.compile(r"(?:.*:)?(?:\d+_\d+(?:ins[ACGT]+|del)|reverse_complement)")
_SEPARATOR = re.compile(r"[;,\s]+")


class Change(NamedTuple):
    """One base in place of the reference's at a 0-based position; ``DELETED`` = none in its place."""

    position: int
    base: str


class Changes(NamedTuple):
    """Single changes of variants.

    Attributes:
        of_variant: those of each variant, in order; empty for the reference, and for what takes no part.
        fate: place in ``FATES`` of each variant.
        reference: base of the reference at each position where it is known.
    """

    of_variant: list[tuple[Change, ...]]
    fate: list[int]
    reference: dict[int, str]


def change_name(position: int, reference_base: str | None, base: str) -> str:
    """A change as people write it, counted from 1.

    >>> change_name(11, "A", "G"), change_name(56, "C", "-")
    ('12A>G', '57del')
    """
    return f"{position + 1}del" if base == DELETED else f"{position + 1}{reference_base or 'N'}>{base}"


def list_changes(names: Sequence[str], sequences: Sequence[str | None], reference: str) -> Changes:
    """Changes of variants against one of them: by sequence where its own is known, else by name.

    Args:
        names: of the variants.
        sequences: theirs; None = not known.
        reference: name of the unchanged one.

    Raises:
        KcalseqError: names contradict each other, see ``changes_by_name``.
    """
    whole = next((own for name, own in zip(names, sequences, strict=True) if name == reference and own), None)
    return changes_by_name(names, reference) if whole is None else changes_by_sequence(sequences, whole)


def changes_by_sequence(sequences: Sequence[str | None], reference: str) -> Changes:
    """Changes of variants whose sequences are known.

    Args:
        sequences: of each variant, upper case; None = not known.
        reference: its sequence.
    """
    of_variant: list[tuple[Change, ...]] = [()] * len(sequences)
    fate = [FATES.index("unreadable")] * len(sequences)
    lengths = np.array([0 if letters is None else len(letters) for letters in sequences])
    codes = encode_sequences([reference], len(reference))[0]
    for first in range(0, len(sequences), _ROWS):
        rows = (first + np.flatnonzero(lengths[first : first + _ROWS] == len(reference))).tolist()
        found = encode_sequences([str(sequences[row]) for row in rows], len(reference))
        at, position = np.nonzero(found != codes)
        ends = np.cumsum(np.bincount(at, minlength=len(rows)))
        letters = np.array([*ALPHABET])[np.minimum(found[at, position], len(ALPHABET) - 1)]
        changes = [Change(int(place), str(base)) for place, base in zip(position, letters, strict=True)]
        read = (found != MISSING).all(1)
        for row, start, end, is_read in zip(rows, [0, *ends][:-1], ends, read, strict=True):
            if is_read:
                of_variant[row], fate[row] = _judged(changes[start:end], len(reference))
    for row in np.flatnonzero((lengths > 0) & (lengths != len(reference))).tolist():
        fate[row] = FATES.index("other_change")
        if lengths[row] == len(reference) - 1 and not set(str(sequences[row])) - set(ALPHABET):
            of_variant[row], fate[row] = _judged(_one_missing(str(sequences[row]), reference), len(reference))
    return Changes(of_variant, fate, dict(enumerate(reference)))


def changes_by_name(names: Iterable[str], reference: str) -> Changes:
    """Changes of variants whose names tell them.

    Args:
        names: of each variant.
        reference: name of the unchanged one; where a name says whose change it is, it must be that of this one.

    Raises:
        KcalseqError: two names tell another base of the reference at one position.
    """
    known: dict[int, str] = {}
    of_variant, fate = list[tuple[Change, ...]](), list[int]()
    for name in names:
        changes, call = ((), "used") if name == reference else _told(name, reference, known)
        of_variant.append(changes if call == "used" else ())
        fate.append(FATES.index(call))
    return Changes(of_variant, fate, known)


def _judged(changes: Sequence[Change], length: int) -> tuple[tuple[Change, ...], int]:
    if len(changes) > _MOST_CHANGED * length:
        return (), FATES.index("unlike")
    return tuple(changes), 0


def _one_missing(short: str, reference: str) -> list[Change]:
    """Changes of a sequence that is one shorter: the gap stands where the fewest bases differ, the first such place."""
    one, whole = (np.frombuffer(letters.encode(), np.uint8) for letters in (short, reference))
    before = np.concatenate(([0], np.cumsum(one != whole[:-1])))
    behind = np.concatenate((np.cumsum((one != whole[1:])[::-1])[::-1], [0]))
    gap = int(np.argmin(before + behind))
    spread = short[:gap] + DELETED + short[gap:]
    return [Change(place, base) for place, base in enumerate(spread) if base != reference[place]]


def _told(name: str, reference: str, known: dict[int, str]) -> tuple[tuple[Change, ...], str]:
    found: set[Change] = set()
    for token in _SEPARATOR.split(name.strip()):
        match = _TOKEN.fullmatch(token)
        if match is None:
            return (), "other_change" if _OTHER.fullmatch(token) else "unreadable"
        if match["parent"] is not None and match["parent"] != reference:
            return (), "unlike"
        parts = _single(int(match["position"]) - 1, match["old"] or "", match["new"] or "")
        if parts is None:
            return (), "other_change"
        for position, old, new in parts:
            if old and known.setdefault(position, old) != old:
                told = f"{known[position]} and {old} as the reference's base {position + 1}"
                raise KcalseqError(f"variant '{name}'", told, "one reference", "correct the names of the variants")
            found.add(Change(position, new or DELETED))
    if len({change.position for change in found}) < len(found):
        return (), "unreadable"
    return tuple(sorted(found)), "used"


def _single(position: int, old: str, new: str) -> list[tuple[int, str, str]] | None:
    """Position, old and new base of each single change; None where it is not made of these."""
    new = "" if new == "." else new
    if len(old) == len(new) and old:
        return [(position + step, *both) for step, both in enumerate(zip(old, new, strict=True)) if both[0] != both[1]]
    # From the end first, so that the first of several equal bases is the missing one.
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    while old and new and old[0] == new[0]:
        old, new, position = old[1:], new[1:], position + 1
    return [(position, old, "")] if len(old) <= 1 and not new else None
