"""Draws from a posterior in one copy of the labels and in the zero-mean gauge.

A sampler may step, or begin, in any copy that exchange of bound and free at a site leads to, and means over several
copies mean nothing. So every draw is put into its canonical copy by itself, as fitted members are.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.models.canonical import canonicalise
from kcalseq.models.gauge import zero_mean_map
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.spec import ModelSpec


class CanonicalDraws(NamedTuple):
    """Draws that can be averaged.

    Attributes:
        draws: energies in kcal/mol, zero-mean gauge, shape (n_chains, n_draws, size).
        exchanged: whether bound and free had to be exchanged at some site, shape (n_chains, n_draws).
    """

    draws: NDArray[np.float64]
    exchanged: NDArray[np.bool_]


def canonical_draws(
    spec: ModelSpec,
    layout: ParameterLayout,
    draws: NDArray[np.float64],
    wildtype: NDArray[np.uint8],
    observed: NDArray[np.bool_],
) -> CanonicalDraws:
    """Put every draw into the copy in which wild-type sites bind better than random sequence, and fix the gauge.

    Args:
        spec, layout: the model.
        draws: shape (n_chains, n_draws, size).
        wildtype: codes of the wild type, or of the most common sequence where none is known, shape (length,).
        observed: which bases occur at each position, shape (length, 4).

    Raises:
        KcalseqError: the model adds up bases and its phenotype is standardised, so it has no energy scale.
    """
    if spec.kind == "additive" and spec.measurement.standardised:
        raise KcalseqError(
            f"model '{spec.name}'",
            "it is additive, so each draw has an energy scale of its own",
            "a thermodynamic or kinetic model",
            "compare its draws by their phi",
        )
    new, exchanged = np.empty_like(draws), np.zeros(draws.shape[:2], dtype=bool)
    for place in np.ndindex(draws.shape[:2]):
        # Whether phi rises decides nothing but the copies of additive models.
        found = canonicalise(spec, layout, draws[place], wildtype, phi_rises=True)
        new[place], exchanged[place] = found.flat, bool(found.swaps)
    return CanonicalDraws(new @ zero_mean_map(spec, layout, observed).T, exchanged)
