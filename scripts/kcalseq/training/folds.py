"""Cross-validation: training and validation variants in folds, each left out of a refit in turn; no test variant.

A fold's refit is a member of one fit. The variants left out weigh nothing in its data, but stay among those over
which phi is standardised and over which the prior of pairs of bases is told: that takes their sequences, and nothing
that was measured. The scale of continuous values and the depths of barcode counts stay those of the fit.

Refits begin at the fit, which saw most of what they leave out, so they go on until they rest: nothing of it should be
left by stopping early. Which of several optima they look into does come from the fit.
"""

import hashlib
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit import fit_members
from kcalseq.training.fitting import Setup, prepare
from kcalseq.training.keeping import Keeper
from kcalseq.training.members import Fit, joined
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, Progress, whitening

NO_FOLD = -1

# To the last of the gains, those of the measurement process too: what the fit knew of a fold is in its curves as well.
_SETTINGS = FitSettings(first_iterations=60, round_iterations=100, max_rounds=15, tolerance=0.005, rest=0.0)
# Refits whose data are in memory at a time: 26 MB of counts for 40,583 variants in 10 bins.
_CHUNK = 8


class Folds(NamedTuple):
    """Refits that each left a fold out.

    Attributes:
        number: fold of each variant of the problem, ``NO_FOLD`` for those of the test set, shape (n_variants,).
        setup: model and data, the training set being that of the fit and its validation set.
        fit: the refits as they ended, in the order of the folds.
    """

    number: NDArray[np.int64]
    setup: Setup
    fit: Fit

    @property
    def n_folds(self) -> int:
        """How many folds."""
        return len(self.fit.flat)


def fold_numbers(problem: Problem, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Fold of each variant, ``NO_FOLD`` for those of the test set, shape (n_variants,).

    By a hash of the sequence: a variant stays in its fold whatever else was measured, and in all models of a library.
    """
    places = [_place(codes, seed) for codes in problem.codes]
    folds = np.array([place * n_folds // 2**64 for place in places], dtype=np.int64)
    return np.where(problem.sets == "test", NO_FOLD, folds)


def cross_validate(
    spec: ModelSpec,
    problem: Problem,
    flat: NDArray[np.float64],
    n_folds: int,
    seed: int,
    n_threads: int,
    progress: Progress,
    keeper: Keeper | None = None,
) -> Folds:
    """Refit a model as often as there are folds, each time without one.

    Args:
        spec, problem: the fit.
        flat: the fitted vector, shape (size,).
        n_folds: how many, at least 2.
        seed: of the folds.
        n_threads: CPU cores to use; the result does not depend on it.
        progress: called with the number of steps newly done.
        keeper: as in ``fit_members``.

    Raises:
        KcalseqError: a fold holds no observation of some condition, or all of them.
    """
    number = fold_numbers(problem, n_folds, seed)
    _check_folds(spec, problem, number, n_folds)
    setup = prepare(spec, problem._replace(sets=np.where(number == NO_FOLD, "test", "training")))
    member = torch.from_numpy(flat).to(setup.posterior.network.device)
    metric, fits = whitening(setup.posterior, member, 0), []
    for first in range(0, n_folds, _CHUNK):
        left_out = range(first, min(first + _CHUNK, n_folds))
        own = without(setup, number, left_out)
        start = member.expand(len(left_out), -1).clone()
        fits.append(fit_members(own, start, _SETTINGS, n_threads, progress, metric, first, keeper))
    return Folds(number, setup, joined(fits))


def without(setup: Setup, number: NDArray[np.int64], left_out: range) -> LogPosterior:
    """The objective of members that each leave one fold out.

    Args:
        setup: model and data of all folds.
        number: as ``Folds.number``.
        left_out: the folds.
    """
    training = []
    for rows, observations in zip(setup.training, setup.posterior.training, strict=True):
        kept = torch.from_numpy((number[rows] != np.array(left_out)[:, None]).astype(float))
        data = observations.data.reweighted(kept.to(setup.posterior.network.device))
        training.append(observations._replace(data=data))
    return LogPosterior(setup.posterior.network, tuple(training))


def _place(codes: NDArray[np.uint8], seed: int) -> int:
    digest = hashlib.sha256(f"{seed}:fold:".encode() + codes.tobytes()).digest()
    return int.from_bytes(digest[:8], "big")


def _check_folds(spec: ModelSpec, problem: Problem, number: NDArray[np.int64], n_folds: int) -> None:
    for condition, _, data in problem.experiments:
        n = np.bincount(number + 1, data.n_observations.numpy(), n_folds + 1)[1:]
        where = f"model '{spec.name}', condition '{condition}'"
        for fold in np.flatnonzero((n == 0) | (n == n.sum())):
            found = f"{'no' if n[fold] == 0 else 'every'} observation lies in fold {fold} of {n_folds}"
            raise KcalseqError(where, found, "observations in every fold", "set fit.folds lower, or to 0")
