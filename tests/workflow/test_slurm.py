"""The workflow on a real SLURM: the bytes of one machine, and faults of jobs, nodes and people survived."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock

from .beside import beside, wait_for
from .conftest import REPOSITORY, SNAKEMAKE, Outcome, Project, copy_project, results
from .faultbook import seen
from .one_node import called, missing, one_node
from .small_fit import FOLDER, write_small_fit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# A test machine answers at once; without accounting only the queue can be asked.
IMPATIENT = (
    "--slurm-status-command=squeue",
    "--slurm-init-seconds-before-status-checks=2",
    "--latency-wait=5",
)
COMMAND = [
    *(*SNAKEMAKE, "--snakefile", str(REPOSITORY / "Snakefile")),
    *("--workflow-profile", str(REPOSITORY / "profiles/slurm"), *IMPATIENT),
]
FIT = f"{FOLDER}/models/model/fit.json"
LOG = Path("logs/fit_model/splicing.model.log")
AS_ONE_MACHINE = "ends with the bytes of one machine"


@pytest.fixture(scope="module", autouse=True)
def cluster(tmp_path_factory: pytest.TempPathFactory, missing_tool: Callable[[str], NoReturn]) -> Iterator[None]:
    """SLURM on this machine while the tests of this file run."""
    with FileLock(f"{tempfile.gettempdir()}/kcalseq-slurm.lock"):
        if reason := missing():
            missing_tool(reason)
        with one_node(tmp_path_factory.mktemp("slurm")):
            yield


@pytest.fixture(scope="module")
def one_machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small fit, made without a cluster."""
    folder = tmp_path_factory.mktemp("one_machine")
    write_small_fit(folder)
    outcome = Project(folder).snakemake("--configfile", "config.yaml", "--cores", "2", FIT)
    assert outcome.code == 0, outcome.text[-3000:]
    return folder


def submit(root: Path, *arguments: str) -> Outcome:
    """Run Snakemake with the profile for SLURM to its end."""
    done = subprocess.run([*COMMAND, *arguments], cwd=root, capture_output=True, text=True, timeout=1200, check=False)
    return Outcome(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with the small fit, whose table has been read."""
    write_small_fit(tmp_path)
    outcome = Project(tmp_path).snakemake("--configfile", "config.yaml", "--cores", "1", f"{FOLDER}/variants.parquet")
    assert outcome.code == 0, outcome.text[-3000:]
    return tmp_path


def step_process(root: Path) -> int:
    """Number of the process that does the fit, stopped in the middle of it."""
    log = root / LOG

    def begun() -> bool:
        return log.exists() and "params: " in log.read_text()

    wait_for(begun, "the beginning of the fit")
    process = int(re.findall(r"as process (\d+)", log.read_text())[0])
    os.kill(process, signal.SIGSTOP)
    assert not (root / FIT).exists(), "the fit was over before it could be stopped"
    return process


def jobs() -> list[str]:
    return called(["squeue", "--noheader", "--format=%i"]).split()


@pytest.mark.timeout(1500)
def test_results_are_the_bytes_of_one_machine(finished: Project, tmp_path: Path) -> None:
    """Both examples, from reads to the report, through the profile as it is; fits ask for the GPU."""
    project = copy_project(tmp_path / "project")
    outcome = submit(project.root, "--group-components", "reads=8", "small=20", "figures=20")
    assert outcome.code == 0, outcome.text[-3000:]
    found, expected = results(project.root), results(finished.root)
    assert len(found) > 200
    assert [name for name in sorted(found.keys() | expected.keys()) if found.get(name) != expected.get(name)] == []
    # Of the 53 jobs the eight that read share one submission, and small ones share some: how many depends on the hour.
    assert len(re.findall("has been submitted with SLURM jobid", outcome.text)) < 30
    completed = called(["scontrol", "show", "job"]).split("\n\n")
    fits = [job for job in completed if "Comment=rule_fit_model" in job]
    assert len(fits) == 2
    assert all("TresPerJob=gres:gpu:1" in fit and "Partition=gpu" in fit for fit in fits)


def test_a_job_short_of_memory_gets_twice_as_much(tmp_path: Path) -> None:
    script = f"""
import resource, sys
sys.path.insert(0, {str(REPOSITORY / "scripts")!r})
from kcalseq.step import job
with job(snakemake):
    # As a node would that holds its jobs to what they asked for.
    most = snakemake.resources.mem_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    bytes(3_000_000_000)
    with open(snakemake.output[0], "w") as file:
        file.write(str(snakemake.resources.mem_mb))
"""
    (tmp_path / "hungry.py").write_text(script)
    (tmp_path / "Snakefile").write_text(
        'rule hungry:\n    output: "done.txt"\n    log: "hungry.log"\n    script: "hungry.py"\n'
    )
    outcome = submit(tmp_path, "--snakefile", "Snakefile", "--retries", "2")
    assert outcome.code == 0, outcome.text[-3000:]
    assert (tmp_path / "done.txt").read_text() == "4000"
    told = "step hungry: the memory did not suffice"
    assert told in outcome.text and outcome.text.count("has been submitted with SLURM jobid") == 2
    seen("job short of memory", told.replace("hungry", "..."), "submitted again with twice the memory, and done")


def test_a_killed_snakemake_leaves_jobs_that_are_not_done_twice(small: Path, one_machine: Path) -> None:
    arguments = ("--configfile", "config.yaml", "--", FIT)
    with beside([*COMMAND, *arguments], small) as first:
        process = step_process(small)
        second = submit(small, *arguments)
        assert second.code != 0 and "Directory cannot be locked" in second.text
        seen("second run in the folder of a running one", "Directory cannot be locked", "refused; the first goes on")
        first.send_signal(signal.SIGKILL)
    assert len(jobs()) == 1
    assert submit(small, *arguments[:2], "--unlock").code == 0
    early = submit(small, *arguments)
    told = "1 jobs of an earlier run are still on the cluster"
    assert early.code != 0 and told in early.text and f"scancel {jobs()[0]}" in early.text
    # Who starts it elsewhere all the same, without asking the cluster, is refused by the step itself.
    elsewhere = Project(small).snakemake(
        "--configfile", "config.yaml", "--cores", "1", "--no-hooks", "--rerun-incomplete", FIT
    )
    assert elsewhere.code != 0 and f"this step is being done already, as process {process} on" in elsewhere.text
    seen("step begun beside the process that does it", "this step is being done already, as process ...", "refused")
    os.kill(process, signal.SIGCONT)
    wait_for(lambda: not jobs(), "the end of the job")
    later = submit(small, *arguments)
    assert later.code == 0, later.text[-3000:]
    assert results(small) == results(one_machine)
    seen("kill -9 of Snakemake while its job runs", told, f"refused until the job has ended; then it {AS_ONE_MACHINE}")


def test_killed_and_timed_out_jobs_are_done_again(small: Path, one_machine: Path) -> None:
    with beside([*COMMAND, "--configfile", "config.yaml", "--", FIT], small) as run:
        os.kill(step_process(small), signal.SIGKILL)
        first = jobs()
        (small / LOG).unlink()
        second = wait_for(lambda: [job for job in jobs() if job not in first], "the second submission")[0]
        process = step_process(small)
        called(["scontrol", "update", f"jobid={second}", "EndTime=now"])
        wait_for(lambda: not Path(f"/proc/{process}").exists(), "the end of the job at its time limit")
        assert "the time limit" in (small / LOG).read_text()
        assert run.wait(timeout=200) == 0, (small / "said").read_text()[-3000:]
    said = (small / "said").read_text()
    submitted = re.findall(r"has been submitted with SLURM jobid (\d+)", said)
    assert re.search(r"SLURM-job '\d+' failed", said) and len(submitted) == 3
    assert results(small) == results(one_machine)
    seen("kill -9 of a job", "SLURM-job '...' failed", f"submitted again; {AS_ONE_MACHINE}")
    stopped = "stopped from outside by SIGTERM, as schedulers do at the time limit"
    limits = [called(["scontrol", "show", "job", job]) for job in submitted]
    assert [re.findall("TimeLimit=(\\S+)", text)[0] for text in limits[::2]] == ["04:00:00", "16:00:00"]
    seen("time limit of a job hit", stopped, f"submitted again with twice the time; {AS_ONE_MACHINE}")


def test_a_drained_node_is_waited_for(small: Path, one_machine: Path) -> None:
    node = called(["sinfo", "--noheader", "--format=%n"]).split()[0]
    called(["scontrol", "update", f"nodename={node}", "state=drain", "reason=test"])
    try:
        with beside([*COMMAND, "--configfile", "config.yaml", "--", FIT], small) as run:
            wait_for(jobs, "the submission")
            time.sleep(3)
            assert "pending" in called(["squeue", "--noheader", "--format=%T"]).lower()
            assert run.poll() is None
            called(["scontrol", "update", f"nodename={node}", "state=resume"])
            assert run.wait(timeout=200) == 0, (small / "said").read_text()[-3000:]
    finally:
        called(["scontrol", "update", f"nodename={node}", "state=resume"], may_fail=True)
    assert results(small) == results(one_machine)
    seen("node drained", "nothing; squeue shows the job pending", f"waits for the node; {AS_ONE_MACHINE}")
