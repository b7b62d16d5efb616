"""A slow and obvious twin of the extractor: one molecule at a time, strings and plain loops, written from the rules."""

import re
from itertools import product
from typing import NamedTuple

from kcalseq.reads.layout import MERGED, Layout, Part
from kcalseq.reads.pattern import BASES_OF_LETTER, parse_pattern

from .twin_reads import COMPLEMENT, Read, merge, turned

Molecule = dict[str, Read]


class Answer(NamedTuple):
    """Fate and part at fault; of a kept molecule the number of its code, its counted parts and the variant's scores."""

    reason: str
    part: str | None
    code: int = 0
    counted: tuple[tuple[str, str], ...] = ()
    scores: tuple[int, ...] = ()


class Lost(Exception):
    """A molecule is dropped: the reason and the part at fault."""


Stretch = tuple[Read, int, int]
"""A read, the first of its bases that belong to a part, and the one behind the last."""


def twin(molecule: Molecule, layout: Layout, codes: list[str]) -> Answer:
    reads = dict(molecule)
    try:
        check_lengths(layout, reads)
        if layout.merge is not None:
            sizes = [(part.min_length, part.max_length) for part in layout.reads[MERGED]]
            foreseen = range(sum(least for least, _ in sizes), sum(most for _, most in sizes) + 1)
            rules = layout.merge.min_overlap, layout.merge.max_mismatch_fraction
            merged = merge(reads["read_1"], reads["read_2"], *rules, foreseen)
            if merged is None:
                raise Lost("mates_disagree", MERGED)
            reads[MERGED] = merged
            if len(merged.bases) < fewest_bases(layout.reads[MERGED]):
                raise Lost("too_short", MERGED)
        named = from_name(layout, reads)
        try:
            code, placed = place_all(layout, reads, codes)
        except Lost as lost:
            if not layout.both_strands:
                raise
            try:
                other = other_end(reads)
                check_lengths(layout, other)
                code, placed = place_all(layout, other, codes)
            except Lost:
                raise lost from None
        counted = judge(layout, placed | named)
    except Lost as lost:
        return Answer(*lost.args)
    return Answer("kept", None, code, counted[0], counted[1])


def fewest_bases(parts: tuple[Part, ...]) -> int:
    return sum(part.min_length for part in parts if not part.indels)


def check_lengths(layout: Layout, reads: Molecule) -> None:
    for slot, parts in layout.reads.items():
        if slot != MERGED and len(reads[slot].bases) < fewest_bases(parts):
            raise Lost("too_short", slot)


def other_end(reads: Molecule) -> Molecule:
    if MERGED in reads:
        return reads | {MERGED: turned(reads[MERGED])}
    if "read_2" in reads:
        return reads | {"read_1": reads["read_2"], "read_2": reads["read_1"]}
    return reads | {"read_1": turned(reads["read_1"])}


def from_name(layout: Layout, reads: Molecule) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {}
    if layout.read_name is not None:
        match = re.search(layout.read_name.pattern, reads["read_1"].name)
        for part in layout.read_name.parts:
            text = (match[part.name] or "") if match else ""
            if not part.min_length <= len(text) <= part.max_length or set(text) - set("ACGTN"):
                raise Lost("not_in_name", part.name)
            found[part.name] = [(Read(text, (93,) * len(text)), 0, len(text))]
    return found


def place_all(layout: Layout, reads: Molecule, codes: list[str]) -> tuple[int, dict[str, list[Stretch]]]:
    number = 0
    for slot, parts in layout.reads.items():
        at = 0
        for part in parts:
            if part.kind == "sample_code":
                number = nearest_code(reads[slot].bases[at : at + part.min_length], part, codes)
            at += part.min_length
    placed: dict[str, list[Stretch]] = {}
    for slot, parts in layout.reads.items():
        whole = any(part.pattern and (part.length is None or part.drop_constant) for part in parts)
        placed |= search(reads[slot], parts) if whole else place(reads[slot], parts, slot == MERGED)
    return number, placed


def nearest_code(seen: str, part: Part, codes: list[str]) -> int:
    if part.reverse_complement:
        seen = seen.translate(COMPLEMENT)[::-1]
    ranked = sorted((n_different(seen, code), number) for number, code in enumerate(codes))
    if ranked[0][0] > part.max_mismatches:
        raise Lost("unknown_sample_code", part.name)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise Lost("ambiguous_sample_code", part.name)
    return ranked[0][1]


def n_different(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def place(read: Read, parts: tuple[Part, ...], is_whole: bool) -> dict[str, list[Stretch]]:
    """Constant parts from left to right, then what stands between them."""
    anchors = [number for number, part in enumerate(parts) if part.kind == "constant"]
    found, behind = [], 0
    for number in anchors:
        before = parts[anchors[anchors.index(number) - 1] + 1 if number != anchors[0] else 0 : number]
        window = parts[number].max_shift if number == anchors[0] else None
        begin, end = best_anchor(read.bases, parts[number], behind, before, window)
        found.append((before, behind, begin, end, parts[number]))
        behind = end
    placed: dict[str, list[Stretch]] = {}
    for before, start, begin, end, anchor in found:
        counted = [part for part in before if part.kind in ("barcode", "umi", "variant")]
        fewest, most = sum(part.min_length for part in before), sum(part.max_length for part in before)
        may_shift = anchor is found[0][4] and not counted
        if not may_shift and not fewest <= begin - start <= most:
            raise Lost("wrong_length", (counted or list(before) or [anchor])[0].name)
        at = start
        for part in before:
            size = part.min_length + (begin - start - fewest if part.length is None else 0)
            placed[part.name] = [(read, at, at + size)]
            at += size
        placed[anchor.name] = [(read, begin, end)]
    tail = parts[anchors[-1] + 1 if anchors else 0 :]
    left = len(read.bases) - behind - sum(part.min_length for part in tail)
    if left < 0:
        raise Lost("too_short", tail[0].name if tail else None)
    for part in tail:
        size = min(part.max_length, part.min_length + left)
        placed[part.name] = [(read, behind, behind + size)]
        behind += size
    if is_whole and tail and tail[-1].length is None and behind < len(read.bases):
        raise Lost("wrong_length", tail[-1].name)
    return placed


def best_anchor(bases: str, part: Part, behind: int, before: tuple[Part, ...], window: int | None) -> tuple[int, int]:
    """Fewest differing bases, then nearest to where it is expected, then leftmost; indels only where they help."""
    low, high = behind + sum(p.min_length for p in before), behind + sum(p.max_length for p in before)
    first, last = (behind, len(bases)) if window is None else (max(0, low - window), high + window)
    size = len(part.sequence)
    plain = sorted(
        (n_different(bases[start : start + size], part.sequence), max(0, low - start, start - high), start)
        for start in range(first, min(last, len(bases) - size) + 1)
    )
    n_plain, _, start = plain[0] if plain else (part.max_mismatches + 1, 0, 0)
    if part.indels:
        middle = (low + high) // 2
        edits = [
            (edit_distance(part.sequence, bases[at:end]), abs(at - middle), at, abs(end - at - size), end)
            for at in range(first, min(last, len(bases)) + 1)
            for end in range(
                max(at, at + size - part.max_mismatches), min(len(bases), at + size + part.max_mismatches) + 1
            )
        ]
        if edits and min(edits)[0] < min(n_plain, part.max_mismatches + 1):
            _, _, at, _, end = min(edits)
            return at, end
    if n_plain > part.max_mismatches:
        raise Lost("part_not_found", part.name)
    return start, start + size


def edit_distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(diagonal + (a != b), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def search(read: Read, parts: tuple[Part, ...]) -> dict[str, list[Stretch]]:
    """A read with a patterned part of open length: all ways to lay its parts on it, the fewest mismatches win."""
    fault = next((part.name for part in parts if part.kind == "constant"), parts[0].name)
    lead, parts = (parts[0], parts[1:]) if parts[0].kind == "skip" else (None, parts)
    texts = [part.sequence or part.pattern or f"[{part.min_length}-{part.max_length}]" for part in parts]
    steps = [
        (part, element) for part, text in zip(parts, texts, strict=True) for element in parse_pattern(text, "").elements
    ]
    found = []
    for start in range(lead.min_length, lead.max_length + 1) if lead else [0]:
        for sizes in product(*(range(element.min_length, element.max_length + 1) for _, element in steps)):
            n_wrong = mismatches(read.bases, start, steps, sizes)
            if n_wrong is not None:
                found.append((n_wrong, start, sizes))
    if not found:
        raise Lost("part_not_found", fault)
    _, at, sizes = min(found)
    placed: dict[str, list[Stretch]] = {part.name: [] for part in parts}
    for (part, element), size in zip(steps, sizes, strict=True):
        if not (part.drop_constant and element.letter in "ACGT"):
            placed[part.name].append((read, at, at + size))
        at += size
    return placed


def mismatches(bases: str, at: int, steps: list[tuple[Part, object]], sizes: tuple[int, ...]) -> int | None:
    wrong: dict[str, int] = {}
    for (part, element), size in zip(steps, sizes, strict=True):
        letters = bases[at : at + size]
        if len(letters) < size:
            return None
        if element.letter != "N":
            n_wrong = sum(letter not in BASES_OF_LETTER[element.letter] for letter in letters)
            wrong[part.name] = wrong.get(part.name, 0) + n_wrong
            if wrong[part.name] > part.max_mismatches:
                return None
        at += size
    return sum(wrong.values())


def judge(layout: Layout, placed: dict[str, list[Stretch]]) -> tuple[tuple[tuple[str, str], ...], tuple[int, ...]]:
    parts = [part for kind in ("barcode", "umi", "variant") for part in layout.parts(kind)]
    bases = {part.name: "".join(read.bases[a:b] for read, a, b in placed[part.name]) for part in parts}
    scores = {part.name: tuple(s for read, a, b in placed[part.name] for s in read.scores[a:b]) for part in parts}
    for part in parts:
        if part.pattern and part.length is not None and not part.drop_constant:
            letters = parse_pattern(part.pattern, "").letters
            if any(
                base != "N" and base not in BASES_OF_LETTER[letter]
                for base, letter in zip(bases[part.name], letters, strict=True)
            ):
                raise Lost("not_in_pattern", part.name)
    for part in parts:
        if "N" in bases[part.name]:
            raise Lost("has_n", part.name)
    for part in parts:
        mean = sum(10 ** (-score / 10) for score in scores[part.name]) / max(1, len(scores[part.name]))
        # A hair above the limit is rounding of these floating-point sums, not quality.
        if mean > 10 ** (-part.min_quality / 10) * (1 + 1e-9):
            raise Lost("low_quality", part.name)
    joined: dict[str, str] = {}
    for part in parts:
        letters = bases[part.name]
        joined[part.kind] = joined.get(part.kind, "") + (
            letters.translate(COMPLEMENT)[::-1] if part.reverse_complement else letters
        )
    variant = next((part for part in parts if part.kind == "variant"), None)
    kept = () if variant is None else scores[variant.name][:: -1 if variant.reverse_complement else 1]
    return tuple(sorted(joined.items())), kept
