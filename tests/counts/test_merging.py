"""Rows of all runs brought together in bins: the same molecules as by a dictionary, in bins of the size asked for."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kcalseq.arrowfile import write_pieces
from kcalseq.counts.correction import Corrected
from kcalseq.counts.keys import add_up
from kcalseq.counts.merging import BYTES_PER_ROW, MoleculeRows, merge_molecules, tally_samples
from kcalseq.errors import KcalseqError

SAMPLES = ["d", "r"]
KEY = ["library", "sample", "run", "barcode", "umi"]
Molecule = tuple[str, str, str]


def reads_of(seed: int, umi_lengths: tuple[int, ...]) -> Counter[Molecule]:
    """Reads of molecules (barcode, sample, UMI): five barcodes with up to a hundred of them, UMIs of these lengths."""
    rng = np.random.default_rng(seed)
    letters = list("ACGT")
    barcodes = ["".join(rng.choice(letters, 6)) for _ in range(5)]
    found: Counter[Molecule] = Counter()
    for n, barcode in zip((100, 60, 10, 30, 2), barcodes, strict=True):
        for _ in range(n):
            umi = "".join(rng.choice(letters, max(umi_lengths)))[: int(rng.choice(umi_lengths))]
            found[barcode, str(rng.choice(SAMPLES)), umi] += int(rng.integers(1, 4))
    return found


def written(reads: Counter[Molecule], path: Path, library: str = "lib") -> Path:
    """The reads as a run's table ``observations``."""
    rows = [(library, sample, path.stem, barcode, umi or None, n) for (barcode, sample, umi), n in reads.items()]
    table = pd.DataFrame(rows, columns=[*KEY, "n_reads"]).sort_values(KEY, na_position="last")
    write_pieces("observations", [pa.Table.from_pandas(table, preserve_index=False)], path)
    return path


def merged(paths: list[Path], folder: Path, memory: int = 1 << 30) -> tuple[list[MoleculeRows], list[str]]:
    """Bins of rows whose barcodes stay as they were read, and these barcodes."""
    read = add_up(tally_samples("lib", paths, SAMPLES))
    n = len(read.sums)
    as_read = Corrected(read.keys, np.arange(n), np.zeros(n, dtype=np.int8))
    return list(merge_molecules("lib", paths, SAMPLES, read, as_read, memory, folder)), read.keys.strings().to_pylist()


def told(bins: list[MoleculeRows], barcodes: list[str]) -> list[tuple[Molecule, int]]:
    """Reads of each molecule, in the order in which bins tell them."""
    return [
        ((barcodes[barcode], SAMPLES[sample], umi), n)
        for rows in bins
        for barcode, sample, umi, n in zip(
            rows.barcode, rows.sample, rows.umis.strings().to_pylist(), rows.n_reads.tolist(), strict=True
        )
    ]


@pytest.mark.parametrize("umi_lengths", [(3,), (3, 4, 5), (28, 29)])
@pytest.mark.parametrize("most_rows", [1, 40, 70, 10_000])
def test_bins_hold_each_molecule_once_and_no_more_rows_than_they_may(
    tmp_path: Path, umi_lengths: tuple[int, ...], most_rows: int
) -> None:
    one, two = reads_of(1, umi_lengths), reads_of(2, umi_lengths)
    two.update({molecule: 1 for molecule in list(one)[::3]})
    paths = [written(one, tmp_path / "one.parquet"), written(two, tmp_path / "two.parquet")]
    bins, barcodes = merged(paths, tmp_path, most_rows * BYTES_PER_ROW)
    found = told(bins, barcodes)
    assert dict(found) == one + two and len(found) == len(dict(found))
    assert [molecule[:2] for molecule, _ in found] == sorted(molecule[:2] for molecule, _ in found)
    # Rows before they are summed; a barcode alone may have more of them.
    rows = Counter(barcode for reads in (one, two) for barcode, _, _ in reads)
    sizes = [[rows[barcodes[barcode]] for barcode in np.unique(one_bin.barcode)] for one_bin in bins]
    assert all(len(own) == 1 or sum(own) <= most_rows for own in sizes)
    # Nor are there more bins than it takes: two neighbours would not fit into one.
    assert all(sum(own) + after[0] > most_rows for own, after in pairwise(sizes))
    assert len(bins) == {1: len(barcodes), 10_000: 1}.get(most_rows, len(bins))


def test_a_umi_may_have_29_bases_and_no_more(tmp_path: Path) -> None:
    path = written(Counter({("ACGT", "d", "A" * 30): 1, ("ACGT", "r", "A"): 1}), tmp_path / "run.parquet")
    with pytest.raises(KcalseqError, match="run.parquet: a UMI of 30 bases; expected at most 29"):
        merged([path], tmp_path)


def test_a_sample_with_umis_in_one_run_and_none_in_another_is_refused(tmp_path: Path) -> None:
    one = written(Counter({("ACGT", "d", "AC"): 1, ("ACGT", "r", "AC"): 1}), tmp_path / "one.parquet")
    two = written(Counter({("ACGT", "d", ""): 1}), tmp_path / "two.parquet")
    with pytest.raises(KcalseqError, match="two.parquet: reads with and without UMI in sample 'd'"):
        merged([one, two], tmp_path)


def test_rows_of_another_library_are_passed_over(tmp_path: Path) -> None:
    reads = reads_of(3, (4,))
    own = written(reads, tmp_path / "own.parquet")
    other = written(reads_of(4, (4,)), tmp_path / "other.parquet", "another")
    assert dict(told(*merged([own, other], tmp_path))) == reads
