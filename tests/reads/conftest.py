"""Layouts and files of reads as the tests of this floor write them."""

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from kcalseq.reads.extract import Settings, extract_run
from kcalseq.reads.layout import Layout, Part
from kcalseq.reads.owners import Sample

Rows = list[dict[str, object]]
Fates = dict[tuple[str, str | None], int]


def constant(name: str, sequence: str, max_mismatches: int = 0, **keys: object) -> Part:
    return Part(name, "constant", len(sequence), len(sequence), sequence, max_mismatches, **keys)  # type: ignore[arg-type]


def part(kind: str, length: int, most: int | None = None, name: str = "", **keys: object) -> Part:
    return Part(name or kind, kind, length, length if most is None else most, **keys)  # type: ignore[arg-type]


def layout(*parts: Part, source: str = "read", **keys: object) -> Layout:
    return Layout("layout", "a layout", source, {"read_1": parts}, **keys)  # type: ignore[arg-type]


def marked(read: str) -> tuple[str, str]:
    """Bases and qualities of a read written with blanks: lower case has quality # (Phred 2), the rest I (Phred 40)."""
    bases = read.replace(" ", "")
    return bases.upper(), "".join("#" if base.islower() else "I" for base in bases)


def fastq(reads: Iterable[str | tuple[str, str]], name: str = "r") -> str:
    rows = [marked(read) if isinstance(read, str) else read for read in reads]
    return "".join(f"@{name}{number}\n{bases}\n+\n{letters}\n" for number, (bases, letters) in enumerate(rows, start=1))


def extract(
    paths: dict[str, str], chosen: Layout, samples: object = None, settings: Settings | None = None
) -> tuple[Rows, Fates]:
    """Observations and fates, both without the run's name."""
    owner = Sample("s", "lib") if samples is None else samples
    found = extract_run("run", paths, chosen, owner, lambda n_reads: None, settings or Settings())  # type: ignore[arg-type]
    rows = [row for piece in found.observations for row in piece.drop_columns("run").to_pylist()]
    fates = {(row["reason"], row["part"]): row["n_reads"] for row in found.read_fates.to_pylist() if row["n_reads"]}
    return rows, fates


@pytest.fixture
def extracted(tmp_path: Path) -> Callable[..., tuple[Rows, Fates]]:
    """Observations and fates of reads given for each slot."""

    def run(
        chosen: Layout, samples: object = None, settings: Settings | None = None, **reads: Iterable[str]
    ) -> tuple[Rows, Fates]:
        paths = {}
        for slot, rows in reads.items():
            paths[slot] = str(tmp_path / f"{slot}.fastq")
            Path(paths[slot]).write_text(fastq(rows), encoding="ascii")
        return extract(paths, chosen, samples, settings)

    return run


@pytest.fixture
def no_thread_stays() -> Iterator[None]:
    """Whatever a test does with readers, their threads end with it."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before
