"""Sort bins as a measurement process: counts of a variant in each bin."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models import lookup
from kcalseq.models.measurement import (
    MeasurementWeights,
    hidden_units,
    log_probability,
    negative_log_likelihood,
)
from kcalseq.models.process import BlockShape, Data, Process, Slopes, Weights

# The level of each bin says how much of it was sorted and read: nothing that a prior should know.
_WIDE_SD = 30.0

# Variants from which a table of log p(bin | phi) pays, and most observations of each in different bins.
_TABLE_FROM, _MOST_OBSERVATIONS = 8192, 3


@dataclass(frozen=True)
class BinData(Data):
    """Independent observations in each bin, ``counts`` of shape (1 or n_members, n_bins, n_variants), float64."""

    counts: torch.Tensor

    @property
    def table(self) -> NDArray[np.float64]:
        """Counts of the first member, shape (n_bins, n_variants)."""
        return np.asarray(self.counts[0].cpu().numpy())

    @cached_property
    def observed(self) -> lookup.Observed:
        """Counts of the first member that are not 0."""
        return lookup.observed(self.counts[0])

    @property
    def n_observations(self) -> torch.Tensor:
        """See ``Data``."""
        return self.counts[0].sum(0)

    def take(self, rows: torch.Tensor) -> BinData:
        """See ``Data``."""
        return BinData(self.counts[:, :, rows].contiguous())

    def to(self, device: torch.device) -> BinData:
        """See ``Data``."""
        return BinData(self.counts.to(device))

    def of_members(self, members: torch.Tensor) -> BinData:
        """See ``Data``."""
        return self if len(self.counts) in {1, len(members)} else BinData(self.counts[members])

    def reweighted(self, weights: torch.Tensor) -> BinData:
        """See ``Data``."""
        return BinData(self.counts * weights[:, None, :])


class SortBins(Process):
    """What all processes of sort bins share.

    Attributes:
        bins: numbers of the bins in order; 0 is the library before sorting.
    """

    standardised = True

    def __init__(self, bins: tuple[int, ...]) -> None:
        self.bins = bins

    @abstractmethod
    def log_probabilities(self, z: torch.Tensor, weights: Weights) -> torch.Tensor:
        """log p(bin | z), nats, shape (n_members, n_bins, n); z (n_members, n)."""

    def log_likelihoods(self, z: torch.Tensor, weights: Weights, data: BinData) -> torch.Tensor:
        """See ``Process``."""
        return (self.log_probabilities(z, weights) * data.counts).sum(1)

    def brightness(self, data: BinData) -> tuple[torch.Tensor, torch.Tensor]:
        """Sum of the sort bins, the unsorted library left out; see ``Process``."""
        bins = torch.tensor(self.bins, dtype=data.counts.dtype, device=data.counts.device)
        counts = data.counts[0][bins > 0]
        return (counts * bins[bins > 0, None]).sum(0), counts.sum(0)

    def readout(self, z: torch.Tensor, weights: Weights) -> dict[str, torch.Tensor]:
        """The mean bin among sorted cells; see ``Process``."""
        bins = torch.tensor(self.bins, dtype=z.dtype, device=z.device)
        p = self.log_probabilities(z, weights)[0].exp()[bins > 0]
        return {"mean_bin": (p * bins[bins > 0, None]).sum(0) / p.sum(0)}

    def simulate(self, z: torch.Tensor, weights: Weights, data: BinData, rng: np.random.Generator) -> BinData:
        """Draw bins anew for each variant's observations; see ``Process``."""
        p = self.log_probabilities(z, weights).exp().cpu().numpy().transpose(0, 2, 1)
        n = data.n_observations.cpu().numpy().astype(np.int64)
        drawn = np.stack([rng.multinomial(n, member / member.sum(1, keepdims=True)).T for member in p])
        return BinData(torch.from_numpy(drawn.astype(float)).to(z.device))

    @property
    def description(self) -> dict[str, Any]:
        """See ``Process``."""
        return {"bins": list(self.bins)}


class TanhBins(SortBins):
    """Measurement process agnostic regression over sort bins; see ``measurement``.

    Args:
        bins: numbers of the bins in order; 0 is the library before sorting.
        n_units: tanh units shared by the bins.
        weight_sd: prior standard deviation of their weights.
    """

    name = "mpa"
    turned = ("c",)

    def __init__(self, bins: tuple[int, ...], n_units: int, weight_sd: float) -> None:
        super().__init__(bins)
        self.n_units, self.weight_sd = n_units, weight_sd

    @property
    def blocks(self) -> tuple[BlockShape, ...]:
        """See ``Process``."""
        n_bins, units, sd = len(self.bins), self.n_units, self.weight_sd
        return (
            BlockShape("a", (n_bins,), _WIDE_SD),
            BlockShape("b", (n_bins, units), sd),
            BlockShape("c", (units,), sd),
            BlockShape("d", (units,), sd),
        )

    def initial(self, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Tanh units spread evenly over the range of phi; brighter bins begin with more weight at higher phi.

        So phi learns to rise with the bin: for state tables without exchangeable labels the copy turned over is another
        model, and a wrong one.
        """
        n_bins, units = len(self.bins), self.n_units
        rising = np.linspace(-0.5, 0.5, n_bins)[:, None] * units**-0.5
        return {
            "a": np.zeros(n_bins),
            "b": rising + rng.normal(0.0, units**-0.5, (n_bins, units)),
            "c": np.ones(units),
            "d": np.linspace(-2.5, 2.5, units),
        }

    def log_probabilities(self, z: torch.Tensor, weights: Weights) -> torch.Tensor:
        """See ``SortBins``."""
        return log_probability(z, MeasurementWeights(**weights))

    def negative_log_likelihood(self, z: torch.Tensor, weights: Weights, data: BinData) -> torch.Tensor:
        """See ``Process``."""
        of = MeasurementWeights(**weights)
        nodes = lookup.lattice(z[0]) if _may_use_a_table(z, data) else None
        if nodes is not None and len(nodes) * _MOST_OBSERVATIONS < z.shape[1]:
            return lookup.negative_log_likelihood(z, of, data.observed, nodes)
        return negative_log_likelihood(z, of, data.counts)

    def slopes(self, z: torch.Tensor, weights: Weights, data: BinData) -> Slopes:
        """See ``Process``."""
        of = MeasurementWeights(**weights)
        units, counts = hidden_units(z, of)[0], data.counts[0]
        expected = counts.sum(0) * self.log_probabilities(z, weights)[0].exp()
        residual = expected - counts  # shape: (n_bins, n); derivative by the logits
        by_input = (of.b[0].T @ residual) * (1.0 - units.square())
        by_b = (residual[:, None] * units[None]).flatten(0, 1)
        return Slopes(of.c[0] @ by_input, torch.cat([residual, by_b, by_input * z, by_input]).T)


def _may_use_a_table(z: torch.Tensor, data: BinData) -> bool:
    """Whether a table along phi could be quicker than every variant: one member, and few observations of each.

    Not on a GPU, which sums in another order each time: the same fit would not give the same digits twice.
    """
    n = z.shape[1]
    if n < _TABLE_FROM or len(z) > 1 or len(data.counts) > 1 or z.device.type != "cpu":
        return False
    return len(data.observed.times) <= _MOST_OBSERVATIONS * n
