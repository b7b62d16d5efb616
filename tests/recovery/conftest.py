"""The lac models, a lac-like truth with invented energies, and the real sort-seq table where there is one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from binned import counts_of
from numpy.typing import NDArray

from kcalseq.association.variants import list_variants
from kcalseq.counts.variants import count_variants
from kcalseq.models.information import Estimate, variational_information
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.plan import Plan, read_plan
from kcalseq.reads.extract import extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.reads.owners import Sample
from kcalseq.simulate.sorting import Energies, SortedLibrary, SortingExperiment, invent_matrix, simulate_sorting
from kcalseq.training.fitting import FittedModel, Setup, fit_problem, phenotypes, prepare
from kcalseq.training.laplace import GaugeFixed, gauge_fixed_errors
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem, binned, build_problem
from kcalseq.training.profile import Profile, profile_scalars
from kcalseq.yamlfile import read_document

ROOT = Path(__file__).parents[2]
# Centre and half width of the boxes that an activator and a polymerase touch, nt from the start of the site.
BOXES = {"CRP": ((7.0, 2.5), (18.0, 2.5)), "RNAP": ((7.0, 2.5), (30.0, 2.5))}
INTERACTION = -3.0


@dataclass(frozen=True)
class Fitted:
    """A model fitted to a problem, with what is asked of it."""

    spec: ModelSpec
    problem: Problem
    setup: Setup
    model: FittedModel

    @classmethod
    def of(cls, spec: ModelSpec, problem: Problem) -> "Fitted":
        """Fit from two starts."""
        model = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None)
        return cls(spec, problem, prepare(spec, problem), model)

    @property
    def phi(self) -> NDArray[np.float64]:
        """Standardised phenotype of every variant."""
        return phenotypes(self.spec, self.setup, self.problem, self.model.flat)[0]

    @property
    def log_p(self) -> NDArray[np.float64]:
        """Fitted log p(bin) of every variant."""
        network, ((_, process, _),) = self.setup.posterior.network, binned(self.problem)
        return bin_log_probabilities(process, network.weights(torch.from_numpy(self.model.flat)[None], 0), self.phi)

    @property
    def fixed(self) -> GaugeFixed:
        """Values and errors in the zero-mean gauge."""
        return gauge_fixed_errors(self.spec, self.setup, self.problem, self.model.flat)

    def matrix(self, site: str) -> NDArray[np.float64]:
        """Zero-mean energy matrix of a site, shape (length, 4)."""
        return self.fixed.values[self.setup.posterior.network.layout.blocks[f"{site}.theta"].slice].reshape(-1, 4)

    def profile(self) -> Profile:
        """Profile of the interaction."""
        found = profile_scalars(self.spec, self.setup, self.model.flat, self.fixed, 0.95, 2, lambda _: None)
        return found["interaction"]

    def test_information(self) -> Estimate:
        """I_var of the test set, bits."""
        rows = self.problem.rows("test")
        return variational_information(self.log_p[:, rows], counts_of(self.problem)[:, rows])


def lac(name: str) -> ModelSpec:
    """A model of the example."""
    return read_model(ROOT / "config" / "models" / f"{name}.yaml")


def lac_like(spec: ModelSpec) -> Energies:
    """Invented energies, up to some 2 kcal/mol a mutation; the wild type's activator site is mostly bound."""
    rng, wildtype = np.random.default_rng(11), spec.wildtype or ""
    theta = {
        site.name: invent_matrix(wildtype[site.start : site.stop], BOXES[site.name], 1.0, rng) for site in spec.sites
    }
    return Energies(theta, {"CRP": -1.0, "RNAP": 3.0}, {"interaction": INTERACTION})


@pytest.fixture(scope="session")
def plan() -> Plan:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return read_plan(read_document("config/config.yaml").content, ["config/config.yaml"])


@pytest.fixture(scope="session")
def tables(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Read fates, ``variants`` and ``variant_counts`` from the reads."""
    layout, seen, fates = read_layout(ROOT / plan.libraries["lac"].assay), [], []
    for run in plan.runs_of_library("lac"):
        paths = {slot: str(ROOT / path) for slot, path in plan.files_of_run(run).items()}
        codes = plan.codes_of_run(run)
        assert not isinstance(codes, str)
        samples = {code: Sample(sample, "lac") for code, sample in codes.items()}
        found = extract_run(run, paths, layout, samples, lambda _: None)
        seen += [piece.to_pandas() for piece in found.observations]
        fates.append(found.read_fates.to_pandas())
    split = pd.read_csv(ROOT / str(plan.libraries["lac"].split), sep="\t")
    variants = list_variants("lac", pd.concat(seen), split, plan.seed)
    sheet = pd.DataFrame(list(plan.samples_of_library("lac").values())).astype({"bin": "int64"})
    return pd.concat(fates), variants, count_variants("lac", pd.concat(seen), variants, sheet)


@pytest.fixture(scope="session")
def thermodynamic() -> ModelSpec:
    return lac("lac_thermodynamic")


@pytest.fixture(scope="session")
def additive() -> ModelSpec:
    return lac("additive")


@pytest.fixture(scope="session")
def truth(thermodynamic: ModelSpec) -> Energies:
    return lac_like(thermodynamic)


@pytest.fixture(scope="session")
def library(thermodynamic: ModelSpec, truth: Energies) -> SortedLibrary:
    """20,000 cells, 16,000 of them to train on."""
    experiment = SortingExperiment(20_000, noise_sd=0.6, shares=(0.8, 0.1, 0.1))
    return simulate_sorting("simulated", thermodynamic, truth, experiment, seed=8)


@pytest.fixture(scope="session")
def fitted(thermodynamic: ModelSpec, library: SortedLibrary) -> Fitted:
    return Fitted.of(thermodynamic, build_problem(thermodynamic, library.variants, library.counts, "presence"))


@pytest.fixture(scope="session")
def fit() -> type[Fitted]:
    """``fit.of(spec, problem)`` fits a model."""
    return Fitted
