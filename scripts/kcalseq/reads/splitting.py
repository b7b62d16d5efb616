"""Where the parts of a large run begin: places in its bgzip files at which the same molecule begins in each.

The first file is cut near equal shares of its bytes, at the first record of a block. In the others the record of that
name is looked for, and taken if there is but one. A part whose beginning is not found stays with the one before it:
what is amiss there is told when it is read. So the parts hold all reads, each once, wherever they begin.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pandas as pd

from kcalseq.reads.bgzf import blocks, first_block
from kcalseq.reads.stretches import BEGINNING, Place, Stretch

_PLACES = ["begin_block", "begin_skip", "end_block", "end_skip"]
_MOST_TEXT = 1 << 24
"""Text in which a whole record is looked for, from the beginning of a block on."""
_LONGEST_HEADER = 1 << 12
_LEAST_REACH = 1 << 22
_MATE_NUMBER = re.compile(rb"[/._][1-4]$")


def part_stretches(paths: Mapping[str, Path], n_parts: int) -> list[dict[str, Stretch]]:
    """What each part holds of each file.

    Args:
        paths: bgzip FASTQ file of each slot, mates in step.
        n_parts: how many parts; the last ones are empty where fewer beginnings are found.

    Returns:
        stretch of each slot, part by part: each begins where the one before it ends.
    """
    begins = [dict.fromkeys(paths, BEGINNING), *_cuts(paths, n_parts)]
    ends = {slot: Place(path.stat().st_size, 0) for slot, path in paths.items()}
    begins += [ends] * (n_parts + 1 - len(begins))
    return [{slot: Stretch(begin[slot], end[slot]) for slot in paths} for begin, end in pairwise(begins)]


def parts_table(run: str, parts: Sequence[Mapping[str, Stretch]]) -> pd.DataFrame:
    """Table ``read_parts`` of one run, whose parts are numbered from 1."""
    rows = [
        (run, number, slot, *stretch.begin, *stretch.end)
        for number, part in enumerate(parts, start=1)
        for slot, stretch in sorted(part.items())
    ]
    return pd.DataFrame(rows, columns=["run", "part", "slot", *_PLACES])


def stretches_of(table: pd.DataFrame, part: int) -> dict[str, Stretch]:
    """What a part holds of each file, from the table ``read_parts`` of its run."""
    own = table[table["part"] == part].set_index("slot")[_PLACES]
    return {str(slot): Stretch(Place(*row[:2]), Place(*row[2:])) for slot, row in own.T.to_dict("list").items()}


class _Record(NamedTuple):
    place: Place
    name: bytes


def _cuts(paths: Mapping[str, Path], n_parts: int) -> Iterator[dict[str, Place]]:
    """Where parts begin behind the first, as far as that is found; each behind the one before it in every file."""
    leading, *others = paths
    sizes = {slot: path.stat().st_size for slot, path in paths.items()}
    last = dict.fromkeys(paths, BEGINNING)
    for begin, end in pairwise(sizes[leading] * part // n_parts for part in range(1, n_parts + 1)):
        record = _record_near(paths[leading], begin, end)
        if record is None:
            continue
        here = {leading: record.place}
        # Of what is left of each file the same share lies between this beginning and the last.
        share = (record.place.block - last[leading].block) / (sizes[leading] - last[leading].block)
        for slot in others:
            near = last[slot].block + int(share * (sizes[slot] - last[slot].block))
            place = _record_named(paths[slot], record.name, near, sizes[slot] // n_parts)
            if place is not None:
                here[slot] = place
        if len(here) == len(paths) and all(place > last[slot] for slot, place in here.items()):
            yield here
            last = here


def _record_near(path: Path, begin: int, end: int) -> _Record | None:
    """The first record behind the beginning of the first block between these bytes."""
    with path.open("rb") as file:
        at = first_block(file, begin, end)
        if at is None:
            return None
        text = _Text()
        for block, more in blocks(file, at):
            text.add(block, more)
            offset = _first_record(text.all)
            if offset is not None:
                place = text.place(offset)
                return _Record(place, _name(text.all, offset)) if place.block < end else None
            if len(text.all) > _MOST_TEXT:
                break
    return None


def _record_named(path: Path, name: bytes, near: int, farthest: int) -> Place | None:
    """Place of the only record of a name, at most about ``farthest`` bytes of the file from ``near``."""
    reach = _LEAST_REACH
    while True:
        with path.open("rb") as file:
            begin = 0 if near <= reach else first_block(file, near - reach, near + reach)
            places = set() if begin is None else set(_search(file, begin, near + reach, name))
        if places or reach > farthest:
            return places.pop() if len(places) == 1 else None
        reach *= 4


def _search(file: BinaryIO, begin: int, end: int, name: bytes) -> Iterator[Place]:
    """Places of records of a name in the blocks that begin between these bytes, some of them more than once."""
    text = _Text()
    for block, more in blocks(file, begin):
        if block >= end:
            return
        text.add(block, more)
        at = text.all.find(b"\n@" + name)
        while at >= 0:
            if b"\n" in text.all[at + 1 :] and _name(text.all, at + 1) == name:
                yield text.place(at + 1)
            at = text.all.find(b"\n@" + name, at + 1)
        text.keep(_LONGEST_HEADER)


def _first_record(text: bytes) -> int | None:
    """Offset of the first whole record behind the first line end of a text that begins anywhere.

    In a sound file no line but a header has a '+' two lines behind it and as many letters one and three lines behind.
    """
    offset = text.find(b"\n") + 1
    lines = text[offset:].split(b"\n")[:-1]
    for number in range(len(lines) - 3):
        header, bases, plus, qualities = lines[number : number + 4]
        if header.startswith(b"@") and bases and plus.startswith(b"+") and len(bases) == len(qualities):
            return offset
        offset += len(header) + 1
    return None


def _name(text: bytes, offset: int) -> bytes:
    """Name of the record that begins there, as its mates have it: up to the first blank, without a mate's number."""
    header = text[offset + 1 : text.index(b"\n", offset) + 1]
    return _MATE_NUMBER.sub(b"", re.split(rb"[\x00-\x20]", header, maxsplit=1)[0])


class _Text:
    """The text of some blocks, one behind the other."""

    def __init__(self) -> None:
        self.all = b""
        self._blocks: list[tuple[int, int]] = []

    def add(self, block: int, text: bytes) -> None:
        """Put the text of the next block behind it."""
        self._blocks.append((len(self.all), block))
        self.all += text

    def keep(self, n_bytes: int) -> None:
        """Forget all but the last bytes."""
        n_gone = max(0, len(self.all) - n_bytes)
        self.all = self.all[n_gone:]
        self._blocks = [(offset - n_gone, block) for offset, block in self._blocks]
        n_old = sum(offset <= 0 for offset, _ in self._blocks) - 1
        self._blocks = self._blocks[max(0, n_old) :]

    def place(self, offset: int) -> Place:
        """Where a byte of it stands in the file."""
        first, block = max(pair for pair in self._blocks if pair[0] <= offset)
        return Place(block, offset - first)
