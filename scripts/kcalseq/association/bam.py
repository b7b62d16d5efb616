"""A BAM file for looking at: one record a barcode, its molecule aligned to its oligo.

Reference sequences are the oligos; a browser shows them with the design's FASTA. Without a design, and where a molecule
resembles no oligo, records are unmapped. Barcodes on whose molecule too few reads agree are not in it. Tags: BC the
barcode, XC the call, XN reads, XS reads that support the molecule, XM how it differs.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pysam

from kcalseq.association.design import Design
from kcalseq.association.nearest import cigar
from kcalseq.dna import reverse_complement
from kcalseq.wholefile import whole_or_not_at_all

_HIGHEST = 60  # mapping quality of a molecule that is one oligo; 0 where others are not excluded


class _Molecule(NamedTuple):
    """One barcode's molecule: the columns of ``barcode_calls`` that are shown, oligo -1 = none."""

    barcode: str
    call: str
    mutations: str | None
    n_reads: int
    n_supporting: int
    oligo: int


def write_bam(
    path: str | Path, design: Design | None, calls: pd.DataFrame, molecules: dict[str, str], turned: frozenset[str]
) -> None:
    """Write the BAM file, sorted, and its index (``path`` with .bai behind), each whole or not at all.

    Args:
        path: the BAM file.
        design: the oligos, or None.
        calls: table ``barcode_calls`` of the library.
        molecules: sequence as read of each barcode whose molecule is not an oligo as designed.
        turned: barcodes whose molecule was read as the reverse complement.
    """
    names = () if design is None else design.names
    sequences = () if design is None else design.sequences
    references = [] if design is None else design.sam_names()
    header = pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": "coordinate"},
            "SQ": [{"SN": name, "LN": len(letters)} for name, letters in zip(references, sequences, strict=True)],
        }
    )
    lines = _sorted_lines(names, references, sequences, calls, molecules, turned)
    with whole_or_not_at_all(f"{path}.bai") as index, whole_or_not_at_all(path) as partial:
        with pysam.AlignmentFile(str(partial), "wb", header=header) as file:
            for line in lines:
                file.write(pysam.AlignedSegment.fromstring(line, header))
        pysam.index("-o", str(index), str(partial))


def _sorted_lines(
    names: tuple[str, ...],
    references: list[str],
    sequences: tuple[str, ...],
    calls: pd.DataFrame,
    molecules: dict[str, str],
    turned: frozenset[str],
) -> list[str]:
    """The records as SAM, by oligo and position; unmapped ones come last."""
    number = {name: row for row, name in enumerate(names)}
    oligo = calls["variant"].map(number).fillna(-1).astype("int64")
    shown = calls[(oligo >= 0) | calls["barcode"].isin(set(molecules))].assign(oligo=oligo)
    shown["mutations"] = shown["mutations"].astype(object).where(shown["mutations"].notna(), None)
    lines = []
    for row in shown[list(_Molecule._fields)].itertuples(index=False, name=None):
        molecule = _Molecule(*row)
        letters = molecules.get(molecule.barcode)
        if molecule.oligo < 0:
            place, text = 0, _line(molecule, 4, "*", 0, "*", letters or "*")
        else:
            designed, reverse = sequences[molecule.oligo], molecule.barcode in turned
            # BAM holds the sequence in the direction of the reference.
            read = designed if letters is None else reverse_complement(letters) if reverse else letters
            pairs = [(0, len(designed))] if letters is None else cigar(designed, read)
            # A molecule without the first bases of its oligo begins behind them, one without the last ends before.
            place = 1 + (pairs[0][1] if pairs[0][0] == 2 else 0)
            pairs = pairs[1:] if place > 1 else pairs
            pairs = pairs[:-1] if pairs[-1][0] == 2 else pairs
            text_of_pairs = "".join(f"{length}{'MID'[kind]}" for kind, length in pairs)
            text = _line(molecule, 16 * reverse, references[molecule.oligo], place, text_of_pairs, read)
        lines.append((molecule.oligo < 0, molecule.oligo, place, molecule.barcode, text))
    return [text for *_, text in sorted(lines)]


def _line(row: _Molecule, flag: int, reference: str, place: int, pairs: str, letters: str) -> str:
    quality = _HIGHEST if row.call in ("assigned", "mutated") and flag != 4 else 0
    tags = f"BC:Z:{row.barcode}\tXC:Z:{row.call}\tXN:i:{row.n_reads}\tXS:i:{row.n_supporting}"
    notes = f"\tXM:Z:{row.mutations}" if row.mutations else ""
    return f"{row.barcode}\t{flag}\t{reference}\t{place}\t{quality}\t{pairs}\t*\t0\t0\t{letters}\t*\t{tags}{notes}"
