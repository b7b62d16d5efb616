"""What energies of adjacent bases add to the lac model, and how narrow their prior should be.

One start each on the lac example's true observations. The prior is chosen by the validation set; the test set is looked
at for the model chosen only, by --test, and once more with the chosen prior after the validation variants, which have
then done their work, have joined the training set.

    PYTHONPATH=scripts python benchmarks/pair_energies.py --output benchmarks/pair_energies.tsv
    PYTHONPATH=scripts python benchmarks/pair_energies.py --models lac_thermodynamic --pair-sds 0 0.08 --test \
        --join-validation --output benchmarks/pair_energies_joined.tsv
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
from lac_truth import REPOSITORY, true_observations

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import metrics_table
from kcalseq.training.problem import Problem

MODELS = ("lac_thermodynamic", "additive")
# Prior standard deviations of pair energies, in those of the site's energy; 0 = no pair energies.
PAIR_SDS = (0.0, 0.03, 0.05, 0.08, 0.12, 0.2)


def with_neighbours(spec: ModelSpec, pair_sd: float) -> ModelSpec:
    """The model with energies of adjacent bases in all sites."""
    if pair_sd == 0.0:
        return spec
    sites = tuple(dataclasses.replace(site, energies="neighbour") for site in spec.sites)
    return dataclasses.replace(spec, sites=sites, pair_sd=pair_sd)


def fitted_row(spec: ModelSpec, problem: Problem, sets: tuple[str, ...]) -> list[float]:
    """I_var of each set (bits), interaction (kcal/mol, 0 if there is none), CPU seconds, converged."""
    fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    setup = prepare(spec, problem)
    network = setup.posterior.network
    phis = phenotypes(spec, setup, problem, fitted.flat)
    metrics = metrics_table(problem, network, fitted.flat, phis, seed=1, confidence=0.95)
    metrics = metrics.set_index(["set", "metric"])["value"]
    interaction = [float(fitted.flat[network.layout.blocks[item.name].start]) for item in spec.interactions] or [0.0]
    return [
        *(metrics[name, "I_var"] for name in sets),
        *interaction,
        float(fitted.fit.cpu_seconds[0]),
        fitted.converged,
    ]


def main() -> None:
    """Fit all settings and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    parser.add_argument("--models", nargs="+", default=MODELS, help="of config/models (default %(default)s)")
    parser.add_argument("--pair-sds", type=float, nargs="+", default=PAIR_SDS, help="(default %(default)s)")
    parser.add_argument("--test", action="store_true", help="tell the test set's information too")
    parser.add_argument("--join-validation", action="store_true", help="fit to the validation variants too")
    options = parser.parse_args()
    parts = ("training",) if options.join_validation else ("validation", "training")
    sets = (*parts, *(("test",) if options.test else ()))
    rows = []
    for name in options.models:
        base = read_model(REPOSITORY / "config" / "models" / f"{name}.yaml")
        problem = true_observations(base)
        if options.join_validation:
            problem = problem._replace(sets=np.where(problem.sets == "test", "test", "training"))
        for pair_sd in options.pair_sds:
            rows.append((name, pair_sd, *fitted_row(with_neighbours(base, pair_sd), problem, sets)))
            print(*rows[-1], sep="\t", flush=True)
    columns = [
        "model",
        "pair_sd",
        *(f"I_var_{part}" for part in sets),
        "interaction_kcal_per_mol",
        "cpu_s",
        "converged",
    ]
    text = pd.DataFrame(rows, columns=columns).round(4).to_csv(sep="\t", index=False, lineterminator="\n")
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
