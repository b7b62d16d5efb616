"""Files that appear whole or not at all: written under another name beside their place, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_text(text: str, path: str | Path) -> None:
    """Write a text file whole or not at all."""
    with whole_or_not_at_all(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def whole_or_not_at_all(path: str | Path) -> Iterator[Path]:
    """Gives a temporary path beside ``path``; the file takes its name only when the ``with`` block ends well."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    try:
        yield partial
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
