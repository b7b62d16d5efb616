"""One library, one model: from a problem to a fitted member in the canonical copy."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences, most_common_bases
from kcalseq.errors import KcalseqError
from kcalseq.models.beginnings import beginnings
from kcalseq.models.canonical import Canonical, canonicalise
from kcalseq.models.design import build_design
from kcalseq.models.network import Network, Standardisation, standardise
from kcalseq.models.process import Data, Process
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit import choose_device, fit_members, polish
from kcalseq.training.keeping import Keeper
from kcalseq.training.members import Fit, joined
from kcalseq.training.objective import LogPosterior, Observations
from kcalseq.training.problem import Experiment, Problem
from kcalseq.training.rounds import FitSettings, Progress, whitening
from kcalseq.training.streaming import Stream, phenotypes_of
from kcalseq.wording import words_list


class Epoch(NamedTuple):
    """An epoch of a start: mean of the objective over its batches, nats, and -log likelihood of the validation set.

    The latter after the epoch, nats per variant.
    """

    start: int
    iteration: int
    objective: float
    validation: float


class FittedModel(NamedTuple):
    """A fitted model.

    Attributes:
        fit: all starts as they ended, the chosen one polished.
        starts: all starts in their canonical copies.
        chosen: number of the start that is reported: the best of those whose phi rises with the bin, if any does.
        method: how it was fitted: all variants at once by L-BFGS, or in minibatches.
        epochs: of a fit in minibatches, every epoch of every start; ``fit`` has no history then.
    """

    fit: Fit
    starts: tuple[Canonical, ...]
    chosen: int
    method: Literal["L-BFGS", "minibatches"] = "L-BFGS"
    epochs: tuple[Epoch, ...] = ()

    @property
    def reported(self) -> Canonical:
        """The chosen start in its canonical copy."""
        return self.starts[self.chosen]

    @property
    def flat(self) -> NDArray[np.float64]:
        """Parameters of the chosen start, shape (size,)."""
        return self.reported.flat

    @property
    def objective(self) -> float:
        """Negative log posterior of the chosen start, nats."""
        return float(self.fit.value[self.chosen])

    @property
    def converged(self) -> bool:
        """Whether the chosen start came to rest."""
        return bool(self.fit.converged[self.chosen])


class Setup(NamedTuple):
    """A model and its training set made ready for one device.

    Attributes:
        posterior: the objective, with network and training observations; without the latter from ``outlined``.
        training: numbers of each experiment's training variants in the problem.
    """

    posterior: LogPosterior
    training: tuple[NDArray[np.int64], ...]


def prepare(spec: ModelSpec, problem: Problem) -> Setup:
    """Put model and training set on the device that is there, and bind torch to one core.

    Sums over several cores would round differently with each number of cores; work is spread over starts instead.
    """
    outline = outlined(spec, problem)
    network, rows = outline.posterior.network, outline.training
    training = tuple(
        Observations(
            build_design(spec, problem.codes[own], network.device),
            experiment.data.take(torch.from_numpy(own)).to(network.device),
            torch.from_numpy(problem.codes[own]).to(network.device),
        )
        for experiment, own in zip(problem.experiments, rows, strict=True)
    )
    return Setup(outline.posterior.on(training), rows)


def outlined(spec: ModelSpec, problem: Problem) -> Setup:
    """As ``prepare``, without the observations: for what takes variants in pieces."""
    torch.set_num_threads(1)
    processes = [experiment.process for experiment in problem.experiments]
    conditions = [experiment.condition for experiment in problem.experiments]
    network = Network(spec, processes, conditions, choose_device())
    return Setup(LogPosterior(network, ()), tuple(training_rows(problem, one) for one in problem.experiments))


def streams(problem: Problem, rows: Sequence[NDArray[np.int64]]) -> tuple[Stream, ...]:
    """Some variants of each experiment of a problem, to be taken in batches or pieces."""

    def stream(experiment: Experiment, own: NDArray[np.int64]) -> Stream:
        return Stream(
            len(own),
            lambda some: problem.codes[own[some]],
            lambda some: experiment.data.take(torch.from_numpy(own[some])),
        )

    return tuple(stream(experiment, own) for experiment, own in zip(problem.experiments, rows, strict=True))


def training_rows(problem: Problem, experiment: Experiment) -> NDArray[np.int64]:
    """Numbers of the variants that an experiment is fitted to: those of the training set that it measured."""
    return rows_of(problem, experiment, "training")


def rows_of(problem: Problem, experiment: Experiment, part: str) -> NDArray[np.int64]:
    """Numbers of the variants in a part of the split; where there are several experiments, of those it measured."""
    rows = problem.rows(part)
    return rows if len(problem.experiments) == 1 else rows[experiment.n_observations()[rows] > 0]


def fit_problem(
    spec: ModelSpec,
    problem: Problem,
    seed: int,
    n_starts: int,
    n_threads: int,
    progress: Progress,
    earlier: NDArray[np.float64] | None = None,
    keeper: Keeper | None = None,
) -> FittedModel:
    """Fit from several starts, choose the best (see ``FittedModel.chosen``), polish it, and put labels right.

    Args:
        spec: the model.
        problem: what it is fitted to.
        seed: of the starts.
        n_starts: how many.
        n_threads: CPU cores to use; the result does not depend on it.
        progress: called with the number of steps newly done.
        earlier: where the first start begins, as from ``earlier_weights``; numbers that are NaN begin as ever.
        keeper: as in ``fit_members``.
    """
    posterior = prepare(spec, problem).posterior
    start = torch.from_numpy(beginnings(posterior.network, seed, n_starts, earlier)).to(posterior.network.device)
    _check_finite(spec, posterior, start)
    fits, n_warm, settings = [], int(earlier is not None), _settings(spec)
    if n_warm:
        # Near an optimum the curvature is worth its price from the first step on.
        metric = whitening(posterior, start[0], 0)
        fits.append(fit_members(posterior, start[:1], settings, n_threads, progress, metric, keeper=keeper))
    if n_warm < n_starts:
        fits.append(fit_members(posterior, start[n_warm:], settings, n_threads, progress, None, n_warm, keeper))
    fit = joined(fits)
    rising = [canonical_member(spec, posterior, problem, flat).phi_rises for flat in fit.flat]
    candidates = [start for start, rises in enumerate(rising) if rises] or list(range(n_starts))
    chosen = min(candidates, key=lambda start: float(fit.value[start]))
    if spec.kind != "additive":
        fit = polish(posterior, fit, chosen, progress, keeper)
    members = tuple(canonical_member(spec, posterior, problem, flat) for flat in fit.flat)
    return FittedModel(fit, members, chosen)


def _settings(spec: ModelSpec) -> FitSettings:
    """Energies without a scale have no flat valley to slide along: the curvature is not worth its price before the end.

    What is slow there are the curves of the measurement process, for which coordinates of one place are soon wrong.
    """
    return FitSettings(first_iterations=1000) if spec.kind == "additive" else FitSettings()


def _check_finite(spec: ModelSpec, posterior: LogPosterior, start: torch.Tensor) -> None:
    """Refuse a fit that could not take a single step, and would be told as one that came to rest."""
    for member, flat in enumerate(start):
        value, gradient = posterior.only(torch.tensor([member], device=flat.device)).value_and_gradient(
            flat[None], torch.zeros(1, dtype=torch.long, device=flat.device)
        )
        blocks = posterior.network.layout.blocks.values()
        broken = [block.name for block in blocks if not gradient[0, block.slice].isfinite().all()]
        if broken or not value.isfinite().all():
            found = f"start {member} has an objective of {float(value):g} and no slope by {words_list(broken)}"
            raise KcalseqError(f"model '{spec.name}'", found, "finite numbers", "this is a fault of kcalseq: report it")


def reference_codes(spec: ModelSpec, problem: Problem) -> NDArray[np.uint8]:
    """Codes of the wild type, or of the most common base at each position where none is given, shape (length,)."""
    if spec.wildtype is None:
        return most_common_bases(problem.codes)
    codes: NDArray[np.uint8] = encode_sequences([spec.wildtype], spec.length)[0]
    return codes


def phenotypes(
    spec: ModelSpec, setup: Setup, problem: Problem, flat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """phi of every variant of the problem in each experiment, as its measurement process reads it, (n_variants,) each.

    Args:
        spec, setup, problem: the fit.
        flat: shape (size,).
    """
    network, found = setup.posterior.network, []
    member, everyone = torch.from_numpy(flat)[None].to(network.device), np.arange(len(problem.codes))
    for experiment, scale in enumerate(scales(setup, problem, flat)):
        raw = phenotypes_of(network, member, problem.codes.__getitem__, experiment, everyone)
        found.append(np.asarray(standardise(raw, scale)[0].cpu().numpy()))
    return tuple(found)


def scales(setup: Setup, problem: Problem, flat: NDArray[np.float64]) -> tuple[Standardisation, ...]:
    """How each experiment's measurement process reads the phenotypes of a member (size,)."""
    network, codes = setup.posterior.network, problem.codes.__getitem__
    member = torch.from_numpy(flat)[None].to(network.device)
    return tuple(
        network.scale(phenotypes_of(network, member, codes, experiment, rows), experiment)
        for experiment, rows in enumerate(setup.training)
    )


def canonical_member(spec: ModelSpec, posterior: LogPosterior, problem: Problem, flat: torch.Tensor) -> Canonical:
    """A member (size,) in the copy of its labels that is reported; the posterior is of that member alone."""
    network, rising = posterior.network, 0.0
    for experiment, (design, data, _) in enumerate(posterior.training):
        with torch.no_grad():
            raw = network.phenotype(flat[None], design, experiment)
            z = standardise(raw, network.scale(raw, experiment))[0]
        rising += brightness_slope(network.processes[experiment], [(z, data)])
    wildtype = reference_codes(spec, problem)
    return canonicalise(spec, network.layout, flat.cpu().numpy(), wildtype, rising >= 0)


def brightness_slope(process: Process, pieces: Iterable[tuple[torch.Tensor, Data]]) -> float:
    """Covariance of phi (n_variants,) and what it should rise with over the observations of an experiment.

    ``pieces``: phi and data of its variants, some at a time.
    """
    sums = torch.zeros(4, dtype=torch.float64)
    for z, data in pieces:
        bright, n = process.brightness(data)
        sums += torch.stack([(z * bright).sum(), (z * n).sum(), bright.sum(), n.sum()]).cpu()
    return float(sums[0] - sums[1] * sums[2] / sums[3])
