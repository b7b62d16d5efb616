"""What every step's script does around its work: a log that says what ran, and one clear line when it fails.

Only this module and the scripts know Snakemake.
"""

import gc
import logging
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kcalseq.errors import KcalseqError

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
)
_logger = logging.getLogger("kcalseq")


@contextmanager
def job(snakemake: Any) -> Iterator[logging.Logger]:
    """Run a step: log versions, inputs and parameters first, time and outcome last.

    Args:
        snakemake: the object Snakemake gives to a script.

    Yields:
        the step's logger; what it says goes to the step's log file.

    Raises:
        SystemExit: with status 1 when the work fails. Bad input is told in its own words on the terminal and in the
            log; anything else leaves its traceback in the log and says on the terminal where to look.
    """
    log_path = Path(str(snakemake.log[0]))
    log_path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(log_path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _describe(snakemake)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield _logger
    except KcalseqError as error:
        _logger.error("Error: %s", error)
        print(f"Error in {snakemake.rule}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except Exception:
        _logger.exception("Unexpected error")
        print(f"Error in {snakemake.rule}: unexpected; {log_path} holds the details.", file=sys.stderr)
        raise SystemExit(1) from None
    else:
        _logger.info("done: %.1f s, %.1f CPU s", time.perf_counter() - wall, time.process_time() - cpu)
    finally:
        _logger.removeHandler(handler)
        handler.close()
        leave_quickly()


def leave_quickly() -> None:
    """Let the process end without a last search for garbage among all that its packages made: 0.2 to 0.4 s of a job."""
    gc.freeze()


def _describe(snakemake: Any) -> None:
    _logger.info("rule: %s, threads: %s", snakemake.rule, snakemake.threads)
    _logger.info("python %s, %s", platform.python_version(), ", ".join(_versions()))
    for name, content in (("wildcards", snakemake.wildcards), ("input", snakemake.input), ("params", snakemake.params)):
        named = dict(content.items())
        _logger.info("%s: %s", name, named or list(content))


def _versions() -> Iterator[str]:
    for name in _PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
