"""Files that appear whole or not at all: written under another name beside their place, then renamed.

The other name holds host and process, so that two processes that were told to make one file never write into each
other's. While it writes, a process holds a lock on its file: what a killed one left is known by that and removed.
"""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from kcalseq.locks import is_free, lock

_ENDING = "-partial"


def write_text(text: str, path: str | Path) -> None:
    """Write a text file whole or not at all."""
    with whole_or_not_at_all(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def whole_or_not_at_all(path: str | Path) -> Iterator[Path]:
    """Gives a temporary path beside ``path``; the file takes its name only when the ``with`` block ends well."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    host = re.sub(r"\W", "_", platform.node())
    # One suffix more than the target's, whatever the host is called.
    partial = target.with_name(f"{target.name}.{host}-{os.getpid()}{_ENDING}")
    # Made by open, so that the user's umask holds.
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        lock(descriptor)
        yield partial
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
        os.close(descriptor)


def _remove_leftovers(target: Path) -> None:
    """Remove what killed processes left of this file; what nobody can tell from a living one's stays."""
    for path in target.parent.glob(f"{escape(target.name)}.*{_ENDING}"):
        if is_free(path):
            path.unlink(missing_ok=True)
