"""Whole processes side by side: CPU seconds, wall seconds and peak memory, interleaved so that a busy machine hits all.

CPU time and memory are those that the kernel keeps for the process and all its children that it waited for; memory is
that of the largest single process. A process begins as a copy of the one that starts it, and the kernel counts that
copy's memory: so a Python without packages starts them, and what takes less than its 10 MB is shown with those.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
_START_AND_WAIT = """
import json, os, subprocess, sys, time
with open(sys.argv[1], "wb") as log:
    start = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:], stdout=log, stderr=log)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([process.returncode, usage.ru_utime + usage.ru_stime, wall_s, usage.ru_maxrss / 1024]))
"""


class Usage(NamedTuple):
    """What one process took: CPU and wall seconds, peak memory in MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def run(command: Sequence[str] | str, log: Path | None = None) -> Usage:
    """Run a command, or a shell pipeline where it is a string, to its end.

    Args:
        command: what to run; `kcalseq` can be imported in it.
        log: where its output goes; None = nowhere.

    Raises:
        RuntimeError: it fails.
    """
    arguments = ["bash", "-c", command] if isinstance(command, str) else list(command)
    # As Snakemake sets it for a job of one thread, so that no linear algebra starts more.
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    environment = os.environ | threads | {"PYTHONPATH": str(REPOSITORY / "scripts"), "LC_ALL": "C"}
    starter = [sys.executable, "-I", "-S", "-c", _START_AND_WAIT, str(log or os.devnull), *arguments]
    told = subprocess.run(starter, env=environment, stdout=subprocess.PIPE, check=True).stdout
    status, *usage = json.loads(told)
    if status:
        raise RuntimeError(f"{arguments} ended with {status}; its output: {log}")
    return Usage(*usage)


def side_by_side(
    commands: Mapping[str, Sequence[str] | str], repeats: int, logs: Path, warm_up: Sequence[str] = ()
) -> pd.DataFrame:
    """Run all commands in turn, so many times over; one row a run: command, repeat, cpu_s, wall_s, peak_mb.

    Those that ``warm_up`` names run once before the clock does: loops are then compiled and kept, as they are in every
    run of a pipeline but the first.
    """
    for name in warm_up:
        run(commands[name], logs / f"{name}.log")
    rows = []
    for repeat in range(repeats):
        for name, command in commands.items():
            rows.append((name, repeat, *run(command, logs / f"{name}.log")))
            print(*rows[-1], sep="\t", flush=True)
    return pd.DataFrame(rows, columns=["command", "repeat", *Usage._fields])


def medians(runs: pd.DataFrame) -> pd.DataFrame:
    """The median of each number of each command, in the order in which they ran."""
    return runs.groupby("command", sort=False)[list(Usage._fields)].median()


def write_table(table: pd.DataFrame, path: Path | None) -> None:
    """Print a table and write it where asked."""
    text = table.to_csv(sep="\t", index=False, lineterminator="\n")
    print(text)
    if path is not None:
        path.write_text(text, encoding="utf-8")
