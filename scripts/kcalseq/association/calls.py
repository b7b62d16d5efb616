"""What is made of each barcode, from the evidence of all: the first rule that applies decides.

few_reads: fewer voting reads than the least. two_molecules: a second molecule is more likely than not, reads agree on
another base at one place beyond misreading, or purity is below the user's limit. unclear: a second molecule is not
unlikely enough, fewer reads than the least agree on one molecule, or the molecule can be several variants. no_match:
it resembles no oligo. mutated: it differs from its oligo, or is turned around. assigned: all others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.association.consensus import GAP, LENGTH, MAIN, MINORITY, TOTAL, TWINS, VOTERS
from kcalseq.association.evidence import Evidence
from kcalseq.association.matching import EXACT, FAR, NEAR, SEVERAL
from kcalseq.association.purity import (
    SURE_NEIGHBOUR,
    MixtureRates,
    Readings,
    chance_of_two,
    fit_rates,
    near_molecules,
)
from kcalseq.association.settings import Settings

CALLS = ("few_reads", "two_molecules", "unclear", "no_match", "mutated", "assigned")


class Errors(NamedTuple):
    """How often reads err: bases misread, and too many or too few, a base; reads further off, a read."""

    substitutions: float
    gaps: float
    edited: float


class Calls(NamedTuple):
    """Calls of the n barcodes that have reads after correction.

    Attributes:
        barcodes: their numbers, shape (n,).
        call: place in ``CALLS``, shape (n,).
        purity: share of the voting reads that agree on the molecule, shape (n,).
        chance_of_two: probability of a second molecule, shape (n,).
        near: whether that molecule is nearly the first, shape (n,).
        turned: whether most molecules are reverse complements of the design.
        rates: of the mixture.
    """

    barcodes: NDArray[np.int64]
    call: NDArray[np.int64]
    purity: NDArray[np.float64]
    chance_of_two: NDArray[np.float64]
    near: NDArray[np.bool_]
    turned: bool
    rates: MixtureRates


def call_barcodes(evidence: Evidence, settings: Settings, errors: Errors) -> Calls:
    """Decide.

    Args:
        evidence: of all barcodes of the library.
        settings: the user's rules.
        errors: how often reads err.
    """
    barcodes = np.flatnonzero(evidence.numbers[:, TOTAL])
    numbers, kind = evidence.numbers[barcodes], evidence.kind[barcodes]
    origins = _origins(evidence, barcodes)
    first, second, further = numbers[:, MAIN], evidence.second[barcodes], evidence.further[barcodes]
    readings, voting = Readings(first, second, further, origins.second), first + second + further
    rates = fit_rates(readings, origins.same)
    chance = chance_of_two(readings, rates)
    # A chimera of the same origin differs from the molecule as a misread one does.
    chimeras = rates.all_chimeras * origins.neighbours
    length = numbers[:, LENGTH]
    tests = [
        near_molecules(numbers[:, MINORITY], numbers[:, VOTERS], 3 * length, errors.substitutions / 3, chimeras),
        near_molecules(numbers[:, GAP], first, 2 * length, errors.gaps / 2, chimeras),
        near_molecules(numbers[:, TWINS], first, np.ones_like(first), errors.edited, chimeras),
    ]
    near = np.any(tests, axis=0)
    chance[near] = np.maximum(chance[near], _sure(near, len(tests)))
    purity = first / np.maximum(voting, 1)
    impure = purity < settings.min_purity if settings.min_purity is not None else np.zeros(len(first), dtype=np.bool_)
    exact = kind == EXACT
    turned = bool(2 * np.count_nonzero(evidence.reverse[barcodes][exact]) > np.count_nonzero(exact))
    against = (evidence.reverse[barcodes] != turned) & (evidence.oligo[barcodes] >= 0)
    rules = [
        voting < settings.min_reads,
        (chance > 0.5) | near | impure,
        (chance > settings.max_second) | (first < settings.min_reads) | (kind == SEVERAL),
        kind == FAR,
        (kind == NEAR) | against,
    ]
    call = np.select(rules, np.arange(len(rules)), len(rules))
    return Calls(barcodes, call, purity, chance, near, turned, rates)


class _Origins(NamedTuple):
    """How frequent molecules of one origin are among all reads.

    Attributes:
        same: chance that two reads drawn from all are of one origin.
        second: share of the origin of each barcode's second molecule, shape (n,).
        neighbours: share of the barcode's own origin, less its own oligo, shape (n,).
    """

    same: float
    second: NDArray[np.float64]
    neighbours: NDArray[np.float64]


def _origins(evidence: Evidence, barcodes: NDArray[np.int64]) -> _Origins:
    reads = evidence.numbers[barcodes, MAIN].astype(np.float64)
    oligo, origin, second = (of[barcodes] for of in (evidence.oligo, evidence.origin, evidence.second_origin))
    known = (origin >= 0) & (reads > 0)
    if known.any():
        total, last = reads[known].sum(), int(max(origin.max(), second.max(), oligo.max())) + 1
        by_origin = np.bincount(origin[known], reads[known], minlength=last) / total
        by_oligo = np.bincount(oligo[known], reads[known], minlength=last) / total
        same = _agreement(by_origin)
        # An origin that is seen only here has at least one read.
        seconds = np.maximum(np.where(second >= 0, by_origin[second], same), 1 / total)
        return _Origins(same, seconds, np.where(known, by_origin[origin] - by_oligo[oligo], 0.0))
    names = [evidence.molecules.get(number, "") for number in barcodes.tolist()]
    _, place = np.unique(np.array(names, dtype=object), return_inverse=True)
    by_variant = np.bincount(place, reads)[int("" in names) :]
    same = _agreement(by_variant / by_variant.sum()) if by_variant.sum() else 0.5
    return _Origins(same, np.full(len(reads), same), np.zeros(len(reads)))


def _agreement(shares: NDArray[np.float64]) -> float:
    return float(np.clip((shares**2).sum(), 1e-9, 0.5))


def _sure(near: NDArray[np.bool_], n_tests: int) -> float:
    """The share of the barcodes told to have near molecules that chance alone would not have given."""
    return max(0.0, 1.0 - SURE_NEIGHBOUR * n_tests * len(near) / max(1, int(near.sum())))
