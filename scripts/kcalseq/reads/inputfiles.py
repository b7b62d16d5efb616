"""Which files a run was read from: their sizes and checksums, by which another lab knows that it has the same."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kcalseq.checksums import sha256_of


def input_files(run: str, paths: Mapping[str, str]) -> pd.DataFrame:
    """Table ``input_files`` of one run.

    Args:
        run: its name.
        paths: its files by their columns in runs.tsv.
    """
    rows = [
        (run, slot, Path(path).name, Path(path).stat().st_size, sha256_of(path)) for slot, path in sorted(paths.items())
    ]
    return pd.DataFrame(rows, columns=["run", "slot", "file", "n_bytes", "sha256"])
