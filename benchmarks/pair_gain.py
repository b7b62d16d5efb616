"""Where along the lac promoter energies of adjacent bases help, and whether an artefact of the data can be the reason.

One start a model, fitted to the lac example's true observations with the default prior of pair energies. Gains are in
I_var, bits an observation, on the test set; their standard errors are those of a bootstrap over its variants, paired,
so they leave out what another training set would have changed. KINNEY holds the tables full-wt_, full-500_, full-150_
and crp-wt_raw_counts.csv.gz of mpathic (data/sortseq).

    PYTHONPATH=scripts python benchmarks/pair_gain.py --kinney KINNEY --output benchmarks/pair_gain.tsv
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from lac_truth import REPOSITORY, true_observations
from numpy.typing import NDArray
from pair_fits import N_DRAWS, Fitted, Fitter, gain, on_test_set, without_pair
from pair_library import distance_to_training, excess_of_pairs, joint_frequency, mutations, reads_of_observations
from pair_registers import fit_registers
from pair_sets import WINDOWS, Pairs, at_distance, by_runs, promoter, random_pairs, window, with_pairs
from pair_transfer import read_experiment, shared_sequences, transferred
from scipy.stats import spearmanr

from kcalseq.dna import ALPHABET
from kcalseq.models.bins import BinData
from kcalseq.models.comparison import Difference
from kcalseq.models.information import variational_information
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import reference_codes
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.problem import Experiment, Problem, binned

ADJACENT = "adjacent pairs, both sites"
N_LARGEST = 15
N_RANDOM = 2
EXPERIMENTS = ("full-500", "full-150", "crp-wt")


class Row(NamedTuple):
    """A line of the table; ``n_pairs`` counts the pairs of positions with energies of their own."""

    question: str
    quantity: str
    n_pairs: int
    n_observations: int
    value: float
    standard_error: float
    unit: str


def pair_lists(base: ModelSpec) -> dict[tuple[str, str], dict[str, Pairs]]:
    """Pairs by site of all models that are fitted to the whole table, by question and name."""
    sites = {site.name: site for site in base.sites}
    adjacent = {name: at_distance(site, 1) for name, site in sites.items()}
    lists = {("site", ADJACENT): adjacent}
    lists |= {("site", f"adjacent pairs, {name} only"): {name: pairs} for name, pairs in adjacent.items()}
    lists |= {("window", name): window(base, name) for name in WINDOWS}
    lists |= {("run", f"adjacent pairs {name} runs of one base"): pairs for name, pairs in by_runs(base, 2).items()}
    for distances in ((2,), (3,), (10,)):
        name = f"pairs at distance {' and '.join(map(str, distances))}"
        lists["distance", name] = {name: at_distance(site, *distances) for name, site in sites.items()}
    for seed in range(1, N_RANDOM + 1):
        lists["random", f"random pairs {seed}"] = {name: random_pairs(site, seed) for name, site in sites.items()}
    return lists


def gain_row(question: str, quantity: str, models: tuple[Fitted, Fitted], keep: NDArray[np.bool_] | None = None) -> Row:
    """What the first model tells more than the second, on the test set or the observations of it to keep."""
    better, base = models
    inside = base.problem.rows("test")
    counts = base.counts if keep is None else base.counts * keep
    found: Difference = gain(better, base, ("test",), keep)
    n_observations = int(counts[:, inside].sum())
    return Row(question, quantity, better.n_pairs, n_observations, found.estimate, found.standard_error, "bits")


def removal_rows(full: Fitted) -> Iterator[Row]:
    """What is lost when the energies of one pair are taken out of the fitted model."""
    tested = on_test_set(full)
    for site in full.spec.sites:
        for pair in site.pairs:
            one, two = (promoter(full.spec, site, position) for position in pair)
            less = without_pair(tested, site.name, pair)
            yield gain_row("one pair taken out", f"{site.name} {one},{two}", (tested, less))._replace(n_pairs=1)


def energy_rows(full: Fitted) -> Iterator[Row]:
    """The largest pair energies in the zero-mean gauge with their standard errors from the posterior's curvature."""
    fixed, rows = gauge_fixed_errors(full.spec, full.setup, full.problem, full.flat), []
    for site in full.spec.sites:
        first = full.setup.posterior.network.layout.blocks[f"{site.name}.pairs"].start
        for number, (pair, bases) in enumerate(product(site.pairs, product(ALPHABET, repeat=2))):
            one, two = (promoter(full.spec, site, position) for position in pair)
            name, at = f"{site.name} {one}{bases[0]} {two}{bases[1]}", first + number
            if fixed.learned[at]:
                value, error = float(fixed.values[at]), float(fixed.errors[at])
                rows.append(Row("largest pair energies", name, 1, 0, value, error, "kcal/mol"))
    yield from sorted(rows, key=lambda row: -abs(row.value))[:N_LARGEST]


def subset_rows(full: Fitted, base: Fitted, raw: Path) -> Iterator[Row]:
    """The gain by kind of observation: mutated neighbours, reads behind it, distance from the training set."""
    problem, models = base.problem, (full, base)
    mutated = mutations(base.spec, problem, reference_codes(base.spec, problem))
    doubles = sum(
        (mutated[:, site.start : site.stop - 1] * mutated[:, site.start + 1 : site.stop]).sum(1)
        for site in base.spec.sites
    )
    for name, kept in {"no": doubles == 0, "one": doubles == 1, "two or more": doubles >= 2}.items():
        yield gain_row("test variants", f"{name} adjacent double mutations", models, kept)
    reads = reads_of_observations(raw, problem, bins_of(problem))
    for name, kept in {"one read": reads == 1, "two or more reads": reads > 1}.items():
        yield gain_row("test observations", f"{name} of the variant in the bin", models, kept)
    far = distance_to_training(problem) > 3
    yield gain_row("test variants", "four or more bases away from any training variant", models, far)
    in_sorted = (np.array(bins_of(problem)) > 0)[:, None] & np.full(len(far), True)
    yield gain_row("test observations", "without bin 0", models, in_sorted)


def register_rows(base: Fitted, models: dict[str, Fitted]) -> Iterator[Row]:
    """What a polymerase that may shift tells without any pair, and what adjacent pairs tell more than that."""
    found = {1: fit_registers(base, 1), 2: fit_registers(base, 2)}
    for furthest, registers in found.items():
        name = f"matrices, RNAP's boxes shifted by up to {furthest}"
        yield gain_row("register", f"{name} ({len(registers.costs)} energies)", (registers.fitted, base))
    for name in (ADJACENT, f"adjacent pairs, {base.spec.sites[1].name} only"):
        yield gain_row("register", f"{name}, over shifts by up to 2", (models[name], found[2].fitted))
    for (one, two), cost in found[1].costs.items():
        name = f"-35 box shifted by {one}, -10 box by {two}, spacer of {18 + two - one}"
        yield Row("register", name, 0, 0, cost, np.nan, "kcal/mol")


def library_rows(base: Fitted, removed: list[Row]) -> Iterator[Row]:
    """Whether mutations before sorting are independent, and whether the pairs that are not are those that gain."""
    problem = base.problem
    unsorted = base.counts[0] > 0
    mutated = mutations(base.spec, problem, reference_codes(base.spec, problem))[unsorted]
    for distance in (1, 2, 3, 5, 10):
        found = joint_frequency(mutated, distance, N_DRAWS)
        name = f"double mutations at distance {distance}, observed over independent"
        yield Row("bin 0", name, 0, len(mutated), found.value, found.standard_error, "ratio")
    excess = excess_of_pairs(mutated)
    places = [site.start + one for site in base.spec.sites for one in range(site.length - 1)]
    correlation = float(spearmanr(excess[places], [row.value for row in removed]).statistic)
    name = "Spearman correlation over pairs of log ratio and loss when taken out"
    yield Row("bin 0", name, len(places), len(mutated), correlation, (len(places) - 1) ** -0.5, "correlation")


def bins_of(problem: Problem) -> list[int]:
    """Bins of the problem's one sort."""
    ((_, process, _),) = binned(problem)
    return list(process.bins)


def without_unsorted(spec: ModelSpec, problem: Problem) -> Problem:
    """The problem without bin 0."""
    ((condition, process, data),) = binned(problem)
    described_process = described(spec, {"bins": list(process.bins[1:])})
    return problem._replace(experiments=(Experiment(condition, described_process, BinData(data.counts[:, 1:])),))


def transfer_rows(experiment: str, problem: Problem, base: Fitted, models: dict[str, Fitted]) -> Iterator[Row]:
    """What energies fitted to the lac example tell of another experiment's held-out observations."""
    held_out = ("validation", "test")
    plain = transferred(base, problem)
    counts = plain.counts[:, np.isin(problem.sets, held_out)]
    found = variational_information(plain.log_p[:, np.isin(problem.sets, held_out)], counts)
    n = int(counts.sum())
    yield Row(experiment, "matrices, I_var", 0, n, found.value, found.standard_error, "bits")
    for name, model in models.items():
        more = gain(transferred(model, problem), plain, held_out)
        yield Row(experiment, name, model.n_pairs, n, more.estimate, more.standard_error, "bits")


def all_rows(kinney: Path, fitter: Fitter) -> Iterator[Row]:
    """All lines of the table."""
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    problem = true_observations(spec)
    base = fitter.fit("matrices", spec, problem)
    test = problem.rows("test")
    found = variational_information(base.log_p[:, test], base.counts[:, test])
    n = int(base.counts[:, test].sum())
    yield Row("site", "matrices, I_var", 0, n, found.value, found.standard_error, "bits")
    models = {}
    for (question, name), pairs in pair_lists(spec).items():
        models[name] = fitter.fit(name, with_pairs(spec, pairs), problem)
        yield gain_row(question, name, (models[name], base))
    full = models[ADJACENT]
    removed = list(removal_rows(full))
    yield from removed
    yield from energy_rows(full)
    yield from subset_rows(full, base, kinney / "full-wt_raw_counts.csv.gz")
    yield from register_rows(base, models)
    sorted_only = without_unsorted(spec, problem)
    pair = tuple(
        fitter.fit(f"{one}, no bin 0", model, sorted_only) for one, model in ((ADJACENT, full.spec), ("", spec))
    )
    yield gain_row("bin 0", f"{ADJACENT}, fitted and tested without bin 0", (pair[0], pair[1]))
    yield from library_rows(base, removed)
    tried = [ADJACENT, *(f"adjacent pairs, {site.name} only" for site in spec.sites), "random pairs 1"]
    for experiment in EXPERIMENTS:
        path, known = kinney / f"{experiment}_raw_counts.csv.gz", set(problem.variants.tolist())
        shared, n_variants = shared_sequences(path, known)
        yield Row(experiment, "variants shared with full-wt, of so many", 0, n_variants, shared, np.nan, "variants")
        other = read_experiment(path, spec, known)
        yield from transfer_rows(experiment, other, base, {name: models[name] for name in tried})


def main() -> None:
    """Fit all models and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinney", type=Path, required=True, help="folder of the tables of the other experiments")
    parser.add_argument("--fits", type=Path, help="folder of fitted parameters; what is there is not fitted again")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    fitter = Fitter(options.fits, lambda name, seconds: print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True))
    rows = []
    for row in all_rows(options.kinney, fitter):
        rows.append(row)
        print(*row, sep="\t", flush=True)
    text = pd.DataFrame(rows, columns=Row._fields).round(4).to_csv(sep="\t", index=False, lineterminator="\n")
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
