"""One sample's observations to its barcode counts, as scripts/count_barcodes.py does it, without Snakemake.

    PYTHONPATH=scripts python benchmarks/counts/count.py OUTPUT_FOLDER SAMPLE MAP OBSERVATIONS [OBSERVATIONS ...]

MAP is a TSV with the columns barcode and variant; none: clusters are formed.
"""

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa

from kcalseq.arrowfile import write_pieces
from kcalseq.counts.barcodes import count_barcodes
from kcalseq.counts.correction import Correction
from kcalseq.step import leave_quickly
from kcalseq.tablefile import write_table

TABLES = ("count_fates", "saturation", "barcode_overlap", "index_hopping")


def count(output: Path, sample: str, barcode_map: Path | None, observations: list[Path]) -> None:
    """Write the tables of the step to a folder."""
    samples = pd.DataFrame({"sample": [sample], "condition": "c", "replicate": "1", "fraction": "dna", "bin": 0})
    known = None
    if barcode_map is not None:
        frame = pd.read_csv(barcode_map, sep="\t", dtype=str).assign(library="library")
        known = pa.Table.from_pandas(frame, preserve_index=False)
    counted = count_barcodes("library", observations, samples, known, Correction(), output)
    write_pieces("barcode_counts", counted.barcode_counts, output / "barcode_counts.parquet")
    for name in TABLES:
        write_table(name, getattr(counted, name), output / f"{name}.parquet")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    given = None if sys.argv[3] == "none" else Path(sys.argv[3])
    count(Path(sys.argv[1]), sys.argv[2], given, [Path(path) for path in sys.argv[4:]])
    leave_quickly()
