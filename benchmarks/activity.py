r"""Time and memory of activities against barcodes and variants, and how near the truth they come.

Writes tables ``variants`` and ``barcode_counts`` of an invented library with three replicates of DNA and RNA, then runs
the step's own work on them in a process of its own on one core: read, measure with the barcode bootstrap, write all
tables. The truth is known: ``rmse`` is that of the combined log2 ratios, ``z_sd`` the standard deviation of their
deviations over their standard errors, which is 1 where these are right.

    PYTHONPATH=scripts:benchmarks/harness python -P benchmarks/activity.py --folder activity \
        --output benchmarks/activity.tsv
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from kcalseq.activity import logtables
from kcalseq.activity.counted import gather
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings
from kcalseq.arrowfile import read_pieces, read_whole, write_pieces
from kcalseq.tablefile import write_table

SIZES = ((10_000, 1_000), (100_000, 10_000), (1_000_000, 100_000))
REPLICATES, DEPTH, PECULIAR, SCATTER = ("1", "2", "3"), 10.0, 0.2, 0.2
PLACES = [("cells", replicate, fraction) for replicate in REPLICATES for fraction in ("dna", "rna")]
COLUMNS = ["barcodes", "variants", "samples", "bootstraps", "cpu_s", "wall_s", "peak_mb", "rmse_log2", "z_sd"]


def write_tables(folder: Path, n_barcodes: int, n_variants: int) -> None:
    """Poisson counts of barcodes that scatter, in the order of the table's key."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    names = [f"variant_{number:07d}" for number in range(n_variants)]
    activity, variant = rng.normal(size=n_variants), rng.integers(0, n_variants, n_barcodes)
    letters = np.array(list("ACGT"))[(np.arange(n_barcodes)[:, None] >> np.arange(22, -2, -2)) & 3]
    barcode = pa.array(["".join(row) + "ACG" for row in letters])
    abundance, peculiar = DEPTH * rng.lognormal(0.0, 0.7, n_barcodes), rng.normal(0.0, PECULIAR, n_barcodes)
    of_barcode = pa.array(names).take(pa.array(variant))

    def pieces():  # type: ignore[no-untyped-def]
        for condition, replicate, fraction in PLACES:
            log2_ratio = activity[variant] + peculiar + rng.normal(0.0, SCATTER, n_barcodes)
            counts = rng.poisson(abundance * (np.exp2(log2_ratio) if fraction == "rna" else 1.0))
            rows = np.flatnonzero(counts)
            text = {"library": "l", "condition": condition, "replicate": replicate, "fraction": fraction}
            yield pa.table(
                {
                    **{name: pa.repeat(value, len(rows)) for name, value in text.items()},
                    "bin": np.zeros(len(rows), dtype=np.int64),
                    "barcode": barcode.take(pa.array(rows)),
                    "variant": of_barcode.take(pa.array(rows)),
                    "n_reads": counts[rows],
                    "n_molecules": counts[rows],
                }
            )

    write_pieces("barcode_counts", pieces(), folder / "barcode_counts.parquet")
    write_table(
        "variants",
        pd.DataFrame({"library": "l", "variant": names, "variant_sequence": None, "set": "training"}),
        folder / "variants.parquet",
    )
    pd.DataFrame({"variant": names, "truth": activity}).to_csv(folder / "truth.tsv", sep="\t", index=False)


def measure(folder: Path) -> None:
    """What the step does, between its files."""
    names = read_whole("variants", folder / "variants.parquet", ["variant"]).column("variant").to_pylist()
    counted = gather("l", read_pieces("barcode_counts", folder / "barcode_counts.parquet"), names, PLACES)
    found = activities(counted, Settings(), np.zeros(len(names), dtype=bool), 1)
    write_pieces("barcode_activity", logtables.barcode_pieces("l", counted, found), folder / "barcode_activity.parquet")
    write_table("variant_log_ratio", logtables.variant_table("l", counted, found), folder / "variant_log_ratio.parquet")
    write_table("combined_activity", logtables.combined_table("l", counted, found), folder / "combined.parquet")
    write_table("activity_drops", logtables.drop_table("l", counted, found), folder / "activity_drops.tsv")


def score(folder: Path) -> tuple[str, str]:
    """RMSE of the combined log2 ratios, their common level taken off, and the standard deviation of z."""
    found = pd.read_parquet(folder / "combined.parquet").merge(pd.read_csv(folder / "truth.tsv", sep="\t"))
    deviation = found["log2_ratio"] - found["truth"]
    deviation -= deviation.median()
    return f"{np.sqrt((deviation**2).mean()):.3f}", f"{(deviation / found['log2_ratio_se']).std():.3f}"


def main() -> None:
    """Measure all sizes, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to keep the files")
    parser.add_argument("--measure", action="store_true", help="measure the tables of the folder here")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.folder)
        return
    from timing import run  # the measured process does without it

    rows: list[list[object]] = []
    for n_barcodes, n_variants in SIZES:
        folder = chosen.folder / str(n_barcodes)
        write_tables(folder, n_barcodes, n_variants)
        used = run([sys.executable, "-P", __file__, "--folder", str(folder), "--measure"], folder / "log.txt")
        cost = f"{used.cpu_s:.1f}", f"{used.wall_s:.1f}", round(used.peak_mb)
        rows.append([n_barcodes, n_variants, len(PLACES), Settings().bootstraps, *cost, *score(folder)])
        print(*rows[-1], sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
