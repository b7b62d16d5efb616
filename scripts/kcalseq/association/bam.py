"""A BAM file for looking at: one record a barcode, its molecule aligned to its oligo.

Reference sequences are the oligos; a browser shows them with the design's FASTA. Without a design, and where a molecule
resembles no oligo, records are unmapped. Barcodes on whose molecule too few reads agree are not in it. Tags: BC the
barcode, XC the call, XN reads, XS reads that support the molecule, XM how it differs.
"""

from pathlib import Path

import pandas as pd
import pysam

from kcalseq.association.design import Design
from kcalseq.association.nearest import cigar
from kcalseq.dna import reverse_complement
from kcalseq.wholefile import whole_or_not_at_all

_HIGHEST = 60  # mapping quality of a molecule that is one oligo; 0 where others are not excluded


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
    number, lines = {name: row for row, name in enumerate(names)}, []
    columns = ["barcode", "call", "variant", "mutations", "n_reads", "n_supporting"]
    for barcode, call, variant, mutations, n_reads, n_supporting in zip(
        *(calls[name].astype(object).tolist() for name in columns), strict=True
    ):
        oligo, letters = number.get(variant, -1), molecules.get(barcode)
        if oligo < 0 and letters is None:
            continue
        notes = f"\tXM:Z:{mutations}" if isinstance(mutations, str) else ""
        tags = f"BC:Z:{barcode}\tXC:Z:{call}\tXN:i:{n_reads}\tXS:i:{n_supporting}{notes}"
        if oligo < 0:
            line = f"{barcode}\t4\t*\t0\t0\t*\t*\t0\t0\t{letters}\t*\t{tags}"
            lines.append((len(names), 0, barcode, line))
            continue
        designed, reverse = sequences[oligo], barcode in turned
        place, pairs, read = 1, f"{len(designed)}M", designed
        if letters is not None:
            # BAM holds the sequence in the direction of the reference.
            read = reverse_complement(letters) if reverse else letters
            place, pairs = _placed(cigar(designed, read))
        quality = _HIGHEST if call in ("assigned", "mutated") else 0
        line = (
            f"{barcode}\t{16 * reverse}\t{references[oligo]}\t{place}\t{quality}\t{pairs}\t*\t0\t0\t{read}\t*\t{tags}"
        )
        lines.append((oligo, place, barcode, line))
    return [line for *_, line in sorted(lines)]


def _placed(pairs: list[tuple[int, int]]) -> tuple[int, str]:
    """1-based position and CIGAR: without its oligo's first bases a molecule begins behind them."""
    place = 1 + (pairs[0][1] if pairs[0][0] == 2 else 0)
    pairs = pairs[1:] if place > 1 else pairs
    pairs = pairs[:-1] if pairs[-1][0] == 2 else pairs
    return place, "".join(f"{length}{'MID'[kind]}" for kind, length in pairs)
