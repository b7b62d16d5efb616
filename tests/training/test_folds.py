"""Cross-validation: every variant is left out once, its refit never sees it, and what it says of it is honest."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
from counted import counted_library
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.bins import BinData
from kcalseq.models.network import standardise
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, SortedLibrary, SortingExperiment, simulate_sorting
from kcalseq.tablefile import conform
from kcalseq.training import folds as folding
from kcalseq.training.fit import fit_members
from kcalseq.training.fitting import fit_problem
from kcalseq.training.folds import NO_FOLD, Folds, cross_validate, fold_numbers, without
from kcalseq.training.left_out import cross_validation_table, left_out_table
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.rounds import FitSettings
from kcalseq.training.values import build_value_problem

MODEL = """\
description: Every base of six adds up
kind: additive
sequence: {length: 6, wildtype: ACGTAC}
sites:
  motif: {start: 0, length: 6}
measurement: {MEASUREMENT}
"""
N_FOLDS, SEED = 4, 7


def nothing(_: int) -> None:
    """No progress bar."""


class Case(NamedTuple):
    """A small library, sorted into three bins, with its fit."""

    spec: ModelSpec
    made: SortedLibrary
    problem: Problem
    flat: NDArray[np.float64]

    def crossed(self, problem: Problem | None = None, n_threads: int = 1) -> Folds:
        """Its cross-validation, or that of the same fit and other data."""
        own = self.problem if problem is None else problem
        return cross_validate(self.spec, own, self.flat, N_FOLDS, SEED, n_threads, nothing)


def model_of(folder: Path, measurement: str) -> ModelSpec:
    path = folder / "motif.yaml"
    path.write_text(MODEL.replace("MEASUREMENT", measurement), encoding="utf-8")
    return read_model(path)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    spec = model_of(tmp_path_factory.mktemp("folds"), "hidden_units: 3")
    theta = np.random.default_rng(3).normal(0.0, 0.8, (6, 4))
    experiment = SortingExperiment(2500, noise_sd=1.0, mutation_rate=0.6, n_gates=3)
    made = simulate_sorting("lib", spec, Energies({"motif": theta}, {"motif": 0.0}, {}), experiment, 5)
    problem = build_problem(spec, made.variants, made.counts, "raw")
    return Case(spec, made, problem, fit_problem(spec, problem, 1, 1, 1, nothing).flat)


@pytest.fixture(scope="module")
def folds(case: Case) -> Folds:
    return case.crossed()


def tables(problem: Problem, folds: Folds) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``cross_validation`` and ``left_out``, checked."""
    left_out, named = left_out_table(problem, folds), {"library": "lib", "model": "motif"}
    of_folds = cross_validation_table(problem, folds, left_out, SEED).assign(**named)
    return conform("cross_validation", of_folds, "here"), conform("left_out", left_out.assign(**named), "here")


def test_every_variant_but_those_of_the_test_set_is_in_one_fold(case: Case) -> None:
    number = fold_numbers(case.problem, N_FOLDS, SEED)
    assert ((number == NO_FOLD) == (case.problem.sets == "test")).all()
    sizes = np.bincount(number[number >= 0])
    assert len(sizes) == N_FOLDS and sizes.sum() == (case.problem.sets != "test").sum()
    # Binomial: within five standard deviations of a quarter.
    assert np.abs(sizes / sizes.sum() - 1 / N_FOLDS).max() < 5 * np.sqrt(3 / 16 / sizes.sum())
    assert not np.array_equal(number, fold_numbers(case.problem, N_FOLDS, SEED + 1))


def test_a_fold_is_a_matter_of_the_sequence_alone(case: Case) -> None:
    """Not of the order, of the other variants, or of training and validation set."""
    number = fold_numbers(case.problem, N_FOLDS, SEED)
    rows = np.random.default_rng(2).permutation(len(number))[:100]
    some = case.problem._replace(codes=case.problem.codes[rows], sets=np.full(100, "validation"))
    again, before = fold_numbers(some, N_FOLDS, SEED), number[rows]
    assert (again[before >= 0] == before[before >= 0]).all() and (again >= 0).all()


def of_values(folder: Path) -> tuple[ModelSpec, Problem]:
    """Values in two conditions, of which the second lacks some variants."""
    spec, rng = model_of(folder, "kind: continuous, curve: linear, noise: gaussian"), np.random.default_rng(1)
    codes = np.unique(rng.integers(0, 4, (120, 6)), axis=0)
    names = ["".join("ACGT"[base] for base in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(names), p=[0.6, 0.2, 0.2])
    variants = pd.DataFrame({"library": "lib", "variant": names, "variant_sequence": names, "set": sets})
    of_variant = {"library": "lib", "variant": names, "value_se": 0.1, "n_replicates": 1}
    values = [pd.DataFrame(of_variant).assign(condition=one, value=rng.normal(size=len(names))) for one in "ab"]
    return spec, build_value_problem(spec, variants, pd.concat([values[0], values[1].iloc[10:]]))


def of_barcodes(folder: Path, noise: str) -> tuple[ModelSpec, Problem]:
    spec = model_of(folder, f"kind: barcode_counts, noise: {noise}")
    made = counted_library(spec, np.random.default_rng(2).normal(0.0, 0.3, 25), 120, 3, 2)
    return spec, build_problem(spec, made.variants, made.counts, "raw")


@pytest.mark.parametrize("kind", ["bins", "values", "beta_binomial", "negative_binomial"])
def test_a_members_objective_is_that_of_the_variants_it_keeps(
    case: Case, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With phi standardised over all of them; and the tables of what is left out add up."""
    monkeypatch.setattr(folding, "_SETTINGS", FitSettings(2, 2, 1))
    spec, problem = case.spec, case.problem
    if kind != "bins":
        spec, problem = of_values(tmp_path) if kind == "values" else of_barcodes(tmp_path, kind)
    start = fit_problem(spec, problem, 1, 1, 1, nothing).flat if kind != "bins" else case.flat
    folds = cross_validate(spec, problem, start, N_FOLDS, SEED, 1, nothing)
    posterior, flat = folds.setup.posterior, folds.fit.flat
    found, by_hand = without(folds.setup, folds.number, range(N_FOLDS)).parts(flat)[0], torch.zeros(N_FOLDS)
    for place, (rows, everything) in enumerate(zip(folds.setup.training, posterior.training, strict=True)):
        network, process = posterior.network, posterior.network.processes[place]
        phi = network.phenotype(flat, everything.design, place)
        z, weights = standardise(phi, network.scale(phi, place)), network.weights(flat, place)
        for fold in range(N_FOLDS):
            kept = torch.from_numpy(np.flatnonzero(folds.number[rows] != fold))
            own = {letter: values[fold : fold + 1] for letter, values in weights.items()}
            data = everything.data.take(kept)
            by_hand[fold] += float(process.negative_log_likelihood(z[fold : fold + 1, kept], own, data)[0])
    assert found.tolist() == pytest.approx(by_hand.tolist(), rel=1e-6)

    of_folds, left_out = tables(problem, folds)
    number = dict(zip(problem.variants, folds.number, strict=True))
    assert set(left_out["variant"]) == set(problem.variants[folds.number >= 0])
    assert [number[variant] for variant in left_out["variant"]] == left_out["fold"].tolist()
    sums = left_out.groupby(["condition", "fold"])[["n_observations", "log_likelihood"]].sum()
    assert of_folds["n_observations"].tolist() == sums["n_observations"].tolist()
    assert np.allclose(of_folds["log_likelihood"], sums["log_likelihood"] / sums["n_observations"], rtol=1e-12)
    assert of_folds["information"].notna().all() == (kind in ("bins", "values"))
    assert of_folds["condition"].nunique() == (2 if kind == "values" else 1)


def test_a_refit_does_not_see_what_it_leaves_out(case: Case, folds: Folds) -> None:
    """Other measurements of a fold's variants change the objectives of the other folds, and not its own."""
    (experiment,) = case.problem.experiments
    assert isinstance(experiment.data, BinData)
    counts = experiment.data.counts.clone()
    counts[:, :, folds.number == 2] = counts[:, :, folds.number == 2].flip(1)
    other = case.problem._replace(experiments=(experiment._replace(data=BinData(counts)),))
    merged = other._replace(sets=np.where(folds.number == NO_FOLD, "test", "training"))
    setup = folding.prepare(case.spec, merged)
    one, two = (without(own, folds.number, range(N_FOLDS)).value(folds.fit.flat) for own in (folds.setup, setup))
    assert (one == two).tolist() == [False, False, True, False]


def test_threads_and_chunks_change_nothing(case: Case, folds: Folds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "_CHUNK", 3)
    again = case.crossed(n_threads=2)
    assert torch.equal(folds.fit.flat, again.fit.flat) and folds.fit.history == again.fit.history
    assert left_out_table(case.problem, folds).equals(left_out_table(case.problem, again))


def test_a_refit_ends_where_one_begun_elsewhere_does(case: Case, folds: Folds) -> None:
    """Random starts never saw the fold: the same objective to 0.05 nats, the same information to 0.001 bits."""
    assert folds.fit.converged.all()
    network = folds.setup.posterior.network
    start = torch.from_numpy(np.stack([initial_parameters(network, 9, one) for one in range(N_FOLDS)]))
    own = without(folds.setup, folds.number, range(N_FOLDS))
    cold = fit_members(own, start, FitSettings(600, 100, 20, 0.002), 1, nothing)
    assert torch.allclose(cold.value, folds.fit.value, rtol=0, atol=0.05)
    warm, begun = (tables(case.problem, folds._replace(fit=fit))[0]["information"] for fit in (folds.fit, cold))
    assert np.abs(warm - begun).max() < 0.001


def test_a_fold_without_observations_is_refused(case: Case) -> None:
    few = case.problem._replace(sets=np.where(np.arange(len(case.problem.sets)) < 9, "training", "test"))
    with pytest.raises(KcalseqError, match="no observation lies in fold .* of 50; .*set fit.folds lower, or to 0"):
        cross_validate(case.spec, few, case.flat, 50, SEED, 1, nothing)


def test_of_shuffled_bins_nothing_is_told(case: Case, folds: Folds) -> None:
    """Negative control: the refits fit noise, and what they say of the variants left out is worth nothing or less."""
    (experiment,) = case.problem.experiments
    order = torch.from_numpy(np.random.default_rng(4).permutation(len(case.problem.variants)))
    shuffled = case.problem._replace(experiments=(experiment._replace(data=experiment.data.take(order)),))
    information = tables(shuffled, case.crossed(shuffled))[0]["information"]
    assert information.mean() < 2 * information.std() / np.sqrt(N_FOLDS)
    assert tables(case.problem, folds)[0]["information"].mean() > 0.3 > information.mean()


def test_the_model_predicts_nearly_as_well_as_its_true_parameters(case: Case, folds: Folds) -> None:
    """What is lost is half a nat a free number, spread over the variants of a refit: 0.019 nats an observation.

    18 energies; 3 levels, 9 heights and 6 of slope and place of the tanh units, of which the bins' sum is free.
    """
    left_out = tables(case.problem, folds)[1]
    (experiment,) = case.problem.experiments
    assert isinstance(experiment.data, BinData)
    truth = pd.Series((experiment.data.table * case.made.log_p).sum(0), case.problem.variants)
    lost = truth[left_out["variant"]].to_numpy() - left_out["log_likelihood"].to_numpy()
    expected = 0.5 * 36 / (len(lost) * (1 - 1 / N_FOLDS))
    assert lost.mean() == pytest.approx(expected, abs=3 * lost.std() / np.sqrt(len(lost)))
    assert lost.mean() > 0
