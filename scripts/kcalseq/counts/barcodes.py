"""Counts per barcode of one library, from the observations of all its runs, and what they say of the sequencing.

Barcodes are summed, then put right all together, then each sample's reads are moved; where reads carry UMIs, their rows
go by once more to be made molecules, barcode by barcode.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.counts.correction import FATES, Corrected, Correction, KnownBarcodes, correct_barcodes, known_barcodes
from kcalseq.counts.keys import Tally, add_up, locate, reshape, starts, sum_groups
from kcalseq.counts.merging import MoleculeRows, have_umis, merge_molecules, tally_samples
from kcalseq.counts.molecules import molecule_heads
from kcalseq.counts.saturation import (
    FRACTIONS,
    PROJECTIONS,
    Spectrum,
    add_spectra,
    expected_distinct,
    projected_distinct,
    spectrum,
)
from kcalseq.counts.sharing import Shared, add_shared, barcode_overlap, index_hopping, no_sharing, share_molecules
from kcalseq.errors import KcalseqError

_PLACE = ["condition", "replicate", "fraction", "bin"]
_ROWS_PER_PIECE = 1 << 17


class SampleCounts(NamedTuple):
    """Counts of one sample.

    Attributes:
        barcode: rows among the barcodes counted, in order, each once, shape (n,).
        n_reads: reads of each, shape (n,).
        n_molecules: molecules of each, shape (n,); None = its reads carry no UMI, or none were counted.
        reads_of_molecules: how many molecules have how many reads.
        reads_as_read: the same with each UMI as read.
    """

    barcode: NDArray[np.int64]
    n_reads: NDArray[np.int64]
    n_molecules: NDArray[np.int64] | None
    reads_of_molecules: Spectrum
    reads_as_read: Spectrum


class BarcodeCounts(NamedTuple):
    """Counts of a library.

    Attributes:
        barcode_counts: table ``barcode_counts`` in pieces, in order: for ``write_pieces``; can be gone through once.
        count_fates: table ``count_fates``.
        saturation: table ``saturation``.
        barcode_overlap: table ``barcode_overlap``.
        index_hopping: table ``index_hopping``.
        n_as_read: distinct barcodes as read, in all samples together.
        n_counted: distinct barcodes counted.
    """

    barcode_counts: Iterator[pa.Table]
    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    barcode_overlap: pd.DataFrame
    index_hopping: pd.DataFrame
    n_as_read: int
    n_counted: int


def count_barcodes(
    library: str,
    paths: list[Path],
    samples: pd.DataFrame,
    known: pa.Table | None,
    settings: Correction,
    scratch: Path,
    memory: int = 1 << 30,
) -> BarcodeCounts:
    """Count the barcodes of a library.

    Args:
        library: which library.
        paths: files of table ``observations`` of all its runs.
        samples: columns sample, condition, replicate, fraction, bin: the samples to be counted.
        known: table ``barcode_map`` (columns library, barcode, variant) or a whitelist (library, barcode); None =
            clusters are formed.
        settings: how misread barcodes and UMIs are put right.
        scratch: folder for what does not fit into memory.
        memory: bytes for rows of reads; what is held for each barcode comes on top (some 30 bytes a sample).

    Raises:
        KcalseqError: a sample has no reads or shares its place with another, a row has no barcode, no barcode is known,
            or UMIs are of two minds.
    """
    ordered = samples.sort_values(_PLACE, ignore_index=True)
    _check_places(library, ordered)
    names = ordered["sample"].to_list()
    barcodes = None if known is None else known_barcodes(library, known)
    tallies = tally_samples(library, paths, names)
    read = add_up(tallies)
    corrected = correct_barcodes(library, read, barcodes, settings)
    counted, fates = [], []
    for name, tally in zip(names, tallies, strict=True):
        rows = locate(read.keys.words, reshape(tally.keys, read.keys.shape).words)
        fates.append(_fates(library, name, tally, corrected.fate[rows]))
        counted.append(_sample_counts(tally, corrected.target[rows]))
    shared = None
    if settings.umis != "none" and have_umis(paths):
        rows_of_bins = merge_molecules(library, paths, names, read, corrected, memory, scratch)
        counted, shared = _with_molecules(rows_of_bins, counted, settings)
    seen = [one.barcode for one in counted]
    most = math.inf if barcodes is None else len(corrected.keys.words)
    return BarcodeCounts(
        _pieces(library, ordered, corrected, barcodes, counted),
        pd.concat(fates, ignore_index=True),
        pd.concat([_saturation(library, *pair, most) for pair in zip(names, counted, strict=True)], ignore_index=True),
        barcode_overlap(library, names, seen, len(corrected.keys.words)),
        _hopping(library, names, shared, counted),
        len(read.sums),
        len(np.unique(np.concatenate(seen))),
    )


def _check_places(library: str, samples: pd.DataFrame) -> None:
    twice = samples[samples.duplicated(_PLACE, keep=False)]
    if len(twice):
        raise KcalseqError(
            f"library '{library}'",
            f"samples {', '.join(twice['sample'])} have the same condition, replicate, fraction and bin",
            "one sample for each",
            "give each its replicate, or make them runs of one sample",
        )


def _fates(library: str, sample: str, tally: Tally, fate: NDArray[np.uint8]) -> pd.DataFrame:
    n_reads = [int(tally.sums[fate == number, 0].sum()) for number in range(len(FATES))]
    n_barcodes = np.bincount(fate, minlength=len(FATES)).tolist()
    rows = {"library": library, "sample": sample, "fate": FATES, "n_reads": n_reads, "n_barcodes": n_barcodes}
    return pd.DataFrame(rows)


def _sample_counts(tally: Tally, target: NDArray[np.int64]) -> SampleCounts:
    kept = np.flatnonzero(target >= 0)
    order = kept[np.argsort(target[kept], kind="stable")]
    first = starts(target[order].astype(np.uint64)[:, None])
    n_reads = sum_groups(tally.sums[order, :1], first)[:, 0]
    return SampleCounts(target[order][first], n_reads, None, add_spectra([]), add_spectra([]))


def _with_molecules(
    bins: Iterator[MoleculeRows], counted: list[SampleCounts], settings: Correction
) -> tuple[list[SampleCounts], Shared | None]:
    n = len(counted)
    molecules: list[list[NDArray[np.int64]]] = [[] for _ in counted]
    spectra: list[list[Spectrum]] = [[] for _ in counted]
    as_read: list[list[Spectrum]] = [[] for _ in counted]
    shared: Shared | None = None
    for rows in bins:
        first = starts(np.column_stack([rows.barcode, rows.sample]).astype(np.uint64))
        heads = molecule_heads(rows.umis, first, rows.n_reads, settings.umi_reach, 2)
        is_head = heads == np.arange(len(heads))
        reads = np.bincount(heads, rows.n_reads, len(heads)).astype(np.int64)
        per_barcode = np.add.reduceat(is_head.astype(np.int64), first)
        for number in range(n):
            mine = rows.sample == number
            if mine.any():
                molecules[number].append(per_barcode[mine[first]])
                spectra[number].append(spectrum(reads[is_head & mine]))
                as_read[number].append(spectrum(rows.n_reads[mine]))
        more = share_molecules(rows.barcode, rows.sample, rows.umis, rows.n_reads, n)
        shared = more if shared is None else add_shared(shared, more)
    with_umis = [
        one._replace(
            n_molecules=np.concatenate(molecules[number]) if molecules[number] else None,
            reads_of_molecules=add_spectra(spectra[number]),
            reads_as_read=add_spectra(as_read[number]),
        )
        for number, one in enumerate(counted)
    ]
    return with_umis, shared


def _saturation(library: str, sample: str, counts: SampleCounts, most: float) -> pd.DataFrame:
    """Rows of one sample; more barcodes than are known, ``most``, cannot be seen however deep one sequences."""
    barcodes, molecules = spectrum(counts.n_reads), counts.reads_of_molecules
    depths = sorted({round(barcodes.n_reads * fraction) for fraction in FRACTIONS} - {0})
    rows = []
    for depth in depths:
        of_molecules = expected_distinct(molecules, depth) if len(molecules.reads) else None
        rows.append((depth, expected_distinct(barcodes, depth), of_molecules, False))
    folds = PROJECTIONS if depths else ()
    more = projected_distinct(barcodes, folds)
    of_molecules_more = projected_distinct(molecules, folds) if len(molecules.reads) else [None] * len(more)
    for fold, n_barcodes, n_molecules in zip(folds, more, of_molecules_more, strict=True):
        rows.append((barcodes.n_reads * fold, min(n_barcodes, most), n_molecules, True))
    table = pd.DataFrame(rows, columns=["n_reads", "n_barcodes", "n_molecules", "projected"])
    return table.assign(library=library, sample=sample).astype({"n_molecules": "float64"})


def _hopping(library: str, names: list[str], shared: Shared | None, counted: list[SampleCounts]) -> pd.DataFrame:
    if shared is None:
        shared = no_sharing(len(names), 1)
    return index_hopping(library, names, shared, [one.reads_as_read for one in counted])


def _pieces(
    library: str,
    samples: pd.DataFrame,
    corrected: Corrected,
    known: KnownBarcodes | None,
    counted: list[SampleCounts],
) -> Iterator[pa.Table]:
    for row, counts in zip(samples[_PLACE].to_dict("records"), counted, strict=True):
        for start in range(0, len(counts.barcode), _ROWS_PER_PIECE):
            part = slice(start, start + _ROWS_PER_PIECE)
            chosen = counts.barcode[part]
            columns: dict[str, pa.Array] = {"library": pa.array([library] * len(chosen))}
            columns |= {name: pa.array([row[name]] * len(chosen)) for name in _PLACE}
            columns["barcode"] = corrected.keys.take(chosen).strings()
            if known is not None and known.variants is not None:
                columns["variant"] = known.variants.take(pa.array(chosen))
            columns["n_reads"] = pa.array(counts.n_reads[part])
            if counts.n_molecules is not None:
                columns["n_molecules"] = pa.array(counts.n_molecules[part])
            yield pa.table(columns)
