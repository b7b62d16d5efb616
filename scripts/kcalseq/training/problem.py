"""From tables to tensors: what a model is fitted to, checked for being able to carry it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec
from kcalseq.tablefile import read_table
from kcalseq.tables import SETS


class Problem(NamedTuple):
    """Variants in the order of table ``variants``, with their observations.

    Attributes:
        variants: their names, shape (n_variants,).
        sets: part of the split of each, shape (n_variants,).
        codes: bases 0..3, shape (n_variants, length).
        bins: sort bins in order; 0 is the library before sorting.
        counts: independent observations, shape (n_bins, n_variants).
    """

    variants: NDArray[np.str_]
    sets: NDArray[np.str_]
    codes: NDArray[np.uint8]
    bins: NDArray[np.int64]
    counts: NDArray[np.float64]

    def rows(self, part: str) -> NDArray[np.int64]:
        """Numbers of the variants in a part of the split."""
        return np.flatnonzero(self.sets == part)


def read_problem(spec: ModelSpec, variants: str, variant_counts: str, observations: str) -> Problem:
    """``build_problem`` from the files of the two tables."""
    return build_problem(
        spec, read_table("variants", variants), read_table("variant_counts", variant_counts), observations
    )


def build_problem(spec: ModelSpec, variants: pd.DataFrame, counts: pd.DataFrame, observations: str) -> Problem:
    """Arrange tables ``variants`` and ``variant_counts`` of one library for a model.

    Args:
        spec: the model.
        variants: table ``variants``.
        counts: table ``variant_counts``.
        observations: ``presence`` counts a variant once per bin and replicate, ``raw`` counts its reads.

    Raises:
        KcalseqError: the data cannot carry the model.
    """
    library = str(variants["library"].iloc[0]) if len(variants) else "?"
    _check_conditions(library, counts)
    sorted_counts = counts[counts["fraction"].isin(["input", "bin"])]
    bins = np.sort(sorted_counts["bin"].unique()).astype(np.int64)
    number = pd.Index(variants["variant"])
    rows, columns = np.searchsorted(bins, sorted_counts["bin"]), number.get_indexer(sorted_counts["variant"])
    reads = sorted_counts["n_reads"].to_numpy(dtype=float)
    matrix = np.zeros((len(bins), len(variants)))
    np.add.at(matrix, (rows, columns), (reads > 0).astype(float) if observations == "presence" else reads)
    sequences = variants["variant_sequence"].tolist()
    _check_lengths(library, spec, sequences)
    problem = Problem(
        variants["variant"].to_numpy(dtype=str),
        variants["set"].to_numpy(dtype=str),
        encode_sequences(sequences, spec.length),
        bins,
        matrix,
    )
    _check_content(library, spec, problem)
    return problem


def _check_conditions(library: str, counts: pd.DataFrame) -> None:
    conditions = sorted(counts["condition"].unique())
    if len(conditions) != 1:
        raise KcalseqError(
            f"library '{library}'",
            f"{len(conditions)} conditions ({', '.join(conditions)})",
            "one condition for one fit",
            "give each condition its own library in samples.tsv",
        )


def _check_lengths(library: str, spec: ModelSpec, sequences: list[str]) -> None:
    for sequence in sequences:
        if len(sequence) != spec.length:
            raise KcalseqError(
                f"library '{library}', model '{spec.name}'",
                f"a variant of {len(sequence)} bases ({sequence[:30]}...)",
                f"variants of {spec.length} bases, as the model's sequence.length says",
                "correct the model or the assay's layout",
            )


def _check_content(library: str, spec: ModelSpec, problem: Problem) -> None:
    where = f"library '{library}', model '{spec.name}'"
    n_sorted = int((problem.bins > 0).sum())
    if n_sorted < 2:
        raise KcalseqError(where, f"{n_sorted} sort bins with reads", "at least 2", "name more samples in samples.tsv")
    for part in SETS:
        counts = problem.counts[:, problem.rows(part)]
        if counts.sum() == 0:
            raise KcalseqError(
                where, f"no observation in the {part} set", "observations in every set", "correct the split"
            )
    empty = problem.bins[problem.counts[:, problem.rows("training")].sum(1) == 0]
    if len(empty):
        raise KcalseqError(
            where,
            f"bin {empty[0]} has no observation in the training set",
            "observations in every bin",
            "drop its sample",
        )
    varied = (problem.codes != problem.codes[0]).any(0)
    for site in spec.sites:
        if not varied[site.start : site.stop].any():
            raise KcalseqError(
                where,
                f"no variant differs from the others within site '{site.name}'",
                "mutations in every site",
                "drop the site",
            )
