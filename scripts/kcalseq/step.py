"""What every step's script does around its work: a log that says what ran, and one clear line when it fails.

Only this module and the scripts know Snakemake.
"""

import gc
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

from kcalseq.errors import KcalseqError
from kcalseq.faults import Stopped, as_fault, told_to_stop
from kcalseq.locks import lock

_PACKAGES = (
    "numpy",
    "pandas",
    "pyarrow",
    "numba",
    "isal",
    "zstandard",
    "pysam",
    "cutadapt",
    "mappy",
    "scipy",
    "torch",
    "safetensors",
    "matplotlib",
    "logomaker",
    "jinja2",
    "h5py",
)
_logger = logging.getLogger("kcalseq")


class _Log(logging.FileHandler):
    """A log that is silent where the disk is full: that is told on the terminal, and not once more for every line."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave the line out."""


@contextmanager
def job(snakemake: Any) -> Iterator[logging.Logger]:
    """Run a step: log versions, inputs and parameters first, time and outcome last.

    Args:
        snakemake: the object Snakemake gives to a script.

    Yields:
        the step's logger; what it says goes to the step's log file.

    Raises:
        SystemExit: with status 1 when the work fails. Bad input and faults of the machine are told in their own words
            on the terminal and in the log; anything else leaves its traceback in the log and says on the terminal where
            to look. So does a step that another process is doing.
    """
    log_path = Path(str(snakemake.log[0]))
    log_path.parent.mkdir(parents=True, exist_ok=True)
    held = _hold(log_path, snakemake.rule)
    handler = _Log(log_path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        with told_to_stop():
            _describe(snakemake)
            yield _logger
    except KcalseqError as error:
        _fail(error, snakemake.rule)
    except (Exception, Stopped) as error:
        fault = as_fault(error, f"step {snakemake.rule}")
        if fault is not None:
            _fail(fault, snakemake.rule)
        _logger.exception("Unexpected error")
        print(f"Error in {snakemake.rule}: unexpected; {log_path} holds the details.", file=sys.stderr)
        raise SystemExit(1) from None
    else:
        _logger.info("done: %.1f s, %.1f CPU s", time.perf_counter() - wall, time.process_time() - cpu)
    finally:
        _logger.removeHandler(handler)
        with suppress(OSError):
            handler.close()
        os.close(held)
        leave_quickly()


def _fail(error: KcalseqError, rule: str) -> NoReturn:
    _logger.error("Error: %s", error)
    print(f"Error in {rule}: {error}", file=sys.stderr)
    raise SystemExit(1) from None


def _hold(log_path: Path, rule: str) -> int:
    """Hold a lock for as long as the step runs, so that nobody does the same step beside it.

    The lock is a file beside the log that stays: Snakemake removes logs and outputs before it begins a job.
    """
    path = log_path.with_name(f".{log_path.name}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    if lock(descriptor) is False:
        doing = path.read_text(encoding="utf-8", errors="replace")
        os.close(descriptor)
        remedy = "wait until it ends, or end it (kill, scancel, qdel); then start again"
        error = KcalseqError(str(log_path), f"this step is being done already, {doing}", "one process a step", remedy)
        print(f"Error in {rule}: {error}", file=sys.stderr)
        raise SystemExit(1)
    # Only told to others: a disk without room for it must not keep the step from saying so itself.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _this_process().encode(), 0)
    return descriptor


def _this_process() -> str:
    names = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID")
    number = next((f", job {os.environ[name]} of the scheduler" for name in names if name in os.environ), "")
    return f"as process {os.getpid()} on {platform.node()}{number}"


def leave_quickly() -> None:
    """Let the process end without a last search for garbage among all that its packages made: 0.2 to 0.4 s of a job."""
    gc.freeze()


def _describe(snakemake: Any) -> None:
    _logger.info("rule: %s, threads: %s", snakemake.rule, snakemake.threads)
    _logger.info(_this_process())
    _logger.info("python %s, %s", platform.python_version(), ", ".join(_versions()))
    _logger.info("interpreter: %s", sys.executable)
    for name, content in (("wildcards", snakemake.wildcards), ("input", snakemake.input), ("params", snakemake.params)):
        named = dict(content.items())
        _logger.info("%s: %s", name, named or list(content))


def _versions() -> Iterator[str]:
    for name in _PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
