"""Fit to more variants than memory holds, and black boxes: minibatches of Adam, made when their turn comes.

Each batch standardises phi over its own variants, so batches for energies are large (the default's standard deviation
of phi is off by half a per cent). The end is near the optimum, not at it: ``benchmarks/scaling_models.py`` tells how
far a fit of all variants at once goes beyond.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.design import build_design
from kcalseq.models.network import Network, Standardisation, standardise
from kcalseq.models.process import Data
from kcalseq.training.adam import AdamFit, AdamSettings, minimise_batches, shuffled_parts
from kcalseq.training.checkpoint import Checkpoint
from kcalseq.training.objective import LogPosterior, Observations

BATCH = 16_384
# Steps, not epochs, make a fit: few epochs are enough where there are many batches.
_STEPS = 4_000
_FEWEST_EPOCHS = 4
# Training variants by whose phenotypes those of the validation set are told: the sd is off by one per cent at most.
_REFERENCE = 4_096
# Variants whose designs, or whose units of a black box, are in memory at a time.
_PIECE, _PIECE_OF_BOX = 65_536, 2_048


Codes = Callable[[NDArray[np.int64]], NDArray[np.uint8]]


class Stream(NamedTuple):
    """Variants that are taken a batch at a time, for example from a memory map.

    Attributes:
        n_variants: how many there are.
        codes: bases 0..3 of the variants of those numbers, shape (n, length).
        data: what was measured of them.
    """

    n_variants: int
    codes: Codes
    data: Callable[[NDArray[np.int64]], Data]


Batch = tuple[NDArray[np.int64], ...]
"""Numbers of some variants of each experiment."""


def settings_for(n_variants: int, batch: int = BATCH) -> AdamSettings:
    """About 4,000 steps in whole epochs; none stops before the learning rate has come down."""
    n_epochs = max(_FEWEST_EPOCHS, round(_STEPS * batch / max(n_variants, batch)))
    return AdamSettings(n_epochs=n_epochs, patience=n_epochs)


def n_batches(streams: Sequence[Stream], batch: int) -> int:
    """Batches of an epoch; every experiment has at least two variants in each, if it has so many."""
    n = [stream.n_variants for stream in streams]
    return max(1, min(-(-sum(n) // batch), min(n) // 2))


def fit_stream(
    network: Network,
    training: Sequence[Stream],
    validation: Sequence[Stream],
    start: NDArray[np.float64],
    seed: int,
    settings: AdamSettings,
    progress: Callable[[int], None],
    batch: int = BATCH,
    checkpoint: Checkpoint | None = None,
) -> AdamFit:
    """Fit a model from several starts, the best of each by its validation set.

    Memory holds one batch and a piece of the validation set, whatever the number of variants.

    Args:
        network: the model.
        training, validation: the variants of both sets, experiment by experiment.
        start: where members begin, shape (n_starts, size); they go as one batch of members.
        seed: of the batches.
        settings: of Adam.
        progress: called with 1 after every epoch.
        batch: most variants in a batch, of all experiments together.
        checkpoint: as for ``minimise_batches``.

    Returns:
        the fit; its validation values are nats per variant, without the prior.
    """
    posterior = LogPosterior(network, ())
    n_training, n_validation = (sum(stream.n_variants for stream in one) for one in (training, validation))
    reference = [_spread(stream.n_variants, max(batch, _REFERENCE)) for stream in training]

    def objective(flat: torch.Tensor, rows: Batch) -> torch.Tensor:
        fit, prior = posterior.on(_observations(network, training, rows)).parts(flat)
        return fit / sum(map(len, rows)) + prior / n_training

    def held_out(flat: torch.Tensor) -> torch.Tensor:
        scales = [
            network.scale(phenotypes_of(network, flat, stream.codes, one, rows), one)
            for one, (stream, rows) in enumerate(zip(training, reference, strict=True))
        ]
        return misfit(network, flat, validation, scales) / n_validation

    size = n_batches(training, batch)
    seeds = [(seed,), *((seed, number) for number in range(1, len(training)))]
    batches = [shuffled_parts(one.n_variants, size, own) for one, own in zip(training, seeds, strict=True)]

    def of_epoch(epoch: int) -> Iterator[Batch]:
        return zip(*(own(epoch) for own in batches), strict=True)

    beginning = torch.from_numpy(start).to(network.device)
    return minimise_batches(objective, beginning, of_epoch, held_out, settings, progress, checkpoint)


def phenotypes_of(
    network: Network, flat: torch.Tensor, codes: Codes, experiment: int, rows: NDArray[np.int64]
) -> torch.Tensor:
    """Raw phenotypes of the variants of those numbers in an experiment, in pieces, shape (n_members, n)."""
    found = []
    with torch.no_grad():
        for piece in pieces(network, rows):
            design = build_design(network.spec, codes(piece), network.device)
            found.append(network.phenotype(flat, design, experiment))
    return torch.cat(found, 1)


def misfit(
    network: Network, flat: torch.Tensor, streams: Sequence[Stream], scales: Sequence[Standardisation]
) -> torch.Tensor:
    """-log p(data) of all variants, nats, shape (n_members,), worked out in pieces.

    Args:
        network: the model.
        flat: shape (n_members, size).
        streams: the variants of each experiment.
        scales: how each experiment's measurement process reads raw phenotypes.
    """
    total = torch.zeros_like(flat[:, 0])
    with torch.no_grad():
        for number, (stream, scale) in enumerate(zip(streams, scales, strict=True)):
            process, weights = network.processes[number], network.weights(flat, number)
            for rows in pieces(network, np.arange(stream.n_variants)):
                design, data, _ = _observed(network, stream, rows)
                z = standardise(network.phenotype(flat, design, number), scale)
                total += process.negative_log_likelihood(z, weights, data)
    return total


def objective_of(
    network: Network, flat: torch.Tensor, streams: Sequence[Stream], scales: Sequence[Standardisation]
) -> torch.Tensor:
    """Negative log posterior, nats, shape (n_members,), without ever holding the design of all variants.

    The prior's units, the spread of energies that have pairs, are those of a sample of the variants.
    """
    sample = tuple(_spread(stream.n_variants, min(BATCH, _piece(network))) for stream in streams)
    with torch.no_grad():
        prior = LogPosterior(network, _observations(network, streams, sample)).parts(flat)[1]
    return misfit(network, flat, streams, scales) + prior


def pieces(network: Network, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Numbers of variants in pieces that memory holds."""
    size = _piece(network)
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _piece(network: Network) -> int:
    return _PIECE if network.box is None else _PIECE_OF_BOX


def _observations(network: Network, streams: Sequence[Stream], batch: Batch) -> tuple[Observations, ...]:
    return tuple(_observed(network, stream, rows) for stream, rows in zip(streams, batch, strict=True))


def _observed(network: Network, stream: Stream, rows: NDArray[np.int64]) -> Observations:
    # In order: a memory map is read forwards.
    own = np.sort(rows)
    codes, data = stream.codes(own), stream.data(own)
    design = build_design(network.spec, codes, network.device)
    return Observations(design, data.to(network.device), torch.from_numpy(codes))


def _spread(n: int, most: int) -> NDArray[np.int64]:
    """At most so many of n numbers, evenly spread."""
    return np.arange(n) if n <= most else np.arange(most) * n // most
