"""Reads of a given number of distinct barcodes, each as often as the others, without errors; for scaling only.

Reads are 40 nt: a 20-nt barcode, the 12-nt constant part of the reads benchmark, 8 nt more.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from kcalseq.simulate.fastqfile import fastq_block, write_gzip

BEHIND = "CGATTCGAAGCCTGTGATCC"
BARCODE_LENGTH, READS_PER_BLOCK = 20, 200_000
# An odd factor turns the numbers below a power of two into one another, here into codes of all the barcodes' bases.
_FACTOR = 0x9E3779B97F4A7C15 % 4**BARCODE_LENGTH


def generate_distinct(path: Path, n_reads: int, n_distinct: int, first: int = 0) -> None:
    """Write reads; the read with number i, counted from ``first``, has barcode i modulo ``n_distinct``."""
    write_gzip(path, _blocks(n_reads, n_distinct, first), level=1)


def _blocks(n_reads: int, n_distinct: int, first: int) -> Iterator[bytes]:
    letters, behind = (np.frombuffer(text.encode("ascii"), dtype=np.uint8) for text in ("ACGT", BEHIND))
    shifts = np.arange(2 * (BARCODE_LENGTH - 1), -1, -2, dtype=np.uint64)
    qualities = np.full((READS_PER_BLOCK, BARCODE_LENGTH + len(behind)), 37, dtype=np.uint8)
    for start in range(first, first + n_reads, READS_PER_BLOCK):
        numbers = np.arange(start, min(start + READS_PER_BLOCK, first + n_reads), dtype=np.uint64)
        codes = numbers % np.uint64(n_distinct) * np.uint64(_FACTOR)
        barcodes = letters[(codes[:, None] >> shifts & np.uint64(3)).astype(np.int64)]
        reads = np.concatenate([barcodes, np.broadcast_to(behind, (len(numbers), len(behind)))], axis=1)
        yield fastq_block("SIM:7:FLOWCELL:1:1101:", start + 1, " 1:N:0:ATCACG", reads, qualities[: len(numbers)])
