"""What 25 billion reads of a thousand libraries would cost: a simulation from costs that were measured.

Every constant names the table that it comes from; what is assumed of the experiment stands in ``Project``. Jobs are
those of the rules, run on so many cores in the order in which they get ready.

PYTHONPATH=benchmarks/scale python benchmarks/scale/plan.py --output benchmarks/scale/plan.tsv
"""

import argparse
import heapq
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# CPU seconds of any job before its own work (scaling/results.tsv: 4 million reads take 2.8 s, 2 of which are none of
# their own), and of the two Snakemakes that each submission to a cluster starts (dag.tsv, 100 touch jobs and less).
START_S, SUBMIT_S = 2.0, 4.0
# Extraction: scaling/results.tsv, 16 to 64 million reads, and counts/results.tsv for UMIs; asked.tsv, 5 million pairs.
READ_S, PAIR_S = 1.0e-6, 4.8e-6
MAP_PAIR_S, MAP_MB, MAP_ROW_MB = 6.4e-6, 660.0, 4.2e-4
# sha256 of 1 GB: 0.56 s. Compressed bytes a read: scaling/results.tsv (75 nt), twice for pairs with an index read.
SHA256_S, GZ_READ, GZ_PAIR = 0.56e-9, 77.0, 230.0
# Counting: asked.tsv, 15 million molecules of 500,000 barcodes, and 5 million barcodes without UMIs, six samples each.
# Molecules are held up to the memory_mb of the configuration. Bytes of a row of observations: of the same.
KEY_S, KEY_MB, MOST_KEYS_MB, SUM_S, SUM_MB, ROW, MAP_ROW = 1.4e-6, 1.68e-4, 2000.0, 8e-7, 9e-5, 7.8, 47.6
# Activities: asked.tsv, a million barcodes of six samples. Footprints: asked.tsv, the lac promoter, 100,000 variants.
BARCODE_S, FOOTPRINT_S = 1.1e-5, 15.3
# Fits: counts_models.tsv, 37 to 69 s a start for the TERT promoter; four starts, and intervals as long as one.
FIT_S, FIT_MB = 5 * 60.0, 1500.0
FIGURE_S, SMALL_MB = 1.5, 300.0


@dataclass(frozen=True)
class Project:
    """What is assumed.

    A fifth of the reads are association pairs, the rest DNA and RNA of three replicates with UMIs, so many molecules a
    barcode and sample.
    """

    libraries: int = 1000
    reads: float = 25e9
    barcodes: float = 1e8
    variants: float = 1e6
    samples: int = 6
    molecules: float = 20.0
    association: float = 0.2


class Job(NamedTuple):
    """One job of a library: CPU seconds, memory in MB, bytes read and written, and the steps before it."""

    step: str
    cpu_s: float
    memory_mb: float
    read: float
    written: float
    after: tuple[str, ...] = ()


def jobs_of_library(project: Project) -> list[Job]:
    """The jobs of one library, those of its runs in parallel."""
    n = project.libraries
    pairs = project.reads * project.association / n
    reads = project.reads * (1 - project.association) / n / project.samples
    barcodes = project.barcodes / n
    keys = min(reads, barcodes * project.molecules)
    gz_pairs, gz_reads = pairs * GZ_PAIR, reads * GZ_READ
    rows, map_rows = keys * ROW, min(pairs, 10 * barcodes) * MAP_ROW
    all_keys, table = keys * project.samples, barcodes * project.samples * ROW
    hashed = SHA256_S * gz_reads
    counted = [
        Job("extract_reads", START_S + READ_S * reads + hashed, 500, gz_reads, rows) for _ in range(project.samples)
    ]
    sums = barcodes * project.samples
    map_cpu, map_mb = START_S + MAP_PAIR_S * pairs, MAP_MB + MAP_ROW_MB * min(pairs, 10 * barcodes)
    small = [("plot", 7, FIGURE_S), ("check and judge", 3, 1.0)]
    return [
        Job("extract_reads", START_S + PAIR_S * pairs + SHA256_S * gz_pairs, 2000, gz_pairs, map_rows),
        *counted,
        Job("map_barcodes", map_cpu, map_mb, map_rows, 3 * barcodes * MAP_ROW, ("extract_reads",)),
        Job(
            "count_barcodes",
            START_S + KEY_S * all_keys,
            SMALL_MB + SUM_MB * sums + min(MOST_KEYS_MB, KEY_MB * all_keys),
            rows * project.samples,
            table,
            ("map_barcodes", "extract_reads"),
        ),
        Job("count_variants", START_S + SUM_S * sums, SMALL_MB, table, table / 10, ("count_barcodes",)),
        Job("measure_log_ratios", START_S + BARCODE_S * barcodes, 800, table, table, ("count_barcodes",)),
        Job("call_sites", START_S + FOOTPRINT_S, 500, table / 10, 1e5, ("count_variants",)),
        Job("fit_model", START_S + FIT_S, FIT_MB, table, 1e6, ("count_barcodes",)),
        *(
            Job(name, START_S + own, SMALL_MB, table / 10, 2e5, ("measure_log_ratios", "call_sites", "fit_model"))
            for name, count, own in small
            for _ in range(count)
        ),
    ]


def makespan_h(jobs: list[Job], libraries: int, cores: int) -> float:
    """Hours until all libraries are done on so many cores, each job on one, in the order in which they get ready."""
    left = [Counter(job.step for job in jobs) for _ in range(libraries)]
    begun = [set(_ready(jobs, counts, set())) for counts in left]
    waiting = [(0.0, library, number) for library, numbers in enumerate(begun) for number in numbers]
    heapq.heapify(waiting)
    running: list[tuple[float, int, int]] = []
    now, free = 0.0, cores
    while waiting or running:
        while waiting and free:
            _, library, number = heapq.heappop(waiting)
            heapq.heappush(running, (now + jobs[number].cpu_s, library, number))
            free -= 1
        now, library, number = heapq.heappop(running)
        free += 1
        left[library][jobs[number].step] -= 1
        for ready in _ready(jobs, left[library], begun[library]):
            begun[library].add(ready)
            heapq.heappush(waiting, (now, library, ready))
    return now / 3600


def _ready(jobs: list[Job], left: Counter[str], begun: set[int]) -> list[int]:
    return [
        number for number, job in enumerate(jobs) if number not in begun and not any(left[step] for step in job.after)
    ]


def table(project: Project) -> list[tuple[str, ...]]:
    """One row a step: jobs, core-hours, memory of a job, bytes read and written; then all of them."""
    jobs, n = jobs_of_library(project), project.libraries
    steps = dict.fromkeys(job.step for job in jobs)
    rows = [("step", "jobs", "core_hours", "memory_gb_a_job", "read_tb", "written_tb")]
    for name in [*steps, "all"]:
        own = [job for job in jobs if name in (job.step, "all")]
        numbers = (
            sum(job.cpu_s for job in own) * n / 3600,
            max(job.memory_mb for job in own) / 1000,
            sum(job.read for job in own) * n / 1e12,
            sum(job.written for job in own) * n / 1e12,
        )
        rows.append((name, str(len(own) * n), *(f"{number:.3g}" for number in numbers)))
    return rows


def main() -> None:
    """Print the plan, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="table to write")
    options = parser.parse_args()
    project = Project()
    rows = table(project)
    for name, submissions in (
        ("each job submitted", int(rows[-1][1])),
        ("two groups a library", 2 * project.libraries),
    ):
        rows.append((f"Snakemake, {name}", str(submissions), f"{submissions * SUBMIT_S / 3600:.3g}", "", "", ""))
    for cores in (64, 256, 1024):
        hours = makespan_h(jobs_of_library(project), project.libraries, cores)
        rows.append((f"hours on {cores} cores", "", f"{hours:.3g}", "", "", ""))
    text = "\n".join("\t".join(row) for row in rows) + "\n"
    print(text, end="")
    if options.output:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
