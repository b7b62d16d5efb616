"""Counted barcodes of each replicate as arrays, from the tables of activity: what regressions over barcodes read."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kcalseq.activity.counted import Place
from kcalseq.activity.groups import Floats, Integers

COLUMNS = ("condition", "replicate", "variant", "dna", "rna", "fate")
"""Columns read of ``barcode_activity``, with ``barcode``, or of ``variant_log_ratio``."""
_USED = ("used", "measured")


class Units(NamedTuple):
    """Barcodes of one replicate, or variants where these carry none; all of shape (n_units,).

    Ordered by variant and counts, so that sums over them do not depend on their names.

    Attributes:
        number: of the barcode, the same in all replicates.
        variant: number of its variant.
        dna, rna: counts.
        used: whether it counts for its variant's activity.
    """

    number: Integers
    variant: Integers
    dna: Floats
    rna: Floats
    used: NDArray[np.bool_]


def gather_units(table: pa.Table, names: list[str]) -> dict[Place, Units]:
    """Units by condition and replicate, in order.

    Args:
        table: ``COLUMNS``, and ``barcode`` where there are barcodes; rows in any order.
        names: of all variants; a unit's variant is numbered by its place here.
    """
    variant = _numbers(pc.index_in(table.column("variant"), value_set=pa.array(names, pa.string())))
    if "barcode" in table.column_names:
        barcode = pc.cast(table.column("barcode"), pa.string()).combine_chunks()
        number = _numbers(pa.chunked_array([pa.concat_arrays([barcode]).dictionary_encode().indices]))
    else:
        number = variant
    dna, rna = (_numbers(table.column(name)).astype(float) for name in ("dna", "rna"))
    used = np.asarray(pc.is_in(table.column("fate"), value_set=pa.array(_USED)).to_numpy())
    places = table.select(["condition", "replicate"]).group_by(["condition", "replicate"]).aggregate([]).to_pylist()
    found = {}
    for condition, replicate in sorted((row["condition"], row["replicate"]) for row in places):
        here = pc.and_(pc.equal(table.column("condition"), condition), pc.equal(table.column("replicate"), replicate))
        rows = np.flatnonzero(here.to_numpy())
        rows = rows[np.lexsort((rna[rows], dna[rows], variant[rows]))]
        found[condition, replicate] = Units(number[rows], variant[rows], dna[rows], rna[rows], used[rows])
    return found


def _numbers(column: pa.ChunkedArray) -> Integers:
    return np.asarray(column.to_numpy(), dtype=np.int64)
