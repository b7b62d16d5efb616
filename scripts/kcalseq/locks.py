"""Locks on files, held by a process while it lives, on any node that shares the filesystem.

The kernel takes a lock back when its process ends, however it ends. Filesystems that know no locks say so.
"""

import fcntl
import os
from pathlib import Path


def lock(descriptor: int) -> bool | None:
    """Lock an open file for as long as it is open.

    Returns:
        True if it is locked now, False if another process holds it, None if the filesystem knows no locks.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def is_free(path: Path) -> bool:
    """Whether a file is there that surely no process holds."""
    try:
        # Shared filesystems lock only what is open for writing.
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return lock(descriptor) is True
    finally:
        os.close(descriptor)
