"""Jobs that an earlier run left on the cluster are seen before any is submitted again."""

import stat
from pathlib import Path

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.planning.submitted import check_nothing_submitted, left_on_grid_engine, left_on_slurm

ENVIRONMENT = "HOME=/root,cwd: /data/lac"
RUN = "7b7a1a2e-0a0b-4c5d-8e9f-001122334455"


def test_only_jobs_of_snakemake_in_this_folder_count() -> None:
    lines = [
        f"1|{RUN}|RUNNING|rule_fit_model_wildcards_lac|/data/lac",
        f"2_7|kcalseq_{RUN}|PENDING|rule_a|b|/data/lac",
        f"3|{RUN}|RUNNING|rule_a|/data/lac2",
        f"4|{RUN}|RUNNING|rule_a|/more/data/lac",
        "5|snakemake.sh|RUNNING|(null)|/data/lac",
        "slurm_load_jobs error",
        "",
    ]
    found = left_on_slurm("\n".join(lines), "/data/lac")
    assert found == {"1": "running, rule_fit_model_wildcards_lac", "2_7": "pending, rule_a|b"}


def test_grid_engine_tells_its_jobs_in_blocks() -> None:
    blocks = [
        f"job_number:   {number}\n{folder}job_name:     kcalseq_a\nenv_list:     {ENVIRONMENT}\n"
        for number, folder in ((3, "cwd:   /data/lac\n"), (4, "cwd:   /data/lac2\n"), (5, ""))
    ]
    told = "".join(f"{'=' * 62}\n{block}" for block in blocks)
    assert left_on_grid_engine(told, "/data/lac") == {"3": "kcalseq_a"}
    assert left_on_grid_engine("Following jobs do not exist: \nkcalseq_*\n", "/data/lac") == {}


@pytest.fixture
def squeue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands for SLURM's, to be written by the test."""
    path = tmp_path / "bin" / "squeue"
    path.parent.mkdir()
    path.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    return path


def test_jobs_left_on_the_cluster_are_named_with_what_to_do(squeue: Path) -> None:
    lines = "".join(f"echo '{number}|{RUN}|RUNNING|rule_a|/data/lac'\n" for number in range(11, 18))
    squeue.write_text(f"#!/bin/sh\n{lines}")
    with pytest.raises(KcalseqError) as told:
        check_nothing_submitted("/data/lac")
    message = str(told.value)
    assert message.startswith("/data/lac: 7 jobs of an earlier run are still on the cluster: 11 (running, rule_a), ")
    assert "end them with 'scancel 11 12 13 14 15 16 17'; then start again" in message
    check_nothing_submitted("/data/other")


def test_a_cluster_that_does_not_answer_stops_nobody(squeue: Path) -> None:
    asked = squeue.with_name("asked")
    squeue.write_text(f"#!/bin/sh\ntouch {asked}\necho 'slurm_load_jobs error' >&2\nexit 1\n")
    check_nothing_submitted("/data/lac")
    assert asked.exists()
    squeue.chmod(stat.S_IRUSR)
    check_nothing_submitted("/data/lac")
