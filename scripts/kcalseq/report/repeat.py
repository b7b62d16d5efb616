"""Lay out a run anew from its record: ``python -m kcalseq.report.repeat results/ro-crate-metadata.json FOLDER``.

Writes configuration, sheets, layouts and models into the folder and tells which data files are missing there or differ.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kcalseq.addresses import scheme_of
from kcalseq.checksums import sha256_of
from kcalseq.errors import KcalseqError
from kcalseq.report.crate import data_of, texts_of
from kcalseq.wholefile import write_text


def lay_out(record: Mapping[str, Any], folder: Path) -> list[str]:
    """Write the texts of a record below a folder; returns one line for each data file that is not there as it was.

    Raises:
        KcalseqError: a text would be written outside the folder, or over a file with another content.
    """
    for name, text in texts_of(record).items():
        target = folder / name
        if target.is_file() and target.read_bytes() == text.encode("utf-8"):
            continue
        if not target.resolve().is_relative_to(folder.resolve()):
            found, remedy = f"the path '{name}'", "copy its text out of the record by hand"
            raise KcalseqError(str(folder), found, "paths below the folder", remedy)
        if target.exists():
            raise KcalseqError(str(target), "another file of this name", "none, or the same", "name an empty folder")
        write_text(text, target)
    return _complaints(record, folder)


def _complaints(record: Mapping[str, Any], folder: Path) -> list[str]:
    found = []
    for file in data_of(record):
        path = folder / file.path
        if scheme_of(file.path):
            found.append(f"fetched by the run: {file.path} (SHA-256 in input_files.tsv should then be {file.sha256})")
        elif not path.is_file():
            found.append(f"missing: {file.path} (SHA-256 {file.sha256})")
        elif path.stat().st_size != file.n_bytes or sha256_of(path) != file.sha256:
            found.append(f"differs: {file.path} (SHA-256 should be {file.sha256})")
    return found


def main(record: Path, folder: Path) -> str:
    """Lay out a run and tell what is still needed."""
    lacking = lay_out(_read(record), folder)
    told = "\n".join(lacking) or "All data files are there, byte by byte."
    return f"{told}\nThen, in {folder}: snakemake --configfile run_config.yaml --cores 8, with --snakefile of kcalseq"


def _read(path: Path) -> dict[str, Any]:
    remedy = "name the file ro-crate-metadata.json of a run"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        texts_of(record), data_of(record)
    except OSError as error:
        raise KcalseqError(str(path), f"no file to read ({error.strerror})", "the record of a run", remedy) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KcalseqError(str(path), "another file", "the record of a run", remedy) from None
    return dict(record)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path, help="ro-crate-metadata.json of the run")
    parser.add_argument("folder", type=Path, help="where to lay it out")
    chosen = parser.parse_args()
    try:
        print(main(chosen.record, chosen.folder))
    except KcalseqError as error:
        sys.exit(str(error))
