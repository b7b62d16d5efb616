"""Fits in minibatches: of black boxes, and of libraries with more variants than are fitted at once."""

import time
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.beginnings import beginnings
from kcalseq.models.canonical import Canonical, canonicalise
from kcalseq.models.network import standardise
from kcalseq.models.spec import ModelSpec
from kcalseq.training.adam import AdamFit, AdamSettings
from kcalseq.training.fitting import (
    Epoch,
    FittedModel,
    Setup,
    brightness_slope,
    outlined,
    reference_codes,
    rows_of,
    streams,
)
from kcalseq.training.keeping import Keeper
from kcalseq.training.members import Fit
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import Progress
from kcalseq.training.streaming import BATCH, fit_stream, n_batches, objective_of, phenotypes_of, pieces, settings_for

# Over the last quarter of the epochs the validation value must not have fallen by more, nats per variant.
_TOLERANCE = 1e-3
# Times that a checkpoint is written, at most.
_CHECKPOINTS = 20


class Batching(NamedTuple):
    """How a model is fitted in minibatches: Adam's settings, and the most variants in a batch."""

    settings: AdamSettings
    size: int


def batching(spec: ModelSpec, problem: Problem, batches_above: int) -> Batching | None:
    """How a model is fitted in minibatches; None where all variants are fitted at once.

    Args:
        spec: the model; a black box is always fitted in minibatches.
        problem: what it is fitted to.
        batches_above: most training variants that other models are fitted to at once.
    """
    if spec.network is not None:
        box = spec.network
        rates = {"first_rate": box.learning_rate, "last_rate": box.learning_rate / 100}
        return Batching(AdamSettings(n_epochs=box.epochs, patience=box.patience, **rates), box.batch)
    n = len(problem.rows("training"))
    return Batching(settings_for(n), BATCH) if n > batches_above else None


def fit_in_batches(
    spec: ModelSpec,
    problem: Problem,
    how: Batching,
    seed: int,
    n_starts: int,
    progress: Progress,
    earlier: NDArray[np.float64] | None = None,
    keeper: Keeper | None = None,
) -> FittedModel:
    """Fit from several starts at once, on one core, and choose by the validation set.

    Each start ends with the weights at which the validation set was most probable. It counts as converged where that
    value had stopped falling before the last quarter of the epochs: near the optimum, then, not at it.

    Args:
        spec: the model.
        problem: what it is fitted to.
        how: as from ``batching``.
        seed: of starts and batches.
        n_starts: how many.
        progress: called with 1 after every epoch.
        earlier: as for ``fit_problem``.
        keeper: keeps where the fit stands, at the end of epochs; if it has that of this very fit, it goes on there.
    """
    clock = time.thread_time()
    setup = outlined(spec, problem)
    network = setup.posterior.network
    training = streams(problem, setup.training)
    validation = streams(problem, [rows_of(problem, one, "validation") for one in problem.experiments])
    start = beginnings(network, seed, n_starts, earlier)
    every = max(1, how.settings.n_epochs // _CHECKPOINTS)
    measured = [(one.condition, one.process, one.data) for one in problem.experiments]
    depends_on = spec, problem.codes, problem.sets.tolist(), measured, seed, how.size
    kept = keeper.whole("minibatches", every, *depends_on) if keeper else None
    # Half the time and as good: a black box is trained in single precision, and told in double.
    found = fit_stream(network.single(), training, validation, start, seed, how.settings, progress, how.size, kept)
    ended = [_canonical(spec, setup, problem, flat) for flat in found.flat]
    scales = [
        network.scale(phenotypes_of(network, found.flat, one.codes, number, np.arange(one.n_variants)), number)
        for number, one in enumerate(training)
    ]
    value, n_training = objective_of(network, found.flat, training, scales), sum(one.n_variants for one in training)
    done = torch.isfinite(found.validation_history).sum(0) - 1
    fit = Fit(
        found.flat,
        value,
        done * n_batches(training, how.size),
        _converged(found),
        [],
        torch.full((n_starts,), (time.thread_time() - clock) / n_starts, dtype=torch.float64),
    )
    rising = [one for one, member in enumerate(ended) if member.phi_rises] or list(range(n_starts))
    chosen = min(rising, key=lambda one: float(found.validation[one]))
    return FittedModel(fit, tuple(ended), chosen, "minibatches", _epochs(found, n_training))


def _canonical(spec: ModelSpec, setup: Setup, problem: Problem, flat: torch.Tensor) -> Canonical:
    """A member (size,) in the copy of its labels that is reported, its variants taken in pieces."""
    network, rising = setup.posterior.network, 0.0
    for number, one in enumerate(streams(problem, setup.training)):
        process, everyone = network.processes[number], np.arange(one.n_variants)
        raw = phenotypes_of(network, flat[None], one.codes, number, everyone)
        z = standardise(raw, network.scale(raw, number))[0]
        rising += brightness_slope(
            process, ((z[rows], one.data(rows).to(network.device)) for rows in pieces(network, everyone))
        )
    wildtype = reference_codes(spec, problem)
    return canonicalise(spec, network.layout, flat.cpu().numpy(), wildtype, rising >= 0)


def _converged(found: AdamFit) -> torch.Tensor:
    history = found.validation_history
    last = max(2, (len(history) - 1) // 4)
    before = torch.where(history.isnan(), torch.inf, history)[:-last].min(0).values
    settled = found.stopped | (before - found.validation < _TOLERANCE)
    return (settled & (found.best_epoch > 0)).cpu()


def _epochs(found: AdamFit, n_training: int) -> tuple[Epoch, ...]:
    """Epochs of each start, the objective as if every batch had been all variants; none after it stopped."""
    objectives, validations = found.training_history.T.tolist(), found.validation_history[1:].T.tolist()
    return tuple(
        Epoch(start, epoch, objective * n_training, validation)
        for start, rows in enumerate(zip(objectives, validations, strict=True))
        for epoch, (objective, validation) in enumerate(zip(*rows, strict=True))
        if np.isfinite(objective)
    )
