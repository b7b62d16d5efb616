"""Text files for other programs: the same bytes each time, whole or not at all."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import pandas as pd

from kcalseq.wholefile import whole_or_not_at_all


@contextmanager
def gzipped(path: str | Path) -> Iterator[IO[bytes]]:
    """A file to write into that is compressed, without name or time in its header."""
    with (
        whole_or_not_at_all(path) as partial,
        partial.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as file,
    ):
        yield cast(IO[bytes], file)


def write_rows(frame: pd.DataFrame, path: str | Path, header: bool = True, digits: int = 4) -> None:
    """Write rows separated by tabs, unquoted, gzipped where the name ends in .gz; missing values are empty.

    Args:
        frame: the rows; no text in it may hold tabs, quotes or ends of lines (see ``names``).
        path: the file.
        header: whether the first line names the columns.
        digits: decimals of numbers that are not whole.
    """
    text = frame.to_csv(
        None,
        sep="\t",
        index=False,
        header=header,
        quoting=csv.QUOTE_NONE,
        lineterminator="\n",
        float_format=f"%.{digits}f",
    ).encode("utf-8")
    if Path(path).suffix == ".gz":
        with gzipped(path) as file:
            file.write(text)
    else:
        with whole_or_not_at_all(path) as partial:
            partial.write_bytes(text)
