r"""Time and memory of the exports of a library with DNA and RNA counts, against barcodes and variants.

Takes the invented tables of ``activity.py`` (three replicates of DNA and RNA), measures them as the steps before do,
and then times the work of each export in a process of its own on one core: read, write all files.

    PYTHONPATH=scripts:benchmarks:benchmarks/harness python -P benchmarks/exports.py --folder exports \
        --output benchmarks/exports.tsv
"""

import argparse
import csv
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

SIZES = ((10_000, 1_000), (100_000, 10_000), (1_000_000, 100_000))
COLUMNS = ["barcodes", "variants", "samples", "export", "cpu_s", "wall_s", "peak_mb", "written_mb"]
REPLICATES = {"1": "1", "2": "2", "3": "3"}


def prepare(folder: Path, n_barcodes: int, n_variants: int) -> None:
    """Tables of the steps before: counts, map, activities, effects of all variants against the first."""
    import activity
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from kcalseq.activity.effectmethods import combined_effects
    from kcalseq.activity.effects import effects_table
    from kcalseq.activity.pairs import pairs_table
    from kcalseq.arrowfile import read_pieces
    from kcalseq.counts.variants import count_variants_of_barcodes
    from kcalseq.tablefile import read_table, write_table

    activity.write_tables(folder, n_barcodes, n_variants)
    activity.measure(folder)
    counts = pq.read_table(folder / "barcode_counts.parquet", columns=["barcode", "variant"])
    known = counts.group_by("barcode").aggregate([("variant", "min")]).rename_columns(["barcode", "variant"])
    pq.write_table(known.take(pc.sort_indices(known.column("barcode"))), folder / "map.parquet")
    places = [{"sample": f + r, "condition": c, "replicate": r, "fraction": f, "bin": 0} for c, r, f in activity.PLACES]
    pieces = read_pieces("barcode_counts", folder / "barcode_counts.parquet")
    summed = count_variants_of_barcodes("l", pieces, pd.DataFrame(places))
    write_table("variant_counts", summed, folder / "variant_counts.parquet")
    combined = read_table("combined_activity", folder / "combined.parquet")
    pairs = pairs_table(read_table("variants", folder / "variants.parquet"), [], "variant_0000000")
    effects = effects_table(pairs, combined_effects(combined, pairs), "combined", 0.95).assign(library="l")
    write_table("variant_effects", effects, folder / "variant_effects.tsv")


def barcodes(folder: Path, out: Path) -> None:
    """The barcode map, and counts of barcodes."""
    import pyarrow.parquet as pq

    from kcalseq.arrowfile import read_pieces
    from kcalseq.export.barcodes import COLUMNS as NEEDED
    from kcalseq.export.barcodes import side_by_side, write_barcode_counts, write_map

    known = pq.read_table(folder / "map.parquet")
    write_map(known, out / "map.tsv.gz")
    pieces = read_pieces("barcode_counts", folder / "barcode_counts.parquet", NEEDED)
    counted = side_by_side(pieces, known.column("barcode").combine_chunks())
    write_barcode_counts(counted.counts, "cells", REPLICATES, known, out / "barcodes.tsv.gz")


def activities(folder: Path, out: Path) -> None:
    """Activities and effects of variants in IGVF's formats."""
    from kcalseq.export.igvf_files import Measured, activity_files
    from kcalseq.export.textfile import write_rows
    from kcalseq.tablefile import read_table

    log_ratio = read_table("variant_log_ratio", folder / "variant_log_ratio.parquet")
    combined = read_table("combined_activity", folder / "combined.parquet")
    effects = read_table("variant_effects", folder / "variant_effects.tsv")
    # Sequences that differ from the first in one base, as in a library of mutants.
    names = sorted(combined["variant"])
    sequences = {name: "AG" * (n % 75) + ("C" if n else "A") + "GA" * 75 for n, name in enumerate(names)}
    for name, found in activity_files(Measured(log_ratio, combined, effects, sequences, {}, 0.5), REPLICATES):
        write_rows(found.rows, out / name)


def matrices(folder: Path, out: Path) -> None:
    """The AnnData file."""
    from kcalseq.export.h5ad import write_h5ad
    from kcalseq.export.matrices import annotated, count_layers, measured_layers, sample_frame, variant_frame
    from kcalseq.tablefile import read_table

    log_ratio = read_table("variant_log_ratio", folder / "variant_log_ratio.parquet")
    combined = read_table("combined_activity", folder / "combined.parquet")
    obs = variant_frame(read_table("variants", folder / "variants.parquet"), {"combined_activity": combined})
    samples = sample_frame([{"condition": "cells", "replicate": name, "bin": "0"} for name in REPLICATES])
    counts = count_layers(read_table("variant_counts", folder / "variant_counts.parquet"), pd.Index(obs.index), samples)
    measured = measured_layers(log_ratio, pd.Index(obs.index), samples)
    write_h5ad(annotated(obs, samples, counts, measured, "l"), out / "l.h5ad")


def spreadsheets(folder: Path, out: Path) -> None:
    """Activities and effects as CSV."""
    from kcalseq.export.spreadsheet import write_spreadsheet
    from kcalseq.tablefile import read_table

    write_spreadsheet(read_table("combined_activity", folder / "combined.parquet"), out / "combined.csv")
    write_spreadsheet(read_table("variant_effects", folder / "variant_effects.tsv"), out / "effects.csv")


EXPORTS: dict[str, Callable[[Path, Path], None]] = {
    "barcodes": barcodes,
    "activities": activities,
    "matrices": matrices,
    "spreadsheets": spreadsheets,
}


def main() -> None:
    """Measure all sizes, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to keep the files")
    parser.add_argument("--export", choices=EXPORTS, help="do this one from the tables of the folder here")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    if chosen.export:
        EXPORTS[chosen.export](chosen.folder, chosen.folder / chosen.export)
        return
    from timing import run  # the measured process does without it

    rows: list[list[object]] = []
    for n_barcodes, n_variants in SIZES:
        folder = chosen.folder / str(n_barcodes)
        prepare(folder, n_barcodes, n_variants)
        for name in EXPORTS:
            (folder / name).mkdir(exist_ok=True)
            command = [sys.executable, "-P", __file__, "--folder", str(folder), "--export", name]
            used = run(command, folder / "log.txt")
            written = sum(path.stat().st_size for path in (folder / name).iterdir()) / 1e6
            cost = f"{used.cpu_s:.1f}", f"{used.wall_s:.1f}", round(used.peak_mb), f"{written:.1f}"
            rows.append([n_barcodes, n_variants, 2 * len(REPLICATES), name, *cost])
            print(*rows[-1], sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
