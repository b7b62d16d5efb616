"""Patterns of barcodes and UMIs: letters that name the bases allowed, brackets for stretches of any base.

First a text is parsed into elements, each one letter or one stretch; then the short strings that users know from
other tools are turned into the parts of a layout. Nothing here needs numpy: layouts are checked before any job runs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

from kcalseq.errors import KcalseqError

BASES_OF_LETTER = {
    "A": "A", "C": "C", "G": "G", "T": "T",
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip
"""Bases that each IUPAC letter allows."""

MAX_WAYS = 10_000
"""Most combinations of stretch lengths in one pattern: a search tries them all at each place of a read."""
MAX_LEAD = 1_000
"""Bases that may stand before the left flank of a short string, in nt; longer reads need a written layout."""

_TOKEN = re.compile(r"(?P<letter>[A-Z])|\[(?P<least>\d+)(?:-(?P<most>\d+))?\]")
_KIND_OF_LETTER = {"N": "umi", "C": "barcode", "X": "skip"}
_EXPECTED = "IUPAC letters in upper case and stretches such as [20] or [4-7]"


class Element(NamedTuple):
    """One step of a pattern: a single letter, or a stretch of any bases (letter N) between two lengths in nt."""

    letter: str
    min_length: int
    max_length: int


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern.

    Attributes:
        text: as the user wrote it.
        elements: in the order of the read; neighbouring stretches of any base are one element.
    """

    text: str
    elements: tuple[Element, ...]

    @property
    def min_length(self) -> int:
        """Bases of the shortest stretch that fits, in nt."""
        return sum(element.min_length for element in self.elements)

    @property
    def max_length(self) -> int:
        """Bases of the longest stretch that fits, in nt."""
        return sum(element.max_length for element in self.elements)

    @property
    def letters(self) -> str | None:
        """One IUPAC letter a base where the length is fixed, else None."""
        if self.min_length != self.max_length:
            return None
        return "".join(element.letter * element.max_length for element in self.elements)


def parse_pattern(text: str, where: str) -> Pattern:
    """Parse a pattern.

    Args:
        text: IUPAC letters, each one base, and stretches of any base, ``[n]`` or ``[n-m]`` nt long.
        where: how to call the pattern's place in a message, for example ``assay.yaml line 7, key 'pattern'``.

    Raises:
        KcalseqError: the text is empty, holds anything else, or allows too many combinations of lengths.

    >>> parse_pattern("NNW[4-7]", "a layout").elements
    (Element(letter='N', min_length=2, max_length=2), Element(letter='W', min_length=1, max_length=1), \
Element(letter='N', min_length=4, max_length=7))
    """
    elements: list[Element] = []
    for element in _tokens(text, where):
        if elements and element.letter == elements[-1].letter == "N":
            last = elements.pop()
            element = Element("N", last.min_length + element.min_length, last.max_length + element.max_length)
        elements.append(element)
    if not elements:
        raise KcalseqError(where, "the pattern is empty", _EXPECTED, "write the pattern or remove the key")
    ways = prod(element.max_length - element.min_length + 1 for element in elements)
    if ways > MAX_WAYS:
        found = f"the stretches of '{text}' combine in {ways} ways"
        raise KcalseqError(where, found, f"at most {MAX_WAYS}", "narrow the ranges or use fewer of them")
    return Pattern(text, tuple(elements))


def parse_short(text: str, where: str, ending: str = "") -> list[dict[str, Any]]:
    """The parts of a read that a short string describes, as a layout would list them.

    Without brackets each letter is one base from the start of the read: N of the UMI, C of the barcode, X skipped.
    Several runs of one kind are several parts of that kind, whose bases are joined in the order of the read. With
    brackets the letters before the first and behind the last are constant flanks, found anywhere in the read, and
    everything between is the barcode; constant letters inside it must be there but are not reported
    (``drop_constant``), since they tell nothing and would hide that two barcodes are near each other. A flank may have
    one misread base in ten, at least one from 3 nt on; the letters inside none. No quality is asked for.

    Args:
        text: ``NNNXXXXNN``, ``GTGG[20]GTTT`` or ``TACC[4-7]AA[4-7]ATAA``.
        where: how to call the string's place in a message.
        ending: added to each part's name, so that the strings of two reads do not use one name twice.

    Returns:
        parts with name, kind and what their kind needs: length, or min_length and max_length, or sequence or pattern,
        and min_quality 0 where bases are reported.

    Raises:
        KcalseqError: the string is neither form, or a stretch of open length has no constant letter behind it.
    """
    parts = _with_brackets(text, where) if "[" in text or "]" in text else _letters_only(text, where)
    for part in parts:
        part["name"] += ending
        if part["kind"] in ("barcode", "umi"):
            part["min_quality"] = 0
    return parts


def length_keys(least: int, most: int) -> dict[str, int]:
    """The keys that tell a part's length in nt: ``length`` where it is fixed, else the two ends."""
    return {"length": least} if least == most else {"min_length": least, "max_length": most}


def flank(name: str, sequence: str) -> dict[str, Any]:
    """A constant part with one misread base in ten allowed, at least one, but never more than a third of it."""
    allowed = min(max(1, len(sequence) // 10), len(sequence) // 3)
    return {"name": name, "kind": "constant", "sequence": sequence, "max_mismatches": allowed}


def _tokens(text: str, where: str) -> Iterator[Element]:
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None or (token["letter"] and token["letter"] not in BASES_OF_LETTER):
            found = f"'{text}' cannot be read from letter {place + 1} on: '{text[place : place + 10]}'"
            raise KcalseqError(where, found, _EXPECTED, "correct it there")
        if token["letter"]:
            yield Element(token["letter"], 1, 1)
        else:
            least, most = int(token["least"]), int(token["most"] or token["least"])
            if most < max(least, 1):
                found = f"the stretch {token[0]} in '{text}' is empty or ends before it begins"
                raise KcalseqError(where, found, "[n] or [n-m] with n <= m and m > 0", "correct the two lengths")
            yield Element("N", least, most)
        place = token.end()


def _letters_only(text: str, where: str) -> list[dict[str, Any]]:
    strange = sorted(set(text) - set(_KIND_OF_LETTER))
    if not text or strange:
        found = f"'{text}' has the letters {', '.join(strange)}" if text else "the string is empty"
        expected = "N (UMI), C (barcode) and X (skipped), or constant letters around a barcode such as [20]"
        raise KcalseqError(where, found, expected, "mend it, or write the parts as a list")
    if set(text) == {"X"}:
        raise KcalseqError(where, f"'{text}' only skips bases", "a UMI (N) or a barcode (C)", "name what is read")
    runs = [(_KIND_OF_LETTER[letter], len(list(run))) for letter, run in groupby(text)]
    kinds = [kind for kind, _ in runs]
    parts, numbers = [], dict.fromkeys(kinds, 0)
    for kind, length in runs:
        numbers[kind] += 1
        name = kind if kinds.count(kind) == 1 else f"{kind}_{numbers[kind]}"
        parts.append({"name": name, "kind": kind, "length": length})
    return parts


def _with_brackets(text: str, where: str) -> list[dict[str, Any]]:
    parse_pattern(text, where)
    left, middle, right = text[: text.index("[")], text[text.index("[") : text.rindex("]") + 1], text.rpartition("]")[2]
    for side, letters in (("before the first", left), ("behind the last", right)):
        if set(letters) - set("ACGT"):
            found = f"'{letters}' {side} bracket of '{text}' has letters other than A, C, G, T"
            raise KcalseqError(where, found, "a constant flank", "spell it out, or write the parts as a list")
    barcode = parse_pattern(middle, where)
    if not right and barcode.elements[-1].min_length < barcode.elements[-1].max_length:
        found = f"'{text}' ends with a stretch of open length"
        raise KcalseqError(where, found, "constant letters behind it, or nothing tells its end", "add the right flank")
    part: dict[str, Any] = {"name": "barcode", "kind": "barcode"}
    if len(barcode.elements) == 1:
        part |= length_keys(barcode.min_length, barcode.max_length)
    else:
        part |= {"pattern": middle, "drop_constant": True}
    before = [{"name": "before", "kind": "skip", "min_length": 0, "max_length": MAX_LEAD}, flank("left_flank", left)]
    return [*(before if left else []), part, *([flank("right_flank", right)] if right else [])]
