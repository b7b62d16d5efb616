"""How loops over reads and barcodes are compiled: numba, without the interpreter's lock, kept on disk between jobs.

numba knows that compiled code is out of date when the file of the function changes, but not when a function that it
calls from another file does. So the folder it is kept in carries a digest of all files that a loop may call: those of
its own floor and of the ground floor. It lies beside the modules, or where that folder cannot be written in the folder
for temporary files. numba names the processor in each file, so that the nodes of a cluster can share a checkout, and
writes under a temporary name, so that jobs may start together.
"""

import functools
import gc
import getpass
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])
_GROUND = Path(__file__).resolve().parent


@contextmanager
def _quickly() -> Iterator[None]:
    """Start numba without what takes half of its time and no loop here needs: about 0.8 s of CPU time in every job.

    It looks for scipy.linalg to multiply matrices. And the hundred thousands of objects that it makes stay until the
    end; so the collector of garbage need look at them neither now nor later.
    """
    was_enabled, has_scipy = gc.isenabled(), "scipy.linalg" in sys.modules
    gc.disable()
    if not has_scipy:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not has_scipy:
            del sys.modules["scipy.linalg"]
        gc.freeze()
        if was_enabled:
            gc.enable()


with _quickly():
    import numba
    import numba.np.arraymath


def kernel(function: _F) -> _F:
    """Compile a function for arrays at its first call; integer overflow wraps and indices are not checked."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder(Path(function.__code__.co_filename).resolve().parent))
    try:
        compiled = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return cast(_F, compiled)


@functools.cache
def cache_folder(floor: Path) -> Path:
    """Where the compiled loops of a floor are kept: another folder for any other text of the code."""
    total = hashlib.sha256()
    for path in [*sorted(floor.glob("*.py")), *sorted(_GROUND.glob("*.py"))]:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    name = f"kernels-{total.hexdigest()[:16]}"
    beside = floor / "__pycache__"
    try:
        (beside / name).mkdir(parents=True, exist_ok=True)
        if os.access(beside / name, os.W_OK):
            return beside / name
    except OSError:
        pass  # a checkout that belongs to somebody else
    return Path(tempfile.gettempdir()) / f"kcalseq-{getpass.getuser()}" / name
