"""Small barcoded libraries whose truth is known, and their observations."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from kcalseq.association.design import Design
from kcalseq.tablefile import write_table

Row = tuple[str, str, int]  # barcode, variant as read, reads


class Library(NamedTuple):
    """A simulated library: its design, its reads (barcode, variant as read), and the truth of each barcode."""

    design: Design
    reads: list[tuple[str, str]]
    molecules: dict[str, list[str]]
    oligos: dict[str, str]


def random_letters(rng: np.random.Generator, n: int) -> str:
    return "".join(rng.choice(list("ACGT"), n))


def misread(rng: np.random.Generator, letters: str, substitutions: float, gaps: float) -> str:
    """A read of a sequence, with errors at these rates a base."""
    read = []
    for letter in letters:
        chance = rng.random()
        if chance < gaps / 2:
            continue
        if chance < gaps:
            read.append(str(rng.choice(list("ACGT"))))
        changed = rng.random() < substitutions
        read.append(str(rng.choice([base for base in "ACGT" if base != letter])) if changed else letter)
    return "".join(read)


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Library]:
    """Makes a library: 60 unrelated oligos with a substitution and a deletion neighbour each, 5 barcodes of each."""

    def make(
        seed: int, substitutions: float = 0.004, gaps: float = 0.0005, depth: float = 12, length: int = 120
    ) -> Library:
        rng = np.random.default_rng(seed)
        sequences = []
        for _ in range(60):
            oligo = random_letters(rng, length)
            place = int(rng.integers(10, length - 10))
            other = "ACGT"[("ACGT".index(oligo[place]) + 1) % 4]
            sequences += [oligo, oligo[:place] + other + oligo[place + 1 :], oligo[:place] + oligo[place + 1 :]]
        names = tuple(f"oligo_{number}" for number in range(len(sequences)))
        design, molecules, oligos = Design("design.fa", names, tuple(sequences)), {}, {}
        for number in np.repeat(np.arange(len(sequences)), 5).tolist():
            barcode, chance = random_letters(rng, 15), rng.random()
            molecules[barcode], oligos[barcode] = [sequences[number]], names[number]
            if chance < 0.1:  # a synthesis error
                molecules[barcode] = [misread(rng, sequences[number], 1 / length, 0.0)]
            elif chance < 0.13:
                molecules[barcode].append(sequences[int(rng.integers(len(sequences)))])
        barcodes, reads = list(molecules), []
        for barcode, n in zip(barcodes, rng.poisson(depth * rng.lognormal(-0.1, 0.5, len(barcodes))), strict=True):
            for _ in range(n):
                source = barcodes[int(rng.integers(len(barcodes)))] if rng.random() < 0.03 else barcode
                molecule = molecules[source][int(rng.integers(len(molecules[source])))]
                reads.append((misread(rng, barcode, 0.004, 0.0), misread(rng, molecule, substitutions, gaps)))
        return Library(design, reads, molecules, oligos)

    return make


@pytest.fixture
def observed(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows (barcode, variant as read, reads) as observations of a run."""

    def write(rows: Iterable[Row], run: str = "run", library: str = "lib", sample: str = "sample") -> Path:
        frame = pd.DataFrame(list(rows), columns=["barcode", "variant_sequence", "n_reads"])
        frame = frame.assign(library=library, sample=sample, run=run, umi=None)
        frame["variant_quality"] = ["I" * len(letters) for letters in frame["variant_sequence"]]
        path = tmp_path / f"{run}.observations.parquet"
        write_table("observations", frame, path)
        return path

    return write


@pytest.fixture(scope="session")
def counted() -> Callable[[list[tuple[str, str]]], list[Row]]:
    """Equal reads as one row."""
    return lambda reads: [(*pair, n) for pair, n in Counter(reads).items()]
