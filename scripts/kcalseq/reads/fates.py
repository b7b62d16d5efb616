"""The fate of each read of a batch, settled by the first reason that applies; until then the read is kept."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.tables import READ_FATES

REASONS = tuple(READ_FATES)
KEPT = REASONS.index("kept")
_NUMBER = {reason: number for number, reason in enumerate(REASONS)}
NOWHERE = -1
"""Number of the part at fault where no part is."""


class Fates:
    """Fates of a batch.

    Attributes:
        reasons: index into ``REASONS``, shape (n_reads,).
        parts: number of the part at fault, or ``NOWHERE``, shape (n_reads,).
    """

    def __init__(self, n_reads: int) -> None:
        self.reasons = np.full(n_reads, KEPT, dtype=np.int64)
        self.parts = np.full(n_reads, NOWHERE, dtype=np.int64)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Reads without a reason to drop them, shape (n_reads,)."""
        kept: NDArray[np.bool_] = self.reasons == KEPT
        return kept

    def drop(self, reason: str, part: int, applies: NDArray[np.bool_]) -> None:
        """Give the reason to the reads to which it applies, unless they have an earlier one."""
        new = applies & (self.reasons == KEPT)
        self.reasons[new], self.parts[new] = _NUMBER[reason], part

    def take_over(self, others: "Fates", rows: NDArray[np.bool_]) -> None:
        """Replace the fates of some reads by those they have in another batch."""
        self.reasons[rows], self.parts[rows] = others.reasons[rows], others.parts[rows]

    def count(self, n_parts: int) -> NDArray[np.int64]:
        """Reads of each reason and part, shape (n_reasons, n_parts + 1); the last column is ``NOWHERE``."""
        cells = self.reasons * (n_parts + 1) + np.where(self.parts == NOWHERE, n_parts, self.parts)
        return np.bincount(cells, minlength=len(REASONS) * (n_parts + 1)).reshape(len(REASONS), n_parts + 1)
