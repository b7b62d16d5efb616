"""Counts of one million reads held against the truth, and their CPU seconds, with and without a barcode map.

Each sample is extracted and counted by two whole processes, as the pipeline's two steps do it: from the barcode read,
from barcode and UMI read, and from merged mates. Beside them, where it is installed or --starcode names it, starcode at
distance 1: on the distinct barcodes with their counts, and on the reads as gzip and awk bring them. Times are medians
of the repeats, interleaved.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/counts/run.py --folder /tmp/counts
"""

import argparse
import shutil
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from generate_counts import SAMPLES, generate
from score_counts import score
from timing import medians, side_by_side, write_table

HERE = Path(__file__).resolve().parent
READS_OF_LAYOUT = {
    "barcode": ("read_1",),
    "umi": ("read_1", "index_1"),
    "mates": ("read_1", "read_2"),
}


def commands(folder: Path, sample: str, python: str, starcode: str | None) -> dict[str, str]:
    """The command lines of one sample; each leaves its result in a folder of its own name."""
    made = {}
    for layout, slots in READS_OF_LAYOUT.items():
        out = folder / f"{sample}_{layout}"
        out.mkdir(exist_ok=True)
        files = " ".join(f"{slot}={folder}/{sample}_{slot}.fastq.gz" for slot in slots)
        extract = f"{python} {HERE.parent}/reads/extract.py {HERE}/layout_{layout}.yaml {out} {sample} {sample} {files}"
        made[f"extract_{layout}"] = extract
        for known, argument in (("map", folder / "map.tsv"), ("no_map", "none")):
            place = folder / f"{sample}_{layout}_{known}"
            place.mkdir(exist_ok=True)
            observations = f"{out}/{sample}.observations.parquet"
            made[f"count_{layout}_{known}"] = f"{python} {HERE}/count.py {place} {sample} {argument} {observations}"
    if starcode is not None:
        counted = f"-q -t 1 -d 1 -i {folder}/{sample}_distinct.tsv -o {folder}/{sample}_starcode.tsv"
        made["starcode"] = f"{starcode} {counted}"
        barcodes = f"gzip -dc {folder}/{sample}_read_1.fastq.gz | awk 'NR % 4 == 2'"
        made["starcode_reads"] = f"{barcodes} | {starcode} -q -t 1 -d 1 -o {folder}/{sample}_starcode_reads.tsv"
    return made


def write_distinct(folder: Path, sample: str) -> None:
    """The distinct barcodes as read and their reads, for starcode."""
    observations = pq.read_table(folder / f"{sample}_barcode" / f"{sample}.observations.parquet").to_pandas()
    columns = observations[["barcode", "n_reads"]]
    columns.to_csv(folder / f"{sample}_distinct.tsv", sep="\t", header=False, index=False)


def scores(folder: Path, sample: str, with_starcode: bool) -> list[dict[str, object]]:
    """One row a way of counting: sample, way, what was counted, and its scores."""
    truth = pd.read_csv(folder / f"{sample}_truth.tsv", sep="\t").set_index("barcode")
    rows: list[dict[str, object]] = []
    for layout in READS_OF_LAYOUT:
        for known in ("map", "no_map"):
            table = pq.read_table(folder / f"{sample}_{layout}_{known}" / "barcode_counts.parquet").to_pandas()
            counted = table.set_index("barcode")
            for column in ("n_reads", "n_molecules") if layout == "umi" else ("n_reads",):
                way = {"sample": sample, "way": f"{layout}_{known}", "counted": column}
                rows.append(way | score(counted[column].fillna(0).astype(int), truth[column]))
    for way in ("starcode", "starcode_reads") if with_starcode else ():
        table = pd.read_csv(folder / f"{sample}_{way}.tsv", sep="\t", names=["barcode", "n_reads"])
        counted = table.set_index("barcode")["n_reads"]
        rows.append({"sample": sample, "way": way, "counted": "n_reads"} | score(counted, truth["n_reads"]))
    return rows


def with_times(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Add what extraction and counting took; starcode takes distinct barcodes, starcode_reads the reads."""
    count = rows["way"].where(rows["way"].str.startswith("starcode"), "count_" + rows["way"])
    extract = "extract_" + rows["way"].str.replace(r"_(no_)?map$", "", regex=True)
    return rows.assign(
        extract_cpu_s=table["cpu_s"].reindex(extract).to_numpy(),
        count_cpu_s=table["cpu_s"].reindex(count).to_numpy(),
        peak_mb=table["peak_mb"].reindex(count).to_numpy(),
    )


def main() -> None:
    """Generate what is not there, run and score everything, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the reads and what is made of them")
    parser.add_argument("--reads", type=int, default=1_000_000, help="of each sample (default %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 22], help="(default 21 22)")
    parser.add_argument("--repeats", type=int, default=5, help="(default %(default)s)")
    parser.add_argument("--starcode", default=shutil.which("starcode"), help="the program (default: from the PATH)")
    parser.add_argument("--python", default=sys.executable, help="the Python to run programs with")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    tables = []
    for seed in options.seeds:
        folder = options.folder / f"seed_{seed}_{options.reads}"
        if not (folder / "map.tsv").exists():
            generate(folder, options.reads, seed)
        for sample in SAMPLES:
            lines = commands(folder, sample, options.python, options.starcode)
            side_by_side({"extract_barcode": lines["extract_barcode"]}, 1, folder)
            write_distinct(folder, sample)
            own = [name for name in lines if not name.startswith("starcode")]
            times = medians(side_by_side(lines, options.repeats, folder, warm_up=own))
            rows = pd.DataFrame(scores(folder, sample, options.starcode is not None)).assign(seed=seed)
            tables.append(with_times(rows, times))
    write_table(pd.concat(tables).round(4), options.output)


if __name__ == "__main__":
    main()
