"""Fit models of continuous values to MAVE-NN's splicing table (9-nt RNA), scored by the code that scores its fits.

One start each, the table's own split, skewed t noise about a monotone curve. How the noise changes along the curve was
chosen on the validation set: order 2 as in MAVE-NN's tutorial, but 0 for the pairwise model, whose many energies let it
fit some values all too well.

    PYTHONPATH=scripts:benchmarks/mavenn python benchmarks/mpsa.py --table mpsa_data.csv.gz --output benchmarks/mpsa.tsv
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scoring import measured_scores

from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.problem import Problem
from kcalseq.training.values import build_value_problem, valued

MODELS = {"additive": ("matrix", 2), "neighbour": ("neighbour", 2), "pairwise": ("pairwise", 0)}
YAML = """\
description: splicing of 9-nt RNA
kind: additive
sequence: {{length: 9}}
sites:
  splice_site: {{start: 0, length: 9, energies: {energies}}}
measurement: {{kind: continuous, noise: skew_t, noise_order: {order}}}
"""


def model_of(energies: str, order: int) -> ModelSpec:
    """The model of a kind of energies and an order of the noise."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mpsa.yaml"
        path.write_text(YAML.format(energies=energies, order=order), encoding="utf-8")
        return read_model(path)


def problem_of(spec: ModelSpec, table: pd.DataFrame) -> Problem:
    """MAVE-NN's table (columns set, y, x) as the two tables that a fit takes."""
    names = table["x"].str.replace("U", "T")
    variants = pd.DataFrame({"library": "mpsa", "variant": names, "variant_sequence": names, "set": table["set"]})
    values = pd.DataFrame({"condition": "all", "variant": names, "value": table["y"], "value_se": np.nan})
    return build_value_problem(spec, variants, values)


def fitted_row(spec: ModelSpec, problem: Problem, seed: int) -> dict[str, object]:
    """CPU seconds of the fit and the scores of the test set; the log-likelihood of the validation set, to choose by."""
    fitted = fit_problem(spec, problem, seed=seed, n_starts=1, n_threads=1, progress=lambda _: None)
    setup = prepare(spec, problem)
    (phi,) = phenotypes(spec, setup, problem, fitted.flat)
    ((_, process, data),) = valued(problem)
    weights, z = setup.posterior.network.weights(torch.from_numpy(fitted.flat)[None], 0), torch.from_numpy(phi)[None]
    with torch.no_grad():
        log_p = process.log_likelihoods(z, weights, data)[0].numpy()
        expected = process.expectation(z, weights)[0].numpy()
    test, y = problem.rows("test"), data.y[0].numpy()
    return {
        "n_evaluations": int(fitted.fit.n_evaluations.sum()),
        "converged": fitted.converged,
        "cpu_s": round(float(fitted.fit.cpu_seconds.sum()), 1),
        "log_likelihood_validation": log_p[problem.rows("validation")].mean(),
        **measured_scores(log_p[test], expected[test], y[test]),
    }


def main() -> None:
    """Fit all models and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True, help="MAVE-NN's mpsa_data.csv.gz")
    parser.add_argument("--seed", type=int, default=1, help="of the start (default %(default)s)")
    parser.add_argument("--output", type=Path, required=True, help="where to write the table")
    options = parser.parse_args()
    table, rows = pd.read_csv(options.table), []
    for name, (energies, order) in MODELS.items():
        spec = model_of(energies, order)
        row = fitted_row(spec, problem_of(spec, table), options.seed)
        rows.append({"model": name, "noise_order": order, "seed": options.seed, **row})
    pd.DataFrame(rows).to_csv(options.output, sep="\t", index=False, float_format="%.4f", lineterminator="\n")


if __name__ == "__main__":
    main()
