"""How large the share of observations is that are no cells of their variant, in one sorted replicate.

All variants together tell it: it is the one with which the evidence for the whole library, means integrated out and
widths by their prior, is largest; and 0 unless that is clearly more than without.
"""

import numpy as np

from kcalseq.activity.gated_normal import Sorter
from kcalseq.activity.groups import Floats
from kcalseq.activity.width_prior import FittedPrior, fit_width

_LEAST, _MOST = 1e-4, 0.2
_STEPS = 8
_CLEAR = 3.0  # nats by which it must be likelier than none
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


def fit_background(cells: Floats, overall: Floats, sorter: Sorter) -> tuple[Sorter, FittedPrior]:
    """Fit the background and the prior of widths.

    Args:
        cells: effective observations of the variants that tell it, shape (n_variants, n_bins).
        overall: observations of the whole library in each bin, shape (n_bins,).
        sorter: gates and exposure, without background.

    Returns:
        the sorter with its background, and the prior with it.
    """

    def of(log_share: float) -> tuple[Sorter, FittedPrior]:
        own = sorter._replace(background=float(np.exp(log_share)) * overall / overall.sum())
        return own, fit_width(cells, own)

    low, high = float(np.log(_LEAST)), float(np.log(_MOST))
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = of(left), of(right)
    for _ in range(_STEPS):
        if at_left[1].log_evidence >= at_right[1].log_evidence:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = of(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = of(right)
    best = max(at_left, at_right, key=lambda found: found[1].log_evidence)
    without = fit_width(cells, sorter)
    return best if best[1].log_evidence > without.log_evidence + _CLEAR else (sorter, without)
