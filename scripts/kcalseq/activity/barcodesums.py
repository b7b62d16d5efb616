"""RNA and DNA of each barcode, summed over the replicates of a condition in which it counts for its variant."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kcalseq.activity.groups import Floats, Groups, Integers, group


class BarcodeSums(NamedTuple):
    """Barcodes of one condition, ordered by variant and name.

    Attributes:
        names: of the variants that have any, shape (n_groups,).
        groups: barcodes of each.
        rna, dna: counts, shape (n_barcodes,).
        offset: logarithm of all RNA per all DNA counted in the replicates in which the barcode counts.
        n_replicates: in which any barcode of the variant counts, shape (n_groups,).
    """

    names: pd.Index
    groups: Groups
    rna: Floats
    dna: Floats
    offset: Floats
    n_replicates: Integers


COLUMNS = ["condition", "replicate", "barcode", "variant", "dna", "rna", "fate"]
"""Columns of table ``barcode_activity`` that are read."""


def sum_barcodes(rows: pa.Table, condition: str, has_own_dna: bool = True) -> BarcodeSums:
    """Sum the barcodes of one condition.

    Args:
        rows: table ``barcode_activity`` of one library, with ``COLUMNS``.
        condition: which.
        has_own_dna: whether each replicate has its own DNA sample; one that they share is counted once.
    """
    used = rows.filter(pc.and_(pc.equal(rows["condition"], condition), pc.equal(rows["fate"], "used")))
    variants, variant = _numbered(used["variant"])
    barcodes, barcode = _numbered(used["barcode"])
    replicates, replicate = _numbered(used["replicate"])
    dna, rna = (np.asarray(used[name].to_numpy(), dtype=float) for name in ("dna", "rna"))
    # A replicate without any RNA has no level: it tells nothing.
    told = np.bincount(replicate, rna, len(replicates))[replicate] > 0
    if not told.all():
        return sum_barcodes(used.filter(pa.array(told)), condition, has_own_dna)
    of_barcode = np.zeros(len(barcodes), dtype=np.int64)
    of_barcode[barcode] = variant
    all_rna, all_dna = (np.bincount(replicate, counts, len(replicates)).astype(float) for counts in (rna, dna))
    of_rna = [np.bincount(barcode, weight, len(barcodes)) for weight in (rna, all_rna[replicate])]
    of_dna = [_once_or_sum(barcode, weight, len(barcodes), has_own_dna) for weight in (dna, all_dna[replicate])]
    sums = (of_rna[0], of_dna[0], of_rna[1], of_dna[1])
    order = np.argsort(of_barcode, kind="stable")
    r, d, level_rna, level_dna = (values[order].astype(float) for values in sums)
    seen = np.zeros((len(variants), len(replicates)), dtype=bool)
    seen[variant, replicate] = True
    with np.errstate(divide="ignore"):
        offset = np.log(level_rna) - np.log(level_dna)
    return BarcodeSums(pd.Index(variants), group(of_barcode[order]), r, d, offset, seen.sum(1))


def _once_or_sum(barcode: Integers, weight: Floats, n: int, is_sum: bool) -> Floats:
    """Of each barcode the sum over replicates, or the one number that they share."""
    if is_sum:
        return np.bincount(barcode, weight, n).astype(float)
    largest = np.zeros(n)
    np.maximum.at(largest, barcode, weight)
    return largest


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], Integers]:
    """Names in order, and the number of each row's name."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    names = encoded.dictionary.to_pylist()
    place = np.empty(len(names), dtype=np.int64)
    place[np.argsort(np.array(names, dtype=object), kind="stable")] = np.arange(len(names))
    return sorted(names), place[np.asarray(encoded.indices.to_numpy(), dtype=np.int64)]
