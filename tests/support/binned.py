"""What tests of models of sort bins share."""

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.models.bins import BinData, SortBins, TanhBins
from kcalseq.models.network import Network, standardise
from kcalseq.models.spec import ModelSpec
from kcalseq.training.problem import Problem, binned


def network_of_bins(spec: ModelSpec, n_bins: int) -> Network:
    """A model of one experiment with bins 0 .. n_bins - 1."""
    units, sd = spec.measurement.hidden_units, spec.measurement.weight_sd
    return Network(spec, [TanhBins(tuple(range(n_bins)), units, sd)], ["all"], torch.device("cpu"))


def log_probabilities(network: Network, flat: torch.Tensor, phi: torch.Tensor) -> torch.Tensor:
    """log p(bin) from raw phenotypes (n_members, n) that are all there are, shape (n_members, n_bins, n)."""
    process = network.processes[0]
    assert isinstance(process, SortBins)
    return process.log_probabilities(standardise(phi, network.scale(phi, 0)), network.weights(flat, 0))


def counts_of(problem: Problem) -> NDArray[np.float64]:
    """Counts of the one experiment of a problem, shape (n_bins, n_variants)."""
    ((_, _, data),) = binned(problem)
    return data.table


def bins_of(problem: Problem) -> list[int]:
    """Bins of the one experiment of a problem."""
    ((_, process, _),) = binned(problem)
    return list(process.bins)


def data_of(counts: NDArray[np.float64]) -> BinData:
    """Data that members share, from counts (n_bins, n_variants)."""
    return BinData(torch.from_numpy(counts)[None])
