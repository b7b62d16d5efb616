"""Two conditions compared, variant by variant."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.controls import LEAST_CONTROLS, false_discovery_rate
from kcalseq.activity.groups import Floats
from kcalseq.activity.replicates import Combined

_two_sided = np.vectorize(lambda z: math.erfc(abs(z) / math.sqrt(2.0)), otypes=[float])


class Difference(NamedTuple):
    """Of variants, each of shape (n_variants,); NaN where not measured in both, or where errors are not known.

    Attributes:
        difference: log2 ratio in the second condition less that in the first.
        se: the two standard errors together. What is peculiar to a barcode is so in both conditions and falls out of
            their difference, so this is rather too large than too small.
        z, p, q: difference in standard errors, its two-sided probability, and the false discovery rate at it.
    """

    difference: Floats
    se: Floats
    z: Floats
    p: Floats
    q: Floats


def difference(first: Combined, second: Combined, is_control: NDArray[np.bool_]) -> Difference:
    """Compare two conditions; with three negative controls or more, less the median difference of these.

    Args:
        first, second: log ratios of all variants.
        is_control: which are negative controls, shape (n_variants,).
    """
    change = second.log2_ratio - first.log2_ratio
    controls = change[is_control & np.isfinite(change)]
    if len(controls) >= LEAST_CONTROLS:
        change = change - np.median(controls)
    se = np.hypot(first.se, second.se)
    z = np.divide(change, se, out=np.full(len(change), np.nan), where=se > 0)
    p = np.where(np.isfinite(z), _two_sided(np.nan_to_num(z)), np.nan)
    return Difference(change, se, z, p, false_discovery_rate(p))
