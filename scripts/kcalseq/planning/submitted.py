"""Jobs that an earlier run left on the cluster: they go on when Snakemake is killed, and would be submitted twice."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from kcalseq.errors import KcalseqError

# Snakemake names all jobs of a run on SLURM by one random identifier.
_RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_S = 60


@dataclass(frozen=True)
class _Scheduler:
    """How one kind of scheduler is asked for its jobs, how its answer is read, and what ends a job."""

    ask: tuple[str, ...]
    read: Callable[[str, str], dict[str, str]]
    end: str


def check_nothing_submitted(folder: str) -> None:
    """Ask SLURM and Grid Engine, where there is one, whether jobs of an earlier run in this folder wait or run.

    Args:
        folder: in which Snakemake was started, absolute.

    Raises:
        KcalseqError: there are some.
    """
    for scheduler in _SCHEDULERS:
        jobs = scheduler.read(_said(scheduler.ask), folder)
        if not jobs:
            continue
        numbers = " ".join(jobs)
        told = ", ".join(f"{number} ({what})" for number, what in list(jobs.items())[:5])
        raise KcalseqError(
            folder,
            f"{len(jobs)} jobs of an earlier run are still on the cluster: {told}{', ...' if len(jobs) > 5 else ''}",
            "none, or steps would be done twice at the same time",
            f"wait until they have ended, or end them with '{scheduler.end} {numbers}'; then start again",
        )


def left_on_slurm(queue: str, folder: str) -> dict[str, str]:
    """Jobs of Snakemake in a folder, by number, each with its state and rule.

    Args:
        queue: lines ``number|name|state|comment|folder``.
        folder: whose jobs are wanted.

    >>> line = "12|7b7a1a2e-0a0b-4c5d-8e9f-001122334455|RUNNING|rule_fit_model_wildcards_lac|/data/lac"
    >>> left_on_slurm(line, "/data/lac")
    {'12': 'running, rule_fit_model_wildcards_lac'}
    >>> left_on_slurm(line, "/data/other")
    {}
    """
    found = {}
    for line in queue.splitlines():
        number, name, state, rest = [*line.split("|", 3), "", "", ""][:4]
        # Neither a comment nor the name of a folder is free of bars.
        if _RUN_ID.search(name) and rest.endswith(f"|{folder}"):
            found[number] = f"{state.lower()}, {rest.removesuffix(f'|{folder}')}"
    return found


def left_on_grid_engine(told: str, folder: str) -> dict[str, str]:
    r"""Jobs in a folder, by number, each with its name, which tells the rule.

    Args:
        told: what ``qstat -j`` says of all jobs whose names begin as those of the profile do.
        folder: whose jobs are wanted.

    >>> left_on_grid_engine("job_number:  7\ncwd:  /data/lac\njob_name:  kcalseq_fit_model\n", "/data/lac")
    {'7': 'kcalseq_fit_model'}
    """
    found = {}
    for job in re.split(r"^=+$", told, flags=re.MULTILINE):
        said = dict(re.findall(r"^(job_number|cwd|job_name): +(.*)$", job, flags=re.MULTILINE))
        if said.get("cwd") == folder:
            found[said["job_number"]] = said["job_name"]
    return found


def _said(command: tuple[str, ...]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=True)
    except (OSError, subprocess.SubprocessError):
        # Without an answer nothing can be said; a step that is being done refuses a second one by itself.
        return ""
    return done.stdout


_SCHEDULERS = (
    _Scheduler(("squeue", "--me", "--noheader", "--format=%i|%j|%T|%k|%Z"), left_on_slurm, "scancel"),
    _Scheduler(("qstat", "-j", "kcalseq_*"), left_on_grid_engine, "qdel"),
)
