"""Activity against negative controls: z-score, and empirical p and q."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.groups import Floats

LEAST_CONTROLS = 3
"""Controls measured, below which nothing is compared with them."""
_MAD_TO_SD = 1.4826022185056018


class AgainstControls(NamedTuple):
    """Of variants, each of shape (n_variants,).

    Attributes:
        z: activity less the median of the controls, over their spread (1.4826 median absolute deviations); NaN where
            the controls do not spread.
        p: share of the controls that are at least as active, one added to both numbers; NaN for controls.
        q: share of false discoveries among variants at least as significant (Benjamini & Hochberg 1995).
    """

    z: Floats
    p: Floats
    q: Floats


def against_controls(log2_ratio: Floats, is_control: NDArray[np.bool_]) -> AgainstControls:
    """Compare with negative controls; all NaN where fewer than three of them were measured.

    Args:
        log2_ratio: shape (n_variants,); NaN = not measured.
        is_control: whether each is a negative control.
    """
    measured = np.isfinite(log2_ratio)
    controls = np.sort(log2_ratio[measured & is_control])
    nothing = np.full(len(log2_ratio), np.nan)
    if len(controls) < LEAST_CONTROLS:
        return AgainstControls(nothing, nothing.copy(), nothing.copy())
    middle = float(np.median(controls))
    spread = _MAD_TO_SD * float(np.median(np.abs(controls - middle)))
    z = (log2_ratio - middle) / spread if spread > 0 else nothing
    judged = measured & ~is_control
    n_above = len(controls) - np.searchsorted(controls, log2_ratio[judged], side="left")
    p = nothing.copy()
    p[judged] = (1.0 + n_above) / (1.0 + len(controls))
    return AgainstControls(z, p, false_discovery_rate(p))


def false_discovery_rate(p: Floats) -> Floats:
    """q of Benjamini & Hochberg (1995) from p, shape (n,); NaN stays NaN and counts for nothing.

    >>> false_discovery_rate(np.array([0.01, 0.5, 0.02])).round(3).tolist()
    [0.03, 0.5, 0.03]
    """
    q = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(-p[known], kind="stable")]
    ranks = np.arange(len(order), 0, -1)
    q[order] = np.minimum(np.minimum.accumulate(p[order] * len(order) / ranks), 1.0)
    return q
