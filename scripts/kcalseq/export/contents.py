"""What was written into a folder of exports, file by file: table ``exported``."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd


class Contents:
    """Rows of the table ``exported`` of one library, gathered while its files are written."""

    def __init__(self, library: str) -> None:
        self._library = library
        self._rows: list[tuple[str, str | None, str, int]] = []

    def add(self, file: str, condition: str | None, n_written: int, left_out: Mapping[str, int]) -> None:
        """Note a file: the rows written, and those of its table that have none, by reason."""
        told = {"written": n_written, **{reason: n for reason, n in left_out.items() if n}}
        self._rows += [(file, condition, fate, n) for fate, n in told.items()]

    def table(self) -> pd.DataFrame:
        """The table."""
        frame = pd.DataFrame(self._rows, columns=["file", "condition", "fate", "n_rows"])
        return frame.assign(library=self._library)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Gives a temporary folder beside ``path``; it takes its name only when the ``with`` block ends well."""
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
