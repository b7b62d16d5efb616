"""What differs between two sequences, as sequence, position, deletion and insertion (SPDI).

Holmes et al., Bioinformatics 36:1902 (2020): what is deleted or inserted inside a repeat could stand at several places,
so the change is stretched over all of them, and two ways to write one change become the same.
"""

from typing import NamedTuple

from kcalseq.dna import reverse_complement
from kcalseq.export.coordinates import Place


class Change(NamedTuple):
    """A change of a sequence: from a 0-based position on, ``deleted`` is replaced by ``inserted``."""

    position: int
    deleted: str
    inserted: str

    def identifier(self, sequence: str) -> str:
        """The change in a sequence of that name.

        >>> Change(99, "TTT", "TT").identifier("NC_000003.12")
        'NC_000003.12:99:TTT:TT'
        """
        return f"{sequence}:{self.position}:{self.deleted}:{self.inserted}"


def change_between(reference: str, variant: str) -> Change:
    """The smallest single change that makes a reference a variant, in canonical form.

    >>> change_between("AACGT", "AATGT"), change_between("ATTTC", "ATTC")
    (Change(position=2, deleted='C', inserted='T'), Change(position=1, deleted='TTT', inserted='TT'))
    """
    end = 0
    shorter = min(len(reference), len(variant))
    while end < shorter and reference[-1 - end] == variant[-1 - end]:
        end += 1
    start = 0
    while start < shorter - end and reference[start] == variant[start]:
        start += 1
    deleted, inserted = reference[start : len(reference) - end], variant[start : len(variant) - end]
    if bool(deleted) == bool(inserted):
        return Change(start, deleted, inserted)
    return _stretched(reference, start, deleted, inserted)


def on_genome(change: Change, place: Place) -> Change:
    """The change of a variant's reference as one of the chromosome it lies on."""
    start, _ = place.span(change.position, len(change.deleted))
    if place.strand == "+":
        return change._replace(position=start)
    return Change(start, reverse_complement(change.deleted), reverse_complement(change.inserted))


def _stretched(reference: str, start: int, deleted: str, inserted: str) -> Change:
    """A pure deletion or insertion over all the places at which it could stand."""
    piece, end = deleted or inserted, start + len(deleted)
    left = right = 0
    while left < start and reference[start - 1 - left] == piece[-1 - left % len(piece)]:
        left += 1
    while end + right < len(reference) and reference[end + right] == piece[right % len(piece)]:
        right += 1
    before, behind = reference[start - left : start], reference[end : end + right]
    return Change(start - left, before + deleted + behind, before + inserted + behind)
