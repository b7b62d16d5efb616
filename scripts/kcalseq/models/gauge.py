"""Gauge fixing: the part of an energy matrix that no sequence can tell from the chemical potential.

Adding a constant to the four energies of a position and subtracting it from mu changes no energy of any
sequence. In the zero-mean gauge the energies of the bases seen at a position add up to 0.
"""

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.registers import registers
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site


def observed_bases(codes_nl: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which bases occur at each position of the variants, shape (length, 4)."""
    return np.stack([(codes_nl == code).any(0) for code in range(len(ALPHABET))], axis=1)


def observed_of(spec: ModelSpec, site: Site, observed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which bases the energies of a site meet at any of its places, shape (site.length, 4).

    Args:
        spec, site: the model and a site of its own.
        observed: which bases occur at each position of the variants, shape (length, 4).
    """
    return np.asarray(np.any([_observed_at(place, observed) for place in spec.places(site)], axis=0))


def _observed_at(site: Site, observed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which bases occur at each base of a site; those of a scanned site are what any of its registers meets."""
    if site.scan is None:
        own = observed[list(site.positions)]
        return own[:, ::-1] if site.reverse else own
    found = np.zeros((site.length, len(ALPHABET)), dtype=bool)
    for register in registers(site.scan, len(observed)):
        own = observed[list(site.scan.positions(register))]
        # On the other strand A meets T and C meets G: the order ACGT turned over.
        found |= own if register.strand == "+" else own[:, ::-1]
    return found


def zero_mean_map(spec: ModelSpec, layout: ParameterLayout, observed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The gauge fixing as a linear map on the flat vector, shape (size, size).

    Energies of pairs are fixed first: what a pair says of its first or second base alone goes to the energy of that
    base, so that the sixteen energies add up to 0 along each base of either position (the hierarchical gauge of Tareen
    et al. 2022, Eqs. 10 to 12).

    Args:
        spec, layout: the model.
        observed: which bases occur at each position, shape (length, 4); the mean is over these.
    """
    pairs, bases = np.eye(layout.size), np.eye(layout.size)
    for site in spec.originals:
        theta, mu = layout.blocks[f"{site.name}.theta"].start, np.array(list(layout.mu_names(site).values()))
        own = observed_of(spec, site, observed)
        share = own / own.sum(1, keepdims=True)
        for number, (one, two) in enumerate(site.pairs):
            first = layout.blocks[f"{site.name}.pairs"].start + number * len(ALPHABET) ** 2
            rows = np.arange(first, first + len(ALPHABET) ** 2)
            both = (_rows_of(theta, one), _rows_of(theta, two))
            _move_pair_to_bases(pairs, rows, both, (share[one], share[two]), mu)
        for position in range(site.length):
            rows = _rows_of(theta, position)
            bases[np.ix_(rows, rows)] -= share[position][None, :]
            bases[np.ix_(mu, rows)] += share[position]
    return np.asarray(bases @ pairs)


def _rows_of(first: int, position: int) -> NDArray[np.int64]:
    return np.arange(first + position * len(ALPHABET), first + (position + 1) * len(ALPHABET))


def _move_pair_to_bases(
    a: NDArray[np.float64],
    rows: NDArray[np.int64],
    bases: tuple[NDArray[np.int64], NDArray[np.int64]],
    share: tuple[NDArray[np.float64], NDArray[np.float64]],
    mu: NDArray[np.int64],
) -> None:
    """Make the map take a pair's means over either base from the pair, and give them to the bases and to mu."""
    n = len(ALPHABET)
    over_two = np.kron(np.eye(n), share[1][None, :])  # shape (4, 16): mean over the second base, for each first one
    over_one = np.kron(share[0][None, :], np.eye(n))
    over_both = np.outer(share[0], share[1]).reshape(1, -1)
    a[np.ix_(rows, rows)] -= np.repeat(over_two, n, axis=0) + np.tile(over_one, (n, 1)) - over_both
    a[np.ix_(bases[0], rows)] += over_two - over_both
    a[np.ix_(bases[1], rows)] += over_one - over_both
    a[np.ix_(mu, rows)] += over_both
