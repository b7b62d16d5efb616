"""Single reads of 75 nt: a 20-nt barcode, a 12-nt constant part, and the variant behind them.

Errors as in simulate.misreading: 0.5 % of the bases. With misread ones, a tenth of the reads' barcodes are distinct.

    PYTHONPATH=scripts python benchmarks/reads/generate_reads.py --reads 16000000 reads.fastq.gz
"""

import argparse
from pathlib import Path

import numpy as np

from kcalseq.simulate.misreading import ErrorRates
from kcalseq.simulate.molecules import draw_barcodes
from kcalseq.simulate.readfiles import ReadFile, write_reads

CONSTANT = "CGATTCGAAGCC"
BARCODE_LENGTH, N_CYCLES = 20, 75
# Qualities as older sequencers give them, one of many values, and as recent ones bin them. The first take more room.
QUALITIES = {
    "many": ErrorRates(
        qualities=(41, 40, 39, 38, 37, 36, 34, 32, 30, 26, 20, 12),
        shares=(0.24, 0.16, 0.13, 0.10, 0.09, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01),
    ),
    "binned": ErrorRates(),
}


def generate(path: Path, n_reads: int, n_barcodes: int, seed: int = 1, level: int = 6, qualities: str = "many") -> None:
    """Write the reads of barcodes of lognormal abundance (standard deviation 0.8 in nats)."""
    rng = np.random.default_rng(seed)
    barcodes = draw_barcodes(n_barcodes, BARCODE_LENGTH, rng)
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)
    behind = letters[rng.integers(4, size=(n_barcodes, N_CYCLES))]
    head = np.broadcast_to(np.frombuffer(CONSTANT.encode(), dtype=np.uint8), (n_barcodes, len(CONSTANT)))
    molecules = np.concatenate([barcodes, head, behind], axis=1)
    bounds = np.cumsum(rng.lognormal(0, 0.8, n_barcodes))
    rows = np.searchsorted(bounds, rng.random(n_reads) * bounds[-1])
    reads = ReadFile(molecules, rows, N_CYCLES)
    write_reads(path, reads, QUALITIES[qualities], seed, "SIM:7:FLOWCELL:1:1101:", " 1:N:0:ATCACG", level)


def main() -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--reads", type=int, default=16_000_000, help="how many (default %(default)s)")
    parser.add_argument("--barcodes", type=int, default=50_000, help="true barcodes (default %(default)s)")
    parser.add_argument("--qualities", choices=QUALITIES, default="many", help="(default %(default)s)")
    parser.add_argument("--level", type=int, default=6, help="of compression (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generate(options.path, options.reads, options.barcodes, options.seed, options.level, options.qualities)


if __name__ == "__main__":
    main()
