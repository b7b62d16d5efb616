"""What a library cannot tell a model, seen from the sequences and the numbers of observations alone.

A warning names what is missing and what follows; none of it stops a fit.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET, most_common_bases
from kcalseq.models.design import one_hot, site_codes
from kcalseq.models.gauge import observed_bases, observed_of
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site
from kcalseq.training.problem import Problem
from kcalseq.wording import words_list

# Observations for each free number of the energies below which a fit is a guess.
_FEWEST_PER_NUMBER = 10.0
# Variants whose one-hot design is in memory at a time.
_PIECE = 65_536
# Of an eigenvalue of the design's covariance, relative to the largest.
_RANK_TOLERANCE = 1e-9
# A part of a direction that the rank test names.
_SHARE = 1e-3


def library_warnings(spec: ModelSpec, problem: Problem) -> list[str]:
    """What the training set lacks for a model, a sentence or two each; empty if nothing.

    Args:
        spec: the model.
        problem: its variants and observations.
    """
    codes = problem.codes[problem.rows("training")]
    observed = observed_bases(codes)
    fixed = [site for site in spec.originals if site.scan is None]
    return [
        *(line for site in spec.originals for line in _unseen(site, observed_of(spec, site, observed))),
        *(line for site in fixed for line in _tied(site, spec.places(site), codes)),
        *_single_mutants(spec, codes),
        *_few_observations(spec, problem, observed),
    ]


def tied_positions(codes_nl: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """Positions whose bases only ever change together, by the rank of the centred design.

    An additive energy has one number for each base seen at a position but the first. Where the design has a lower
    rank, each missing one is a combination of bases that adds up to a constant in every variant: no data can tell its
    members apart. Positions are grouped by the combinations that they take part in.

    Args:
        codes_nl: bases 0..3, shape (n_variants, length).

    Returns:
        groups of positions in rising order; empty where the design has full rank.

    >>> tied_positions(np.array([[0, 0, 1], [1, 1, 1], [0, 0, 2], [1, 1, 3]], dtype=np.uint8))
    [(0, 1)]
    """
    keep = observed_bases(codes_nl).ravel()
    # One base of each position follows from the others.
    keep[np.arange(codes_nl.shape[1]) * len(ALPHABET) + most_common_bases(codes_nl)] = False
    if not keep.any():
        return []
    values, vectors = np.linalg.eigh(_covariance(codes_nl, keep))
    null = vectors[:, values <= _RANK_TOLERANCE * values.max()]
    # The projector onto the null space joins exactly the bases that share a combination.
    joined = np.abs(null @ null.T) > _SHARE
    positions = np.flatnonzero(keep) // len(ALPHABET)
    return _groups(joined, positions)


def _covariance(codes_nl: NDArray[np.uint8], keep: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Covariance of the one-hot columns that are kept, in pieces, so that memory does not grow with the variants."""
    pieces = [codes_nl[first : first + _PIECE] for first in range(0, len(codes_nl), _PIECE)]
    dense = (one_hot(piece)[:, keep] for piece in pieces)
    sums = [(x.sum(0), x.T @ x) for x in dense]
    mean = np.asarray(sum(one for one, _ in sums)) / len(codes_nl)
    products = np.asarray(sum(two for _, two in sums)) / len(codes_nl)
    return np.asarray(products - np.outer(mean, mean))


def _groups(joined: NDArray[np.bool_], positions: NDArray[np.int64]) -> list[tuple[int, ...]]:
    groups: list[set[int]] = []
    for row in np.flatnonzero(joined.any(1)):
        own = {int(place) for place in positions[joined[row]]}
        touching = [group for group in groups if group & own]
        groups = [group for group in groups if not group & own] + [own.union(*touching)]
    return sorted(tuple(sorted(group)) for group in groups)


def _unseen(site: Site, own: NDArray[np.bool_]) -> Iterator[str]:
    """``own``: which bases its energies meet, shape (site.length, 4)."""
    constant = [site.start + int(row) for row in np.flatnonzero(own.sum(1) == 1)]
    missing = int((~own).sum() - (len(ALPHABET) - 1) * len(constant))
    if constant:
        yield (
            f"{_positions(constant)} of site {site.name} never {'varies' if len(constant) == 1 else 'vary'}: no "
            "energies there."
        )
    if missing:
        yield (
            f"At the other positions of site {site.name} {missing} {'base is' if missing == 1 else 'bases are'} never "
            "seen: no energies for them."
        )


def _tied(site: Site, places: tuple[Site, ...], codes: NDArray[np.uint8]) -> Iterator[str]:
    """With copies what is tied must be so in all places alike: the rank is that of all of them below each other."""
    for group in tied_positions(np.concatenate([site_codes(one, codes) for one in places])):
        tied = [site.start + place for place in group]
        yield (
            f"{_positions(tied)} of site {site.name} do not vary independently: what one of them does cannot be told "
            "from what another does, and their entries rest on the prior."
        )


def _single_mutants(spec: ModelSpec, codes: NDArray[np.uint8]) -> Iterator[str]:
    mutated = (codes != most_common_bases(codes)).sum(1)
    if spec.has_energies and spec.kind != "additive" and (mutated <= 1).all():
        yield (
            "Every variant differs from the most common sequence in at most one base: nothing in these data tells "
            "energies that add up from a nonlinear response, so interactions and the energy scale rest on the model "
            "and the prior."
        )


def _few_observations(spec: ModelSpec, problem: Problem, observed: NDArray[np.bool_]) -> Iterator[str]:
    rows = problem.rows("training")
    n = sum(float(one.n_observations()[rows].sum()) for one in problem.experiments)
    numbers = sum(int(observed_of(spec, site, observed).sum()) - site.length for site in spec.originals)
    numbers += sum(9 * len(site.pairs) for site in spec.originals)
    if numbers and n < _FEWEST_PER_NUMBER * numbers:
        yield (
            f"{n:,.0f} observations for {numbers:,} energies of bases, fewer than {_FEWEST_PER_NUMBER:.0f} for each: "
            "the energies are mostly noise and prior."
        )


def _positions(places: list[int]) -> str:
    return f"Position{'s' if len(places) > 1 else ''} {words_list([str(place) for place in places])}"
