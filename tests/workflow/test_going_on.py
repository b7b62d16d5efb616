"""A fit whose job was killed goes on when Snakemake is started again, and ends with the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Project

pytestmark = pytest.mark.slow

MODEL = Path("results/libraries/lac/models/lac_thermodynamic")
MEASURED = "fit_timing.tsv"


def kill_at_the_first_checkpoint(project: Project, target: str) -> None:
    """Start Snakemake, and kill it and its jobs as soon as a file of the fit's checkpoint is there."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "1", target]
    with subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not list((project.root / MODEL).glob("fit.checkpoint/*.safetensors")):
            assert process.poll() is None, "the fit ended without a checkpoint"
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)


def test_a_killed_job_goes_on_with_the_same_bytes(project: Project, finished: Project) -> None:
    target = str(MODEL / "fit.json")
    assert project.snakemake("--cores", "1", "counts").code == 0
    kill_at_the_first_checkpoint(project, target)
    assert not (project.root / target).exists()
    assert "cannot be locked" in project.snakemake("--cores", "1", target).text
    assert project.snakemake("--unlock").code == 0
    outcome = project.snakemake("--cores", "1", "--rerun-incomplete", target)
    assert outcome.code == 0, outcome.text[-3000:]
    log = (project.root / "logs/fit_model/lac.lac_thermodynamic.log").read_text(encoding="utf-8")
    assert "goes on from the checkpoint: start 0 after " in log
    made = {path.name for path in (project.root / MODEL).iterdir()}
    assert {"fit.json", "weights.safetensors", "training_history.parquet"} <= made
    assert "fit.checkpoint" not in made
    for name in made - {MEASURED}:
        assert (project.root / MODEL / name).read_bytes() == (finished.root / MODEL / name).read_bytes(), name
