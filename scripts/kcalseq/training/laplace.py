"""Standard errors from the curvature of the log posterior, in the zero-mean gauge."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.design import build_design, pair_codes
from kcalseq.models.gauge import observed_bases, observed_of, zero_mean_map
from kcalseq.models.kinetics import cycle_affinities
from kcalseq.models.network import standardisation
from kcalseq.models.parameters import ParameterLayout
from kcalseq.models.rate_graph import reversible_cycles
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Site
from kcalseq.training.fisher import information
from kcalseq.training.fitting import Setup, reference_codes
from kcalseq.training.problem import Problem

# A number whose posterior is at least half as wide as its prior was learned from the prior, not from the data.
_LEARNED = 0.5


class GaugeFixed(NamedTuple):
    """A member in the zero-mean gauge.

    Attributes:
        values: shape (size,); energies in kcal/mol, of an additive model in sd of phi.
        errors: standard errors, shape (size,).
        learned: whether the data, and not the prior, determine each number, shape (size,).
        differences: value and standard error of each chemical potential less that of its site in the first condition,
            by name; kcal/mol. With errors of their own, since potentials that slide along together differ by little.
        affinities: of a kinetic model, value and standard error of the affinity of each cycle of reversible transitions
            at the wild type, in units of kT: 0 in equilibrium.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    learned: NDArray[np.bool_]
    differences: dict[str, tuple[float, float]]
    affinities: Mapping[str, tuple[float, float]] = MappingProxyType({})


def gauge_fixed_errors(
    spec: ModelSpec, setup: Setup, problem: Problem, flat: NDArray[np.float64], scale: float = 1.0
) -> GaugeFixed:
    """Values, standard errors and identifiability of all parameters.

    The covariance is the inverse of Fisher information plus prior precision, carried through the gauge fixing. An
    additive model of a standardised phenotype has no energy scale of its own: its entries are told in standard
    deviations of phi.

    Args:
        spec, setup, problem: the fit.
        flat: a fitted member, shape (size,).
        scale: how many times as many training variants it was fitted to, where setup and problem hold a sample.
    """
    layout, device = setup.posterior.network.layout, setup.posterior.network.device
    member = torch.from_numpy(flat).to(device)
    training = np.unique(np.concatenate(setup.training))
    observed = observed_bases(problem.codes[training])
    # Linear algebra by torch, which ``prepare`` bound to one core: numpy's would round differently on more cores.
    precision = setup.posterior.precision_at(member)
    inverse = scale * information(setup.posterior, member) + torch.diag(precision)
    a = torch.from_numpy(zero_mean_map(spec, layout, observed)).to(device)
    values = a @ member
    if spec.kind == "additive" and spec.measurement.standardised:
        sd, slopes = _phenotype_sd(setup, member)
        # The scale is free, so its direction is held while inverting and then taken off: no other error changes.
        inverse += torch.outer(slopes, slopes) * (inverse.diagonal().mean() / slopes.square().sum())
        a = (a - torch.outer(values, slopes) / sd) / sd
        values = values / sd
    covariance = torch.linalg.inv(inverse)
    posterior = _errors(a, covariance).cpu().numpy()
    prior = ((a / precision) * a).sum(1).sqrt().cpu().numpy()
    learned = (posterior < _LEARNED * prior) & (prior > 0)
    for site in spec.originals:
        block = layout.blocks[f"{site.name}.theta"].slice
        own = observed_of(spec, site, observed)
        learned[block] &= own.ravel()
        # One base only: the gauge puts its energy to 0, the data say nothing about it.
        learned[block] &= np.repeat(own.sum(1) > 1, own.shape[1])
        if site.pairs:
            learned[layout.blocks[f"{site.name}.pairs"].slice] &= _seen_pairs(
                spec.places(site), problem.codes[training]
            )
    for name in spec.shift_only_sites:
        learned[layout.blocks[f"{name}.mu"].slice] = False
    differences = _differences(spec, layout, a, values, covariance)
    affinities = _affinities(spec, setup, problem, member, covariance) if spec.kind == "kinetic" else {}
    return GaugeFixed(values.cpu().numpy(), posterior, learned, differences, affinities)


def gauge_fixed_values(
    spec: ModelSpec, setup: Setup, problem: Problem, flat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The values of ``gauge_fixed_errors`` for several members, shape (n_members, size) as ``flat``."""
    network, training = setup.posterior.network, np.unique(np.concatenate(setup.training))
    members = torch.from_numpy(flat).to(network.device)
    a = torch.from_numpy(zero_mean_map(spec, network.layout, observed_bases(problem.codes[training])))
    # One by one: a product of matrices rounds differently with the number of members.
    values = torch.stack([a.to(network.device) @ member for member in members])
    if spec.kind == "additive" and spec.measurement.standardised:
        design = setup.posterior.training[0].design
        sd = torch.cat([standardisation(network.phenotype(member[None], design, 0)).sd for member in members])
        values = values / sd
    return np.asarray(values.cpu().numpy())


def potential_differences(spec: ModelSpec, layout: ParameterLayout) -> dict[str, tuple[int, int]]:
    """Places of a chemical potential and of that of its site in the first condition, by the name of the difference."""
    found: dict[str, tuple[int, int]] = {}
    for site in (one for one in spec.originals if one.by_condition and one.name not in spec.shift_only_sites):
        (first, zero), *others = layout.mu_names(site).items()
        found |= {f"{name} - {first}": (place, zero) for name, place in others}
    return found


def _errors(a: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """Standard errors of the numbers that the rows of a make of a vector with that covariance."""
    return ((a @ covariance) * a).sum(1).clamp_min(0.0).sqrt()


def _affinities(
    spec: ModelSpec, setup: Setup, problem: Problem, member: torch.Tensor, covariance: torch.Tensor
) -> dict[str, tuple[float, float]]:
    network, graph = setup.posterior.network, spec.graph
    cycles, found = reversible_cycles(graph), {}
    design = build_design(spec, reference_codes(spec, problem)[None], network.device)

    def affinities(flat: torch.Tensor) -> torch.Tensor:
        rates = network.log_rates(network.term_energies(flat[None], design, 0))
        return cycle_affinities(rates, graph)[0, :, 0]

    if not cycles:
        return {}
    leaf = member.detach().requires_grad_()
    rows = [torch.autograd.grad(affinities(leaf)[number], leaf)[0] for number in range(len(cycles))]
    for cycle, value, error in zip(cycles, affinities(member), _errors(torch.stack(rows), covariance), strict=True):
        name = " > ".join(graph.edges[edge][0] for edge in cycle.forward)
        found[f"affinity[{name}]"] = float(value), float(error)
    return found


def _differences(
    spec: ModelSpec, layout: ParameterLayout, a: torch.Tensor, values: torch.Tensor, covariance: torch.Tensor
) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for name, (place, zero) in potential_differences(spec, layout).items():
        error = _errors((a[place] - a[zero])[None], covariance)
        found[name] = float(values[place] - values[zero]), float(error)
    return found


def _seen_pairs(places: tuple[Site, ...], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pairs of bases occur in any place of a site, where either base varies, shape (n_pairs * 16,)."""
    members = np.concatenate([pair_codes(place, codes) for place in places])
    seen = np.stack([np.bincount(column, minlength=len(ALPHABET) ** 2) > 0 for column in members.T])
    grid = seen.reshape(-1, len(ALPHABET), len(ALPHABET))
    varied = (grid.any(2).sum(1) > 1) & (grid.any(1).sum(1) > 1)
    return np.asarray((seen & varied[:, None]).ravel())


def _phenotype_sd(setup: Setup, flat: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Sd of phi over the first experiment's training set, and its derivative by the parameters, shape (size,)."""
    leaf = flat[None].detach().requires_grad_()
    sd = standardisation(setup.posterior.network.phenotype(leaf, setup.posterior.training[0].design, 0)).sd.sum()
    (slopes,) = torch.autograd.grad(sd, leaf)
    return sd.detach(), slopes[0]
