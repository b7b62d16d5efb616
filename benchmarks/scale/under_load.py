"""The demo again and again with more jobs than cores: whether each time gives the same bytes.

Each time begins with nothing and does what `make demo` does, the first week's counts and then all, eight jobs at a
time. Results are compared by their checksums with those of the first time, but for what holds measured times:
`fit_timing.tsv`, the page, which shows them, and their rows of `summary.tsv`.

    PYTHONPATH=scripts:benchmarks/harness python benchmarks/scale/under_load.py --folder /tmp/load \
        --output benchmarks/scale/under_load.tsv
"""

import argparse
import shutil
import sys
from pathlib import Path

import pandas as pd
from timing import run, write_table

from kcalseq.checksums import sha256_of
from kcalseq.wholefile import write_text

REPOSITORY = Path(__file__).resolve().parents[2]
_TIMED = {"fit_timing.tsv", "report.html"}


def prepare(folder: Path) -> None:
    """Lay out the example as the checkout has it; the code stays where it is."""
    for name in ("config", "resources"):
        shutil.copytree(REPOSITORY / name, folder / name)
    lines = (folder / "config/runs.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    write_text("".join(line for line in lines if not line.startswith("lac_run2\t")), folder / "first_week.tsv")


def digests(results: Path) -> dict[str, str]:
    """Checksum of every result, measured times left out."""
    summary = results / "summary.tsv"
    lines = summary.read_text(encoding="utf-8").splitlines(keepends=True)
    write_text("".join(line for line in lines if "fit_cpu_seconds" not in line), summary)
    paths = [path for path in sorted(results.rglob("*")) if path.is_file() and path.name not in _TIMED]
    return {str(path.relative_to(results)): sha256_of(path) for path in paths}


def demo(folder: Path, jobs: int) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of the second week, after the first."""
    for name in ("results", "logs", ".snakemake"):
        shutil.rmtree(folder / name, ignore_errors=True)
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(REPOSITORY / "Snakefile"), "-d", str(folder)]
    how = ["--cores", str(jobs), "-q", "all"]
    run([*snakemake, *how, "--config", "runs=first_week.tsv", "--", "counts"])
    return run([*snakemake, *how])


def main() -> None:
    """Repeat, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to work")
    parser.add_argument("--output", type=Path, help="table to write")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=8, help="jobs at a time")
    args = parser.parse_args()
    folder = args.folder / "project"
    shutil.rmtree(folder, ignore_errors=True)
    prepare(folder)
    first: dict[str, str] = {}
    rows = []
    for number in range(1, args.times + 1):
        cpu_s, wall_s, _ = demo(folder, args.jobs)
        found = digests(folder / "results")
        first = first or found
        other = sorted(name for name in first.keys() | found.keys() if first.get(name) != found.get(name))
        rows.append((number, args.jobs, round(cpu_s), round(wall_s), len(found), len(other), " ".join(other) or "none"))
        print(*rows[-1], sep="\t", flush=True)
    columns = ["time", "jobs", "cpu_s", "wall_s", "files", "files_that_differ", "which"]
    write_table(pd.DataFrame(rows, columns=columns), args.output)


if __name__ == "__main__":
    main()
