"""How many parts a run is read in."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from kcalseq.reads.bgzf import is_bgzip_fastq


def number_of_parts(files: Sequence[str], part_mb: float) -> int:
    """Parts of a run, one job each.

    Args:
        files: the files that are read together.
        part_mb: about so many MB of the largest file to a part; 0 = the run whole.

    Returns:
        1 where a file is small, or is not FASTQ compressed by bgzip: others cannot be read but from their beginning.
    """
    paths = [Path(name) for name in files]
    if not part_mb or not all(path.is_file() for path in paths):
        return 1
    n_parts = ceil(max(path.stat().st_size for path in paths) / (part_mb * 1_000_000))
    return n_parts if n_parts > 1 and all(map(is_bgzip_fastq, paths)) else 1
