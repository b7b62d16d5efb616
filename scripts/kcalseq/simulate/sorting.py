"""A sorted library whose truth is known: known energies, random mutations, noisy fluorescence, gates.

Every variant is one cell. Its log fluorescence is the log activity that the energies give plus normal noise (cells
of one genotype differ); the sorter's gates hold equal numbers of cells each. A share of the cells is read unsorted.
The energies are invented: the shape of real binding sites (strong boxes, weak spacers), none of their numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import norm

from kcalseq.dna import ALPHABET, encode_sequences
from kcalseq.models.design import one_hot, site_codes
from kcalseq.models.registers import Scan, registers
from kcalseq.models.spec import ModelSpec
from kcalseq.models.specparts import Interaction, Site
from kcalseq.models.states import energy_shares, state_matrix, transcribing
from kcalseq.units import thermal_energy

_LETTERS = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
# The one lane of the one experiment that is simulated.
_SAMPLE = {"condition": "simulated", "replicate": "1"}


class Energies(NamedTuple):
    """Known energies of a model, kcal/mol.

    Attributes:
        theta: energy matrix of each site that is no copy, shape (length, 4).
        mu: energy of each such site's wild type where its matrix has 0 for the wild type.
        interactions: energy of each interaction; of one by distance, of each of its steps.
        log_rates: of a kinetic model, log of each transition's rate where all energies are 0, nats.
    """

    theta: Mapping[str, NDArray[np.float64]]
    mu: Mapping[str, float]
    interactions: Mapping[str, float]
    log_rates: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class SortingExperiment:
    """How the library is made and sorted.

    Attributes:
        n_variants: how many, one cell each.
        noise_sd: standard deviation of log fluorescence among cells of one genotype, in nats.
        mutation_rate: probability that a base differs from the wild type, 0 to 1.
        n_gates: sort bins, with equal numbers of cells.
        input_share: share of the cells that are read unsorted, as bin 0.
        shares: of training, validation and test set, add up to 1.
    """

    n_variants: int
    noise_sd: float = 0.5
    mutation_rate: float = 0.12
    n_gates: int = 9
    input_share: float = 0.1
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)


class SortedLibrary(NamedTuple):
    """What the pipeline would see, and what it cannot see.

    Attributes:
        variants: table ``variants``.
        counts: table ``variant_counts``: one read per cell.
        log_activity: true log activity of each row of ``variants``, nats.
        log_p: true log p(bin) of each row of ``variants``, nats, shape (1 + n_gates, n_variants).
    """

    variants: pd.DataFrame
    counts: pd.DataFrame
    log_activity: NDArray[np.float64]
    log_p: NDArray[np.float64]


def invent_matrix(
    wildtype: str, boxes: tuple[tuple[float, float], ...], height: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """An energy matrix with 0 for the wild type and strong positions in boxes.

    Args:
        wildtype: sequence of the site.
        boxes: centre and half width of each box, nt from the start of the site.
        height: typical cost of a mutation in the middle of a box, kcal/mol.
        rng: draws the rest.

    Returns:
        shape (length, 4), kcal/mol.
    """
    place = np.arange(len(wildtype))
    strength = sum(np.exp(-0.5 * ((place - centre) / half_width) ** 2) for centre, half_width in boxes)
    shape = (len(wildtype), len(ALPHABET))
    theta = height * np.asarray(strength)[:, None] * rng.uniform(0.4, 1.6, shape) + rng.normal(0.0, 0.1 * height, shape)
    theta[place, encode_sequences([wildtype], len(wildtype))[0]] = 0.0
    return np.asarray(theta)


def log_activities(spec: ModelSpec, energies: Energies, codes_nl: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Log activity of sequences (n, length) in nats, up to a constant: log occupancy of the transcribing states.

    Written without the model floor's tensors, so that it can be held against them. An additive model's log activity
    is minus its energy, in units of kT; where log activity itself is measured, as by counts of barcodes, in nats.
    """
    kt = thermal_energy(spec.temperature_celsius)
    rows = [
        _site_energies(site, energies.theta[site.owner], codes_nl, kt) + energies.mu[site.owner] for site in spec.sites
    ]
    if spec.kind == "additive":
        return np.asarray(-rows[0] / (kt if spec.measurement.standardised else 1.0))
    if spec.kind == "kinetic":
        base = np.array([energies.log_rates[one.name] for one in spec.transitions])
        return _steady_log_activities(spec, np.exp(base[:, None] - energy_shares(spec) @ np.stack(rows) / kt))
    rows += [_interaction_energies(spec, item, energies, codes_nl, kt) for item in spec.interactions]
    weights = -(state_matrix(spec) @ np.stack(rows)) / kt
    return np.asarray(logsumexp(weights[transcribing(spec)], 0) - logsumexp(weights, 0))


def _site_energies(
    site: Site, theta: NDArray[np.float64], codes_nl: NDArray[np.uint8], kt: float
) -> NDArray[np.float64]:
    """Energy of a site in sequences (n, length), the chemical potential left out; all spacers cost the same."""
    if site.scan is None:
        return np.asarray(one_hot(site_codes(site, codes_nl)) @ theta.ravel())
    return _free_energy(_register_energies(site.scan, theta, codes_nl), kt)


def _register_energies(scan: Scan, theta: NDArray[np.float64], codes_nl: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Energy of each register in sequences (n, length), shape (n_registers, n)."""
    found = []
    for register in registers(scan, codes_nl.shape[1]):
        bases = codes_nl[:, list(scan.positions(register))]
        found.append(one_hot(bases if register.strand == "+" else 3 - bases) @ theta.ravel())
    return np.stack(found)


def _free_energy(energies: NDArray[np.float64], kt: float) -> NDArray[np.float64]:
    """Free energy (n,) of registers of these energies (n_registers, n)."""
    return np.asarray(-kt * logsumexp(-energies / kt, axis=0))


def _interaction_energies(
    spec: ModelSpec, item: Interaction, energies: Energies, codes_nl: NDArray[np.uint8], kt: float
) -> NDArray[np.float64]:
    """Energy of an interaction in sequences (n, length); registers that overlap the fixed site do not count."""
    site = spec.scanned_site(item) if item.edges else None
    if site is None or site.scan is None:
        return np.full(len(codes_nl), energies.interactions[item.name])
    gains = [*(energies.interactions[name] for name in item.steps), 0.0]
    added = np.array([np.inf if number is None else gains[number] for number in spec.register_steps(item)])
    found = _register_energies(site.scan, energies.theta[site.owner], codes_nl)
    return _free_energy(found + added[:, None], kt) - _free_energy(found, kt)


def _steady_log_activities(spec: ModelSpec, rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log rate of transcription in the steady state, by the null space of the generator; rates (n_transitions, n)."""
    graph = spec.graph
    n_states, n = len(graph.states), rates.shape[1]
    generator = np.zeros((n, n_states, n_states))
    for number, (_, source, target) in enumerate(graph.edges):
        generator[:, target, source] += rates[number]
        generator[:, source, source] -= rates[number]
    generator[:, -1, :] = 1.0
    right = np.zeros((n, n_states, 1))
    right[:, -1] = 1.0
    occupied = np.linalg.solve(generator, right)[:, :, 0]
    made = [occupied[:, graph.edges[number][1]] * rates[number] for number in spec.initiating]
    return np.asarray(np.log(np.sum(made, axis=0)))


def simulate_sorting(
    library: str, spec: ModelSpec, energies: Energies, experiment: SortingExperiment, seed: int
) -> SortedLibrary:
    """Mutate the wild type, sort the cells, read each once.

    Args:
        library: what to call it.
        spec: the true model; must name its wild type.
        energies: the true energies.
        experiment: how it is done.
        seed: the same seed gives the same library.
    """
    rng = np.random.default_rng(seed)
    codes_nl = np.unique(mutants(spec, experiment.n_variants, experiment.mutation_rate, rng), axis=0)
    log_activity = log_activities(spec, energies, codes_nl)
    brightness = log_activity + rng.normal(0.0, experiment.noise_sd, len(codes_nl))
    unsorted = rng.random(len(codes_nl)) < experiment.input_share
    gates = np.quantile(brightness[~unsorted], np.arange(1, experiment.n_gates) / experiment.n_gates)
    bins = np.where(unsorted, 0, 1 + np.searchsorted(gates, brightness))
    names = [bytes(_LETTERS[row]).decode("ascii") for row in codes_nl]
    sets = rng.choice(["training", "validation", "test"], len(names), p=experiment.shares)
    variants = pd.DataFrame({"library": library, "variant": names, "variant_sequence": names, "set": sets})
    missing = pd.array([pd.NA] * len(names), dtype="Int64")
    fractions = np.where(unsorted, "input", "bin")
    counts = pd.DataFrame({"library": library, **_SAMPLE, "fraction": fractions, "bin": bins, "variant": names})
    counts = counts.assign(n_barcodes=missing, n_reads=1, n_molecules=missing)
    return SortedLibrary(variants, counts, log_activity, _log_p(log_activity, gates, experiment))


def mutants(spec: ModelSpec, n: int, rate: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Codes of copies of the wild type in which each base is another one with probability ``rate``, (n, length)."""
    wildtype = encode_sequences([spec.wildtype or ""], spec.length)
    shape = (n, spec.length)
    steps = rng.integers(1, len(ALPHABET), shape) * (rng.random(shape) < rate)
    return ((wildtype + steps) % len(ALPHABET)).astype(np.uint8)


def _log_p(
    log_activity: NDArray[np.float64], gates: NDArray[np.float64], experiment: SortingExperiment
) -> NDArray[np.float64]:
    edges = np.concatenate([[-np.inf], gates, [np.inf]])
    below = norm.cdf((edges[:, None] - log_activity) / experiment.noise_sd)
    in_gate = np.maximum(np.diff(below, axis=0), np.finfo(float).tiny)
    unsorted = np.full((1, len(log_activity)), experiment.input_share)
    return np.asarray(np.log(np.concatenate([unsorted, (1.0 - experiment.input_share) * in_gate])))
