"""Association runs with truth: pairs of 126 nt over variants of 171 nt, a 15-nt barcode as index read.

20 barcodes a variant; 10 % of the barcodes on a molecule with a synthesis error, 1 % on two variants; 3 % chimeric
reads; 0.5 % errors a base; barcodes of lognormal abundance (standard deviation 0.7 in nats).

Two designs: `element`, the FASTA as it is, and `variant`, 500 of its sequences, each with three single-base
substitutions and one single-base deletion.

    PYTHONPATH=scripts python benchmarks/association/generate_pairs.py design.fa FOLDER --design variant --seed 2
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from kcalseq.dna import ALPHABET
from kcalseq.simulate.barcoded import Library, LibraryRecipe, draw_association, make_library
from kcalseq.simulate.misreading import ErrorRates
from kcalseq.simulate.readfiles import Surroundings, association_files, write_reads
from kcalseq.simulate.truth import association_truth

DESIGNS = ("element", "variant")
N_CYCLES, N_BASE, MARGIN = 126, 500, 20


def read_fasta(path: Path) -> dict[str, str]:
    """Sequences by the first word of their names."""
    records = path.read_text(encoding="utf-8").split(">")[1:]
    names = [record.split(None, 1)[0] for record in records]
    return {name: "".join(record.split("\n")[1:]).upper() for name, record in zip(names, records, strict=True)}


def random_design(n: int = 2440, length: int = 171) -> dict[str, str]:
    """Random sequences, for where there is no design."""
    letters = np.random.default_rng(7).choice(list(ALPHABET), (n, length))
    return {f"random{number:04d}": "".join(row) for number, row in enumerate(letters)}


def with_neighbours(designs: dict[str, str], seed: int = 5) -> dict[str, str]:
    """Some of the sequences, each with three substitutions and one deletion away from its ends."""
    rng = np.random.default_rng(seed)
    names, made = list(designs), {}
    for number, chosen in enumerate(rng.choice(len(names), min(N_BASE, len(names)), replace=False)):
        sequence = designs[names[chosen]]
        family = {"ref": sequence}
        places = rng.choice(np.arange(MARGIN, len(sequence) - MARGIN), 4, replace=False)
        for place in places[:3]:
            base = rng.choice([letter for letter in ALPHABET if letter != sequence[place]])
            family[f"{place + 1}{sequence[place]}to{base}"] = sequence[:place] + base + sequence[place + 1 :]
        family[f"{places[3] + 1}del"] = sequence[: places[3]] + sequence[places[3] + 1 :]
        made |= {f"e{number:03d}_{name}": text for name, text in family.items()}
    return made


def designs_of(kind: str, path: Path | None) -> dict[str, str]:
    """The sequences of one of ``DESIGNS``, each once."""
    designs = read_fasta(path) if path else random_design()
    designs = with_neighbours(designs) if kind == "variant" else designs
    first_name: dict[str, str] = {}
    for name, sequence in designs.items():
        first_name.setdefault(sequence, name)
    return {name: sequence for sequence, name in first_name.items()}


def generate(folder: Path, designs: dict[str, str], n_pairs: int, seed: int) -> Library:
    """Write design.fa, read_1, read_2, index_1 and truth.tsv to a folder; returns the library."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    fasta = "".join(f">{name}\n{sequence}\n" for name, sequence in designs.items())
    (folder / "design.fa").write_text(fasta, encoding="utf-8")
    library = make_library(designs, LibraryRecipe(), rng)
    draw = draw_association(library, n_pairs, 0.7, 0.03, rng)
    for name, reads in association_files(library, draw, N_CYCLES, Surroundings()).items():
        write_reads(folder / f"{name}.fastq.gz", reads, ErrorRates(), seed, "SIM:7:FLOWCELL:1:1101:")
    truth: pd.DataFrame = association_truth(library, draw)
    truth.to_csv(folder / "truth.tsv", sep="\t", index=False, lineterminator="\n")
    return library


def main() -> None:
    """Write one library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fasta", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--design", choices=DESIGNS, default="element", help="(default %(default)s)")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="(default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default %(default)s)")
    options = parser.parse_args()
    generate(options.folder, designs_of(options.design, options.fasta), options.pairs, options.seed)


if __name__ == "__main__":
    main()
