"""A library's observations to its barcode map, as scripts/map_barcodes.py does it, without Snakemake.

    PYTHONPATH=scripts python benchmarks/association/map.py OBSERVATIONS DESIGN OUTPUT_FOLDER

OBSERVATIONS is a parquet file, DESIGN a FASTA file.
"""

import sys
from pathlib import Path

from kcalseq.association.bam import write_bam
from kcalseq.association.design import read_design
from kcalseq.association.mapping import map_barcodes
from kcalseq.step import leave_quickly
from kcalseq.tablefile import write_table

TABLES = (
    "variants",
    "barcode_map",
    "barcode_calls",
    "reads_per_barcode",
    "association_summary",
    "design_conflicts",
)


def map_observations(observations: Path, design: Path, output: Path) -> None:
    """Write the tables of the floor association and the BAM file to a folder."""
    oligos = read_design(design)
    mapped = map_barcodes("library", [observations], oligos)
    for name in TABLES:
        write_table(name, getattr(mapped, name), output / f"{name}.parquet")
    write_bam(output / "molecules.bam", oligos, mapped.barcode_calls, mapped.molecules, mapped.turned)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    map_observations(*map(Path, sys.argv[1:]))
    leave_quickly()
