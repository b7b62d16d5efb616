"""Reads per barcode: how often each number, and the least that makes a barcode worth calling."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def reads_per_barcode(library: str, n_reads: NDArray[np.int64]) -> pd.DataFrame:
    """Table ``reads_per_barcode``."""
    numbers, often = np.unique(n_reads, return_counts=True)
    return pd.DataFrame({"library": library, "n_reads": numbers, "n_barcodes": often})


def recommended_min_reads(n_reads: NDArray[np.int64], least: int) -> int:
    """The number of reads where barcodes worth calling begin, from the data.

    Misread barcodes have one or few reads each; true ones gather around the sequencing depth. Where the histogram of
    reads per barcode falls first and rises again, the valley between the two is the answer: the first number of reads
    that is no more frequent than the next three are on average, as long as at least half of the reads lie above. Where
    it only falls (shallow sequencing, or barcodes already corrected), there is no valley and ``least`` is the answer,
    as it is where the valley lies lower.
    """
    if not len(n_reads):
        return least
    often = np.bincount(n_reads)
    reads = often * np.arange(len(often))
    above = reads[::-1].cumsum()[::-1] / reads.sum()
    for number in range(1, len(often) - 3):
        if above[number + 1] < 0.5:
            break
        if often[number] <= often[number + 1 : number + 4].mean():
            return max(least, number)
    return least
