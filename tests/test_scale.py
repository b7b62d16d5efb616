"""The plan for a thousand libraries is what its program computes, and keeps the laws of schedules."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCALE = Path(__file__).resolve().parents[1] / "benchmarks/scale"


@pytest.fixture(scope="module")
def plan() -> ModuleType:
    specification = importlib.util.spec_from_file_location("scale_plan", SCALE / "plan.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["scale_plan"] = module
    specification.loader.exec_module(module)
    return module


def test_the_table_is_what_the_program_computes(plan: ModuleType) -> None:
    rows = ["\t".join(row) for row in plan.table(plan.Project())]
    held = (SCALE / "plan.tsv").read_text(encoding="utf-8").splitlines()
    assert held[: len(rows)] == rows
    page = (SCALE.parents[1] / "docs/large.md").read_text(encoding="utf-8")
    assert [row for row in rows[1:] if f"| {' | '.join(row.split(chr(9)))} |" not in page] == []


@pytest.mark.parametrize("cores", [1, 7, 64])
def test_no_schedule_beats_its_bounds(plan: ModuleType, cores: int) -> None:
    """The longest chain and the work itself from below, their sum from above (Graham 1966)."""
    jobs, n = plan.jobs_of_library(plan.Project(libraries=20)), 20
    work_h = n * sum(job.cpu_s for job in jobs) / cores / 3600
    chain_h = max(chain_s(jobs, job) for job in jobs) / 3600
    hours = plan.makespan_h(jobs, n, cores)
    assert max(work_h, chain_h) <= hours * (1 + 1e-9)
    assert hours <= (work_h + chain_h) * (1 + 1e-9)


def chain_s(jobs: list[Any], job: Any) -> float:
    """Seconds of the longest chain of jobs that ends in one."""
    before = [chain_s(jobs, one) for one in jobs if one.step in job.after]
    return float(job.cpu_s + max(before, default=0.0))


def test_twice_the_reads_are_twice_the_bytes(plan: ModuleType) -> None:
    one, two = (plan.jobs_of_library(plan.Project(reads=reads)) for reads in (25e9, 50e9))
    fastq = [sum(job.read for job in jobs if job.step == "extract_reads") for jobs in (one, two)]
    assert fastq[1] == pytest.approx(2 * fastq[0])
