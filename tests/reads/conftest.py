"""Layouts and files of reads as the tests of this floor write them."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from kcalseq.reads.extract import Sample, Settings, extract_run
from kcalseq.reads.layout import Layout, Part


def constant(name: str, sequence: str, max_mismatches: int = 0, **keys: object) -> Part:
    return Part(name, "constant", len(sequence), len(sequence), sequence, max_mismatches, **keys)  # type: ignore[arg-type]


def part(kind: str, length: int, most: int | None = None, name: str = "", **keys: object) -> Part:
    return Part(name or kind, kind, length, length if most is None else most, **keys)  # type: ignore[arg-type]


def layout(*parts: Part, source: str = "read", **keys: object) -> Layout:
    return Layout("layout", "a layout", source, {"read_1": parts}, **keys)  # type: ignore[arg-type]


def fastq(reads: Iterable[tuple[str, str]], first: int = 1) -> str:
    return "".join(f"@r{number}\n{bases}\n+\n{letters}\n" for number, (bases, letters) in enumerate(reads, start=first))


def good(bases: str) -> tuple[str, str]:
    return bases, "I" * len(bases)


@pytest.fixture
def extracted(tmp_path: Path) -> Callable[..., tuple[list[dict[str, object]], dict[tuple[str, str | None], int]]]:
    """Observations and fates of reads given for each slot; both without the run's name."""

    def run(
        chosen: Layout, samples: object = None, settings: Settings | None = None, **reads: Iterable[tuple[str, str]]
    ) -> tuple[list[dict[str, object]], dict[tuple[str, str | None], int]]:
        paths = {}
        for slot, rows in reads.items():
            paths[slot] = str(tmp_path / f"{slot}.fastq")
            Path(paths[slot]).write_text(fastq(rows), encoding="ascii")
        owner = samples if samples is not None else Sample("s", "lib")
        found = extract_run("run", paths, chosen, owner, lambda n: None, settings or Settings())  # type: ignore[arg-type]
        observations = [
            {key: value for key, value in row.items() if key != "run"}
            for piece in found.observations
            for row in piece.to_pylist()
        ]
        fates = {(row["reason"], row["part"]): row["n_reads"] for row in found.read_fates.to_pylist() if row["n_reads"]}
        return observations, fates

    return run
