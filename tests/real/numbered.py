"""Real reads through a layout written as users write it, and what is told of each single read.

Observations are counts, so a read in them is known again only by a number of its own: it is written into the read's
name as eight bases, and the layout takes it from there as a UMI.
"""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kcalseq.reads.extract import extract_run
from kcalseq.reads.layout import read_layout
from kcalseq.reads.owners import Sample

NUMBER_IN_NAME = """
read_name:
  pattern: _(?P<umi>[ACGT]{8})$
  parts:
    - {name: umi, kind: umi, length: 8}
"""


class Read(NamedTuple):
    """Header line without its @, bases, and quality letters."""

    name: str
    bases: str
    quality: str


class Extracted(NamedTuple):
    """Rows of the table ``observations``, and the reads of each (reason, part) that has any."""

    rows: list[dict[str, object]]
    fates: dict[tuple[str, str | None], int]


def read_fastq(path: Path) -> list[Read]:
    """All reads of a file, plain or gzipped."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        lines = file.read().splitlines()
    return [Read(name[1:], *rest) for name, *rest in zip(lines[::4], lines[1::4], lines[3::4], strict=True)]


def extract(layout: str, reads: Path | dict[str, Path], folder: Path) -> Extracted:
    """Take a run apart by the layout that a text describes: one file, or the file of each read of its molecules."""
    path = folder / "layout.yaml"
    path.write_text(layout, encoding="utf-8")
    files = reads if isinstance(reads, dict) else {"read_1": reads}
    paths = {slot: str(file) for slot, file in files.items()}
    found = extract_run("run", paths, read_layout(path), Sample("sample", "library"), lambda _: None)
    rows = [row for piece in found.observations for row in piece.to_pylist()]
    fates = {(row["reason"], row["part"]): row["n_reads"] for row in found.read_fates.to_pylist() if row["n_reads"]}
    return Extracted(rows, fates)


def write_numbered(reads: list[Read], chosen: Iterable[int], path: Path) -> Path:
    """Write the chosen reads with their numbers in their names."""
    with path.open("w", encoding="ascii") as file:
        for number in chosen:
            letters = "".join("ACGT"[number >> 2 * place & 3] for place in range(8))
            file.write(f"@read_{letters}\n{reads[number].bases}\n+\n{reads[number].quality}\n")
    return path


def number_of(umi: str) -> int:
    """The number that the letters in a name spell."""
    return sum("ACGT".index(letter) << 2 * place for place, letter in enumerate(umi))
