"""DNA and RNA count reads with truth: barcode (15 nt), its reverse complement, and UMI (10 nt), each a read of its own.

The library has 2,440 variants with 20 barcodes each. 350,000 molecules a sample, amplified unequally (standard
deviation 0.5 in nats); DNA copies of a barcode lognormal (0.8), RNA copies follow log2 activities of standard deviation
1; 0.5 % errors a base. A sample of a million reads has about 46,000 barcodes.

    PYTHONPATH=scripts python benchmarks/counts/generate_counts.py FOLDER
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from kcalseq.dna import ALPHABET
from kcalseq.simulate.barcoded import LibraryRecipe, SampleRecipe, draw_counts, draw_molecules, make_library
from kcalseq.simulate.misreading import ErrorRates
from kcalseq.simulate.readfiles import Surroundings, count_files, write_reads
from kcalseq.simulate.truth import barcode_names, count_truth

N_VARIANTS, N_MOLECULES = 2440, 350_000
SAMPLES = {
    "dna": SampleRecipe(N_MOLECULES, 0, transcribed=False, noise_sd=0.1),
    "rna": SampleRecipe(N_MOLECULES, 0, transcribed=True, noise_sd=0.2),
}


def generate(folder: Path, n_reads: int, seed: int) -> None:
    """Write for each sample SAMPLE_read_1, _read_2, _index_1 and SAMPLE_truth.tsv; and map.tsv, the whole truth."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    # No variant is read here: what it is does not matter, as long as all differ.
    designs = {f"v{number:04d}": "".join(rng.choice(list(ALPHABET), 20)) for number in range(N_VARIANTS)}
    library = make_library(designs, LibraryRecipe(mutated=0.0, two_variants=0.0), rng)
    abundance = rng.lognormal(0, 0.8, len(library.barcodes))
    activity = rng.normal(0, 1, N_VARIANTS)
    recipes = [replace(recipe, n_reads=n_reads) for recipe in SAMPLES.values()]
    samples = [draw_molecules(library, abundance, activity, recipe, rng) for recipe in recipes]
    draws = draw_counts(samples, 0.0, rng)
    for number, name in enumerate(SAMPLES):
        for slot, reads in count_files(library, samples, draws[number], Surroundings()).items():
            write_reads(folder / f"{name}_{slot}.fastq.gz", reads, ErrorRates(), seed, f"SIM:7:{name}:1:1101:")
        truth = count_truth(library, samples, draws, number)
        truth.to_csv(folder / f"{name}_truth.tsv", sep="\t", index=False, lineterminator="\n")
    names = np.array(library.names)[library.variant]
    known = pd.DataFrame({"barcode": barcode_names(library), "variant": names})
    known.to_csv(folder / "map.tsv", sep="\t", index=False, lineterminator="\n")


def main() -> None:
    """Write one library's samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reads", type=int, default=1_000_000, help="of each sample (default %(default)s)")
    parser.add_argument("--seed", type=int, default=21, help="(default %(default)s)")
    options = parser.parse_args()
    generate(options.folder, options.reads, options.seed)


if __name__ == "__main__":
    main()
