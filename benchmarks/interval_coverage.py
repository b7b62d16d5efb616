"""How often the intervals hold the truth: simulated experiments, each fitted as the pipeline fits, one row each.

    PYTHONPATH=scripts python benchmarks/interval_coverage.py lac --output benchmarks/coverage_lac.tsv

TRUTH is one of

- lac: cells sorted into bins, as many as in the lac experiment;
- counted: DNA and RNA counts of barcodes, negative binomial with a dispersion of 0.1, fitted as such;
- counted_beta_binomial: the same counts fitted as the default beta-binomial, which is not how they scatter;
- cycle: three states out of equilibrium, sorted;
- shuffled: the lac cells with the bins dealt out anew, which nothing is to be learned from.

Columns: the headline parameter's ``truth``, its ``estimate``, ends of the 90 and 95 % intervals as table ``parameters``
has them (empty = open) and whether they hold the truth (an open end holds everything on its side); whether the table
calls it ``identifiable``, its standard error by curvature and z = (estimate - truth) / se; ``entries_held``, the share
of the matrices' entries in their 95 % intervals, and mean and sd of their z; ``converged``; ``start_spread``, how far
the headline's estimates of all starts lie apart, and ``objective_spread`` in nats. One of the starts of lac begins with
the labels of one site or of both exchanged. ``I_var`` and ``I_pred`` of the test set are in bits an observation.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from coverage_rows import measured
from coverage_truths import Truth, counted, cycle, lac, shuffled

# Each with the number of variants that it takes by default.
TRUTHS: dict[str, tuple[int, Callable[[int], Truth]]] = {
    "lac": (38_000, lac),
    "counted": (500, lambda n: counted(n, "negative_binomial")),
    "counted_beta_binomial": (500, lambda n: counted(n, "beta_binomial")),
    "cycle": (10_000, cycle),
    "shuffled": (8_000, shuffled),
}


def summary(table: pd.DataFrame) -> pd.Series:
    """What the rows say together."""
    z = table["z"].dropna()
    held = table[["held_90", "held_95", "identifiable", "converged"]].sum()
    means = table[["entries_held", "entries_z_mean", "entries_z_sd"]].mean()
    return pd.concat(
        [held, means, pd.Series({"z_mean": z.mean(), "z_sd": z.std(), "start_spread": table["start_spread"].max()})]
    )


def main() -> None:
    """Simulate, fit, profile, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", choices=TRUTHS, metavar="TRUTH")
    parser.add_argument("--experiments", type=int, default=20, help="how many (default %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="seed of the first (default %(default)s)")
    parser.add_argument("--variants", type=int, help="in each, before those drawn twice are put together")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    n_variants, made = TRUTHS[options.truth]
    truth, rows = made(options.variants or n_variants), []
    for seed in range(options.first, options.first + options.experiments):
        rows.append(measured(truth, seed))
        print(*rows[-1].values(), sep="\t", flush=True)
    table = pd.DataFrame(rows)
    numbers = table.select_dtypes(float).columns
    table[numbers] = table[numbers].map(lambda number: np.round(number, 3))
    print(summary(table).to_string())
    if options.output:
        table.to_csv(options.output, sep="\t", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
