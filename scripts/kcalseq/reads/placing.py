"""Where the parts of one read of each molecule stand.

Constant parts are found first, from left to right, and cut the read; what stands between two of them must have the
right number of bases. Before the first one, parts of fixed length count from the read's first base: if they are only
passed over or tell the sample, the constant part behind them may have moved by ``max_shift``, since a base
before it may be missing or extra; if they are counted, it must stand in its place. Parts without a constant part
behind them count from the last one, or from the read's first base; one of varying length takes what there is. A merged
read is the whole molecule, so if its last part varies in length, nothing may be left behind it.

A read with a patterned part of varying length is searched as a whole instead (``pattern_match``), and a constant part
that may have indels is aligned (``indels``).
"""

from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.reads.anchors import MISSING, locate
from kcalseq.reads.fates import Fates
from kcalseq.reads.indels import find_in_reads
from kcalseq.reads.layout import COUNTED, Part
from kcalseq.reads.pattern import parse_pattern
from kcalseq.reads.pattern_match import Piece, Search, find_pattern, lay_out
from kcalseq.reads.records import Records


class Span(NamedTuple):
    """A stretch of each read: its first base in the text and its bases, shape (n_reads,)."""

    at: NDArray[np.int64]
    lengths: NDArray[np.int64]


class NamedPart(NamedTuple):
    """A part and its number in the layout."""

    number: int
    part: Part


Spans = dict[str, list[Span]]
"""Stretches that make up each part, by the part's name."""


def is_searched_whole(parts: tuple[Part, ...]) -> bool:
    """Whether a read has a patterned part of varying length."""
    return any(part.pattern and (part.length is None or part.drop_constant) for part in parts)


def place_parts(records: Records, parts: list[NamedPart], fates: Fates, is_whole: bool = False) -> Spans:
    """Find all parts of one read of each molecule.

    Args:
        records: the read of each molecule.
        parts: its parts from left to right.
        fates: reads that were dropped before are passed over; those in which a part is not found
            (``part_not_found``), stands wrong (``wrong_length``) or behind the end (``too_short``) are dropped.
        is_whole: whether the read is the molecule from its first base to its last.

    Returns:
        the stretches of each part, meaningful for reads that are kept.
    """
    if is_searched_whole(tuple(part for _, part in parts)):
        return _search_whole(records, parts, fates)
    stretches = _stretches(parts)
    ends, places = np.zeros(len(records.starts), dtype=np.int64), []
    for number, (before, anchor) in enumerate(stretches):
        if anchor is None:
            continue
        begins, new_ends = _find(records, anchor.part, before, ends, number == 0, fates)
        fates.drop("part_not_found", anchor.number, begins == MISSING)
        places.append((ends, begins, new_ends))
        ends = new_ends
    spans: Spans = {}
    for number, (before, anchor) in enumerate(stretches):
        if anchor is None:
            _assign_tail(records, before, ends, is_whole, fates, spans)
        else:
            begin, end, anchor_end = places[number]
            _assign_between(records, before, anchor.number, begin, end, number == 0, fates, spans)
            spans[anchor.part.name] = [Span(records.starts + end, anchor_end - end)]
    return spans


def _stretches(parts: list[NamedPart]) -> list[tuple[list[NamedPart], NamedPart | None]]:
    """Parts up to each constant part, and that part; the last stretch has none."""
    stretches: list[tuple[list[NamedPart], NamedPart | None]] = []
    before: list[NamedPart] = []
    for is_constant, run in groupby(parts, key=lambda item: item.part.kind == "constant"):
        for item in run:
            if is_constant:
                stretches.append((before, item))
                before = []
            else:
                before.append(item)
    return [*stretches, (before, None)]


def _find(
    records: Records,
    anchor: Part,
    before: list[NamedPart],
    ends: NDArray[np.int64],
    is_first: bool,
    fates: Fates,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First base of a constant part in each read and the base behind it; both ``MISSING`` where it is not found."""
    fewest, most = (sum(getattr(part, name) for _, part in before) for name in ("min_length", "max_length"))
    reach = anchor.max_shift if is_first else -1
    letters = np.frombuffer(anchor.sequence.encode("ascii"), dtype=np.uint8)
    places = np.empty(len(ends), dtype=np.int64)
    kept = fates.kept
    # Where indels are allowed, only a perfect match in its place needs no alignment.
    allowed, window = (0, 0) if anchor.indels else (anchor.max_mismatches, reach)
    locate(records.text, records.starts, records.lengths, kept, letters, allowed, ends, fewest, most, window, places)
    begins, new_ends = places, np.where(places == MISSING, MISSING, places + anchor.min_length)
    if anchor.indels:
        rows = np.flatnonzero(kept & (places == MISSING))
        begins[rows], new_ends[rows] = _align(records, anchor, letters, rows, ends, (fewest, most), reach)
    return begins, new_ends


def _align(
    records: Records,
    anchor: Part,
    letters: NDArray[np.uint8],
    rows: NDArray[np.int64],
    earliest: NDArray[np.int64],
    room: tuple[int, int],
    reach: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First base and end of a part that may have indels, in some reads; mismatches alone are taken if as few."""
    text, starts, lengths, allowed = records.text, records.starts[rows], records.lengths[rows], anchor.max_mismatches
    ends, every, places = earliest[rows], np.ones(len(rows), dtype=np.bool_), np.empty(len(rows), dtype=np.int64)
    locate(text, starts, lengths, every, letters, allowed, ends, *room, reach, places)
    low, high = ends + room[0], ends + room[1]
    first, last = (ends, lengths) if reach < 0 else (np.maximum(low - reach, 0), high + reach)
    asked, middle = np.arange(len(rows)), (low + high) // 2
    found = find_in_reads(text, starts, lengths, asked, anchor.sequence, allowed, first, last, middle)
    found_plain = np.flatnonzero(places != MISSING)
    at = starts[found_plain] + places[found_plain]
    different = (text[at[:, None] + np.arange(len(letters))] != letters).sum(axis=1)
    plain = found_plain[different == found.n_errors[found_plain]]
    found.starts[plain], found.ends[plain] = places[plain], places[plain] + len(letters)
    return found.starts, found.ends


def _assign_between(
    records: Records,
    before: list[NamedPart],
    anchor: int,
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    is_first: bool,
    fates: Fates,
    spans: Spans,
) -> None:
    """Divide the bases between two constant parts among the parts that should stand there.

    At fault is the first part that is counted, else the first, else the constant part behind (number ``anchor``).
    """
    fewest, most = (sum(getattr(part, name) for _, part in before) for name in ("min_length", "max_length"))
    size = end - begin
    may_shift = is_first and not any(part.kind in COUNTED for _, part in before)
    if not may_shift:
        first = before[0].number if before else anchor
        at_fault = next((number for number, part in before if part.kind in COUNTED), first)
        fates.drop("wrong_length", at_fault, (size < fewest) | (size > most))
    varying = np.clip(size - fewest, 0, most - fewest)
    place = records.starts + begin
    for _, part in before:
        lengths = np.full(len(size), part.min_length) if part.length is not None else part.min_length + varying
        spans[part.name] = [Span(place, lengths)]
        place = place + lengths


def _assign_tail(
    records: Records, before: list[NamedPart], ends: NDArray[np.int64], is_whole: bool, fates: Fates, spans: Spans
) -> None:
    """Parts behind the last constant part, or of a read without any."""
    fewest = sum(part.min_length for _, part in before)
    left = records.lengths - ends - fewest
    place = records.starts + ends
    for number, part in before:
        fates.drop("too_short", number, left < 0)
        lengths = np.full(len(ends), part.min_length)
        if part.length is None:
            lengths = part.min_length + np.clip(left, 0, part.max_length - part.min_length)
        spans[part.name] = [Span(place, lengths)]
        place = place + lengths
    if is_whole and before and before[-1].part.length is None:
        fates.drop("wrong_length", before[-1].number, place < records.starts + records.lengths)


def _search_whole(records: Records, parts: list[NamedPart], fates: Fates) -> Spans:
    search, first_place, last_place = _whole_search(parts)
    found = find_pattern(records.text, records.starts, records.lengths, search, first_place, last_place)
    at_fault = next((number for number, part in parts if part.kind == "constant"), parts[0].number)
    fates.drop("part_not_found", at_fault, found.starts == MISSING)
    spans: Spans = {}
    element = 0
    for _, part in _searched(parts):
        spans[part.name] = []
        n_elements = len(parse_pattern(_pattern_text(part), part.name).elements)
        # One stretch, unless something inside is left out.
        steps = range(n_elements) if part.drop_constant else [n_elements - 1]
        begin = found.edges[:, element]
        for step in steps:
            end = found.edges[:, element + step + 1]
            if not part.drop_constant or search.reported[element + step]:
                spans[part.name].append(Span(records.starts + begin, end - begin))
            begin = end
        element += n_elements
    return spans


def _searched(parts: list[NamedPart]) -> list[NamedPart]:
    """All parts but a leading one that is only passed over: that one is the room in which the match may begin."""
    return parts[1:] if parts[0].part.kind == "skip" else parts


def _whole_search(parts: list[NamedPart]) -> tuple[Search, int, int]:
    lead = parts[0].part if parts[0].part.kind == "skip" else None
    pieces = []
    for _, part in _searched(parts):
        report = "none" if part.kind in ("constant", "skip") else "free" if part.drop_constant else "all"
        pieces.append(Piece(parse_pattern(_pattern_text(part), part.name), part.max_mismatches, report))
    return lay_out(pieces), (lead.min_length if lead else 0), (lead.max_length if lead else 0)


def _pattern_text(part: Part) -> str:
    if part.sequence or part.pattern:
        return part.sequence or part.pattern
    return f"[{part.min_length}-{part.max_length}]"
