"""Counts of barcodes side by side, one row a barcode: IGVF's reporter_experiment_barcode, and the map beside it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from kcalseq.export.textfile import gzipped

COLUMNS = ["condition", "replicate", "fraction", "barcode", "n_reads", "n_molecules"]
"""Columns of table ``barcode_counts`` that are needed."""
_FRACTIONS = ("dna", "rna")
_NOT_COUNTED = -1
_ROWS_AT_ONCE = 1 << 17

Counts = dict[tuple[str, str, str], NDArray[np.int64]]


class SideBySide(NamedTuple):
    """Counts of the barcodes of a map.

    Attributes:
        counts: by condition, replicate and fraction the count of each barcode of the map, shape (n_barcodes,); -1 where
            it was not counted.
        n_unmapped: by condition, barcodes that the map does not hold, each as often as it was counted.
    """

    counts: Counts
    n_unmapped: dict[str, int]


def side_by_side(pieces: Iterable[pa.Table], known: pa.Array) -> SideBySide:
    """Put the counts of DNA and RNA samples side by side: molecules where reads carry UMIs, else reads.

    Args:
        pieces: table ``barcode_counts``, the columns ``COLUMNS``.
        known: the barcodes of the map, each once.
    """
    counts: Counts = {}
    n_unmapped: dict[str, int] = {}
    key = COLUMNS[:3]
    for piece in pieces:
        for place in piece.group_by(key).aggregate([]).to_pylist():
            if place["fraction"] not in _FRACTIONS:
                continue
            matches = [pc.equal(piece.column(name), place[name]) for name in key]
            part = piece.filter(pc.and_(pc.and_(matches[0], matches[1]), matches[2]))
            row = pc.index_in(part.column("barcode"), value_set=known)
            number = pc.coalesce(part.column("n_molecules"), part.column("n_reads")).to_numpy()
            is_known = row.is_valid().to_numpy()
            name = (place["condition"], place["replicate"], place["fraction"])
            column = counts.setdefault(name, np.full(len(known), _NOT_COUNTED, dtype=np.int64))
            column[row.drop_null().to_numpy()] = number[is_known]
            condition = place["condition"]
            n_unmapped[condition] = n_unmapped.get(condition, 0) + int((~is_known).sum())
    return SideBySide(counts, n_unmapped)


def with_shared_dna(counts: Counts, dna: str) -> Counts:
    """Counts in which every replicate with RNA has the DNA that serves it.

    Args:
        counts: see ``SideBySide``.
        dna: by_replicate = the DNA of the replicate, by_condition = the sum of all DNA samples of the condition,
            by_library = of the library.
    """
    if dna == "by_replicate":
        return counts
    found = {place: column for place, column in counts.items() if place[2] == "rna"}
    for condition, replicate, _ in list(found):
        serving = [
            column
            for (of, _, fraction), column in counts.items()
            if fraction == "dna" and (dna == "by_library" or of == condition)
        ]
        if serving:
            found[condition, replicate, "dna"] = _sum(serving)
    return found


def _sum(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Sum of counts; not counted where none of them is."""
    total: NDArray[np.int64] = np.sum([np.maximum(column, 0) for column in columns], axis=0)
    total[np.all([column == _NOT_COUNTED for column in columns], axis=0)] = _NOT_COUNTED
    return total


def write_barcode_counts(
    counts: Counts, condition: str, replicates: Mapping[str, str], barcode_map: pa.Table, path: str | Path
) -> int:
    """Write reporter_experiment_barcode of one condition; a cell is empty where a barcode was not counted.

    Args:
        counts: see ``SideBySide``.
        condition: the condition.
        replicates: its replicates, each with its name in the header.
        barcode_map: columns barcode and variant, in the order of the barcodes.
        path: the file, gzipped.

    Returns:
        rows written: barcodes of the map that were counted in any sample of the condition.
    """
    names, columns = ["barcode", "oligo_name"], []
    for replicate, name in replicates.items():
        for fraction in _FRACTIONS:
            names.append(f"{fraction}_count_{name}")
            columns.append(counts.get((condition, replicate, fraction)))
    there = [column >= 0 for column in columns if column is not None]
    rows = np.flatnonzero(np.logical_or.reduce(there)) if there else np.zeros(0, dtype=np.int64)
    with gzipped(path) as file:
        file.write(("\t".join(names) + "\n").encode())
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            own = barcode_map.select(["barcode", "variant"]).take(pa.array(part))
            numbers = [_numbers(column, part) for column in columns]
            _write([*own.columns, *numbers], names, file)
    return len(rows)


def write_map(barcode_map: pa.Table, path: str | Path) -> int:
    """Write reporter_barcode_to_element_mapping: barcode and variant, without header. Returns the rows written."""
    with gzipped(path) as file:
        for start in range(0, len(barcode_map), _ROWS_AT_ONCE):
            part = barcode_map.slice(start, _ROWS_AT_ONCE)
            _write([part.column("barcode"), part.column("variant")], ["barcode", "variant"], file)
    return len(barcode_map)


def _numbers(column: NDArray[np.int64] | None, rows: NDArray[np.int64]) -> pa.Array:
    if column is None:
        return pa.nulls(len(rows), pa.int64())
    own = column[rows]
    return pa.array(own, mask=own == _NOT_COUNTED)


def _write(columns: Sequence[pa.Array], names: Sequence[str], file: object) -> None:
    options = pcsv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    pcsv.write_csv(pa.table(list(columns), names=list(names)), file, options)
