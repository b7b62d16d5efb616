"""Which difference between two variants an experiment can see."""

import numpy as np
import pandas as pd
from scipy import stats


def detectable_effect(errors: pd.Series, level: float = 0.05, power: float = 0.8) -> float:
    """Smallest difference between two variants that a two-sided test finds with that power.

    The test is that of two values with known errors (Cohen 1988, chapter 2), both variants having the median error:
    (z(1 - level/2) + z(power)) sqrt(2) se. The error is that of the replicates combined, so it holds what barcodes add
    that is the same in all replicates, and a DNA sample that replicates share, which their differences do not show.

    Args:
        errors: standard errors of the combined activities of the variants of a condition, log2; missing = not known.
        level: of the test.
        power: wanted.

    Returns:
        in log2; NaN where no error is known.
    """
    known = errors.dropna()
    if known.empty:
        return float("nan")
    reach = stats.norm.ppf(1 - level / 2) + stats.norm.ppf(power)
    return float(reach * np.sqrt(2.0) * known.median())
