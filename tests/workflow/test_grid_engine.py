"""The workflow on a real Grid Engine, through the profile for schedulers without a plugin of their own."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from .beside import beside, wait_for
from .conftest import REPOSITORY, SNAKEMAKE, Project, copy_project, results
from .faultbook import seen
from .one_engine import missing, one_engine
from .one_node import called

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STATUS = "profiles/cluster/status.sh"
PROFILE = ("--workflow-profile", "profiles/cluster", "--seconds-between-status-checks=1", "--latency-wait=5")
ODD = "it's (odd); & * #ünï.tsv"
TOY = f"""
import os, sys
sys.path.insert(0, {str(REPOSITORY / "scripts")!r})
from kcalseq.planning.submitted import check_nothing_submitted
onstart:
    check_nothing_submitted(os.getcwd())
rule all:
    input: "late.txt", "hungry.txt", "wrong.txt"
rule late:
    output: "late.txt"
    resources: runtime=lambda wildcards, attempt: 2 if attempt == 1 else 60
    shell: "[[ {{resources.runtime}} -gt 2 ]] || sleep 300; echo {{resources.runtime}} > {{output}}"
rule hungry:
    output: "hungry.txt"
    log: "hungry.log"
    script: "hungry.py"
rule wrong:
    input: "{ODD}"
    output: "wrong.txt"
    log: "wrong.log"
    script: "wrong.py"
rule long:
    output: "long.txt"
    shell: "sleep 300"
"""
STEP = f"""
import sys
sys.path.insert(0, {str(REPOSITORY / "scripts")!r})
from kcalseq.errors import KcalseqError
from kcalseq.step import job
with job(snakemake):
"""
HUNGRY = """
    bytes(3_000_000_000)
    with open(snakemake.output[0], "w") as file:
        file.write(str(snakemake.resources.mem_mb))
"""
WRONG = """
    raise KcalseqError(snakemake.input[0], "nothing", "something", "write something")
"""


@pytest.fixture(scope="module", autouse=True)
def cluster(tmp_path_factory: pytest.TempPathFactory, missing_tool: Callable[[str], NoReturn]) -> Iterator[None]:
    """Grid Engine on this machine while the tests of this file run."""
    if reason := missing():
        missing_tool(reason)
    with one_engine(tmp_path_factory.mktemp("grid_engine")):
        yield


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A workflow of small faults, with the profile of clusters, whose hours are seconds."""
    (tmp_path / "profiles/cluster").mkdir(parents=True)
    profile = (REPOSITORY / "profiles/cluster/config.yaml").read_text()
    assert "{resources.runtime} * 60" in profile
    quick = profile.replace("{resources.runtime} * 60", "{resources.runtime} * 5")
    (tmp_path / "profiles/cluster/config.yaml").write_text(quick)
    (tmp_path / STATUS).symlink_to(REPOSITORY / STATUS)
    for name, text in (("Snakefile", TOY), ("hungry.py", STEP + HUNGRY), ("wrong.py", STEP + WRONG), (ODD, "")):
        (tmp_path / name).write_text(text)
    return tmp_path


def asked_for(rule: str) -> list[str]:
    """Memory and time that each ended job of a rule asked for, in order of submission."""
    found = []
    for record in called(["qacct", "-j", f"kcalseq_{rule}"]).split("=" * 62):
        found += re.findall(r"-l h_rt=(\d+),h_vmem=(\S+)", record)
    return [f"{memory} {seconds}" for seconds, memory in found]


def test_results_are_the_bytes_of_one_machine(finished: Project, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    outcome = project.snakemake(*PROFILE, "--", "results/libraries/lac/variants.parquet")
    assert outcome.code == 0, outcome.text[-3000:]
    found, expected = results(project.root), results(finished.root)
    assert len(found) > 4 and found == {name: expected[name] for name in found}
    assert asked_for("extract_reads") == ["4000M 3600", "4000M 3600"]
    assert asked_for("assign_variants") == ["2000M 3600"]


def test_jobs_that_fail_are_submitted_again_with_twice_as_much(toy: Path) -> None:
    """One past its time, one past its memory, and one whose input is wrong, side by side."""
    outcome = Project(toy).snakemake(*PROFILE)
    assert outcome.code != 0 and not (toy / "wrong.txt").exists()
    assert (toy / "late.txt").read_text() == "60\n" and (toy / "hungry.txt").read_text() == "4000"
    assert asked_for("late") == ["2000M 10", "4000M 300"]
    assert asked_for("hungry") == ["2000M 300", "4000M 600"]
    assert asked_for("wrong") == ["2000M 300", "4000M 600", "8000M 1200"]
    late, short = "qmaster enforced h_rt, h_cpu, or h_vmem limit", "step hungry: the memory did not suffice"
    for said in (late, short, f"{ODD}: nothing; expected something. Remedy: write something"):
        assert said in outcome.text, outcome.text[-5000:]
    again = "submitted again with twice the {}, and done"
    seen("time limit of a job hit, on Grid Engine", late, again.format("time"))
    seen("job short of memory, on Grid Engine", short.replace("hungry", "..."), again.format("memory"))
    seen("job fails, on Grid Engine", "the step's own message", "submitted twice more with twice the memory")


def test_jobs_go_on_when_snakemake_is_killed_and_end_when_it_is_interrupted(toy: Path) -> None:
    command = [*SNAKEMAKE, *PROFILE, "long.txt"]
    with beside(command, toy) as first:
        wait_for(lambda: "kcalseq_long" in called(["qstat", "-r", "-s", "r"]), "the job", "qstat")
        first.send_signal(signal.SIGKILL)
    assert Project(toy).snakemake(*PROFILE, "--unlock").code == 0
    early = Project(toy).snakemake(*PROFILE, "long.txt")
    told, (left,) = "1 jobs of an earlier run are still on the cluster", queued()
    assert early.code != 0 and told in early.text and f"qdel {left}" in early.text, early.text
    called(["qdel", left])
    wait_for(lambda: not queued(), "the end of the job", "qstat")
    with beside(command, toy) as second:
        # While it hands a job over Snakemake overhears an interruption; a person would press once more.
        wait_for(lambda: "Submitted job" in (toy / "said").read_text(), "word of the submission", "qstat")
        wait_for(lambda: "kcalseq_long" in called(["qstat", "-r", "-s", "r"]), "the job", "qstat")
        second.send_signal(signal.SIGINT)
        assert second.wait(timeout=120) != 0
    wait_for(lambda: not queued(), "the end of the job", "qstat")
    said = "Terminating processes on user request"
    assert said in (toy / "said").read_text()
    seen("kill -9 of Snakemake while its job runs, on Grid Engine", told, "refused until the job has ended")
    seen("Ctrl-C, on Grid Engine", said, "its jobs are ended")


def queued() -> list[str]:
    return [line.split()[0] for line in called(["qstat"]).splitlines()[2:]]


def test_what_cannot_run_is_told_and_what_may_run_is_waited_for(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(number: str) -> tuple[str, str]:
        done = subprocess.run([STATUS, number], cwd=toy, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.strip(), done.stderr

    (toy / ".snakemake/cluster_logs").mkdir(parents=True)
    # For want of a folder; Grid Engine keeps such a job in the queue for ever.
    job = called(["qsub", "-terse", "-b", "y", "-o", "/nowhere/log", "true"])
    wait_for(lambda: "Eqw" in called(["qstat"]), "the state of error", "qstat")
    state, reason = status(job)
    assert state == "failed" and 'can\'t open output file "/nowhere/log"' in reason
    wait_for(lambda: not queued(), "the end of the job", "qstat")
    # Of more memory than any node has.
    most = ["qsub", "-terse", "-w", "e", "-b", "y", "-l", "h_vmem=65G", "true"]
    refused = subprocess.run(most, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0 and "no suitable queues" in refused.stderr
    # Known to nobody: between queue and accounting for some time, and gone after that.
    assert status("999999") == ("running", "")
    gone = toy / ".snakemake/cluster_logs/999999.gone"
    os.utime(gone, (time.time() - 200,) * 2)
    assert status("999999")[0] == "failed"
    monkeypatch.setenv("SGE_QMASTER_PORT", "1")
    assert status("1") == ("running", "")
