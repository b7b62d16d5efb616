"""Faults of one machine: the disk full, no way out to a network, another run in the folder, a scheduler of any kind."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from .conftest import REPOSITORY, Outcome, Project, offline
from .faultbook import PAGE, rows, seen
from .small_fit import FOLDER, write_small_fit

pytestmark = pytest.mark.slow

VARIANTS = f"{FOLDER}/variants.parquet"


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A folder with a library of values, of which nothing has been done."""
    write_small_fit(tmp_path)
    return Project(tmp_path)


def run(project: Project, *arguments: str) -> Outcome:
    return project.snakemake("--configfile", "config.yaml", "--cores", "1", *arguments)


def test_a_full_disk_is_told_and_gone_on_from(small: Project, missing_tool: Callable[[str], NoReturn]) -> None:
    if os.geteuid() != 0:
        missing_tool("only root can mount a small disk")
    results = small.root / "results"
    results.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "none", str(results)], check=True)
    try:
        outcome = run(small, VARIANTS)
        told = "the disk is full"
        assert outcome.code != 0 and "Traceback" not in outcome.text
        assert told in outcome.text, outcome.text[-3000:]
        assert not [path for path in results.rglob("*") if path.is_file()]
        subprocess.run(["mount", "-o", "remount,size=9m", str(results)], check=True)
        assert run(small, VARIANTS).code == 0
        made = {path.name: path.read_bytes() for path in (small.root / FOLDER).iterdir()}
    finally:
        subprocess.run(["umount", str(results)], check=True)
    assert run(small, VARIANTS).code == 0
    assert made == {path.name: path.read_bytes() for path in (small.root / FOLDER).iterdir()}
    seen("disk full", f"step ...: {told}", "no half file stays; with room the run goes on, to the same bytes")


def test_nothing_has_a_network_at_run_time() -> None:
    """Every Snakemake of these tests, and every process that it starts, is refused connections."""
    probe = [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))"]
    refused = subprocess.run(probe, env=offline(), capture_output=True, text=True, check=False)
    assert "OSError: a connection at run time" in refused.stderr


QSUB = """#!/bin/bash
# Stands for a scheduler: runs the job beside, and keeps how it ended by its number.
echo "$@" >> calls.txt
while (($# > 1)); do shift; done
number=$(($(ls ended | wc -l) + $(date +%s%N)))
(bash "$1" > /dev/null 2>&1; echo $? > "ended/$number") > /dev/null 2>&1 &
echo "$number"
"""
QSTAT = "#!/bin/bash\n[[ ! -e ended/$2 ]]\n"
QACCT = '#!/bin/bash\n[[ -e ended/$2 ]] && echo "failed       0" && echo "exit_status  $(cat "ended/$2")"\n'


def test_another_scheduler_runs_the_workflow_and_tells_of_its_failed_jobs(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small.root / "bin").mkdir()
    (small.root / "ended").mkdir()
    for name, text in (("qsub", QSUB), ("qstat", QSTAT), ("qacct", QACCT)):
        (small.root / "bin" / name).write_text(text)
        (small.root / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{small.root / 'bin'}:{os.environ['PATH']}")
    (small.root / "profiles").symlink_to(REPOSITORY / "profiles")
    odd = "it's (odd); & * #ünï.tsv"
    (small.root / "values.tsv").rename(small.root / odd)
    small.edit("config.yaml", "values: values.tsv", f'values: "{odd}"')
    quick = ("--workflow-profile", "profiles/cluster", "--seconds-between-status-checks", "1", "--latency-wait", "5")
    snakemake = ("--configfile", "config.yaml", *quick, "--", VARIANTS)
    assert small.snakemake(*snakemake).code == 0
    assert (small.root / VARIANTS).exists()
    call = (small.root / "calls.txt").read_text()
    assert "-N kcalseq_read_values -pe smp 1 -l h_vmem=2000M,h_rt=3600 " in call
    small.edit(odd, "\nAACU\t", "\nAANU\t")
    outcome = small.snakemake(*snakemake)
    assert outcome.code != 0 and "the letter 'N' in AANT" in outcome.text
    calls = (small.root / "calls.txt").read_text().splitlines()
    assert [line.split("h_vmem=")[1].split()[0] for line in calls[1:]] == [
        "2000M,h_rt=3600",
        "4000M,h_rt=7200",
        "8000M,h_rt=14400",
    ]
    seen("job fails on any other scheduler", "the step's own message", "submitted twice more with twice the memory")


def test_every_fault_of_the_page_is_one_that_a_test_brings_about() -> None:
    folder = PAGE.parents[1] / "tests/workflow"
    tests = (folder / "test_faults.py").read_text() + (folder / "test_slurm.py").read_text()
    assert rows() and [fault for fault in rows() if f'"{fault}"' not in tests] == []
