"""Gauge fixing: the part of an energy matrix that no sequence can tell from the chemical potential.

Adding a constant to the four energies of a position and subtracting it from mu changes no energy of any
sequence. In the zero-mean gauge the energies of the bases seen at a position add up to 0.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.spec import ModelSpec


def observed_bases(codes_nl: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which bases occur at each position of the variants, shape (length, 4)."""
    return np.stack([(codes_nl == code).any(0) for code in range(len(ALPHABET))], axis=1)


def zero_mean_map(spec: ModelSpec, layout: ParameterLayout, observed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The gauge fixing as a linear map on the flat vector, shape (size, size).

    Args:
        spec, layout: the model.
        observed: which bases occur at each position, shape (length, 4); the mean is over these.
    """
    a = np.eye(layout.size)
    for site in spec.sites:
        theta, mu = layout.blocks[f"{site.name}.theta"], layout.blocks[f"{site.name}.mu"]
        for position in range(site.length):
            weights = observed[site.start + position] / observed[site.start + position].sum()
            rows = slice(theta.start + position * len(ALPHABET), theta.start + (position + 1) * len(ALPHABET))
            a[rows, rows] -= weights[None, :]
            a[mu.start, rows] += weights
    return a
