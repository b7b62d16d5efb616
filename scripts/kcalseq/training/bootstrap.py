"""Bootstrap: the model fitted again to data as they might have come out, for errors and bias of its numbers.

Parametric: the fitted model draws each observation anew, which asks how well the fit would find itself. Nonparametric:
the variants of each experiment are drawn with replacement, which asks the same without believing the model (Efron &
Tibshirani 1993, chapters 6 and 13). Refits begin at the fit, in coordinates whitened by its Fisher information, which
is worked out once for all of them.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.models.network import standardise
from kcalseq.models.process import Data, join_members
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit import fit_members
from kcalseq.training.fitting import Setup, canonical_member
from kcalseq.training.keeping import Keeper
from kcalseq.training.laplace import gauge_fixed_values
from kcalseq.training.members import Fit, joined
from kcalseq.training.objective import LogPosterior
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, Progress, whitening

Kind = Literal["parametric", "nonparametric"]

# In the shared coordinates the last tenths of a nat come slowly; coordinates of a refit's own do better from there.
_SETTINGS = FitSettings(first_iterations=60, round_iterations=100, max_rounds=8, tolerance=0.1)
# Refits whose data are in memory at a time: 78 MB of counts for 30,516 variants in 10 bins.
_CHUNK = 32


class Bootstraps(NamedTuple):
    """Refits of a model.

    Attributes:
        estimate: numbers of the fit in the zero-mean gauge, shape (size,).
        values: those of the refits, each in its canonical copy, shape (n, size).
        flat: the refits' vectors in their canonical copies, shape (n, size).
        fit: the refits as they ended; one that did not converge stands in all means.
    """

    estimate: NDArray[np.float64]
    values: NDArray[np.float64]
    flat: NDArray[np.float64]
    fit: Fit

    @property
    def n_converged(self) -> int:
        """How many refits came to rest."""
        return int(self.fit.converged.sum())

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean of each number over the refits, shape (size,)."""
        return np.asarray(self.values.mean(0))

    @property
    def bias(self) -> NDArray[np.float64]:
        """How far the refits lie off the estimate in the mean, shape (size,)."""
        return self.mean - self.estimate

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard deviation of each number over the refits, shape (size,); NaN of one refit."""
        return np.asarray(self.values.std(0, ddof=1)) if len(self.values) > 1 else np.full_like(self.estimate, np.nan)

    def percentile_interval(self, confidence: float) -> NDArray[np.float64]:
        """Quantiles of the refits, shape (2, size)."""
        tail = (1 - confidence) / 2
        return np.asarray(np.quantile(self.values, [tail, 1 - tail], axis=0))

    def basic_interval(self, confidence: float) -> NDArray[np.float64]:
        """The percentile interval reflected at the estimate, which takes the bias off, shape (2, size)."""
        return 2 * self.estimate - self.percentile_interval(confidence)[::-1]


def check_size(problem: Problem, most: int, key: str = "bootstraps") -> None:
    """Refuse refits of a fit in minibatches, which are none that end at an optimum; ``key``: what asks for them.

    Raises:
        KcalseqError: there are more training variants than that.
    """
    n = len(problem.rows("training"))
    if n > most:
        found = f"{key} of a model fitted in minibatches to {n} training variants"
        remedy = f"set {key}: 0, or raise batches_above"
        raise KcalseqError("the configuration's key 'fit'", found, f"at most {most}, as batches_above says", remedy)


def bootstrap(
    spec: ModelSpec,
    problem: Problem,
    setup: Setup,
    flat: NDArray[np.float64],
    n: int,
    kind: Kind,
    seed: int,
    n_threads: int,
    progress: Progress,
    keeper: Keeper | None = None,
) -> Bootstraps:
    """Refit a model to drawn data.

    Args:
        spec, problem, setup: the fit.
        flat: the fitted vector, shape (size,).
        n: how many refits, at least 1.
        kind: ``parametric`` or ``nonparametric``.
        seed: of the draws; a refit's data depend on it and on the refit's number, on nothing else.
        n_threads: CPU cores to use; the result does not depend on it.
        progress: called with the number of steps newly done.
        keeper: as in ``fit_members``.
    """
    posterior = setup.posterior
    member = torch.from_numpy(flat).to(posterior.network.device)
    metric, fits, members = whitening(posterior, member, 0), [], []
    for first in range(0, n, _CHUNK):
        own = resampled(posterior, member, range(first, min(first + _CHUNK, n)), kind, seed)
        start = member.expand(min(_CHUNK, n - first), -1).clone()
        fits.append(fit_members(own, start, _SETTINGS, n_threads, progress, metric, first, keeper))
        for number, ended in enumerate(fits[-1].flat):
            alone = own.only(torch.tensor([number], device=member.device))
            members.append(canonical_member(spec, alone, problem, ended).flat)
    estimate, *values = gauge_fixed_values(spec, setup, problem, np.stack([flat, *members]))
    return Bootstraps(estimate, np.stack(values), np.stack(members), joined(fits))


def resampled(
    posterior: LogPosterior, flat: torch.Tensor, members: Sequence[int], kind: Kind, seed: int
) -> LogPosterior:
    """The objective of some refits, each with data of its own; arguments as in ``bootstrap``."""
    network, training = posterior.network, []
    for experiment, observations in enumerate(posterior.training):
        process, weights = network.processes[experiment], network.weights(flat[None], experiment)
        with torch.no_grad():
            phi = network.phenotype(flat[None], observations.design, experiment)
            z = standardise(phi, network.scale(phi, experiment))
        drawn: list[Data] = []
        for member in members:
            rng = np.random.default_rng([seed, member, experiment])
            if kind == "parametric":
                drawn.append(process.simulate(z, weights, observations.data, rng))
            else:
                often = torch.from_numpy(draw_variants(observations.n_variants, rng)).to(flat)
                drawn.append(observations.data.reweighted(often[None]))
        training.append(observations._replace(data=join_members(drawn)))
    return LogPosterior(network, tuple(training))


def draw_variants(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How often each of n variants is drawn in n draws with replacement, shape (n,).

    Multinomial and not Poisson numbers: an experiment holds as many variants in every draw as it did, and the spread of
    that number, which no experiment was to tell, does not get into the errors.
    """
    return np.bincount(rng.integers(n, size=n), minlength=n)
