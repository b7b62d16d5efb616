"""Whether the chance of a second molecule is what it says: barcodes in bins of second_probability.

In each bin, the barcodes that truly have two molecules, and how many there should be: the sum of their probabilities.
Folders are those that run.py leaves; misread barcodes that were never made are not counted.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/association/calibrate.py FOLDER [...] --output table.tsv
"""

import argparse
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from timing import write_table

ENDS = (0.0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.5, 0.95, 1.0)


def calibrate(calls: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Barcodes in bins of their chance of a second molecule.

    Args:
        calls: barcode_calls of the library.
        truth: as the generator writes it, without missing values.

    Returns:
        above, up_to: the bin; n_barcodes in it; n_two of them with two molecules; n_expected.
    """
    made = truth.merge(calls[["barcode", "second_probability"]], on="barcode")
    made["bin"] = pd.cut(made["second_probability"], ENDS, labels=False, include_lowest=True)
    made["two"] = made["second_variant"] != ""
    rows = []
    for number, found in made.groupby("bin"):
        place = int(number)
        expected = float(found["second_probability"].sum())
        rows.append((ENDS[place], ENDS[place + 1], len(found), int(found["two"].sum()), round(expected, 3)))
    return pd.DataFrame(rows, columns=["above", "up_to", "n_barcodes", "n_two", "n_expected"])


def main() -> None:
    """One table of all folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    tables = []
    for folder in options.folders:
        truth = pd.read_csv(folder / "truth.tsv", sep="\t", keep_default_na=False)
        calls = pq.read_table(folder / "barcode_calls.parquet").to_pandas()
        design, seed, _ = folder.name.split("_")
        table = calibrate(calls, truth)
        table.insert(0, "design", design)
        table.insert(1, "seed", seed)
        tables.append(table)
    write_table(pd.concat(tables, ignore_index=True), options.output)


if __name__ == "__main__":
    main()
