"""What is around the work of a step: one line for what went wrong, in the user's words, and one process a step."""

import errno
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.locks import lock
from kcalseq.step import job
from kcalseq.usage import read_jobs


def given(log: Path) -> SimpleNamespace:
    """What a script gets from Snakemake."""
    return SimpleNamespace(log=[str(log)], rule="count_variants", threads=1, wildcards={}, input={}, params={})


def failing(log: Path, error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What the terminal and the log tell of a step that raises an error."""
    with pytest.raises(SystemExit) as ended, job(given(log)):
        raise error
    assert ended.value.code == 1
    return capsys.readouterr().err, log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KcalseqError("a.tsv row 1", "nothing", "a name", "write one"), "a.tsv row 1: nothing; expected a name"),
        (OSError(errno.ENOSPC, "No space left on device", "results/x"), "the disk is full under results/x"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk is full; expected room for the outputs"),
        (MemoryError(), "the memory did not suffice; expected memory for its input. Remedy: give it more"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes"), "did not suffice"),
    ],
)
def test_faults_are_told_in_one_line_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    terminal, log = failing(tmp_path / "logs/step.log", error, capsys)
    assert terminal.startswith("Error in count_variants: ") and terminal.count("\n") == 1
    assert words in terminal and words in log
    assert "Traceback" not in terminal + log


def test_what_nobody_thought_of_leaves_its_traceback_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal, log = failing(tmp_path / "step.log", ZeroDivisionError("why"), capsys)
    assert terminal == f"Error in count_variants: unexpected; {tmp_path / 'step.log'} holds the details.\n"
    assert "ZeroDivisionError: why" in log


def test_a_step_stopped_from_outside_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit), job(given(tmp_path / "step.log")):
        os.kill(os.getpid(), signal.SIGTERM)
    assert "stopped from outside by SIGTERM, as schedulers do at the time limit" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_memory_that_numpy_did_not_get_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), job(given(tmp_path / "step.log")):
        np.empty(1 << 55, dtype=np.int64)
    assert "the memory did not suffice" in capsys.readouterr().err


def test_a_step_that_is_being_done_is_not_done_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, beside = tmp_path / "step.log", tmp_path / ".step.log.lock"
    log.write_text("what the other says", encoding="utf-8")
    beside.write_text("as process 17 on node3, job 4 of the scheduler", encoding="utf-8")
    descriptor = os.open(beside, os.O_RDWR)
    assert lock(descriptor)
    with pytest.raises(SystemExit), job(given(log)):
        raise AssertionError("it is done all the same")
    told = capsys.readouterr().err
    assert "step.log: this step is being done already, as process 17 on node3, job 4 of the scheduler; exp" in told
    # The log stays that of the process that does the work.
    assert log.read_text(encoding="utf-8") == "what the other says"
    os.close(descriptor)
    with job(given(log)):
        assert beside.read_text(encoding="utf-8").startswith(f"as process {os.getpid()} on ")
    assert f"\nas process {os.getpid()} on " in log.read_text(encoding="utf-8")


def test_a_lock_holds_though_snakemake_removes_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with job(given(tmp_path / "step.log")):
        (tmp_path / "step.log").unlink()
        with pytest.raises(SystemExit), job(given(tmp_path / "step.log")):
            raise AssertionError("it is done all the same")
    assert "this step is being done already" in capsys.readouterr().err


def test_what_ran_is_told_from_the_logs_of_steps(tmp_path: Path) -> None:
    with job(given(tmp_path / "count_variants.log")):
        pass
    with pytest.raises(SystemExit), job(given(tmp_path / "lac.log")):
        raise MemoryError
    found = {one.of: (one.step, one.outcome) for one in read_jobs(tmp_path)}
    assert found == {"": ("count_variants", "done"), "lac": ("count_variants", "failed")}


def test_a_full_disk_does_not_keep_the_message_from_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log lies on the disk that is full."""
    (tmp_path / "step.log").symlink_to("/dev/full")
    with pytest.raises(SystemExit), job(given(tmp_path / "step.log")):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert capsys.readouterr().err.count("\n") == 1
