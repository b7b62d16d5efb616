"""Fit to more variants than memory holds: minibatches of Adam, their design made when their turn comes.

Each batch standardises phi over its own variants, so batches are large (the default's standard deviation of phi is off
by half a per cent). The end is near the optimum, not at it: ``benchmarks/scaling_models.py`` tells how far a fit of all
variants at once goes beyond.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.design import build_design
from kcalseq.models.network import Network
from kcalseq.models.process import Data
from kcalseq.training.adam import AdamFit, AdamSettings, minimise_batches, shuffled_batches
from kcalseq.training.checkpoint import Checkpoint
from kcalseq.training.objective import LogPosterior, Observations

BATCH = 16_384
# Steps, not epochs, make a fit: few epochs are enough where there are many batches.
_STEPS = 4_000
_FEWEST_EPOCHS = 4


class Stream(NamedTuple):
    """Variants that are taken a batch at a time, for example from a memory map.

    Attributes:
        n_variants: how many there are.
        take: codes 0..3, shape (n, length), and data of the variants of those numbers.
    """

    n_variants: int
    take: Callable[[NDArray[np.int64]], tuple[NDArray[np.uint8], Data]]


def settings_for(n_variants: int, batch: int = BATCH) -> AdamSettings:
    """About 4,000 steps in whole epochs; none stops before the learning rate has come down."""
    n_epochs = max(_FEWEST_EPOCHS, round(_STEPS * batch / max(n_variants, batch)))
    return AdamSettings(n_epochs=n_epochs, patience=n_epochs)


def fit_stream(
    network: Network,
    training: Stream,
    validation: Stream,
    seed: int,
    n_starts: int,
    settings: AdamSettings,
    progress: Callable[[int], None],
    batch: int = BATCH,
    checkpoint: Checkpoint | None = None,
) -> AdamFit:
    """Fit a model of one experiment from several starts, the best of each by its validation set.

    Memory holds one batch and the whole validation set's share of one, whatever the number of variants.

    Args:
        network: the model.
        training, validation: the variants of both sets.
        seed: of starts and batches.
        n_starts: how many starts; they go as one batch of members.
        settings: of Adam.
        progress: called with 1 after every epoch.
        batch: most variants in a batch.
        checkpoint: as for ``minimise_batches``.

    Returns:
        the fit; its validation values are nats per variant, without the prior.

    Raises:
        ValueError: the model has several experiments.
    """
    if len(network.processes) != 1:
        raise ValueError(f"{len(network.processes)} experiments: one is fitted in batches")
    start = torch.from_numpy(np.stack([initial_parameters(network, seed, one) for one in range(n_starts)]))

    def objective(flat: torch.Tensor, rows: NDArray[np.int64]) -> torch.Tensor:
        fit, prior = _posterior(network, training, rows).parts(flat)
        return fit / len(rows) + prior / training.n_variants

    def held_out(flat: torch.Tensor) -> torch.Tensor:
        total = torch.zeros_like(flat[:, 0])
        for rows in _in_order(validation.n_variants, batch):
            total += _posterior(network, validation, rows).parts(flat)[0]
        return total / validation.n_variants

    batches = shuffled_batches(training.n_variants, batch, seed)
    return minimise_batches(objective, start.to(network.device), batches, held_out, settings, progress, checkpoint)


def _posterior(network: Network, stream: Stream, rows: NDArray[np.int64]) -> LogPosterior:
    # In order: a memory map is read forwards.
    codes, data = stream.take(np.sort(rows))
    design = build_design(network.spec, codes, network.device)
    return LogPosterior(network, (Observations(design, data.to(network.device), torch.from_numpy(codes)),))


def _in_order(n: int, size: int) -> list[NDArray[np.int64]]:
    return np.array_split(np.arange(n), -(-n // size))
