"""What the priors and the size of the measurement process do to the lac fit: validation information, interaction.

One start each on the lac example's true observations. The test set is not looked at: these are choices.

    PYTHONPATH=scripts python benchmarks/priors.py --output benchmarks/priors.tsv
"""

import argparse
import dataclasses
from pathlib import Path

import pandas as pd
from lac_truth import REPOSITORY, true_observations

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.models.specparts import Measurement
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import metrics_table
from kcalseq.training.problem import Problem

# Tanh units, prior sd of the measurement weights, prior sd of the energies (kcal/mol).
SETTINGS = [
    (10, 1.0, 10.0),
    (8, 1.0, 10.0),
    (20, 1.0, 10.0),
    (10, 0.5, 10.0),
    (10, 0.7, 10.0),
    (10, 2.0, 10.0),
    (10, 30.0, 10.0),
    (10, 1.0, 0.4),
    (10, 1.0, 0.8),
    (10, 1.0, 1.6),
    (10, 1.0, 5.0),
    (10, 1.0, 50.0),
]


def fitted_row(spec: ModelSpec, problem: Problem) -> tuple[float, float, float, int, float, bool]:
    """Validation and training I_var (bits), interaction (kcal/mol), evaluations, CPU seconds, converged."""
    fitted = fit_problem(spec, problem, seed=1, n_starts=1, n_threads=1, progress=lambda _: None)
    setup = prepare(spec, problem)
    network = setup.posterior.network
    phis = phenotypes(spec, setup, problem, fitted.flat)
    metrics = metrics_table(problem, network, fitted.flat, phis, seed=1, confidence=0.95)
    metrics = metrics.set_index(["set", "metric"])["value"]
    interaction = fitted.flat[network.layout.blocks[spec.interactions[0].name].start]
    cost = int(fitted.fit.n_evaluations[0]), float(fitted.fit.cpu_seconds[0])
    return metrics["validation", "I_var"], metrics["training", "I_var"], float(interaction), *cost, fitted.converged


def main() -> None:
    """Fit all settings and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    output = parser.parse_args().output
    base = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    problem, rows = true_observations(base), []
    for units, weight_sd, energy_sd in SETTINGS:
        spec = dataclasses.replace(base, measurement=Measurement("bins", units, weight_sd), energy_sd=energy_sd)
        rows.append((units, weight_sd, energy_sd, *fitted_row(spec, problem)))
        print(*rows[-1], sep="\t", flush=True)
    columns = ["tanh_units", "weight_sd", "energy_sd_kcal_per_mol", "I_var_validation", "I_var_training"]
    columns += ["interaction_kcal_per_mol", "n_evaluations", "cpu_s", "converged"]
    text = pd.DataFrame(rows, columns=columns).round(4).to_csv(sep="\t", index=False, lineterminator="\n")
    if output:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
