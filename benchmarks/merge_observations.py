r"""Merging the observations of eight runs of one sample: which way takes least, within a memory of 1 GiB.

Writes eight files of distinct pairs of barcode and UMI with overlap between the runs, then sums the reads of each pair
over all files in four ways, each in a process of its own on one core: duckdb (group and order, spilling), polars
(streaming engine, sorted, to a file), the library (two passes, bins in files, packed keys), and pyarrow alone (whole,
in memory, for scale). Each tells rows and reads of the sums, which must agree. polars is not among the
project's packages; where it is missing, it is left out.

    PYTHONPATH=scripts python -P benchmarks/merge_observations.py --rows 50000000 --folder merge \
        --output benchmarks/merge_observations.tsv
"""

import argparse
import csv
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

WAYS = ("library", "duckdb", "polars", "pyarrow_in_memory")
N_FILES, MEMORY_MIB, N_BARCODES = 8, 1024, 500_000
COLUMNS = ["way", "rows", "files", "memory_limit_mib", "cpu_s", "wall_s", "peak_mib", "rows_out", "reads", "status"]


def write_files(folder: Path, rows: int) -> None:
    """Eight files; barcodes of 15, UMIs of 10 bases; sorted, each pair once in a file."""
    from kcalseq.arrowfile import write_pieces
    from kcalseq.counts.keys import Keys, Shape

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    barcodes = np.unique(rng.integers(0, 4**15, N_BARCODES, dtype=np.uint64))
    for number in range(N_FILES):
        if (folder / f"{number}.parquet").exists():
            continue
        chosen = rng.integers(0, len(barcodes), rows // N_FILES)
        # A few hundred UMIs a barcode, half of them shared by the runs.
        umis = (chosen * 7919 + rng.integers(0, 400, len(chosen)) * 104729 + (number % 2)) % 4**10
        pairs = np.unique((barcodes[chosen] << np.uint64(20)) | umis.astype(np.uint64))

        def pieces(pairs: np.ndarray = pairs, number: int = number):  # type: ignore[no-untyped-def]
            for start in range(0, len(pairs), 1 << 20):
                part = pairs[start : start + (1 << 20)]
                barcode = Keys((part >> np.uint64(20) << np.uint64(34))[:, None], Shape(15, True)).strings()
                umi = Keys((part << np.uint64(44))[:, None], Shape(10, True)).strings()
                fixed = {"library": ["lib"] * len(part), "sample": ["s"] * len(part), "run": [f"r{number}"] * len(part)}
                yield pa.table({**fixed, "barcode": barcode, "umi": umi, "n_reads": (part % 5 + 1).astype(np.int64)})

        write_pieces("observations", pieces(), folder / f"{number}.parquet")


def paths_in(folder: Path) -> list[Path]:
    """The files, in order."""
    return sorted(folder.glob("[0-9].parquet"))


def by_library(folder: Path) -> tuple[int, int]:
    """The library's two passes, barcodes as read."""
    from kcalseq.counts.correction import Correction, correct_barcodes
    from kcalseq.counts.merging import merge_molecules, tally_samples

    paths = paths_in(folder)
    (read,) = tally_samples("lib", paths, ["s"])
    corrected = correct_barcodes("lib", read, None, Correction(barcodes="none"))
    rows = reads = 0
    for molecules in merge_molecules("lib", paths, ["s"], read, corrected, MEMORY_MIB << 19, folder):
        rows, reads = rows + len(molecules.n_reads), reads + int(molecules.n_reads.sum())
    return rows, reads


def by_duckdb(folder: Path) -> tuple[int, int]:
    """SQL over the files, rows streamed in order as Arrow batches."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit='{MEMORY_MIB}MiB'; SET temp_directory='{folder}'; SET threads=1")
        connection.execute("SET preserve_insertion_order=false")
        query = f"""SELECT barcode, umi, CAST(sum(n_reads) AS BIGINT) AS n FROM read_parquet('{folder}/?.parquet')
                    WHERE library = 'lib' GROUP BY barcode, umi ORDER BY barcode, umi"""
        rows = reads = 0
        for batch in connection.sql(query).to_arrow_reader(1 << 17):
            rows, reads = rows + len(batch), reads + int(batch.column("n").to_numpy().sum())
    return rows, reads


def by_polars(folder: Path) -> tuple[int, int]:
    """Streaming engine; the sorted sums go to a file, since a stream of them cannot be had otherwise."""
    import polars

    lazy = polars.scan_parquet([str(path) for path in paths_in(folder)]).filter(polars.col("library") == "lib")
    sums = lazy.group_by("barcode", "umi").agg(polars.col("n_reads").sum()).sort("barcode", "umi")
    sums.sink_parquet(folder / "polars_out.parquet", engine="streaming")
    out = polars.scan_parquet(folder / "polars_out.parquet")
    rows, reads = out.select(polars.len(), polars.col("n_reads").sum()).collect().row(0)
    return int(rows), int(reads)


def by_pyarrow_in_memory(folder: Path) -> tuple[int, int]:
    """Everything read, grouped and sorted: no bound on memory."""
    import pyarrow.parquet as pq

    columns = ["barcode", "umi", "n_reads"]
    table = pa.concat_tables([pq.read_table(path, columns=columns, use_threads=False) for path in paths_in(folder)])
    sums = table.group_by(["barcode", "umi"], use_threads=False).aggregate([("n_reads", "sum")])
    ordered = sums.sort_by([("barcode", "ascending"), ("umi", "ascending")])
    return len(ordered), int(ordered.column("n_reads_sum").to_numpy().sum())


def measured(way: str, folder: Path, rows: int) -> list[object]:
    """Run one way in a process of its own; returns a row of the table."""
    one_core = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
    command = [sys.executable, "-P", __file__, "--rows", str(rows), "--folder", str(folder), "--way", way]
    start = time.perf_counter()
    done = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | one_core)
    assert done.stdout is not None
    said = done.stdout.read().split()
    _, status, used = os.wait4(done.pid, 0)
    wall = time.perf_counter() - start
    cost = f"{used.ru_utime + used.ru_stime:.1f}", f"{wall:.1f}", used.ru_maxrss >> 10
    limit = "" if way in ("polars", "pyarrow_in_memory") else MEMORY_MIB
    return [
        way,
        rows,
        N_FILES,
        limit,
        *cost,
        *(said[:2] or ["", ""]),
        "ok" if status == 0 else "failed: out of memory or missing",
    ]


def main() -> None:
    """Write the files, run all ways, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000_000, help="rows in all files together")
    parser.add_argument("--folder", type=Path, required=True, help="where to keep the files")
    parser.add_argument("--way", choices=WAYS, help="run this one way here and print rows and reads")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    chosen = parser.parse_args()
    if chosen.way:
        print(*globals()[f"by_{chosen.way}"](chosen.folder))
        return
    write_files(chosen.folder, chosen.rows)
    rows = [measured(way, chosen.folder, chosen.rows) for way in WAYS]
    for row in [COLUMNS, *rows]:
        print(*row, sep="\t", flush=True)
    if chosen.output:
        with chosen.output.open("w", encoding="utf-8", newline="") as file:
            command = "PYTHONPATH=scripts python -P benchmarks/merge_observations.py"
            file.write(f"# {command} --rows {chosen.rows} --folder merge\n")
            csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *rows])


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
