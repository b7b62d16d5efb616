"""Known truths that simulated experiments are made of: what is told of each, and how its data are drawn."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from lac_truth import REPOSITORY

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.counting import CountingExperiment, simulate_counting
from kcalseq.simulate.sorting import Energies, SortingExperiment, invent_matrix, simulate_sorting
from kcalseq.training.problem import Problem, build_problem

# Centre and half width of the boxes that a factor touches, nt from the start of its site.
LAC_BOXES = {"CRP": ((7.0, 2.5), (18.0, 2.5)), "RNAP": ((7.0, 2.5), (30.0, 2.5))}
COUNTED_BOXES = {"A": ((3.0, 2.0),), "P": ((3.0, 2.0),)}
CYCLE_BOXES = {"A": ((4.0, 2.0), (10.0, 2.0)), "P": ((3.0, 2.0), (13.0, 2.5))}
_MODELS = REPOSITORY / "benchmarks" / "coverage_models"


class Truth(NamedTuple):
    """A model that is true, and experiments on it.

    Attributes:
        spec: the model, also the one that is fitted.
        energies: its true energies.
        headline: the parameter that an experiment is done for, by its name in table ``parameters``.
        draw: the data of an experiment, from a seed.
        exchanged: whether a further start begins in an exchanged copy of its labels.
    """

    spec: ModelSpec
    energies: Energies
    headline: str
    draw: Callable[[int], Problem]
    exchanged: bool = False

    @property
    def parameters(self) -> dict[str, float]:
        """True values of the headline and of the matrices' entries in the zero-mean gauge, by name; kcal/mol."""
        found = dict(self.energies.interactions)
        for site in self.spec.sites:
            theta = self.energies.theta[site.name]
            for (place, base), energy in np.ndenumerate(theta - theta.mean(1, keepdims=True)):
                found[f"{site.name}.theta[{site.start + place},{'ACGT'[base]}]"] = float(energy)
        return found


def lac_energies(spec: ModelSpec) -> Energies:
    """Up to some 2 kcal/mol a mutation; the wild type's activator site is mostly bound."""
    return Energies(_matrices(spec, LAC_BOXES, 11), {"CRP": -1.0, "RNAP": 3.0}, {"interaction": -3.0})


def lac(n_variants: int) -> Truth:
    """The lac experiment: one cell a variant, nine sort bins and the library before sorting."""
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    experiment = SortingExperiment(n_variants, noise_sd=0.6, shares=(0.8, 0.1, 0.1))
    energies = lac_energies(spec)
    return Truth(spec, energies, "interaction", partial(_sorted, spec, energies, experiment), exchanged=True)


def shuffled(n_variants: int) -> Truth:
    """The same with the bins dealt out anew: all true energies are 0. Half is held out, to see small informations."""
    truth = lac(n_variants)
    experiment = SortingExperiment(n_variants, noise_sd=0.6, shares=(0.4, 0.1, 0.5))

    def draw(seed: int) -> Problem:
        library = simulate_sorting("simulated", truth.spec, truth.energies, experiment, seed)
        order = np.random.default_rng([seed, 1]).permutation(len(library.counts))
        dealt = {name: library.counts[name].to_numpy()[order] for name in ("bin", "fraction")}
        return build_problem(truth.spec, library.variants, library.counts.assign(**dealt), "presence")

    matrices = {name: np.zeros_like(theta) for name, theta in truth.energies.theta.items()}
    nothing = Energies(matrices, dict.fromkeys(matrices, 0.0), {"interaction": 0.0})
    return truth._replace(energies=nothing, draw=draw, exchanged=False)


def cycle(n_variants: int) -> Truth:
    """Three states out of equilibrium, sorted."""
    spec = read_model(_MODELS / "cycle.yaml")
    rates = {"binding": 0.0, "leaving": 1.0, "opening": 0.5, "closing": 0.0, "escape": 0.5}
    energies = Energies(_matrices(spec, CYCLE_BOXES, 12), {"A": 0.0, "P": 0.0}, {}, rates)
    experiment = SortingExperiment(n_variants, noise_sd=0.4, mutation_rate=0.1, shares=(0.8, 0.1, 0.1))
    return Truth(spec, energies, "P.theta[21,C]", partial(_sorted, spec, energies, experiment))


def counted(n_variants: int, noise: str) -> Truth:
    """DNA and RNA counts, negative binomial; ``noise`` is what the fitted model takes them for."""
    spec = read_model(_MODELS / "counted.yaml")
    spec = replace(spec, measurement=replace(spec.measurement, noise=noise))
    energies = Energies(_matrices(spec, COUNTED_BOXES, 11), {"A": -1.0, "P": 2.0}, {"interaction": -2.0})
    experiment = CountingExperiment(n_variants, mutation_rate=0.2, shares=(0.8, 0.1, 0.1))

    def draw(seed: int) -> Problem:
        library = simulate_counting("simulated", spec, energies, experiment, seed)
        return build_problem(spec, library.variants, library.counts, "raw")

    return Truth(spec, energies, "interaction", draw)


def _matrices(
    spec: ModelSpec, boxes: dict[str, tuple[tuple[float, float], ...]], seed: int
) -> dict[str, "np.ndarray[tuple[int, int], np.dtype[np.float64]]"]:
    rng, wildtype = np.random.default_rng(seed), spec.wildtype or ""
    return {
        site.name: invent_matrix(wildtype[site.start : site.stop], boxes[site.name], 1.0, rng) for site in spec.sites
    }


def _sorted(spec: ModelSpec, energies: Energies, experiment: SortingExperiment, seed: int) -> Problem:
    library = simulate_sorting("simulated", spec, energies, experiment, seed)
    return build_problem(spec, library.variants, library.counts, "presence")
