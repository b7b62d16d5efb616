"""How loops over reads and barcodes are compiled: numba, without the interpreter's lock, kept on disk between jobs.

numba keeps compiled code beside the module, or in the user's cache where that folder cannot be written; it names the
processor in the file, so that the nodes of a cluster can share a checkout, and writes under a temporary name, so that
jobs may start together. Where neither folder can be written, each job compiles for itself.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile a function for arrays at its first call; integer overflow wraps and indices are not checked."""
    try:
        compiled = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")(function)
    except RuntimeError:  # numba's word for "no folder to keep it in"
        compiled = numba.njit(nogil=True, boundscheck=False, error_model="numpy")(function)
    return cast(_F, compiled)
