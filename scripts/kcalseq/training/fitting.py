"""One library, one model: from a problem to a fitted member in the canonical copy."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.models.canonical import Canonical, canonicalise
from kcalseq.models.design import build_design, most_common_bases
from kcalseq.models.network import Network, standardisation, standardise
from kcalseq.models.parameters import initial_parameters
from kcalseq.models.spec import ModelSpec
from kcalseq.training.fit import Fit, choose_device, fit_members, polish
from kcalseq.training.objective import LogPosterior, Observations
from kcalseq.training.problem import Problem
from kcalseq.training.rounds import FitSettings, Progress


class FittedModel(NamedTuple):
    """A fitted model.

    Attributes:
        fit: all starts as they ended, the chosen one polished.
        starts: all starts in their canonical copies.
        chosen: number of the start that is reported: the best of those whose phi rises with the bin, if any does.
    """

    fit: Fit
    starts: tuple[Canonical, ...]
    chosen: int

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
        posterior: the objective, with network and training observations.
        training: numbers of the training variants in the problem.
    """

    posterior: LogPosterior
    training: NDArray[np.int64]


def prepare(spec: ModelSpec, problem: Problem) -> Setup:
    """Put model and training set on the device that is there, and bind torch to one core.

    Sums over several cores would round differently with each number of cores; work is spread over starts instead.
    """
    torch.set_num_threads(1)
    device, rows = choose_device(), problem.rows("training")
    network = Network(spec, len(problem.bins), device)
    counts = torch.from_numpy(np.ascontiguousarray(problem.counts[:, rows])).to(device)
    codes = torch.from_numpy(problem.codes[rows]).to(device)
    training = Observations(build_design(spec, problem.codes[rows], device), counts, codes)
    return Setup(LogPosterior(network, training), rows)


def fit_problem(
    spec: ModelSpec, problem: Problem, seed: int, n_starts: int, n_threads: int, progress: Progress
) -> FittedModel:
    """Fit from several starts, choose the best (see ``FittedModel.chosen``), polish it, and put labels right.

    Args:
        spec: the model.
        problem: what it is fitted to.
        seed: of the starts.
        n_starts: how many.
        n_threads: CPU cores to use; the result does not depend on it.
        progress: called with the number of steps newly done.
    """
    posterior, training = prepare(spec, problem)
    layout = posterior.network.layout
    beginnings = np.stack([initial_parameters(spec, layout, seed, start) for start in range(n_starts)])
    start = torch.from_numpy(beginnings).to(posterior.network.device)
    fit = fit_members(posterior, start, FitSettings(), n_threads, progress)
    rising = [_canonical(spec, posterior, problem, training, flat).phi_rises for flat in fit.flat]
    candidates = [start for start, rises in enumerate(rising) if rises] or list(range(n_starts))
    chosen = min(candidates, key=lambda start: float(fit.value[start]))
    fit = polish(posterior, fit, chosen, progress)
    members = tuple(_canonical(spec, posterior, problem, training, flat) for flat in fit.flat)
    return FittedModel(fit, members, chosen)


def reference_codes(spec: ModelSpec, problem: Problem) -> NDArray[np.uint8]:
    """Codes of the wild type, or of the most common base at each position where none is given, shape (length,)."""
    if spec.wildtype is None:
        return most_common_bases(problem.codes)
    codes: NDArray[np.uint8] = encode_sequences([spec.wildtype], spec.length)[0]
    return codes


def standardised_phenotype(
    spec: ModelSpec, setup: Setup, problem: Problem, flat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """phi of every variant of the problem in training standard deviations, shape (n_variants,).

    Args:
        spec, setup, problem: the fit.
        flat: shape (size,).
    """
    network = setup.posterior.network
    member = torch.from_numpy(flat)[None].to(network.device)
    with torch.no_grad():
        scale = standardisation(network.phenotype(member, setup.posterior.training.design))
        raw = network.phenotype(member, build_design(spec, problem.codes, network.device))
        phi: NDArray[np.float64] = standardise(raw, scale)[0].cpu().numpy()
    return phi


def _canonical(
    spec: ModelSpec, posterior: LogPosterior, problem: Problem, training: NDArray[np.int64], flat: torch.Tensor
) -> Canonical:
    with torch.no_grad():
        phi = posterior.network.phenotype(flat[None], posterior.training.design)[0].cpu().numpy()
    sorted_bins = problem.bins > 0
    counts = problem.counts[np.ix_(sorted_bins, training)]
    # Covariance of phi and bin over the sorted observations.
    weight = counts.sum(0)
    by_bin = (counts * problem.bins[sorted_bins][:, None]).sum(0)
    rises = float((phi * by_bin).sum() / weight.sum() - (phi * weight).sum() * by_bin.sum() / weight.sum() ** 2) >= 0
    return canonicalise(spec, posterior.network.layout, flat.cpu().numpy(), reference_codes(spec, problem), rises)
