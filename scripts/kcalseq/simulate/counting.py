"""A barcoded library whose truth is known, counted: known energies, random mutations, negative binomial counts.

Each variant has several barcodes, each barcode one abundance in all replicates. DNA counts have the barcode's abundance
as their mean, RNA counts its abundance times the variant's activity; both are negative binomial, Var = mu + alpha mu^2.
Written without the model floor's likelihoods, so that it can be held against them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.sorting import Energies, log_activities, mutants

_SETS = ["training", "validation", "test"]


@dataclass(frozen=True)
class CountingExperiment:
    """How the library is made and counted.

    Attributes:
        n_variants: drawn; those that are drawn twice count once.
        n_barcodes: of each variant.
        dispersion: alpha of DNA and RNA counts.
        mutation_rate: probability that a base differs from the wild type, 0 to 1.
        dna_reads: DNA reads of the typical barcode in each replicate.
        rna_per_dna: RNA over DNA reads of the typical variant in each replicate, as many.
        abundance_sd: standard deviation of the log abundance of barcodes, nats.
        shares: of training, validation and test set, add up to 1.
    """

    n_variants: int
    n_barcodes: int = 5
    dispersion: float = 0.1
    mutation_rate: float = 0.3
    dna_reads: tuple[float, ...] = (33.0, 25.0, 45.0)
    rna_per_dna: tuple[float, ...] = (2.7, 3.7, 2.2)
    abundance_sd: float = 0.7
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)


class CountedLibrary(NamedTuple):
    """What the pipeline would see, and what it cannot see.

    Attributes:
        variants: table ``variants``.
        counts: table ``barcode_counts``.
        log_activity: true log activity of each row of ``variants``, nats.
    """

    variants: pd.DataFrame
    counts: pd.DataFrame
    log_activity: NDArray[np.float64]


def simulate_counting(
    library: str, spec: ModelSpec, energies: Energies, experiment: CountingExperiment, seed: int
) -> CountedLibrary:
    """Mutate the wild type, give each variant its barcodes, count their DNA and RNA in every replicate.

    Args:
        library: what to call it.
        spec: the true model; must name its wild type.
        energies: the true energies.
        experiment: how it is done.
        seed: the same seed gives the same library.
    """
    rng = np.random.default_rng(seed)
    codes = np.unique(mutants(spec, experiment.n_variants, experiment.mutation_rate, rng), axis=0)
    log_activity, n_barcodes = log_activities(spec, energies, codes), len(codes) * experiment.n_barcodes
    variant = np.arange(n_barcodes) // experiment.n_barcodes
    abundance = np.exp(rng.normal(0.0, experiment.abundance_sd, n_barcodes))
    activity = np.exp(log_activity - log_activity.mean())[variant]
    names = np.array([f"v{number:05d}" for number in range(len(codes))])
    frames = []
    for replicate, (depth, ratio) in enumerate(zip(experiment.dna_reads, experiment.rna_per_dna, strict=True)):
        means = {"dna": depth * abundance, "rna": depth * ratio * abundance * activity}
        for fraction, mean in means.items():
            gamma = rng.gamma(1.0 / experiment.dispersion, experiment.dispersion, n_barcodes)
            reads = rng.poisson(mean * gamma)
            frames.append(_counts(library, str(replicate + 1), fraction, names[variant], reads))
    counts = pd.concat(frames, ignore_index=True)
    sets = rng.choice(_SETS, len(codes), p=experiment.shares)
    sequences = ["".join(ALPHABET[code] for code in row) for row in codes]
    variants = pd.DataFrame({"library": library, "variant": names, "variant_sequence": sequences, "set": sets})
    return CountedLibrary(variants, counts[counts["n_reads"] > 0].reset_index(drop=True), log_activity)


def _counts(
    library: str, replicate: str, fraction: str, variant: NDArray[np.str_], reads: NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "library": library,
            "condition": "simulated",
            "replicate": replicate,
            "fraction": fraction,
            "bin": 0,
            "barcode": [f"b{number:06d}" for number in range(len(reads))],
            "variant": variant,
            "n_reads": reads,
            "n_molecules": pd.array([pd.NA] * len(reads), dtype="Int64"),
        }
    )
