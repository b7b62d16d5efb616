"""Which difference between two variants an experiment can see."""

import numpy as np
import pandas as pd
from scipy import stats


def detectable_effect(ratios: pd.DataFrame, level: float = 0.05, power: float = 0.8) -> float:
    """Smallest difference of log ratios between two variants that a two-sided test finds with that power.

    The scatter of a variant's replicates is pooled over variants by its median, as variances of few replicates scatter
    themselves: the median of s^2 is that of a chi-square of r - 1 degrees of freedom over r - 1 times the variance. The
    test is that of two means of r replicates each, by the normal distribution with the variance known (Cohen 1988,
    chapter 2): (z(1 - level/2) + z(power)) sqrt(2 variance / r).

    Args:
        ratios: log2 ratios, a row a variant, a column a replicate of one condition.
        level: of the test.
        power: wanted.

    Returns:
        in log2; NaN with fewer than two replicates or no variant that two of them measured.
    """
    complete = ratios.dropna()
    # What all variants of a replicate have in common is in no difference between variants.
    complete = complete - complete.median()
    n = ratios.shape[1]
    if n < 2 or complete.empty:
        return float("nan")
    median = float(np.median(complete.var(axis=1, ddof=1)))
    variance = median * (n - 1) / float(stats.chi2.median(n - 1))
    reach = stats.norm.ppf(1 - level / 2) + stats.norm.ppf(power)
    return float(reach * np.sqrt(2 * variance / n))
