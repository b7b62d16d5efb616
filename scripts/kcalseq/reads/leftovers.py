"""Reads that the short way left over, gathered until there are enough for the long way to be worth its start-up.

Their bases and qualities are copied, since the text they stand in is soon overwritten.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.kernels import kernel
from kcalseq.reads.molecules import Molecules
from kcalseq.reads.records import Records

MANY = 1 << 13


class Leftovers:
    """Molecules of several batches put together."""

    def __init__(self) -> None:
        self._batches: list[Molecules] = []
        self.n_reads = 0

    def put(self, molecules: Molecules, rows: NDArray[np.int64]) -> None:
        """Copy these molecules of a batch."""
        if len(rows):
            self._batches.append({slot: _copied(records, rows) for slot, records in molecules.items()})
            self.n_reads += len(rows)

    def take(self) -> Molecules:
        """All that were put, in one batch; then there are none."""
        batches, self._batches, self.n_reads = self._batches, [], 0
        return {slot: _joined([batch[slot] for batch in batches]) for slot in batches[0]}


def _copied(records: Records, rows: NDArray[np.int64]) -> Records:
    chosen = records.take(rows)
    ends = np.cumsum(chosen.lengths)
    starts = ends - chosen.lengths
    n_bases = int(ends[-1])
    text = np.empty(2 * n_bases, dtype=np.uint8)
    _copy(records.text, chosen.starts, chosen.qualities, chosen.lengths, starts, n_bases, text)
    # Names are not asked for: a layout that reads them has no short way.
    return Records(text, starts, starts, chosen.lengths, starts + n_bases)


def _joined(batches: list[Records]) -> Records:
    before = np.cumsum([0, *(len(records.text) for records in batches[:-1])])
    text = np.concatenate([records.text for records in batches])
    starts, qualities = (
        np.concatenate([column + offset for column, offset in zip(columns, before, strict=True)])
        for columns in ([records.starts for records in batches], [records.qualities for records in batches])
    )
    return Records(text, starts, starts, np.concatenate([records.lengths for records in batches]), qualities)


@kernel
def _copy(
    text: NDArray[np.uint8],
    from_bases: NDArray[np.int64],
    from_qualities: NDArray[np.int64],
    lengths: NDArray[np.int64],
    starts: NDArray[np.int64],
    n_bases: int,
    copy: NDArray[np.uint8],
) -> None:
    for row in range(len(lengths)):
        for place in range(lengths[row]):
            copy[starts[row] + place] = text[from_bases[row] + place]
            copy[n_bases + starts[row] + place] = text[from_qualities[row] + place]
