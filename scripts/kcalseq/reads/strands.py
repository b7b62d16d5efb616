"""Placing all parts of a batch of molecules, from one end or from both."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.reads.anchors import nearest_code
from kcalseq.reads.fates import Fates
from kcalseq.reads.layout import MERGED, Layout, Part, ReadName
from kcalseq.reads.merging import merge_mates, reverse_complements
from kcalseq.reads.molecules import Molecules
from kcalseq.reads.placing import NamedPart, Span, Spans, place_parts
from kcalseq.reads.records import Records


class Placed(NamedTuple):
    """Where the parts of a batch stand.

    Attributes:
        records: the read that holds each part.
        spans: the stretches of each part.
    """

    records: dict[str, Records]
    spans: Spans


_Attempt = tuple[Placed, NDArray[np.bool_]]


def place_all(
    layout: Layout, molecules: Molecules, codes: NDArray[np.uint8], part_names: tuple[str, ...]
) -> tuple[list[_Attempt], Fates, NDArray[np.int64]]:
    """Find the parts of every molecule.

    Args:
        layout: where they should be.
        molecules: the reads.
        codes: sample codes, shape (n_codes, length).
        part_names: names by the numbers of the parts.

    Returns:
        the placements and the molecules each is meant for; fates so far; number of the sample code of each.
    """
    reads, fates = dict(molecules), Fates(len(next(iter(molecules.values())).starts))
    numbers = {name: number for number, name in enumerate(part_names)}
    for slot in layout.reads:
        if slot != MERGED:
            _drop_short(layout, slot, reads, fates, numbers)
    if layout.merge is not None:
        parts = layout.reads[MERGED]
        fewest, most = sum(part.min_length for part in parts), sum(part.max_length for part in parts)
        reads[MERGED] = merge_mates(reads["read_1"], reads["read_2"], layout.merge, fewest, most)
        fates.drop("mates_disagree", numbers[MERGED], reads[MERGED].lengths < 0)
        _drop_short(layout, MERGED, reads, fates, numbers)
    named = Placed({}, {})
    if layout.read_name is not None:
        named = _from_names(layout.read_name, reads["read_1"], fates, numbers)
    before = fates.kept
    placed, samples = _place(layout, reads, codes, fates, numbers)
    if not layout.both_strands or not (before & ~fates.kept).any():
        return [(_joined(placed, named), np.ones(len(before), dtype=np.bool_))], fates, samples
    retried = before & ~fates.kept
    others = Fates(len(before))
    others.drop("too_short", -1, ~retried)
    turned = _turned(reads)
    for slot in layout.reads:
        if slot != MERGED:
            _drop_short(layout, slot, turned, others, numbers)
    other_placed, other_samples = _place(layout, turned, codes, others, numbers)
    better = others.kept
    fates.take_over(others, better)
    samples = np.where(better, other_samples, samples)
    return [(_joined(placed, named), ~better), (_joined(other_placed, named), better)], fates, samples


def _place(
    layout: Layout, reads: Molecules, codes: NDArray[np.uint8], fates: Fates, numbers: dict[str, int]
) -> tuple[Placed, NDArray[np.int64]]:
    samples = np.zeros(len(fates.reasons), dtype=np.int64)
    for slot, parts in layout.reads.items():
        at = reads[slot].starts
        for part in parts:
            if part.kind == "sample_code":
                samples = _match_codes(reads[slot], at, part, codes, fates, numbers[part.name])
            at = at + part.min_length
    placed = Placed({}, {})
    for slot, parts in layout.reads.items():
        named = [NamedPart(numbers[part.name], part) for part in parts]
        spans = place_parts(reads[slot], named, fates, slot == MERGED)
        placed.spans.update(spans)
        placed.records.update(dict.fromkeys(spans, reads[slot]))
    return placed, samples


def _drop_short(layout: Layout, slot: str, reads: Molecules, fates: Fates, numbers: dict[str, int]) -> None:
    parts = layout.reads[slot]
    fewest = sum(part.min_length for part in parts if not part.indels)
    fates.drop("too_short", numbers[slot], reads[slot].lengths < fewest)


def _match_codes(
    records: Records, at: NDArray[np.int64], part: Part, codes: NDArray[np.uint8], fates: Fates, number: int
) -> NDArray[np.int64]:
    n_reads = len(at)
    nearest, differences = np.zeros(n_reads, dtype=np.int64), np.zeros(n_reads, dtype=np.int64)
    is_tie = np.zeros(n_reads, dtype=np.bool_)
    kept = fates.kept
    nearest_code(records.text, at, kept, codes, nearest, differences, is_tie)
    fates.drop("unknown_sample_code", number, kept & (differences > part.max_mismatches))
    fates.drop("ambiguous_sample_code", number, kept & is_tie)
    return nearest


def _turned(reads: Molecules) -> Molecules:
    """The same molecules read from the other end."""
    turned = dict(reads)
    if MERGED in reads:
        turned[MERGED] = reverse_complements(reads[MERGED])
    elif "read_2" in reads:
        turned["read_1"], turned["read_2"] = reads["read_2"], reads["read_1"]
    else:
        turned["read_1"] = reverse_complements(reads["read_1"])
    return turned


def _from_names(read_name: ReadName, records: Records, fates: Fates, numbers: dict[str, int]) -> Placed:
    """Parts that stand in the names, copied into a text of their own with perfect qualities (names have none)."""
    n_reads, find = len(records.starts), re.compile(read_name.pattern).search
    width = max(part.max_length for part in read_name.parts)
    placed = Placed({}, {})
    matches = [find(records.name(row)) for row in range(n_reads)]
    for part in read_name.parts:
        texts = [match[part.name] or "" if match else "" for match in matches]
        fits = np.array([part.min_length <= len(text) <= part.max_length for text in texts], dtype=np.bool_)
        is_dna = np.array([not set(text) - set("ACGTN") for text in texts], dtype=np.bool_)
        fates.drop("not_in_name", numbers[part.name], ~fits | ~is_dna)
        letters = "".join((text if fit else "").ljust(width, "N") for text, fit in zip(texts, fits, strict=True))
        text = np.frombuffer(letters.encode("ascii", "replace") + b"~" * (n_reads * width), dtype=np.uint8).copy()
        starts = np.arange(n_reads, dtype=np.int64) * width
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        placed.records[part.name] = Records(text, starts, starts, lengths, starts + n_reads * width)
        placed.spans[part.name] = [Span(starts, lengths)]
    return placed


def _joined(one: Placed, other: Placed) -> Placed:
    return Placed({**one.records, **other.records}, {**one.spans, **other.spans})
