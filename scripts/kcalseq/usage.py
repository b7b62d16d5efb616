"""What ran, how it ended, how long it took and with how much memory, from the logs of the steps.

Each job leaves a log, and beside it what Snakemake measured of it (``.usage.tsv``). Both lie outside the results, since
they differ each time.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

DONE, FAILED, UNFINISHED = "done", "failed", "unfinished"
_HEADER = ("step", "done", "failed", "unfinished", "wall s", "CPU s", "longest s", "peak MB", "most memory took")


class Usage(NamedTuple):
    """What one job took; NaN where it was too short to be measured.

    Attributes:
        wall_s: seconds from its start to its end.
        cpu_s: seconds of CPU time of all its processes.
        peak_mb: largest resident memory in MiB.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


class Job(NamedTuple):
    """One job: its step, what it worked on (empty where on everything), how it ended, what it took if it is done."""

    step: str
    of: str
    outcome: str
    usage: Usage | None


def read_jobs(folder: str | Path) -> list[Job]:
    """All jobs that left a log below a folder, in the order in which their steps first ended.

    A job that was killed, and one that is running, have logs without an end: they are unfinished.

    Args:
        folder: the folder of the logs; one that is missing holds no jobs.
    """
    logs = sorted(Path(folder).rglob("*.log"), key=lambda path: (path.stat().st_mtime, str(path)))
    return [job for path in logs if (job := _read_job(path)) is not None]


def format_jobs(jobs: Sequence[Job]) -> str:
    """A table with a row for each step, one for all of them, and the names of the jobs that are not done.

    Times are added up over jobs; ``peak MB`` is that of the largest job. What was not measured adds nothing.
    """
    if not jobs:
        return "Nothing has run yet."
    steps = dict.fromkeys(job.step for job in jobs)
    rows = [_HEADER, *(_row(step, [job for job in jobs if job.step == step]) for step in steps), _row("all", jobs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    lines = [_line(row, widths) for row in rows]
    lines += [f"{job.outcome}: {job.step} {job.of}".rstrip() for job in jobs if job.outcome != DONE]
    return "\n".join(lines)


def _read_job(log: Path) -> Job | None:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines or not lines[0].startswith("rule: "):
        return None
    step = lines[0].removeprefix("rule: ").split(",")[0]
    outcome = UNFINISHED
    if lines[-1].startswith("done: "):
        outcome = DONE
    elif any(line.startswith(("Error: ", "Unexpected error")) for line in lines):
        outcome = FAILED
    usage = _read_usage(log.with_suffix(".usage.tsv")) if outcome == DONE else None
    return Job(step, "" if log.stem == step else log.stem, outcome, usage)


def _read_usage(path: Path) -> Usage | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        row = next(csv.DictReader(lines, delimiter="\t"), {})
    return Usage(*(_number(row.get(column, "")) for column in ("s", "cpu_time", "max_rss")))


def _number(text: str) -> float:
    # Snakemake writes NA or - where a job ended before it was looked at.
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _row(name: str, jobs: Sequence[Job]) -> tuple[str, ...]:
    counts = [sum(job.outcome == outcome for job in jobs) for outcome in (DONE, FAILED, UNFINISHED)]
    measured = [(job, job.usage) for job in jobs if job.usage is not None]
    peak, largest = max(((usage.peak_mb, job) for job, usage in measured if usage.peak_mb >= 0), default=(0.0, None))
    return (
        name,
        *map(str, counts),
        f"{_total(usage.wall_s for _, usage in measured):.1f}",
        f"{_total(usage.cpu_s for _, usage in measured):.1f}",
        f"{max((usage.wall_s for _, usage in measured), default=0.0):.1f}",
        f"{peak:.0f}" if largest else "-",
        f"{largest.step} {largest.of}".strip() if largest else "-",
    )


def _total(seconds: Iterable[float]) -> float:
    return sum(second for second in seconds if second >= 0)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    middle = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
    return "  ".join([row[0].ljust(widths[0]), *middle, row[-1]])
