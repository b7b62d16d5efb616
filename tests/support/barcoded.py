"""Barcoded libraries whose truth is known, as the tables of the pipeline hold them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.dna import ALPHABET
from kcalseq.models.barcode_counts import BarcodeDesign, FullWeights, simulate
from kcalseq.models.bins import TanhBins
from kcalseq.models.design import build_design
from kcalseq.models.network import Network
from kcalseq.models.spec import ModelSpec

N_BARCODES, N_REPLICATES, ALPHA = 5, 3, 0.1


class BarcodedLibrary(NamedTuple):
    """Tables ``variants`` and ``barcode_counts``, and the true log activity of each variant."""

    variants: pd.DataFrame
    counts: pd.DataFrame
    phi: NDArray[np.float64]


def barcoded_library(
    spec: ModelSpec, energies: NDArray[np.float64], n_variants: int, seed: int, n_barcodes: int = N_BARCODES
) -> BarcodedLibrary:
    """Negative binomial counts (alpha 0.1) of five barcodes a variant in three replicates.

    Args:
        spec: the model.
        energies: its part of the flat vector that is no measurement process.
        n_variants: each base is mutated with probability 0.3.
        seed: of sequences and counts.
        n_barcodes: of each variant.
    """
    rng = np.random.default_rng(seed)
    reference = np.array([ALPHABET.index(base) for base in spec.wildtype or ""], dtype=np.uint8)
    moved = (reference + rng.integers(1, 4, (n_variants, spec.length))) % 4
    codes = np.where(rng.random((n_variants, spec.length)) < 0.3, moved, reference).astype(np.uint8)
    codes = np.unique(codes, axis=0)[rng.permutation(len(np.unique(codes, axis=0)))]
    phi = log_activities(spec, energies, codes)
    barcode = np.tile(np.arange(len(codes) * n_barcodes), N_REPLICATES)
    replicate = np.repeat(np.arange(N_REPLICATES), len(codes) * n_barcodes)
    design = BarcodeDesign(*(torch.from_numpy(column) for column in (barcode // n_barcodes, replicate, barcode)))
    log_alpha = torch.full((1,), np.log(ALPHA), dtype=torch.float64)
    depths = [torch.tensor(values, dtype=torch.float64) for values in ((1.0, 1.3, 0.8), (3.5, 3.2, 3.8))]
    weights = FullWeights(*depths, torch.zeros(1, N_REPLICATES, dtype=torch.float64), log_alpha, log_alpha)
    centred = torch.from_numpy(phi - phi.mean())[None]
    dna, rna = simulate(centred, rng.normal(0.0, 0.7, len(codes) * n_barcodes), design, weights, rng)
    frames = [
        pd.DataFrame(
            {
                "condition": "cells",
                "replicate": [str(one + 1) for one in replicate],
                "fraction": fraction,
                "bin": 0,
                "barcode": [f"b{one:06d}" for one in barcode],
                "variant": [f"v{one // n_barcodes:05d}" for one in barcode],
                "n_reads": reads,
                "n_molecules": pd.array([pd.NA] * len(reads), dtype="Int64"),
            }
        )
        for fraction, reads in (("dna", dna), ("rna", rna))
    ]
    counts = pd.concat(frames, ignore_index=True)
    names = [f"v{number:05d}" for number in range(len(codes))]
    sequences = ["".join(ALPHABET[code] for code in row) for row in codes]
    sets = rng.choice(["training", "validation", "test"], len(codes), p=[0.6, 0.2, 0.2])
    variants = pd.DataFrame({"library": "made", "variant": names, "variant_sequence": sequences, "set": sets})
    return BarcodedLibrary(variants, counts[counts["n_reads"] > 0].assign(library="made"), phi)


def log_activities(spec: ModelSpec, energies: NDArray[np.float64], codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """phi of sequences, shape (n,), from the energies alone."""
    network = Network(spec, [TanhBins((0, 1), 1, 1.0)], ["all"], torch.device("cpu"))
    flat = np.concatenate([energies, np.zeros(network.layout.size - len(energies))])
    design = build_design(spec, codes, torch.device("cpu"))
    return np.asarray(network.phenotype(torch.from_numpy(flat)[None], design, 0)[0].numpy())
