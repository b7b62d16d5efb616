"""Where a scanned site may sit: its blocks, the starts, spacers and strands allowed, and the registers that fit.

A register is one way to lay the site on the variant: a start, for a site of two blocks a spacer between them, and a
strand. Plain Python, so that a model is checked in Snakemake's own process before any job starts; ``scan`` holds the
energies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

Strand = Literal["+", "-"]


class Register(NamedTuple):
    """One way to lay a site on a variant.

    Attributes:
        start: first position that the site covers, 0-based, counted along the variant on either strand.
        spacer: bases between the two blocks, None for a site of one block.
        strand: "+", or "-" where the site is read on the reverse complement.
    """

    start: int
    spacer: int | None
    strand: Strand


@dataclass(frozen=True)
class Scan:
    """A site whose position is free.

    Attributes:
        blocks: lengths of its one or two blocks, nt.
        starts: allowed first positions, 0-based, rising.
        spacers: allowed numbers of bases between two blocks; empty for one block.
        reference_spacer: the spacer whose energy is 0; None for one block.
        both_strands: whether the site may also be read on the reverse complement.

    Raises:
        ValueError: other than one or two blocks, no or wrong starts, spacers that do not go with the blocks, or a
            reference that is no spacer.
    """

    blocks: tuple[int, ...]
    starts: tuple[int, ...]
    spacers: tuple[int, ...] = ()
    reference_spacer: int | None = None
    both_strands: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no scan."""
        if len(self.blocks) not in (1, 2) or min(self.blocks) < 1:
            raise ValueError(f"blocks of {self.blocks} nt; expected one or two blocks of at least 1 nt")
        if not self.starts or self.starts[0] < 0 or any(one >= two for one, two in pairwise(self.starts)):
            raise ValueError(f"starts {self.starts}; expected at least one, rising from 0 or later")
        if len(self.blocks) == 1 and (self.spacers or self.reference_spacer is not None):
            raise ValueError("spacers of a site of one block; expected none")
        if len(self.blocks) == 2:
            if not self.spacers or min(self.spacers) < 0 or len(set(self.spacers)) < len(self.spacers):
                raise ValueError(f"spacers {self.spacers}; expected at least one, each once, none below 0")
            if self.reference_spacer not in self.spacers:
                raise ValueError(f"reference spacer {self.reference_spacer} is none of {self.spacers}")

    @property
    def length(self) -> int:
        """Bases that have energies: the sum of the blocks, nt."""
        return sum(self.blocks)

    @property
    def free_spacers(self) -> tuple[int, ...]:
        """Spacers whose energies are parameters: all but the reference, in the order of ``spacers``."""
        return tuple(spacer for spacer in self.spacers if spacer != self.reference_spacer)

    def footprint(self, spacer: int | None) -> int:
        """Positions that the site covers, its spacer included, nt."""
        return self.length + (spacer or 0)

    def positions(self, register: Register) -> tuple[int, ...]:
        """Where on the variant each base of the site lies, in the site's own order, 0-based.

        >>> Scan((2, 1), (4,), (3,), 3).positions(Register(4, 3, "+"))
        (4, 5, 9)
        >>> Scan((2, 1), (4,), (3,), 3, both_strands=True).positions(Register(4, 3, "-"))
        (9, 8, 4)
        """
        gap = register.spacer or 0
        offsets = [place + (gap if place >= self.blocks[0] else 0) for place in range(self.length)]
        if register.strand == "+":
            return tuple(register.start + offset for offset in offsets)
        last = register.start + self.footprint(register.spacer) - 1
        return tuple(last - offset for offset in offsets)


def registers(scan: Scan, length: int) -> tuple[Register, ...]:
    """Registers of a scan that lie within a variant of a length: by strand, then start, then spacer.

    Those that would stick out are left out, so a start may have fewer spacers than another.

    >>> [tuple(register) for register in registers(Scan((2,), (0, 3, 4), both_strands=True), 5)]
    [(0, None, '+'), (3, None, '+'), (0, None, '-'), (3, None, '-')]
    """
    strands: tuple[Strand, ...] = ("+", "-") if scan.both_strands else ("+",)
    return tuple(
        Register(start, spacer, strand)
        for strand in strands
        for start in scan.starts
        for spacer in scan.spacers or (None,)
        if start + scan.footprint(spacer) <= length
    )


def covered(scan: Scan, length: int) -> range:
    """Positions from the first to the last that any register covers; empty if none fits.

    >>> covered(Scan((2, 1), (4, 5), (3, 4), 3), 11)
    range(4, 11)
    """
    fitting = registers(scan, length)
    stops = [register.start + scan.footprint(register.spacer) for register in fitting]
    return range(fitting[0].start, max(stops)) if fitting else range(0)


def is_scanned(site: Mapping[str, Any]) -> bool:
    """Whether a site of a model's YAML has more than one register, or two blocks."""
    return not isinstance(site["start"], int) or "blocks" in site or site.get("strands", "forward") == "both"


def scan_of(site: Mapping[str, Any]) -> Scan:
    """The scan that a checked site of a model's YAML asks for.

    A fixed site is a scan of one register. The one spacer of a site that has only one is its own reference.

    >>> scan_of({"start": [2, 4], "blocks": [6, 6], "spacers": [16, 17], "reference_spacer": 17})
    Scan(blocks=(6, 6), starts=(2, 3, 4), spacers=(16, 17), reference_spacer=17, both_strands=False)
    """
    first, last = (site["start"], site["start"]) if isinstance(site["start"], int) else site["start"]
    spacers = tuple(site.get("spacers", ()))
    return Scan(
        blocks=tuple(site["blocks"]) if "blocks" in site else (site["length"],),
        starts=tuple(range(first, last + 1)),
        spacers=spacers,
        reference_spacer=site.get("reference_spacer", spacers[0] if len(spacers) == 1 else None),
        both_strands=site.get("strands", "forward") == "both",
    )
