"""Mutations of the variants of a random library as lists, over which loops run once for every permutation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, most_common_bases
from kcalseq.kernels import kernel

N_BASES = len(ALPHABET)


class Mutations(NamedTuple):
    """Where variants differ from the most common bases.

    Attributes:
        common: most common base at each position, codes 0..3, shape (length,).
        first: where the mutations of each variant begin in ``place``, shape (n_variants + 1,).
        place: 4 x position + base of each mutation, variant by variant.
    """

    common: NDArray[np.uint8]
    first: NDArray[np.int64]
    place: NDArray[np.int64]

    @property
    def length(self) -> int:
        """Positions in a variant."""
        return len(self.common)

    @property
    def n_variants(self) -> int:
        """Number of variants."""
        return len(self.first) - 1

    def sums(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of a value over the variants that have each base at each position, shape (length, 4)."""
        found = np.zeros(N_BASES * self.length)
        _sum_by_base(np.arange(self.n_variants), value, self.first, self.place, found)
        return self.completed(found.reshape(self.length, N_BASES, 1), np.array([value.sum()]))[..., 0]

    def completed(self, found: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put in what the common bases have: all that the other bases do not.

        Args:
            found: sums by position, base and outcome, 0 at the common bases, shape (length, 4, n_outcomes).
            total: sums over all variants, shape (n_outcomes,).
        """
        found[np.arange(self.length), self.common] = total - found.sum(1)
        return found


def list_mutations(codes_nl: NDArray[np.uint8]) -> Mutations:
    """Mutations of variants against the most common base at each position.

    Args:
        codes_nl: bases 0..3 of each variant, shape (n_variants, length).
    """
    common = most_common_bases(codes_nl)
    row, position = np.nonzero(codes_nl != common)
    first = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(codes_nl)))))
    return Mutations(common, first, N_BASES * position + codes_nl[row, position])


@kernel
def _sum_by_base(
    order: NDArray[np.int64],
    value: NDArray[np.float64],
    first: NDArray[np.int64],
    place: NDArray[np.int64],
    found: NDArray[np.float64],
) -> None:
    for row in range(len(order)):
        own = value[order[row]]
        for mutation in range(first[row], first[row + 1]):
            found[place[mutation]] += own


@kernel
def _count_by_base(
    order: NDArray[np.int64],
    begin: NDArray[np.int64],
    outcome: NDArray[np.int64],
    n: NDArray[np.float64],
    first: NDArray[np.int64],
    place: NDArray[np.int64],
    found: NDArray[np.float64],
) -> None:
    for row in range(len(order)):
        for kind in range(begin[order[row]], begin[order[row] + 1]):
            column, count = outcome[kind], n[kind]
            for mutation in range(first[row], first[row + 1]):
                found[place[mutation], column] += count


def permuted_sums(mutations: Mutations, order: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of a value over the variants mutated at each position, the values dealt out anew.

    Args:
        mutations: of n variants.
        order: variant whose value each variant gets, shape (n,).
        value: shape (n,).

    Returns:
        shape (length,).
    """
    found = np.zeros(N_BASES * mutations.length)
    _sum_by_base(order, value, mutations.first, mutations.place, found)
    total: NDArray[np.float64] = found.reshape(mutations.length, N_BASES).sum(1)
    return total


def permuted_counts(
    mutations: Mutations,
    order: NDArray[np.int64],
    begin: NDArray[np.int64],
    outcome: NDArray[np.int64],
    n: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Observations by position, base and outcome, the outcomes of whole variants dealt out anew.

    Args:
        mutations: of n variants.
        order: variant whose outcomes each variant gets, shape (n,).
        begin: where the outcomes of each variant begin, shape (n + 1,).
        outcome: outcomes from 0 of each kind of observation, variant by variant.
        n: observations of each kind.

    Returns:
        shape (length, 4, n_outcomes).
    """
    total = np.bincount(outcome, weights=n).astype(np.float64)
    found = np.zeros((N_BASES * mutations.length, len(total)))
    _count_by_base(order, begin, outcome, n, mutations.first, mutations.place, found)
    return mutations.completed(found.reshape(mutations.length, N_BASES, len(total)), total)
