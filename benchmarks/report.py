r"""Time, memory and size of the page of large libraries: activities, effects, figures and the page itself.

Writes the tables of an invented barcoded library with three replicates of DNA and RNA and variants of 150 bases dealt
out at random, which pack worst of all, then runs the work of the steps on them, each in a process of its own on one
core: the activities with their bootstrap, the effects of 1,000 variants for each reference, the figures of activities,
the page. Each is measured three times; times are medians, memory is the most that was seen.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/report.py --folder report --output benchmarks/report.tsv
"""

import argparse
import csv
import statistics
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from activity import PLACES, write_tables

from kcalseq.activity import logtables
from kcalseq.activity.counted import gather
from kcalseq.activity.effectmethods import combined_effects
from kcalseq.activity.effects import effects_table
from kcalseq.activity.logratios import activities
from kcalseq.activity.settings import Settings
from kcalseq.arrowfile import read_pieces, read_whole, write_pieces
from kcalseq.figures import ranked_activity, replicate_activity, saturation_map
from kcalseq.figures.style import save
from kcalseq.report.embedding import read_figures
from kcalseq.report.page import render_page
from kcalseq.report.reporttables import ReportTables
from kcalseq.tablefile import read_table, read_tables, write_table

SIZES = ((200_000, 20_000), (1_000_000, 100_000))
STEPS = ("activity", "effects", "figures", "page")
N_BASES, N_TIMES, OF_A_REFERENCE, CONFIDENCE = 150, 3, 1_000, 0.95
FIGURES = "libraries/l/figures"
COLUMNS = ["barcodes", "variants", "samples", "step", "cpu_s", "wall_s", "peak_mb", "page_mb"]


def name_sequences(folder: Path, n_variants: int) -> None:
    """Give the variants sequences, and write which are compared."""
    codes = np.random.default_rng(2).integers(0, 4, (n_variants, N_BASES))
    sequences = ["".join(row) for row in np.array(list("ACGT"))[codes].tolist()]
    variants = read_table("variants", folder / "variants.parquet")
    write_table("variants", variants.assign(variant_sequence=sequences), folder / "variants.parquet")


def measure_activity(folder: Path) -> None:
    """From counts to activities."""
    names = read_whole("variants", folder / "variants.parquet", ["variant"]).column("variant").to_pylist()
    counted = gather("l", read_pieces("barcode_counts", folder / "barcode_counts.parquet"), names, PLACES)
    found = activities(counted, Settings(), np.arange(len(names)) % 100 == 0, 1)
    write_pieces("barcode_activity", logtables.barcode_pieces("l", counted, found), folder / "barcode_activity.parquet")
    write_table("variant_log_ratio", logtables.variant_table("l", counted, found), folder / "variant_log_ratio.parquet")
    write_table(
        "combined_activity", logtables.combined_table("l", counted, found), folder / "combined_activity.parquet"
    )
    write_table("replicate_agreement", logtables.agreement_table("l", found), folder / "replicate_agreement.tsv")
    write_table("activity_replicates", logtables.replicate_table("l", found), folder / "activity_replicates.tsv")
    write_table("activity_drops", logtables.drop_table("l", counted, found), folder / "activity_drops.tsv")
    write_table("activity_summary", logtables.summary_table("l", counted, found), folder / "activity_summary.tsv")


def measure_effects(folder: Path) -> None:
    """Every variant against the first of its thousand, as single bases at places dealt out in turn."""
    names = read_table("variants", folder / "variants.parquet")["variant"].to_numpy()
    reference = names[np.arange(len(names)) // OF_A_REFERENCE * OF_A_REFERENCE]
    pairs = pd.DataFrame({"variant": names, "reference": reference})[names != reference]
    place = np.arange(len(pairs)) % (3 * N_BASES)
    pairs = pairs.assign(position=place // 3, reference_base="A", base=np.array(list("CGT"))[place % 3])
    pairs["position"] = pairs["position"].astype("Int64")
    combined = read_table("combined_activity", folder / "combined_activity.parquet")
    effects = effects_table(pairs, combined_effects(combined, pairs), "combined", CONFIDENCE)
    write_table("variant_effects", effects.assign(library="l"), folder / "variant_effects.tsv")


def measure_figures(folder: Path) -> None:
    """The figures of all variants."""
    to = folder / FIGURES
    ratios = read_table("variant_log_ratio", folder / "variant_log_ratio.parquet")
    agreement = read_table("replicate_agreement", folder / "replicate_agreement.tsv")
    save(replicate_activity.draw(ratios, agreement), to / "replicate_activity")
    combined = read_table("combined_activity", folder / "combined_activity.parquet")
    save(ranked_activity.draw(combined, CONFIDENCE), to / "ranked_activity")
    save(saturation_map.draw(read_table("variant_effects", folder / "variant_effects.tsv"), 0), to / "saturation_map")


def measure_page(folder: Path) -> None:
    """From tables and figures to the page."""
    found = {path.name.partition(".")[0]: path for path in folder.iterdir() if path.suffix in (".tsv", ".parquet")}
    fields = ReportTables.__dataclass_fields__
    tables = {name: read_tables(name, [str(found[name])] if name in found else []) for name in fields}
    figures = [str(path) for path in (folder / FIGURES).glob("*.png")]
    sources = {str(path): path.name for path in (folder / FIGURES).glob("*.tsv")}
    names = [f"{condition}_{replicate}_{fraction}" for condition, replicate, fraction in PLACES]
    sheet = {
        name: {"condition": condition, "replicate": replicate, "fraction": fraction, "bin": 0}
        for name, (condition, replicate, fraction) in zip(names, PLACES, strict=True)
    }
    card = {"description": "", "assay": "invented", "value_table": None, "samples": names, "runs": []}
    card |= {"conditions": ["cells"], "association_runs": [], "sheet": sheet}
    html = render_page(ReportTables(**tables), [], read_figures(figures, sources), {"l": card}, [], [])
    (folder / "report.html").write_text(html, encoding="utf-8")


def main() -> None:
    """Measure all sizes and steps, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to keep the files")
    parser.add_argument("--step", choices=STEPS, help="do this step with the tables of the folder here")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    if chosen.step:
        globals()[f"measure_{chosen.step}"](chosen.folder)
        return
    from timing import run  # the measured processes do without it

    rows: list[list[object]] = []
    for n_barcodes, n_variants in SIZES:
        folder = chosen.folder / str(n_variants)
        write_tables(folder, n_barcodes, n_variants)
        (folder / "truth.tsv").unlink()
        name_sequences(folder, n_variants)
        for step in STEPS:
            command = [sys.executable, __file__, "--folder", str(folder), "--step", step]
            used = [run(command, folder.with_suffix(".log")) for _ in range(N_TIMES)]
            cost = [f"{statistics.median(times):.1f}" for times in ([u.cpu_s for u in used], [u.wall_s for u in used])]
            size = f"{(folder / 'report.html').stat().st_size / 1e6:.2f}" if step == "page" else ""
            rows.append([n_barcodes, n_variants, len(PLACES), step, *cost, round(max(u.peak_mb for u in used)), size])
            print(*rows[-1], sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    main()
