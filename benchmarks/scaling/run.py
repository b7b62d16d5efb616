"""Time and memory of extraction and counting against the number of reads, of distinct barcodes, and of files.

- reads: 1 to 64 million reads of the reads benchmark (50,000 true barcodes, 0.5 % errors)
- distinct: 16 million reads (or as many as there are barcodes) of 10^5 to 10^8 distinct barcodes, without errors
- files: 16 million of them with 10^6 distinct barcodes, as 1, 4 and 16 runs of one sample

Whole processes, one for each run extracted and one that counts them all without a barcode map; reads are made, measured
and removed again, one row at a time. The largest needs 15 GB of disk.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/scaling/run.py --folder /tmp/scaling
"""

import argparse
import shutil
import sys
from pathlib import Path

import pandas as pd
from generate_distinct import generate_distinct
from timing import Usage, run, write_table

HERE = Path(__file__).resolve().parent
READS = HERE.parent / "reads"
MILLION = 1_000_000


def measure(folder: Path, files: list[Path], python: str) -> dict[str, float]:
    """Extract each file as a run and count them all; CPU and wall seconds added up, memory of the largest process."""
    extracted = [
        run(
            [
                python,
                f"{READS}/extract.py",
                f"{READS}/layout.yaml",
                str(folder),
                "reads",
                f"run{number}",
                f"read_1={file}",
            ]
        )
        for number, file in enumerate(files)
    ]
    observations = [f"{folder}/run{number}.observations.parquet" for number in range(len(files))]
    count = [python, f"{HERE.parent}/counts/count.py", str(folder), "reads", "none", *observations]
    counted = run(count, folder / "count.log")
    return {
        "gz_mb": sum(file.stat().st_size for file in files) / 1e6,
        "extract_cpu_s": sum(usage.cpu_s for usage in extracted),
        "extract_wall_s": sum(usage.wall_s for usage in extracted),
        "extract_peak_mb": max(usage.peak_mb for usage in extracted),
        **{f"count_{name}": value for name, value in zip(Usage._fields, counted, strict=True)},
    }


def make(folder: Path, series: str, size: int, python: str) -> tuple[list[Path], int]:
    """Make the reads of one row; returns the files and how many reads they hold."""
    if series == "reads":
        path = folder / "reads.fastq.gz"
        run([python, f"{READS}/generate_reads.py", "--reads", str(size), "--level", "1", str(path)])
        return [path], size
    n_files, n_distinct = (size, MILLION) if series == "files" else (1, size)
    n_reads = max(16 * MILLION, n_distinct) // n_files
    files = [folder / f"reads{number}.fastq.gz" for number in range(n_files)]
    for number, file in enumerate(files):
        generate_distinct(file, n_reads, n_distinct, number * n_reads)
    return files, n_reads * n_files


def main() -> None:
    """Measure all sizes asked for and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the reads, one row at a time")
    parser.add_argument("--reads", type=int, nargs="*", default=[1, 4, 16, 64], help="millions (default 1 4 16 64)")
    parser.add_argument("--distinct", type=int, nargs="*", default=[5, 6, 7, 8], help="powers of 10 (default 5 6 7 8)")
    parser.add_argument("--files", type=int, nargs="*", default=[1, 4, 16], help="(default 1 4 16)")
    parser.add_argument("--python", default=sys.executable, help="the Python to run programs with")
    parser.add_argument("--output", type=Path, help="where to write the table (default: the terminal only)")
    options = parser.parse_args()
    sizes = [("reads", MILLION * size) for size in options.reads]
    sizes += [("distinct", 10**power) for power in options.distinct] + [("files", size) for size in options.files]
    rows = []
    for series, size in sizes:
        folder = options.folder / "row"
        folder.mkdir(parents=True)
        try:
            files, n_reads = make(folder, series, size, options.python)
            rows.append({"series": series, "size": size, "n_reads": n_reads, **measure(folder, files, options.python)})
        finally:
            shutil.rmtree(folder)
        print(rows[-1], flush=True)
    write_table(pd.DataFrame(rows).round(2), options.output)


if __name__ == "__main__":
    main()
