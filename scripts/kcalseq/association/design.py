"""The designed oligos: a FASTA file, read and checked.

It runs in Snakemake's own process, before any job, so nothing here may need numpy. What is wrong in one record is told
with the record's number. Names with quotes or letters beyond ASCII are refused, since a silent change of a name would
be found only when results are joined; brackets and the like, which IGVF's names hold, stay, and only BAM shows _ there.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.fasta import read_fasta

_MOST_TOLD = 5  # complaints of one kind
_ILLEGAL = re.compile("[^ACGT]")
_BAD_NAME = re.compile(r"[\"']|[^\x21-\x7e]")
_NOT_IN_SAM = re.compile(r"[\s,\"'`\\<>\[\](){}]|^[*=]|[^\x21-\x7e]")  # SAM specification, section 1.2.1
_NAME_REMEDY = "rename it (letters, digits and _ . : + - | are safe everywhere), or let `rename` put _ for such letters"


@dataclass(frozen=True)
class Design:
    """The oligos of a library.

    Attributes:
        path: the FASTA file, for messages.
        names: name of each oligo, unique.
        sequences: its variant, 5' to 3', adapters taken off, in the same order.
        renamed: of the oligos that are named otherwise here than in the file: the file's name, then the one here.
    """

    path: str
    names: tuple[str, ...]
    sequences: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...] = ()

    def spellings(self) -> dict[str, str]:
        """The name of each oligo by every name under which other files may know it: the one here, that of the file."""
        return {**{name: name for name in self.names}, **dict(self.renamed)}

    def odd_names(self) -> list[str]:
        """Names with letters that some tools choke on; BAM shows them with _ instead."""
        return [name for name in self.names if _NOT_IN_SAM.search(name)]

    def sam_names(self) -> list[str]:
        """A name for each oligo that SAM allows, each once."""
        plain = [re.sub(_NOT_IN_SAM, "_", name) for name in self.names]
        often = Counter(plain)
        return [name if often[name] == 1 else f"{name}_{number}" for number, name in enumerate(plain, start=1)]

    def length_spread(self) -> dict[int, int]:
        """How many oligos have each length, in nt, shortest first."""
        return dict(sorted(Counter(map(len, self.sequences)).items()))


def read_design(path: str | Path, left_adapter: str = "", right_adapter: str = "", rename: bool = False) -> Design:
    """Read and check a design.

    Args:
        path: FASTA, plain or gzipped; the name ends at the first blank unless that makes two alike.
        left_adapter: constant part before the variant that every oligo carries, taken off.
        right_adapter: the same behind it.
        rename: put _ for the letters that break tools, instead of refusing the name.

    Raises:
        KcalseqErrors: with record numbers: a sequence that is empty or holds other letters than A, C, G, T, a name
            that is missing, twice there or breaks tools, a missing adapter. Also: no record, or an unreadable file.
    """
    records = list(read_fasta(path))
    if not records:
        raise KcalseqError(str(path), "no record", "FASTA: a line '>name', then its sequence", "name the design")
    written = [name for name, _ in records]
    names = [re.sub(_BAD_NAME, "_", name) if rename else name for name in written]
    sequences = [sequence for _, sequence in records]
    errors = [*_name_errors(str(path), names), *_sequence_errors(str(path), names, sequences)]
    if not errors:
        errors = list(_adapter_errors(str(path), names, sequences, left_adapter.upper(), right_adapter.upper()))
    if errors:
        raise KcalseqErrors(errors)
    ends = [len(sequence) - len(right_adapter) for sequence in sequences]
    variants = tuple(sequence[len(left_adapter) : end] for sequence, end in zip(sequences, ends, strict=True))
    renamed = tuple((old, new) for old, new in zip(written, names, strict=True) if old != new)
    return Design(str(path), tuple(names), variants, renamed)


def _name_errors(path: str, names: list[str]) -> Iterator[KcalseqError]:
    seen: dict[str, int] = {}
    told = Counter[str]()
    for number, name in enumerate(names, start=1):
        where = f"{path} record {number}"
        first = seen.setdefault(name, number)
        kind = "empty" if not name else "twice" if first != number else "bad" if _BAD_NAME.search(name) else ""
        told[kind] += 1
        if not kind or told[kind] > _MOST_TOLD:
            continue
        if kind == "empty":
            yield KcalseqError(where, "no name", "a name behind '>'", "name the oligo")
        elif kind == "twice":
            found = f"the name '{name}' is that of record {first} too"
            yield KcalseqError(where, found, "each name once (a name ends at the first blank)", "rename one of them")
        else:
            letter = _BAD_NAME.search(name)
            found = f"the name '{name}' holds {letter.group()!r}" if letter else ""
            yield KcalseqError(where, found, "a name that tables, BAM and browsers can hold", _NAME_REMEDY)


def _sequence_errors(path: str, names: list[str], sequences: list[str]) -> Iterator[KcalseqError]:
    told = 0
    for number, (name, sequence) in enumerate(zip(names, sequences, strict=True), start=1):
        illegal = _ILLEGAL.search(sequence)
        if (sequence and not illegal) or told == _MOST_TOLD:
            continue
        told += 1
        where = f"{path} record {number} ('{name}')"
        if illegal:
            found = f"the letter {illegal.group()!r} at base {illegal.start() + 1}"
            yield KcalseqError(where, found, "A, C, G and T", "write out what was synthesised, one record each")
        else:
            yield KcalseqError(where, "no sequence", "the oligo's sequence", "add it, or remove the record")


def _adapter_errors(path: str, names: list[str], sequences: list[str], left: str, right: str) -> Iterator[KcalseqError]:
    for number, (name, sequence) in enumerate(zip(names, sequences, strict=True), start=1):
        where = f"{path} record {number} ('{name}')"
        for side, adapter, there in (
            ("left", left, sequence.startswith(left)),
            ("right", right, sequence.endswith(right)),
        ):
            if not there:
                found = f"the oligo lacks the {side}_adapter {adapter}"
                yield KcalseqError(where, found, "it in every oligo", f"mend {side}_adapter, or leave it out")
                return
        if len(sequence) <= len(left) + len(right):
            yield KcalseqError(where, "nothing between the adapters", "a variant", "mend the oligo or the adapters")
            return
