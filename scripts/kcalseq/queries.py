"""Sequences that a fitted model is asked about: a FASTA file, read and checked.

Checked in Snakemake's own process, before any job, so nothing here may need numpy.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from kcalseq.errors import KcalseqError, KcalseqErrors
from kcalseq.fasta import read_fasta

_MOST_TOLD = 5
_ILLEGAL = re.compile("[^ACGTN]")


def read_queries(path: str | Path, shortest: int, model: str) -> list[tuple[str, str]]:
    """Read and check sequences to predict.

    Args:
        path: FASTA, plain or gzipped.
        shortest: least bases of a sequence: the length of the model's.
        model: its name, for messages.

    Returns:
        name, unique, and upper-case sequence (A, C, G, T, N) of each record, in the order of the file.

    Raises:
        KcalseqErrors: with record numbers, at most five: a sequence that is shorter or holds another letter, a name
            that is missing or twice there. Also: no record, or an unreadable file.
    """
    records = list(read_fasta(path))
    if not records:
        raise KcalseqError(str(path), "no record", "FASTA: a line '>name', then its sequence", "name the sequences")
    errors = list(_errors(str(path), records, shortest, model))
    if errors:
        raise KcalseqErrors(errors[:_MOST_TOLD])
    return records


def _errors(path: str, records: list[tuple[str, str]], shortest: int, model: str) -> Iterator[KcalseqError]:
    seen: dict[str, int] = {}
    for number, (name, sequence) in enumerate(records, start=1):
        where, first = f"{path} record {number} ('{name}')", seen.setdefault(name, number)
        illegal = _ILLEGAL.search(sequence)
        if not name:
            yield KcalseqError(f"{path} record {number}", "no name", "a name behind '>'", "name the sequence")
        elif first != number:
            found = f"the name '{name}' is that of record {first} too"
            yield KcalseqError(where, found, "each name once (a name ends at the first blank)", "rename one of them")
        if illegal:
            found = f"the letter {illegal.group()!r} at base {illegal.start() + 1}"
            remedy = "write one record for each base it may be, or N to leave it out"
            yield KcalseqError(where, found, "A, C, G, T, and N for unknown bases", remedy)
        if len(sequence) < shortest:
            remedy = "add the bases that surround it, or remove the record"
            yield KcalseqError(
                where, f"{len(sequence)} bases", f"at least {shortest}, the length of model {model}", remedy
            )
