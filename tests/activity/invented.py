"""Counts of invented libraries whose activities are known."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kcalseq.activity.counted import Counted, Replicate


class Recipe(NamedTuple):
    """How an invented library is made; scatter in log2.

    Attributes:
        n_variants, barcodes: variants, and mean number of barcodes beyond the first of each.
        depth: mean DNA counts of a barcode.
        shared: scatter of barcodes that is the same in all replicates.
        own: scatter of barcodes that is new in each replicate.
        between: scatter of variants between replicates.
        n_replicates: how many.
        over: variance of counts over that of Poisson counts.
        one_dna: whether all replicates have the DNA counts of the first.
        rna_depth: mean RNA counts of a barcode of activity 0; 0 = as many as of DNA.
    """

    n_variants: int = 1000
    barcodes: float = 9
    depth: float = 20.0
    shared: float = 0.2
    own: float = 0.2
    between: float = 0.0
    n_replicates: int = 3
    over: float = 1.0
    one_dna: bool = False
    rna_depth: float = 0.0


def invent(
    recipe: Recipe, seed: int, activity: NDArray[np.float64] | None = None
) -> tuple[Counted, NDArray[np.float64]]:
    """Counts, and the true log2 activity of each variant: as given, or with standard deviation 1."""
    rng = np.random.default_rng(seed)
    variant = np.repeat(np.arange(recipe.n_variants), rng.poisson(recipe.barcodes, recipe.n_variants) + 1)
    n = len(variant)
    drawn = rng.normal(0.0, 1.0, recipe.n_variants)
    true = drawn if activity is None else activity
    abundance = recipe.depth * rng.lognormal(0.0, 0.7, n)
    peculiar = rng.normal(0.0, recipe.shared, n)
    replicates: dict[tuple[str, str], Replicate] = {}
    rna_per_dna = recipe.rna_depth / recipe.depth or 1.0
    for number in range(recipe.n_replicates):
        here = true + rng.normal(0.0, recipe.between, recipe.n_variants)
        log2_ratio = here[variant] + peculiar + rng.normal(0.0, recipe.own, n)
        dna, rna = (
            _counts(mean, recipe.over, rng) for mean in (abundance, rna_per_dna * abundance * np.exp2(log2_ratio))
        )
        dna = replicates["cells", "1"].dna if recipe.one_dna and number else dna
        replicates["cells", str(number + 1)] = Replicate(dna, rna)
    return counted(variant, recipe.n_variants, replicates), true


def _counts(mean: NDArray[np.float64], over: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Poisson counts, or negative binomial ones of which the variance is ``over`` times the mean."""
    if over > 1.0:
        mean = rng.gamma(mean / (over - 1.0), over - 1.0)
    return rng.poisson(mean).astype(np.int64)


def counted(variant: NDArray[np.int64], n_variants: int, replicates: dict[tuple[str, str], Replicate]) -> Counted:
    """Counts as the floor keeps them; barcodes and variants have numbers for names."""
    names = [f"v{number:05d}" for number in range(n_variants)]
    barcodes = pa.array([f"b{number:06d}" for number in range(len(variant))])
    return Counted(names, barcodes, np.asarray(variant, dtype=np.int64), replicates)
