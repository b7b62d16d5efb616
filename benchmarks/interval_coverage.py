"""How often the intervals hold the truth: the interaction by its profile, matrix entries by curvature.

Twenty simulated libraries like the lac experiment (known, invented energies), each fitted as the example is.

    PYTHONPATH=scripts python benchmarks/interval_coverage.py --output benchmarks/interval_coverage.tsv
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from lac_truth import REPOSITORY

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.simulate.sorting import Energies, SortingExperiment, invent_matrix, simulate_sorting
from kcalseq.training.fitting import Setup, fit_problem, prepare
from kcalseq.training.laplace import GaugeFixed, gauge_fixed_errors
from kcalseq.training.problem import build_problem
from kcalseq.training.profile import Profile, profile_scalars

# Centre and half width of the boxes that an activator and a polymerase touch, nt from the start of the site.
BOXES = {"CRP": ((7.0, 2.5), (18.0, 2.5)), "RNAP": ((7.0, 2.5), (30.0, 2.5))}
INTERACTION = -3.0
_Z_95 = 1.96


def invented_energies(spec: ModelSpec) -> Energies:
    """Energies of up to some 2 kcal/mol a mutation; the wild type's activator site is mostly bound."""
    rng, wildtype = np.random.default_rng(11), spec.wildtype or ""
    theta = {
        site.name: invent_matrix(wildtype[site.start : site.stop], BOXES[site.name], 1.0, rng) for site in spec.sites
    }
    return Energies(theta, {"CRP": -1.0, "RNAP": 3.0}, {"interaction": INTERACTION})


def entries_held(spec: ModelSpec, setup: Setup, fixed: GaugeFixed, truth: Energies) -> float:
    """Share of the matrix entries whose 95 % interval holds the truth."""
    held = []
    for site in spec.sites:
        block = setup.posterior.network.layout.blocks[f"{site.name}.theta"].slice
        true = (truth.theta[site.name] - truth.theta[site.name].mean(1, keepdims=True)).ravel()
        held.append(np.abs(fixed.values[block] - true) < _Z_95 * fixed.errors[block])
    return float(np.concatenate(held).mean())


def row(spec: ModelSpec, truth: Energies, n_variants: int, seed: int) -> tuple[float | int | bool | None, ...]:
    """One library: seed, estimate, 95 and 90 % intervals, whether they hold the truth, share of entries held."""
    experiment = SortingExperiment(n_variants, noise_sd=0.6, shares=(0.8, 0.1, 0.1))
    library = simulate_sorting("simulated", spec, truth, experiment, seed=seed)
    problem = build_problem(spec, library.variants, library.counts, "presence")
    fitted = fit_problem(spec, problem, seed=1, n_starts=2, n_threads=2, progress=lambda _: None)
    setup = prepare(spec, problem)
    fixed = gauge_fixed_errors(spec, setup, problem, fitted.flat)
    profile: Profile = profile_scalars(spec, setup, fitted.flat, fixed, 0.95, 2, lambda _: None)["interaction"]
    (low, high), (low_90, high_90) = profile.interval(0.95), profile.interval(0.90)
    held, held_90 = _holds(low, high), _holds(low_90, high_90)
    return seed, profile.estimate, low, high, held, held_90, entries_held(spec, setup, fixed, truth), fitted.converged


def _holds(low: float | None, high: float | None) -> bool:
    return (low is None or low < INTERACTION) and (high is None or high > INTERACTION)


def main() -> None:
    """Simulate, fit, profile, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", type=int, default=20, help="how many (default %(default)s)")
    parser.add_argument("--variants", type=int, default=20_000, help="cells in each (default %(default)s)")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    spec = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    truth, rows = invented_energies(spec), []
    columns = ["seed", "estimate", "lower_95", "upper_95", "held_95", "held_90", "entries_held_95", "converged"]
    for seed in range(options.libraries):
        rows.append(row(spec, truth, options.variants, seed))
        print(*rows[-1], sep="\t", flush=True)
    table = pd.DataFrame(rows, columns=columns).round(3)
    print(table[["held_95", "held_90", "entries_held_95"]].mean())
    if options.output:
        table.to_csv(options.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
