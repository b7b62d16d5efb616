"""What the reads say of their own errors: how often a base is misread at each quality, and how far reads may differ."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.binomial import most_likely_seen
from kcalseq.association.consensus import (
    EDITED_BASES,
    EDITED_READS,
    EDITS,
    FRAME_READS,
    GAP_BASES,
    GAP_READS,
    N_PHRED,
    Molecules,
)

DECISIVE = 2000
"""Margin that decides a position, centi-Phred: odds of 100 to 1."""
_OUT_OF_REACH = 1e-6  # chance that two reads of one molecule differ by more than their reach
_LONGEST = 20_000


def first_weights() -> NDArray[np.int64]:
    """Weights of the quality scores taken at their word, at most 40, centi-Phred, shape (94,)."""
    return np.minimum(np.arange(N_PHRED), 40) * 100


def first_reach() -> NDArray[np.int64]:
    """A fifth of the length: unrelated sequences differ by twice that, whatever the machine."""
    return np.arange(_LONGEST) // 5


def measured_weights(found: Molecules) -> NDArray[np.int64]:
    """Weights from how often bases of each score differ from the consensus, shape (94,).

    The log odds of the base read against one other base, log10((1 - p) / (p / 3)), never below 0; half an error is
    added, so that no base is beyond doubt; scores that were not seen keep their word.
    """
    share = (found.errors + 0.5) / (found.bases + 1.0)
    odds: NDArray[np.float64] = np.maximum(0.0, 1000 * np.log10((1 - share) / share * 3))
    weights = np.rint(odds).astype(np.int64)
    unseen = found.bases == 0
    weights[unseen] = first_weights()[unseen]
    return weights


def error_rate(found: Molecules) -> float:
    """Errors a base in the reads of a molecule, substitutions and gaps together."""
    bases = found.bases.sum() + found.shifted[GAP_BASES] + found.shifted[EDITED_BASES]
    wrong = found.errors.sum() + found.shifted[GAP_READS] + found.shifted[EDITS]
    return float(wrong / bases) if bases else 0.0


def substitution_rate(found: Molecules) -> float:
    """Bases misread in the reads that need no gap."""
    return float((found.errors.sum() + 0.5) / (found.bases.sum() + 1.0))


def gap_rate(found: Molecules) -> float:
    """Bases too many or too few, a base."""
    return float((found.shifted[GAP_READS] + 0.5) / (found.bases.sum() + found.shifted[GAP_BASES] + 1.0))


def edited_rate(found: Molecules) -> float:
    """Reads of a molecule that differ from it by more than misread bases or one gap."""
    reads = found.shifted[[FRAME_READS, GAP_READS, EDITED_READS]].sum()
    return float((found.shifted[EDITED_READS] + 0.5) / (reads + 1.0))


def measured_reach(rate: float) -> NDArray[np.int64]:
    """By length, the differences that two reads of one molecule exceed once in a million, at most a fifth."""
    reach = most_likely_seen(_LONGEST - 1, min(max(2 * rate, 1e-6), 0.5), _OUT_OF_REACH) + 1
    return np.asarray(np.minimum(reach, first_reach()))
