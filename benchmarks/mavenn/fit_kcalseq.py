"""Fit one model with kcalseq to MAVE-NN's lac table, score it on the test set, write one row.

    PYTHONPATH=scripts python benchmarks/mavenn/fit_kcalseq.py --model sortseq_lac --table sortseq_data.csv.gz

Each start goes on until it comes to rest; the validation set stays unused.
"""

import argparse
import time
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scoring import bin_counts, sorted_scores, write_row

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.metrics import bin_log_probabilities
from kcalseq.training.problem import Problem, binned, build_problem

REPOSITORY = Path(__file__).resolve().parents[2]
MODELS = {"sortseq_additive": "additive", "sortseq_lac": "lac_thermodynamic"}


def sortseq_problem(spec: ModelSpec, table: pd.DataFrame) -> Problem:
    """MAVE-NN's table as the two tables that a fit takes; column ct_0 is the library before sorting."""
    variants = pd.DataFrame(
        {"library": "lac", "variant": table["x"], "variant_sequence": table["x"], "set": table["set"]}
    )
    counts = bin_counts(table)
    bins, rows = np.nonzero(counts)
    observed = pd.DataFrame(
        {
            "condition": "full-wt",
            "fraction": np.where(bins == 0, "input", "bin"),
            "bin": bins,
            "variant": table["x"].to_numpy()[rows],
            "n_reads": counts[bins, rows],
        }
    )
    return build_problem(spec, variants, observed, "raw")


def fitted_row(spec: ModelSpec, problem: Problem, seed: int, starts: int) -> dict[str, object]:
    """CPU seconds of the fit with all its starts, and scores of the one it reports."""
    clock = time.process_time()
    fitted = fit_problem(spec, problem, seed=seed, n_starts=starts, n_threads=1, progress=lambda _: None)
    row: dict[str, object] = {"cpu_s": time.process_time() - clock}
    row["n_iterations"] = int(fitted.fit.n_evaluations.sum())
    setup = prepare(spec, problem)
    network, test = setup.posterior.network, problem.rows("test")
    ((_, process, data),) = binned(problem)
    phi = phenotypes(spec, setup, problem, fitted.flat)[0][test]
    weights = network.weights(torch.from_numpy(fitted.flat)[None], 0)
    row |= sorted_scores(bin_log_probabilities(process, weights, phi), data.table[:, test])
    for item in spec.interactions:
        row["interaction_kcal_per_mol"] = float(fitted.flat[network.layout.blocks[item.name].start])
    return row


def main() -> None:
    """Fit and write the row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, required=True, help="what to fit")
    parser.add_argument("--table", type=Path, required=True, help="MAVE-NN's table of the data set, csv.gz")
    parser.add_argument("--seed", type=int, required=True, help="of the starts")
    parser.add_argument("--starts", type=int, default=1, help="(default %(default)s)")
    parser.add_argument("--output", type=Path, required=True, help="where to write the row, JSON")
    options = parser.parse_args()
    spec = read_model(REPOSITORY / "config" / "models" / f"{MODELS[options.model]}.yaml")
    problem = sortseq_problem(spec, pd.read_csv(options.table))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    row = {"version": project["version"], **fitted_row(spec, problem, options.seed, options.starts)}
    write_row(options.output, row)


if __name__ == "__main__":
    main()
