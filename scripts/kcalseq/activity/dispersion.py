"""How much more observations in bins scatter than drawing cells and reads leads to expect.

Amplification, or cells that died after sorting, make a variant's numbers in all its bins scatter alike. The squares of
the residuals tell it: noise goes as the number of a variant's observations, what is not normal in its fluorescence as
the square of that number. So squares per observation are fitted by what chance leads to expect and by the observations
themselves; the second part, which more reads would not bring down, is no noise. What chance leaves of residuals in bins
that are nearly empty, after a fit, is told by no formula: the fit is done again to numbers drawn from itself.
"""

import numpy as np

from kcalseq.activity.gated_normal import Sorter, shares
from kcalseq.activity.groups import Floats
from kcalseq.activity.likeliest_normal import Likeliest, fit
from kcalseq.activity.width_prior import WidthPrior

_MOST_VARIANTS = 4000
_LEAST_VARIANTS = 20


def estimate_dispersion(found: Likeliest, cells: Floats, sorter: Sorter, prior: WidthPrior, seed: int) -> float:
    """Variance over what is expected, at least 1; 1 of fewer than twenty variants.

    Args:
        found: the fit to ``cells``.
        cells: effective observations, shape (n_variants, n_bins).
        sorter: gates and exposure.
        prior: of log sigma.
        seed: of the draws.
    """
    if len(cells) < _LEAST_VARIANTS:
        return 1.0
    chosen = np.linspace(0, len(cells) - 1, min(len(cells), _MOST_VARIANTS)).astype(int)
    own = Likeliest(*(values[chosen] for values in found))
    rng = np.random.default_rng(seed)
    # Fitted widths are drawn together by their prior; true ones scatter by their errors more.
    log_sd = own.log_sd + own.log_sd_se * rng.normal(size=len(chosen))
    drawn = rng.poisson(cells[chosen].sum(1)[:, None] * np.exp(shares(own.mean, log_sd, sorter).log_q)).astype(float)
    inside = drawn[:, 1:-1].any(1) | (drawn[:, [0, -1]].all(1))
    again = fit(drawn[inside], sorter, prior, own.mean[inside])
    by_chance = _noise(again, drawn[inside].sum(1))
    return max(1.0, _noise(own, cells[chosen].sum(1)) / by_chance) if by_chance > 0 else 1.0


def _noise(found: Likeliest, n: Floats) -> float:
    """Squares of residuals over what is expected of them, that part of it which goes as the number of observations."""
    weight = 1.0 / (1.0 + (n / np.median(n)) ** 2)
    expected, seen = found.expected / n, found.residual / n
    square, mixed, other = ((weight * one * two).sum() for one, two in ((expected, expected), (expected, n), (n, n)))
    right, right_other = (weight * expected * seen).sum(), (weight * n * seen).sum()
    determinant = square * other - mixed**2
    misfit = (square * right_other - mixed * right) / determinant if determinant > 0 else 0.0
    return float(right - max(misfit, 0.0) * mixed) / float(square) if square > 0 else 0.0
