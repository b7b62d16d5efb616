"""Jobs that an earlier run left on the cluster: they go on when Snakemake is killed, and would be submitted twice."""

import re
import shutil
import subprocess

from kcalseq.errors import KcalseqError

# Snakemake names all jobs of a run by one random identifier.
_RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_S = 60


def check_nothing_submitted(folder: str) -> None:
    """Ask SLURM, where there is one, whether jobs of an earlier run in this folder wait or run.

    Args:
        folder: in which Snakemake was started, absolute.

    Raises:
        KcalseqError: there are some.
    """
    jobs = left_jobs(_queue(), folder)
    if not jobs:
        return
    numbers = " ".join(jobs)
    told = ", ".join(f"{number} ({what})" for number, what in list(jobs.items())[:5])
    raise KcalseqError(
        folder,
        f"{len(jobs)} jobs of an earlier run are still on the cluster: {told}{', ...' if len(jobs) > 5 else ''}",
        "none, or steps would be done twice at the same time",
        f"wait until they have ended, or end them with 'scancel {numbers}'; then start again",
    )


def left_jobs(queue: str, folder: str) -> dict[str, str]:
    """Jobs of Snakemake in a folder, by number, each with its state and rule.

    Args:
        queue: lines ``number|name|state|comment|folder``.
        folder: whose jobs are wanted.

    >>> line = "12|7b7a1a2e-0a0b-4c5d-8e9f-001122334455|RUNNING|rule_fit_model_wildcards_lac|/data/lac"
    >>> left_jobs(line, "/data/lac")
    {'12': 'running, rule_fit_model_wildcards_lac'}
    >>> left_jobs(line, "/data/other")
    {}
    """
    found = {}
    for line in queue.splitlines():
        number, name, state, rest = [*line.split("|", 3), "", "", ""][:4]
        # Neither a comment nor the name of a folder is free of bars.
        if _RUN_ID.search(name) and rest.endswith(f"|{folder}"):
            found[number] = f"{state.lower()}, {rest.removesuffix(f'|{folder}')}"
    return found


def _queue() -> str:
    if shutil.which("squeue") is None:
        return ""
    command = ["squeue", "--me", "--noheader", "--format=%i|%j|%T|%k|%Z"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=True)
    except (OSError, subprocess.SubprocessError):
        # Without an answer nothing can be said; a step that is being done refuses a second one by itself.
        return ""
    return done.stdout
