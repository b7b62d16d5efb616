"""Bring the observations of all runs of a library together without ever holding them.

First the barcodes are summed over runs, sample by sample: that much is held, some 30 bytes for each barcode of a
sample. Then, where reads carry UMIs, the rows go by once more and are dealt out to bins of neighbouring barcodes; each
bin is small enough to be sorted in memory. One bin stays in memory, several lie in files meanwhile. Since a bin is
sorted by the whole key and summed, nothing depends on the order of runs, the split of files or the number of bins.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kcalseq.arrowfile import read_pieces
from kcalseq.counts.correction import Corrected
from kcalseq.counts.keys import Keys, Shape, Tally, add_up, locate, reshape, sort_rows, starts, sum_groups, to_keys
from kcalseq.counts.silence import refuse_silent
from kcalseq.errors import KcalseqError

BYTES_PER_ROW = 24 * 7
"""Memory that sorting and summing a bin takes at its peak, for each row."""
_LENGTH_BITS = np.uint64(63)
_LONGEST_UMI = 29
_SAMPLE_BITS = np.uint64(16)


class MoleculeRows(NamedTuple):
    """Rows of a bin: in order of barcode, sample and UMI, each once.

    Attributes:
        barcode: row of the barcode among those counted, shape (n,).
        sample: number of the sample, shape (n,).
        umis: UMIs as read, n of them.
        n_reads: reads of each, shape (n,).
    """

    barcode: NDArray[np.int64]
    sample: NDArray[np.int64]
    umis: Keys
    n_reads: NDArray[np.int64]


def tally_samples(library: str, paths: list[Path], samples: list[str]) -> list[Tally]:
    """Reads and rows of each barcode as read, summed over runs: one tally per sample, in their order.

    Args:
        library: which library.
        paths: files of table ``observations``.
        samples: samples to be counted; rows of others are passed over.

    Raises:
        KcalseqError: a row has no barcode, or a sample has no reads.
    """
    tallies: list[list[Tally]] = [[] for _ in samples]
    for path in paths:
        for number, rows in _sections(library, path, samples, ["barcode", "n_reads"]):
            keys = to_keys(rows.column("barcode"), f"{path} column 'barcode'")
            first = starts(keys.words)
            counted = np.column_stack([rows.column("n_reads").to_numpy(), np.ones(len(rows), dtype=np.int64)])
            tallies[number].append(Tally(keys.take(first), sum_groups(counted, first)))
        tallies = [[add_up(pieces)] if len(pieces) > 1 else pieces for pieces in tallies]
    refuse_silent(library, [sample for sample, pieces in zip(samples, tallies, strict=True) if not pieces])
    return [add_up(pieces) for pieces in tallies]


def have_umis(paths: list[Path]) -> bool:
    """Whether any row of these files has a UMI, as far as the files' own statistics tell."""
    for path in paths:
        described = pq.read_metadata(path)
        column = described.schema.names.index("umi")
        for group in range(described.num_row_groups):
            chunk = described.row_group(group).column(column)
            known = chunk.is_stats_set and chunk.statistics.has_null_count
            if not known or chunk.statistics.null_count < chunk.num_values:
                return True
    return False


def merge_molecules(
    library: str, paths: list[Path], samples: list[str], read: Tally, corrected: Corrected, memory: int, scratch: Path
) -> Iterator[MoleculeRows]:
    """Sum the rows of all runs by barcode counted, sample and UMI, bin by bin in order of barcode.

    Args:
        library: which library.
        paths: files of table ``observations``.
        samples: samples to be counted.
        read: barcodes as read in all of them; second column of ``sums`` = rows.
        corrected: what each of these stands for.
        memory: bytes that a bin may take while it is sorted; a single barcode with more rows than that takes more.
        scratch: folder for the bins, about 24 bytes a row.

    Raises:
        KcalseqError: a sample has reads with and without UMI, or a UMI has more than 29 bases.
    """
    weights = np.zeros(len(corrected.keys.words) + 1, dtype=np.int64)
    kept = corrected.target >= 0
    np.add.at(weights, corrected.target[kept] + 1, read.sums[kept, 1])
    most = max(1, memory // BYTES_PER_ROW)
    bounds = _bounds(np.cumsum(weights), most)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        bins = _Bins(Path(folder) if len(bounds) > 1 else None, len(bounds))
        lengths: set[int] = set()
        for records in _records(library, paths, samples, read.keys, corrected):
            lengths.update(np.unique(records[:, 1] & _LENGTH_BITS).tolist())
            numbers = np.searchsorted(bounds, (records[:, 0] >> _SAMPLE_BITS).astype(np.int64), side="right")
            bins.add(numbers, records)
        for number in range(len(bounds)):
            records = bins.take(number)
            if len(records):
                yield _sorted_rows(records, lengths)


def _sections(library: str, path: Path, samples: list[str], columns: list[str]) -> Iterator[tuple[int, pa.Table]]:
    """Rows of one sample at a time, with the number of the sample."""
    numbers = {sample: number for number, sample in enumerate(samples)}
    for piece in read_pieces("observations", path, ["library", "sample", *columns]):
        mine = piece.filter(pc.equal(piece.column("library"), library))
        ends = mine.column("sample").combine_chunks()
        if isinstance(ends, pa.ChunkedArray):
            ends = pa.concat_arrays(ends.chunks)
        runs = pc.run_end_encode(ends)
        start = 0
        for sample, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            if sample in numbers:
                yield numbers[sample], mine.slice(start, end - start)
            start = end


def _bounds(rows_before: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """First barcode behind each bin, such that no bin has more rows unless one barcode has; shape (n_bins,)."""
    bounds, n = [], len(rows_before) - 1
    start = 0
    while start < n:
        end = int(np.searchsorted(rows_before, rows_before[start] + most, side="right")) - 1
        start = min(max(end, start + 1), n)
        bounds.append(start)
    return np.array(bounds or [n], dtype=np.int64)


def _records(
    library: str, paths: list[Path], samples: list[str], read: Keys, corrected: Corrected
) -> Iterator[NDArray[np.uint64]]:
    """Counted rows as barcode and sample in one word, UMI and its length in one, and reads; shape (n, 3)."""
    with_umi: dict[int, bool] = {}
    for path in paths:
        for number, rows in _sections(library, path, samples, ["barcode", "umi", "n_reads"]):
            missing = rows.column("umi").null_count
            if missing not in (0, len(rows)) or with_umi.setdefault(number, missing == 0) != (missing == 0):
                found = f"reads with and without UMI in sample '{samples[number]}'"
                raise KcalseqError(str(path), found, "one or the other", "make two samples of it")
            if missing:
                continue
            keys = reshape(to_keys(rows.column("barcode"), f"{path} column 'barcode'"), read.shape)
            target = corrected.target[locate(read.words, keys.words)]
            kept = target >= 0
            place = (target.astype(np.uint64) << _SAMPLE_BITS) | np.uint64(number)
            umis = _with_length(to_keys(rows.column("umi"), f"{path} column 'umi'"), path)
            yield np.column_stack([place, umis, rows.column("n_reads").to_numpy().astype(np.uint64)])[kept]


def _with_length(umis: Keys, path: Path) -> NDArray[np.uint64]:
    if umis.shape.longest > _LONGEST_UMI:
        found = f"a UMI of {umis.shape.longest} bases"
        raise KcalseqError(str(path), found, f"at most {_LONGEST_UMI}", "shorten the UMI in the assay layout")
    return umis.words[:, 0] | (np.uint64(umis.shape.longest) if umis.shape.same_length else umis.words[:, 1])


def _sorted_rows(records: NDArray[np.uint64], lengths: set[int]) -> MoleculeRows:
    records = records[sort_rows(np.ascontiguousarray(records[:, :2]))]
    first = starts(records[:, :2])
    n_reads = sum_groups(records[:, 2:].astype(np.int64), first)[:, 0]
    place, words = records[first, 0], records[first, 1] & ~_LENGTH_BITS
    # Whether lengths differ is asked of all UMIs of the library, so that all bins go by the same rule.
    shape = Shape(max(lengths), len(lengths) == 1)
    columns = [words] if shape.same_length else [words, records[first, 1] & _LENGTH_BITS]
    barcode = (place >> _SAMPLE_BITS).astype(np.int64)
    sample = (place & np.uint64((1 << int(_SAMPLE_BITS)) - 1)).astype(np.int64)
    return MoleculeRows(barcode, sample, Keys(np.column_stack(columns), shape), n_reads)


class _Bins:
    """Records in bins: in memory where no folder is given, else in one file a bin."""

    def __init__(self, folder: Path | None, n: int) -> None:
        self._folder, self._held = folder, [[np.zeros((0, 3), dtype=np.uint64)] for _ in range(n)]

    def add(self, numbers: NDArray[np.int64], records: NDArray[np.uint64]) -> None:
        if self._folder is None:
            self._held[0].append(records)
            return
        order = np.argsort(numbers, kind="stable")
        ends = np.searchsorted(numbers[order], np.arange(len(self._held)), side="right")
        for number, part in enumerate(np.split(records[order], ends[:-1])):
            if len(part):
                with (self._folder / str(number)).open("ab") as file:
                    part.tofile(file)

    def take(self, number: int) -> NDArray[np.uint64]:
        if self._folder is None:
            return np.concatenate(self._held.pop())
        path = self._folder / str(number)
        return np.fromfile(path, dtype=np.uint64).reshape(-1, 3) if path.exists() else self._held[number][0]
