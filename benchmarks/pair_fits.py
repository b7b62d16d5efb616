"""Fits of the lac model with pair energies, kept on disk, and what one predicts better than another."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.comparison import Difference, paired_difference
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fitting import Setup, fit_problem, phenotypes, prepare
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem, binned

N_DRAWS = 1000


class Fitted(NamedTuple):
    """A model of one sort, what it was fitted to, and where the fit ended.

    Attributes:
        spec, problem, setup: the model and its data.
        flat: parameters, shape (size,).
        counts: observations of every variant of the problem, shape (n_bins, n_variants).
        log_p: log p(bin) of every variant, nats, shape (n_bins, n_variants).
    """

    spec: ModelSpec
    problem: Problem
    setup: Setup
    flat: NDArray[np.float64]
    counts: NDArray[np.float64]
    log_p: NDArray[np.float64]

    @property
    def n_pairs(self) -> int:
        """Number of pairs of positions with energies of their own."""
        return sum(len(site.pairs) for site in self.spec.sites)


class Fitter:
    """Fits models from one start each.

    Args:
        folder: where parameters are kept by the models' names; what is there is not fitted again. None keeps nothing.
        report: told the name of each model and the CPU seconds that its fit took.
    """

    def __init__(self, folder: Path | None, report: Callable[[str, float], None]) -> None:
        self.folder, self.report = folder, report

    def fit(self, name: str, spec: ModelSpec, problem: Problem) -> Fitted:
        """The model fitted to the problem's training set, or taken from the folder."""
        kept = self.folder / f"{re.sub('[^A-Za-z0-9-]+', '_', name)}.npy" if self.folder else None
        if kept is not None and kept.is_file():
            return at(spec, problem, np.load(kept))
        fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
        self.report(name, float(fitted.fit.cpu_seconds[0]))
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, fitted.flat)
        return at(spec, problem, fitted.flat)


def at(spec: ModelSpec, problem: Problem, flat: NDArray[np.float64], setup: Setup | None = None) -> Fitted:
    """The model with these parameters, of shape (size,); with a setup, its training set gives the scale of phi."""
    own = prepare(spec, problem) if setup is None else setup
    (phi,) = phenotypes(spec, own, problem, flat)
    ((_, process, data),) = binned(problem)
    weights = own.posterior.network.weights(torch.from_numpy(flat)[None], 0)
    return Fitted(spec, problem, own, flat, data.table, bin_log_probabilities(process, weights, phi))


def on_test_set(fitted: Fitted) -> Fitted:
    """The model and its predictions with the other variants left away."""
    problem, rows = fitted.problem, fitted.problem.rows("test")
    experiments = tuple(one._replace(data=one.data.take(torch.from_numpy(rows))) for one in problem.experiments)
    small = Problem(problem.variants[rows], problem.sets[rows], problem.codes[rows], experiments)
    return fitted._replace(problem=small, counts=fitted.counts[:, rows], log_p=fitted.log_p[:, rows])


def gain(
    better: Fitted, base: Fitted, parts: tuple[str, ...] = ("test",), keep: NDArray[np.bool_] | None = None
) -> Difference:
    """How much more of held-out observations one model tells than another fitted to the same, I_var in bits.

    Args:
        better, base: the models.
        parts: parts of the split that count.
        keep: observations that count, shape (n_bins, n_variants) or (n_variants,); None counts all.
    """
    inside = np.isin(base.problem.sets, parts)
    counts = base.counts if keep is None else base.counts * keep
    difference = paired_difference(
        better.log_p[:, inside], base.log_p[:, inside], counts[:, inside], seed=1, n_draws=N_DRAWS
    )
    return difference.variational_information


def without_pair(fitted: Fitted, site_name: str, pair: tuple[int, int]) -> Fitted:
    """The model less the energies of one pair of a site, nothing fitted again.

    What the pair says of either base alone on average over the training variants is left with that base: its energies
    are brought first to the gauge in which their means over the library's bases at either position are 0.
    """
    blocks, flat = fitted.setup.posterior.network.layout.blocks, fitted.flat.copy()
    codes = fitted.setup.posterior.training[0].codes.cpu().numpy()
    (site,) = (site for site in fitted.spec.sites if site.name == site_name)
    p, q = (np.bincount(codes[:, site.start + position], minlength=4) / len(codes) for position in pair)
    theta = flat[blocks[f"{site_name}.theta"].slice].reshape(-1, 4)
    energies = flat[blocks[f"{site_name}.pairs"].slice].reshape(-1, 4, 4)[site.pairs.index(pair)]
    mean = p @ energies @ q
    theta[pair[0]] += energies @ q - mean
    theta[pair[1]] += p @ energies - mean
    flat[blocks[f"{site_name}.mu"].start] += mean
    energies[:] = 0.0
    return at(fitted.spec, fitted.problem, flat, fitted.setup)
