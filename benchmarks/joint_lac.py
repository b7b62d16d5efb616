"""The lac promoter in four experiments at once: shared energies, one CRP potential and measurement process each.

The tables are those of Kinney et al. (2010), one file an experiment, EXPERIMENT_raw_counts.csv.gz: column x holds the
sequence, ct_0 the reads before sorting and ct_1, ct_2, ... those of each bin. A variant counts once per bin.

    PYTHONPATH=scripts python benchmarks/joint_lac.py TABLES --output benchmarks/joint_lac.tsv
"""

import argparse
import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lac_truth import REPOSITORY

from kcalseq.association.variants import name_variants
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.training.fitting import fit_problem, phenotypes, prepare
from kcalseq.training.laplace import gauge_fixed_errors
from kcalseq.training.metrics import metrics_table
from kcalseq.training.problem import Problem, build_problem
from kcalseq.training.profile import profile_scalars

EXPERIMENTS = ("full-wt", "crp-wt", "full-500", "full-150")
THREADS = 2


def read_counts(folder: Path, experiment: str) -> pd.DataFrame:
    """Table ``variant_counts`` of an experiment."""
    wide = pd.read_csv(folder / f"{experiment}_raw_counts.csv.gz").rename(columns={"x": "variant"})
    long = wide.melt("variant", var_name="bin", value_name="n_reads")
    long = long[long["n_reads"] > 0].assign(library="lac", condition=experiment, replicate="1")
    bins = long["bin"].str.removeprefix("ct_").astype(int)
    return long.assign(bin=bins, fraction=np.where(bins == 0, "input", "bin"))


def problem_of(spec: ModelSpec, counts: pd.DataFrame) -> Problem:
    """The experiments of a table, split by a hash of each sequence: a sequence is in one set in all of them."""
    names = np.sort(counts["variant"].unique())
    variants = name_variants("lac", {name: name for name in names}, None, seed=1)
    return build_problem(spec, variants, counts, "presence")


def fitted_rows(name: str, spec: ModelSpec, problem: Problem, starts: int) -> list[dict[str, Any]]:
    """Everything told of one fit, a quantity a row."""
    clock = time.process_time()
    fitted = fit_problem(spec, problem, seed=1, n_starts=starts, n_threads=THREADS, progress=lambda _: None)
    fit_seconds, setup = time.process_time() - clock, prepare(spec, problem)
    network = setup.posterior.network
    fixed = gauge_fixed_errors(spec, setup, problem, fitted.flat)
    phis = phenotypes(spec, setup, problem, fitted.flat)
    metrics = metrics_table(problem, network, fitted.flat, phis, seed=1, confidence=0.95)
    chosen = metrics[(metrics["set"] == "test") & metrics["metric"].isin(["I_var", "I_pred"])]
    rows = [
        {
            "quantity": f"test {row['metric']}[{row['condition']}]",
            **{key: row[key] for key in ("value", "lower", "upper", "unit")},
        }
        for row in chosen.to_dict("records")
    ]
    for site in spec.sites:
        if site.name in spec.shift_only_sites:
            continue
        for potential, place in network.layout.mu_names(site).items():
            value, reach = fixed.values[place], 1.96 * fixed.errors[place]
            rows.append(
                {
                    "quantity": potential,
                    "value": value,
                    "lower": value - reach,
                    "upper": value + reach,
                    "unit": "kcal/mol",
                }
            )
    for difference, (value, error) in fixed.differences.items():
        ends = {"lower": value - 1.96 * error, "upper": value + 1.96 * error}
        rows.append({"quantity": difference, "value": value, **ends, "unit": "kcal/mol"})
    (profile,) = profile_scalars(spec, setup, fitted.flat, fixed, 0.95, THREADS, lambda _: None).values()
    for level in (0.68, 0.95):
        low, high = profile.interval(level)
        rows.append(
            {
                "quantity": f"interaction, {level:.0%}",
                "value": profile.estimate,
                "lower": low,
                "upper": high,
                "unit": "kcal/mol",
            }
        )
    rows.append({"quantity": "cost of the fit", "value": fit_seconds, "unit": "CPU s"})
    rows.append({"quantity": "converged", "value": float(fitted.converged), "unit": "yes/no"})
    return [{"fit": name, **row} for row in rows]


def main() -> None:
    """Fit each experiment alone and all together, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, help="folder of the experiments' tables")
    parser.add_argument("--starts", type=int, default=2, help="of each fit (default %(default)s)")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    alone = read_model(REPOSITORY / "config" / "models" / "lac_thermodynamic.yaml")
    sites = tuple(dataclasses.replace(site, by_condition=site.name == "CRP") for site in alone.sites)
    together = dataclasses.replace(alone, sites=sites)
    counts = [read_counts(options.tables, experiment) for experiment in EXPERIMENTS]
    rows = []
    for name, spec, table in [
        ("joint", together, pd.concat(counts)),
        *((name, alone, own) for name, own in zip(EXPERIMENTS, counts, strict=True)),
    ]:
        found = fitted_rows(name, spec, problem_of(spec, table), options.starts)
        print(pd.DataFrame(found).round(3).to_csv(sep="\t", index=False, lineterminator="\n"), flush=True)
        rows += found
    if options.output:
        pd.DataFrame(rows).round(3).to_csv(options.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
