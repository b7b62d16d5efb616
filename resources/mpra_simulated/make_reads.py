"""Invent a barcoded promoter library and the reads of its association, DNA and RNA runs; see README.md.

Usage, from the top of the repository:

    PYTHONPATH=scripts python resources/mpra_simulated/make_reads.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.simulate.barcoded import (
    Library,
    LibraryRecipe,
    Sample,
    SampleRecipe,
    draw_association,
    draw_counts,
    draw_molecules,
    make_library,
)
from kcalseq.simulate.fastqfile import write_gzip
from kcalseq.simulate.misreading import ErrorRates
from kcalseq.simulate.readfiles import Surroundings, association_files, count_files, write_reads
from kcalseq.simulate.truth import association_truth, count_truth

SEED = 2
FOLDER = Path(__file__).resolve().parent
N_PROMOTERS, N_SUBSTITUTIONS, N_DELETIONS, LENGTH = 4, 15, 4, 100
# Consensus boxes of a bacterial promoter, 17 nt apart, and what a base that misses each of them costs, log2 units.
BOXES = {52: ("TTGACA", (1.2, 1.4, 1.1, 0.9, 0.5, 0.6)), 75: ("TATAAT", (1.5, 1.6, 0.6, 0.7, 0.6, 1.7))}
BEST_LOG2_ACTIVITY, SHORT_SPACER_COST, OTHER_SD = 3.0, 1.3, 0.08
RECIPE = LibraryRecipe(barcodes_per_variant=20, barcode_length=15, mutated=0.08, two_variants=0.02)
# A good run: few errors, and qualities that compress well, so that the files stay small.
RATES = ErrorRates(0.0018, 0.0001, 0.0001, shares=(0.97, 0.02, 0.01))
N_ASSOCIATION_RUNS, READS_PER_RUN, ASSOCIATION_CYCLES, COUNT_CYCLES = 2, 17_500, 75, 27
SAMPLES = {f"{fraction}_{replicate}": fraction == "rna" for replicate in (1, 2) for fraction in ("dna", "rna")}
N_MOLECULES, N_READS, HOPPING = 11_000, 24_000, 0.01


def invent_promoter(rng: np.random.Generator) -> str:
    """A random sequence with both boxes, each base of them right with probability 0.75."""
    letters = rng.choice(list(ALPHABET), LENGTH)
    for start, (box, _) in BOXES.items():
        right = rng.random(len(box)) < 0.75
        letters[start : start + len(box)] = np.where(right, list(box), letters[start : start + len(box)])
    return "".join(letters)


def neighbours(promoter: str, rng: np.random.Generator) -> dict[str, str]:
    """The promoter, some with one base changed (half of them in the boxes) and some with one base missing."""
    in_boxes = [start + place for start, (box, _) in BOXES.items() for place in range(len(box))]
    elsewhere = [place for place in range(LENGTH) if place not in in_boxes]
    n_in_boxes = N_SUBSTITUTIONS // 2
    places = [*rng.choice(in_boxes, n_in_boxes, False), *rng.choice(elsewhere, N_SUBSTITUTIONS - n_in_boxes, False)]
    made = {"ref": promoter}
    for place in sorted(places):
        base = rng.choice([letter for letter in ALPHABET if letter != promoter[place]])
        made[f"{place + 1}{promoter[place]}to{base}"] = promoter[:place] + base + promoter[place + 1 :]
    # Of a run of equal bases only the first can go: the others would give the same sequence.
    first_of_run = [place for place in range(20, LENGTH - 20) if promoter[place] != promoter[place - 1]]
    for place in sorted(rng.choice(first_of_run, N_DELETIONS, False)):
        made[f"{place + 1}del"] = promoter[:place] + promoter[place + 1 :]
    return made


def log2_activity(sequence: str, rng: np.random.Generator) -> float:
    """The better of all placements of the two boxes, near where they belong; and some effect of everything else."""
    (first, (box_35, costs_35)), (second, (box_10, costs_10)) = BOXES.items()
    scores = [
        -_cost(sequence, first + shift, box_35, costs_35)
        - _cost(sequence, second + shift + change, box_10, costs_10)
        - SHORT_SPACER_COST * abs(change)
        for shift in (-1, 0)
        for change in (-1, 0)
    ]
    return round(BEST_LOG2_ACTIVITY + max(scores) + rng.normal(0, OTHER_SD), 4)


def _cost(sequence: str, start: int, box: str, costs: tuple[float, ...]) -> float:
    return sum(cost for base, best, cost in zip(sequence[start:], box, costs, strict=False) if base != best)


def write_tsv(name: str, frame: pd.DataFrame) -> None:
    """Write a truth table as gzipped TSV."""
    write_gzip(FOLDER / name, [frame.to_csv(sep="\t", index=False, lineterminator="\n").encode("ascii")], 9)


def write_association(library: Library, rng: np.random.Generator) -> None:
    """Write the association runs and what is true of their barcodes."""
    truth = []
    for number in range(1, N_ASSOCIATION_RUNS + 1):
        draw = draw_association(library, READS_PER_RUN, 0.5, 0.02, rng)
        run = f"association_run{number}"
        for name, reads in association_files(library, draw, ASSOCIATION_CYCLES, Surroundings()).items():
            write_reads(FOLDER / f"{run}_{name}.fastq.gz", reads, RATES, SEED, f"{run}.", level=9)
        truth.append(association_truth(library, draw).assign(run=run))
    write_tsv("truth_association.tsv.gz", pd.concat(truth))


def write_counts(library: Library, activity: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Write the DNA and RNA runs, sequenced in one pool, and what is true of their barcodes."""
    abundance = rng.lognormal(0, 0.6, len(library.barcodes))
    samples: list[Sample] = []
    for transcribed in SAMPLES.values():
        recipe = SampleRecipe(N_MOLECULES, N_READS, transcribed, noise_sd=0.2 if transcribed else 0.1)
        samples.append(draw_molecules(library, abundance, activity, recipe, rng))
    draws, truth = draw_counts(samples, HOPPING, rng), []
    for number, (sample, draw) in enumerate(zip(SAMPLES, draws, strict=True)):
        files = count_files(library, samples, draw, Surroundings(), COUNT_CYCLES)
        for name in ("read_1", "index_1"):
            write_reads(FOLDER / f"{sample}_{name}.fastq.gz", files[name], RATES, SEED, f"{sample}.", level=9)
        counted = count_truth(library, samples, draws, number)
        truth.append(counted[counted[["n_reads", "n_hopped"]].any(axis=1)].assign(sample=sample))
    write_tsv("truth_counts.tsv.gz", pd.concat(truth))


def main() -> None:
    """Invent the library, clone it, and write everything."""
    rng = np.random.default_rng(SEED)
    designs = {
        f"p{number}_{name}": sequence
        for number in range(1, N_PROMOTERS + 1)
        for name, sequence in neighbours(invent_promoter(rng), rng).items()
    }
    activity = np.array([log2_activity(sequence, rng) for sequence in designs.values()])
    fasta = "".join(f">{name}\n{sequence}\n" for name, sequence in designs.items())
    (FOLDER / "design.fa").write_text(fasta, encoding="ascii", newline="\n")
    write_tsv("truth_variants.tsv.gz", pd.DataFrame({"variant": list(designs), "log2_activity": activity}))
    library = make_library(designs, RECIPE, rng)
    write_association(library, rng)
    write_counts(library, activity, rng)


if __name__ == "__main__":
    main()
