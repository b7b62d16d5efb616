"""Faults of the machine, told in the words of a user who meets them: disk full, memory short, stopped from outside."""

import errno
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from kcalseq.errors import KcalseqError

_FULL = (errno.ENOSPC, errno.EDQUOT)
# torch has no type of its own for memory that it did not get on a CPU.
_MEMORY_WORDS = ("not enough memory", "out of memory", "cannot allocate memory", "std::bad_alloc")


class Stopped(BaseException):
    """The process was told to end, by SIGTERM; no Exception, so that nothing takes it for a fault of its own."""


def as_fault(error: BaseException, where: str) -> KcalseqError | None:
    """What an error tells of the machine, for people; None if it tells something else.

    Args:
        error: what was raised, from whatever library.
        where: the step.
    """
    if isinstance(error, Stopped):
        found = "stopped from outside by SIGTERM, as schedulers do at the time limit and when a job is cancelled"
        remedy = "start again; if it was the time limit, with more time (resource runtime, in minutes)"
        return KcalseqError(where, found, "time to end its work", remedy)
    if isinstance(error, OSError) and error.errno in _FULL:
        place = f" under {error.filename}" if error.filename else ""
        remedy = "make room, or set 'results:' to a larger disk, and start again: finished steps stay"
        return KcalseqError(where, f"the disk is full{place}", "room for the outputs", remedy)
    if isinstance(error, MemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS):
        remedy = "give it more (resource mem_mb), or set less in 'reads: {memory_mb: ...}', and start again"
        return KcalseqError(where, "the memory did not suffice", "memory for its input", remedy)
    return None


@contextmanager
def told_to_stop() -> Iterator[None]:
    """Within it, SIGTERM raises ``Stopped``, so that half files are removed and the log says what happened."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
