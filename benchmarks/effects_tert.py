r"""False effects where there are none, on measured counts: barcodes of one variant against others of the same variant.

The barcodes of each variant of the TERT promoter (Kircher et al. 2019, glioblastoma cells, three replicates) with 6 to
200 barcodes are dealt out at random to two halves, which are compared as if they were two variants. Every effect that
is called is false. The table holds the share of p below 0.05 and 0.001, and how many of the halvings, which share their
counts and so are no independent data sets, had any effect called at q below 0.05.

    PYTHONPATH=scripts:. python -P benchmarks/effects_tert.py --tert FOLDER --output benchmarks/effects_tert.tsv
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from tests.activity.invented import counted
from tests.activity.measured import METHODS, tables_of

from kcalseq.activity.counted import Counted, Replicate

sys.path.append(str(Path(__file__).parent))
from effects import estimates  # beside this program

LEAST, MOST, HALVINGS = 6, 200, 10
COLUMNS = ["replicates", "method", "pairs", "p_below_0.05", "p_below_0.001", "halvings", "with_a_call", "mean_calls"]


def read_counts(folder: Path) -> pd.DataFrame:
    """Variant and counts of each barcode, columns variant, dna1, rna1, ..."""
    lines = pd.read_csv(folder / "TERT.variants.txt.gz", sep="\t", header=None, dtype=str)[0]
    parts = lines.str.partition(" ")
    table = pd.DataFrame({"barcode": parts[0], "variant": parts[2].str.strip()})
    table = table.drop_duplicates("barcode").set_index("barcode")
    for number in "123":
        names = ["barcode", f"dna{number}", f"rna{number}"]
        counts = pd.read_csv(folder / f"TERT-GBM_{number}_counts.tsv.gz", sep="\t", header=None, names=names)
        table = table.join(counts.set_index("barcode"))
    numbers = table.drop(columns="variant").fillna(0).astype(np.int64)
    table = table[["variant"]].join(numbers)[numbers.sum(axis=1) > 0]
    size = table.groupby("variant")["dna1"].transform("size")
    return table[(size >= LEAST) & (size <= MOST) & (table["variant"] != "")]


def halved(table: pd.DataFrame, replicates: str, seed: int) -> Counted:
    """Counts of a library in which the two halves of each variant stand one behind the other."""
    mixed = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    code = pd.factorize(mixed["variant"], sort=True)[0]
    half = 2 * code + mixed.groupby("variant").cumcount().to_numpy() % 2
    order = np.argsort(half, kind="stable")
    own = mixed.iloc[order]
    counts = {
        ("cells", number): Replicate(own[f"dna{number}"].to_numpy(), own[f"rna{number}"].to_numpy())
        for number in replicates
    }
    return counted(half[order], 2 * (int(code.max()) + 1), counts)


def main() -> None:
    """Measure all methods with three, two and one replicate, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tert", type=Path, required=True, help="folder of the TERT tables")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    table, rows = read_counts(chosen.tert), []
    for replicates in ("123", "12", "1"):
        made = [tables_of(halved(table, replicates, seed)) for seed in range(HALVINGS)]
        for method in (*METHODS, "t_test", "z_test"):
            found = [estimates(own, method, True) for own in made]
            tested = pd.concat([own["p"].dropna() for own in found])
            below = [f"{(tested < level).mean():.3g}" if len(tested) else "" for level in (0.05, 0.001)]
            calls = [int(own["called"].sum()) for own in found]
            told = [HALVINGS, sum(map(bool, calls)), f"{np.mean(calls):.3g}"]
            rows.append([len(replicates), method, len(made[0].pairs), *below, *told])
            print(*rows[-1], sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
