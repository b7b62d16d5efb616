r"""Effects of variants by each method beside naive tests: false discoveries without effects, power by their size.

Libraries are invented by ``tests/activity/invented.py``, so that the truth is known: 200 pairs of variants each, 20
data sets of each kind without any effect, and 20 in which ten pairs each differ by 0.25, 0.5, 1 and 2 log2. A pair is
called where q (Benjamini & Hochberg 1995, over the pairs of the set) is below 0.05. Beside the methods of kcalseq,

    t_test    of the log ratios of the replicates, variant against reference, each pair by itself (Welch),
    z_test    of the difference of mean log ratios over 1.4826 median absolute deviations of all pairs' differences,
    cutoff    calls every pair whose mean log ratios differ by 1 or more.

    PYTHONPATH=scripts:. python -P benchmarks/effects.py --output benchmarks/effects.tsv
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from tests.activity.invented import Recipe
from tests.activity.measured import METHODS, Tables, effects, tables

N_PAIRS, N_EACH = 200, 10
SIZES = (0.25, 0.5, 1.0, 2.0)
KINDS = {
    "barcodes scatter": Recipe(2 * N_PAIRS),
    "barcodes scatter, two replicates": Recipe(2 * N_PAIRS, n_replicates=2),
    "barcodes scatter, one replicate": Recipe(2 * N_PAIRS, n_replicates=1),
    "barcodes peculiar in all replicates": Recipe(2 * N_PAIRS, shared=0.5, own=0.0),
    "replicates differ": Recipe(2 * N_PAIRS, between=0.15),
    "replicates differ, two replicates": Recipe(2 * N_PAIRS, between=0.15, n_replicates=2),
    "three barcodes": Recipe(2 * N_PAIRS, barcodes=2),
    "one barcode": Recipe(2 * N_PAIRS, barcodes=0, shared=0.0),
    "three DNA counts a barcode": Recipe(2 * N_PAIRS, depth=3.0),
    "counts scatter three times Poisson": Recipe(2 * N_PAIRS, over=3.0),
    "one DNA sample of few counts": Recipe(2 * N_PAIRS, depth=3.0, rna_depth=60.0, one_dna=True),
}
COLUMNS = ["library", "method", "null_p_below_0.05", "null_sets_with_a_call", "false_of_called", "inside_95_percent"]


def estimates(made: Tables, method: str, has_own_dna: bool) -> pd.DataFrame:
    """Columns effect, half (width of the interval), p and called, a row a pair."""
    if method in METHODS:
        found = effects(made, method, has_own_dna)
        return pd.DataFrame(
            {
                "effect": found["effect"],
                "half": found["upper"] - found["effect"],
                "p": found["p"],
                "called": found["q"] < 0.05,
            }
        )
    wide = made.variant_log_ratio.pivot(index="variant", columns="replicate", values="log2_ratio")
    one, two = (wide.reindex(made.pairs[name]).to_numpy() for name in ("variant", "reference"))
    effect = np.nanmean(one, axis=1) - np.nanmean(two, axis=1)
    nothing = np.full(len(effect), np.nan)
    if method == "cutoff":
        return pd.DataFrame({"effect": effect, "half": nothing, "p": nothing, "called": np.abs(effect) >= 1.0})
    if method == "z_test":
        half = np.full(len(effect), 1.96 * stats.median_abs_deviation(effect, scale="normal", nan_policy="omit"))
        p = 2 * stats.norm.sf(np.abs(effect - np.nanmedian(effect)) / (half / 1.96))
    else:
        if one.shape[1] < 2:
            return pd.DataFrame({"effect": effect, "half": nothing, "p": nothing, "called": False})
        test = stats.ttest_ind(one, two, axis=1, equal_var=False, nan_policy="omit")
        p, interval = test.pvalue, test.confidence_interval(0.95)
        half = (interval.high - interval.low) / 2
    return pd.DataFrame({"effect": effect, "half": half, "p": p, "called": benjamini_hochberg(p) < 0.05})


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """q of each p; NaN where there is none."""
    q, known = np.full(len(p), np.nan), np.isfinite(p)
    if known.any():
        q[known] = stats.false_discovery_control(p[known])
    return q


def score(
    recipe: Recipe, method: str, nulls: list[Tables], mixed: list[Tables], planted: NDArray[np.float64]
) -> list[str]:
    """One row of the table."""
    without = [estimates(made, method, not recipe.one_dna) for made in nulls]
    with_effects = [estimates(made, method, not recipe.one_dna) for made in mixed]
    below = np.mean(
        [(own["p"] < 0.05)[own["p"].notna()].mean() if own["p"].notna().any() else np.nan for own in without]
    )
    any_called = sum(bool(own["called"].any()) for own in without)
    null = planted == 0
    false = [own["called"][null].sum() / max(own["called"].sum(), 1) for own in with_effects]
    inside = [(np.abs(own["effect"] - planted) < own["half"])[own["half"].notna()] for own in with_effects]
    told = pd.concat(inside)
    power = [np.mean([own["called"][np.abs(planted) == size].mean() for own in with_effects]) for size in SIZES]
    numbers = [below, any_called, np.mean(false), told.mean() if len(told) else np.nan, *power]
    return [method, *("" if np.isnan(value) else f"{value:.3g}" for value in numbers)]


def main() -> None:
    """Measure all kinds of libraries, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=20, help="data sets of each kind, with and without effects")
    parser.add_argument("--only", default="", help="kinds whose names hold this text")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    planted = np.zeros(N_PAIRS)
    planted[: N_EACH * len(SIZES)] = np.repeat(SIZES, N_EACH) * np.tile([1.0, -1.0], N_EACH * len(SIZES) // 2)
    rows: list[list[object]] = []
    for kind, recipe in KINDS.items():
        if chosen.only not in kind:
            continue
        nulls = [tables(recipe, seed, np.zeros(N_PAIRS)) for seed in range(chosen.sets)]
        mixed = [tables(recipe, 1000 + seed, planted) for seed in range(chosen.sets)]
        for method in (*METHODS, "t_test", "z_test", "cutoff"):
            rows.append([kind, *score(recipe, method, nulls, mixed, planted)])
            print(*rows[-1], sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            header = [*COLUMNS, *(f"power_{size:g}" for size in SIZES)]
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
