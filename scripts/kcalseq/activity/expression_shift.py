"""Expression shift: how much activity changes where the promoter is mutated (Ireland et al. 2020).

At each position the weighted mean activity of the variants mutated there, less that of the variants with the most
common base; and the same for each base that is put there. The standard error of a weighted mean is
sqrt(sum w^2 (a - mean)^2) / sum w, from the scatter of the variants themselves, so that it needs no model of the noise.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.mutations import Mutations
from kcalseq.activity.outcomes import Outcomes


class Shift(NamedTuple):
    """Shifts with standard errors, in the units of the activity; missing where nothing was measured.

    Attributes:
        n: variants with each base at each position, shape (length, 4).
        shift: of any mutation, shape (length,).
        shift_se: shape (length,).
        base_shift: of each base against the most common one, 0 for that itself, shape (length, 4).
        base_shift_se: shape (length, 4).
    """

    n: NDArray[np.int64]
    shift: NDArray[np.float64]
    shift_se: NDArray[np.float64]
    base_shift: NDArray[np.float64]
    base_shift_se: NDArray[np.float64]


def expression_shift(mutations: Mutations, outcomes: Outcomes) -> Shift:
    """Expression shift of every position and base.

    Args:
        mutations: of the variants of ``outcomes``, in their order.
        outcomes: what they did.
    """
    w, a = outcomes.weight, outcomes.activity
    moments = np.stack([mutations.sums(value) for value in (w, w * a, w**2, w**2 * a, w**2 * a**2)])
    common = np.arange(mutations.length), mutations.common
    own = moments[:, *common]
    mutated = moments.sum(2) - own
    n = np.rint(mutations.sums(np.ones(mutations.n_variants))).astype(np.int64)
    n_mutated = n.sum(1) - n[common]
    mean, variance = _mean(own, n[common])
    mutated_mean, mutated_variance = _mean(mutated, n_mutated)
    base_mean, base_variance = _mean(moments, n)
    base_shift, base_se = base_mean - mean[:, None], np.sqrt(base_variance + variance[:, None])
    base_shift[common], base_se[common] = 0.0, 0.0
    return Shift(n, mutated_mean - mean, np.sqrt(mutated_variance + variance), base_shift, base_se)


def _mean(moments: NDArray[np.float64], n: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean and its variance from sums of w, wa, w^2, w^2 a, w^2 a^2; missing where one variant tells none."""
    weight = np.where(n > 0, moments[0], np.nan)
    mean = moments[1] / weight
    scatter = moments[4] - 2 * mean * moments[3] + mean**2 * moments[2]
    return mean, np.where(n > 1, np.maximum(scatter, 0.0), np.nan) / weight**2
