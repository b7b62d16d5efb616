"""Counted libraries of models of one site, from energies as the flat vector has them."""

import numpy as np
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.spec import ModelSpec
from kcalseq.simulate.counting import CountedLibrary, CountingExperiment, simulate_counting
from kcalseq.simulate.sorting import Energies


def counted_library(
    spec: ModelSpec, energies: NDArray[np.float64], n_variants: int, seed: int, n_barcodes: int = 5
) -> CountedLibrary:
    """Barcode counts of variants whose energies are those of the bases of the one site, and then its potential."""
    (site,) = spec.sites
    truth = Energies({site.name: energies[:-1].reshape(-1, len(ALPHABET))}, {site.name: float(energies[-1])}, {})
    return simulate_counting("made", spec, truth, CountingExperiment(n_variants, n_barcodes), seed)
