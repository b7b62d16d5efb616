"""Faults of one machine: the disk full, no way out to a network, another run in the folder, a scheduler of any kind."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from .conftest import Outcome, Project, offline
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


def test_every_fault_of_the_page_is_one_that_a_test_brings_about() -> None:
    folder = PAGE.parents[1] / "tests/workflow"
    tests = "".join((folder / f"test_{name}.py").read_text() for name in ("faults", "slurm", "grid_engine"))
    assert rows() and [fault for fault in rows() if f'"{fault}"' not in tests] == []
