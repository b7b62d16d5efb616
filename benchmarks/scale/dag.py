"""What Snakemake itself costs: jobs that only touch a file, and the plan of many libraries in a dry run.

PYTHONPATH=scripts:benchmarks/harness:benchmarks/scale python benchmarks/scale/dag.py --folder /tmp/scale \
    --output benchmarks/scale/dag.tsv
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
from many_libraries import REPOSITORY, write_project
from timing import run, write_table

_TOUCH = """
rule all:
    input:
        expand("made/{{number}}", number=range({n_jobs})),


rule make:
    output:
        touch("made/{{number}}"),
"""


def touch_jobs(folder: Path, n_jobs: int, dry: bool) -> tuple[str, int, float, float, float]:
    """Plan so many jobs, and unless dry do them too, two at a time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "Snakefile").write_text(_TOUCH.format(n_jobs=n_jobs), encoding="utf-8")
    how = ["-n"] if dry else ["--cores", "2"]
    command = [sys.executable, "-m", "snakemake", "-d", str(folder), "-s", str(folder / "Snakefile"), "-q", "all", *how]
    return ("touch jobs, planned" if dry else "touch jobs, done", n_jobs, *run(command))


def libraries(folder: Path, n_libraries: int, snakefile: Path) -> tuple[str, int, float, float, float]:
    """Plan kcalseq's own jobs for so many libraries."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_project(folder, n_libraries)
    log = folder / "planned.log"
    command = [sys.executable, "-m", "snakemake", "-d", str(folder), "-s", str(snakefile), "-n", "-q", "rules"]
    usage = run(command, log)
    (n_jobs,) = set(re.findall(r"^total +(\d+)$", log.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return (f"kcalseq, {n_libraries} libraries, planned", int(n_jobs), *usage)


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to work")
    parser.add_argument("--output", type=Path, help="table to write")
    parser.add_argument(
        "--snakefile", type=Path, default=REPOSITORY / "Snakefile", help="of another version of kcalseq"
    )
    parser.add_argument("--libraries", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--planned", type=int, nargs="*", default=[1000, 10_000, 100_000], help="touch jobs to plan")
    parser.add_argument("--done", type=int, nargs="*", default=[100, 1000, 10_000], help="touch jobs to do")
    options = parser.parse_args()
    rows = [libraries(options.folder / "libraries", n, options.snakefile) for n in options.libraries]
    rows += [touch_jobs(options.folder / "touch", n, dry=True) for n in options.planned]
    rows += [touch_jobs(options.folder / "touch", n, dry=False) for n in options.done]
    table = pd.DataFrame(rows, columns=["what", "jobs", "cpu_s", "wall_s", "peak_mb"])
    table["cpu_ms_a_job"] = 1000 * table["cpu_s"] / table["jobs"]
    write_table(table.round({"cpu_s": 1, "wall_s": 1, "peak_mb": 0, "cpu_ms_a_job": 1}), options.output)


if __name__ == "__main__":
    main()
