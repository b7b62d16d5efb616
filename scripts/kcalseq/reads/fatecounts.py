"""Reads of each fate and part at fault of a run: counted, as a table, and summed over the parts of a run."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.arrowcolumns import integers, repeated, texts
from kcalseq.errors import KcalseqError
from kcalseq.reads.fates import NOWHERE, REASONS
from kcalseq.reads.layout import MERGED, Layout

FateCounts = dict[tuple[str, str | None], int]
"""Reads of each fate and part at fault; reasons that never applied stand there with 0 reads."""


def part_names(layout: Layout) -> tuple[str, ...]:
    """Parts that can be at fault, by their numbers: those of the reads, those in the name, and whole reads."""
    in_name = layout.read_name.parts if layout.read_name else ()
    return (
        *(part.name for parts in layout.reads.values() for part in parts),
        *(part.name for part in in_name),
        *layout.reads,
    )


def fates_of(n_of_fate: NDArray[np.int64], layout: Layout) -> FateCounts:
    """Fates in the order of the table, where a missing part stands last.

    Args:
        n_of_fate: reads, shape (n_reasons, n_parts + 1), as ``Fates.count`` gives them.
        layout: whose parts these are.
    """
    names = part_names(layout)
    fates: FateCounts = {}
    for reason, counts in sorted(zip(REASONS, n_of_fate.tolist(), strict=True)):
        at_fault = [(name, n) for name, n in sorted(zip(names, counts, strict=False)) if n]
        for name, n in at_fault:
            fates[reason, name] = n
        if counts[NOWHERE] or not at_fault:
            fates[reason, None] = counts[NOWHERE]
    return fates


def fate_table(run: str, fates: FateCounts) -> pa.Table:
    """Rows of the table ``read_fates``."""
    columns = {
        "run": repeated([run], np.array([len(fates)])),
        "reason": texts([reason for reason, _ in fates]),
        "part": texts([part for _, part in fates]),
        "n_reads": integers(np.array(list(fates.values()))),
    }
    return pa.table(columns)


def summed_fates(tables: Sequence[pa.Table], layout: Layout) -> NDArray[np.int64]:
    """Reads of each fate in tables ``read_fates`` together, shape (n_reasons, n_parts + 1); reverse of ``fates_of``."""
    names = part_names(layout)
    n_of_fate = np.zeros((len(REASONS), len(names) + 1), dtype=np.int64)
    for table in tables:
        for row in table.to_pylist():
            column = NOWHERE if row["part"] is None else names.index(row["part"])
            n_of_fate[REASONS.index(row["reason"]), column] += row["n_reads"]
    return n_of_fate


def check_not_all_short(paths: Mapping[str, str], layout: Layout, n_of_fate: NDArray[np.int64]) -> None:
    """A layout that is longer than every read is a mistake, not a fate; of a few reads all may be short by chance.

    Raises:
        KcalseqError: of a hundred reads or more all are too short.
    """
    short = n_of_fate[REASONS.index("too_short")]
    if short.sum() < max(100, n_of_fate.sum()):
        return
    part = part_names(layout)[int(short[:-1].argmax())]
    slot = next(slot for slot, parts in layout.reads.items() if part == slot or part in [one.name for one in parts])
    fewest = sum(one.min_length for one in layout.reads[slot])
    file = " and ".join(paths[one] for one in (("read_1", "read_2") if slot == MERGED else (slot,)))
    found = f"all {int(short.sum()):,} reads are shorter than the {fewest} nt that {layout.name} asks for in {slot}"
    remedy = "correct the layout, or the files of the run; `snakemake check_layout` tells how long the reads are"
    raise KcalseqError(f"{file} record 1", found, "reads that hold all parts", remedy)
