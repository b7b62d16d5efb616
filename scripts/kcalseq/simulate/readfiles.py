"""Reads of barcoded assays as FASTQ files: what each file's reads are made from, and the files.

A file is templates and, for each read, which template it reads; so one writer serves variants, barcodes, UMIs and
single reads that hold several of them. Each file has a generator of its own, seeded by the file's name: which files
are made, and in which order, does not change any of them.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import reverse_complement as turn
from kcalseq.simulate.barcoded import AssociationDraw, CountDraw, Library, Sample
from kcalseq.simulate.fastqfile import fastq_block, write_gzip
from kcalseq.simulate.misreading import ErrorRates, misread
from kcalseq.simulate.molecules import Molecules, reverse_complement, templates

READS_PER_BLOCK = 100_000
_SPARE = 12
"""Bases of a template behind the last cycle, to be read after deletions."""


@dataclass(frozen=True)
class Surroundings:
    """Constant sequences around the parts, 5' to 3' on the strand of the variant; invented, in no real vector.

    Attributes:
        before_barcode: what stands before the barcode.
        behind_barcode: what follows the barcode.
        before_variant: what stands before the variant.
        behind_variant: what follows the variant.
        behind_umi: what follows the UMI in its index read.
    """

    before_barcode: str = "TGGTCAACCGTACTGAGATGCAGT"
    behind_barcode: str = "CGATTCGAAGCCTGTGATCCACAGGTTAGACCTGAATCGCGTACATTGCAGGCTTCACGATTGTGCCAAGGTCAT"
    before_variant: str = "CTAGGTCACTGCGATTCAGACGTTACCGGATAGCTCAAGG"
    behind_variant: str = "GTACCTGATCGAACTGCTTGCCATGAAGTCGCATTCAGGCA"
    behind_umi: str = "ACGGTCTAGCATTGAC"


class ReadFile(NamedTuple):
    """What the reads of one file are made from.

    Attributes:
        templates: ASCII letters, wider than the reads are long, shape (n_templates, width).
        rows: template of each read, shape (n_reads,).
        n_cycles: bases of each read.
    """

    templates: NDArray[np.uint8]
    rows: NDArray[np.int64]
    n_cycles: int


class FileErrors(NamedTuple):
    """How many reads a file holds and how many errors of each kind are in them."""

    n_reads: int
    n_substitutions: int
    n_insertions: int
    n_deletions: int


def association_files(
    library: Library, draw: AssociationDraw, n_cycles: int, around: Surroundings
) -> dict[str, ReadFile]:
    """The files of an association run: two mates over the variant from both ends, and the barcode as index read.

    Returns:
        ``read_1`` (variant from its first base), ``read_2`` (its reverse complement), ``index_1`` (barcode).
    """
    width = n_cycles + _SPARE
    behind, before = (_repeat(text, width) for text in (around.behind_variant, turn(around.before_variant)))
    return {
        "read_1": ReadFile(templates("", library.molecules, behind, width), draw.molecule, n_cycles),
        "read_2": ReadFile(
            templates("", reverse_complement(library.molecules), before, width), draw.molecule, n_cycles
        ),
        "index_1": barcode_file(library, draw.barcode, around),
    }


def barcode_file(
    library: Library, barcode: NDArray[np.int64], around: Surroundings, n_cycles: int | None = None
) -> ReadFile:
    """Reads that begin with the barcode; by default they end with it."""
    length = library.barcodes.shape[1] if n_cycles is None else n_cycles
    return ReadFile(templates("", _barcodes(library), around.behind_barcode, length + _SPARE), barcode, length)


def reverse_barcode_file(
    library: Library, barcode: NDArray[np.int64], around: Surroundings, n_cycles: int | None = None
) -> ReadFile:
    """Reads that begin with the barcode's reverse complement."""
    length = library.barcodes.shape[1] if n_cycles is None else n_cycles
    turned, behind = reverse_complement(_barcodes(library)), turn(around.before_barcode)
    return ReadFile(templates("", turned, behind, length + _SPARE), barcode, length)


def single_read_file(library: Library, barcode: NDArray[np.int64], around: Surroundings, n_cycles: int) -> ReadFile:
    """Reads that begin with the constant part before the barcode."""
    return ReadFile(
        templates(around.before_barcode, _barcodes(library), around.behind_barcode, n_cycles + _SPARE),
        barcode,
        n_cycles,
    )


def umi_file(samples: list[Sample], draw: CountDraw, around: Surroundings) -> ReadFile:
    """Index reads that hold the UMI of each read's molecule."""
    umis = np.concatenate([sample.umis for sample in samples])
    first = np.concatenate([[0], np.cumsum([len(sample.umis) for sample in samples])])
    n_cycles = umis.shape[1]
    molecules = Molecules(umis, np.full(len(umis), n_cycles))
    made = templates("", molecules, around.behind_umi, n_cycles + _SPARE)
    return ReadFile(made, first[draw.sample] + draw.molecule, n_cycles)


def count_files(
    library: Library, samples: list[Sample], draw: CountDraw, around: Surroundings, n_cycles: int | None = None
) -> dict[str, ReadFile]:
    """The files of a DNA or RNA run: barcode, its reverse complement, UMI.

    Returns:
        ``read_1``, ``read_2`` (each the barcode's length unless ``n_cycles`` says more), ``index_1`` (UMI).
    """
    return {
        "read_1": barcode_file(library, draw.barcode, around, n_cycles),
        "read_2": reverse_barcode_file(library, draw.barcode, around, n_cycles),
        "index_1": umi_file(samples, draw, around),
    }


def write_reads(
    path: str | Path, reads: ReadFile, rates: ErrorRates, seed: int, name: str, suffix: str = "", level: int = 6
) -> FileErrors:
    """Read the templates and write the FASTQ file, gzipped.

    Args:
        path: the file.
        reads: what the reads are made from.
        rates: how often what is misread.
        seed: with the name and the file's own name it decides all errors.
        name: what the reads' names begin with, the same for files whose reads belong together.
        suffix: what their name lines end with.
        level: of compression, 1 to 9.
    """
    digest = hashlib.sha256(f"{name}/{Path(path).name}".encode()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
    totals = np.zeros(3, dtype=np.int64)
    write_gzip(path, _blocks(reads, rates, rng, name, suffix, totals), level)
    return FileErrors(len(reads.rows), *(int(total) for total in totals))


def _blocks(
    reads: ReadFile, rates: ErrorRates, rng: np.random.Generator, name: str, suffix: str, totals: NDArray[np.int64]
) -> Iterator[bytes]:
    for first in range(0, len(reads.rows), READS_PER_BLOCK):
        rows = reads.rows[first : first + READS_PER_BLOCK]
        done = misread(reads.templates[rows], reads.n_cycles, rates, rng)
        totals += (done.n_substitutions, done.n_insertions, done.n_deletions)
        yield fastq_block(name, first + 1, suffix, done.sequences, done.qualities)


def _barcodes(library: Library) -> Molecules:
    return Molecules(library.barcodes, np.full(len(library.barcodes), library.barcodes.shape[1]))


def _repeat(text: str, width: int) -> str:
    """The text again and again, at least ``width`` letters."""
    return text * -(-width // len(text))
