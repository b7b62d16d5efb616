"""From tables to tensors: what a model is fitted to, checked for being able to carry it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from kcalseq.dna import encode_sequences
from kcalseq.errors import KcalseqError
from kcalseq.models.barcodes import BarcodeCounts, BarcodeData
from kcalseq.models.bins import BinData, SortBins
from kcalseq.models.process import Data, Process
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec
from kcalseq.tablefile import read_table
from kcalseq.tables import SETS
from kcalseq.training.barcoded import Barcoded, barcode_experiments


class Experiment(NamedTuple):
    """What was measured in one condition of a library.

    Attributes:
        condition: its name.
        process: how measurements follow from phi.
        data: what was measured, of all variants of the problem; nothing of those that were not in this experiment.
    """

    condition: str
    process: Process
    data: Data

    def n_observations(self) -> NDArray[np.float64]:
        """Independent observations of each variant, shape (n_variants,)."""
        return np.asarray(self.data.n_observations.numpy())


class Problem(NamedTuple):
    """Variants in the order of table ``variants``, with their observations.

    Attributes:
        variants: their names, shape (n_variants,).
        sets: part of the split of each, shape (n_variants,).
        codes: bases 0..3, shape (n_variants, length).
        experiments: one a condition, in the order of the conditions' names.
    """

    variants: NDArray[np.str_]
    sets: NDArray[np.str_]
    codes: NDArray[np.uint8]
    experiments: tuple[Experiment, ...]

    def rows(self, part: str) -> NDArray[np.int64]:
        """Numbers of the variants in a part of the split."""
        return np.flatnonzero(self.sets == part)

    def thinned(self, most: int) -> "Problem":
        """The same with at most so many of the training variants, evenly spread over them."""
        training, kept = self.rows("training"), self.sets != "training"
        if len(training) <= most:
            return self
        kept[training[np.arange(most) * len(training) // most]] = True
        rows = np.flatnonzero(kept)
        experiments = (one._replace(data=one.data.take(torch.from_numpy(rows))) for one in self.experiments)
        return Problem(self.variants[rows], self.sets[rows], self.codes[rows], tuple(experiments))


def binned(problem: Problem) -> list[tuple[str, SortBins, BinData]]:
    """Condition, process and data of each experiment that sorted cells into bins."""
    return [
        (experiment.condition, experiment.process, experiment.data)
        for experiment in problem.experiments
        if isinstance(experiment.process, SortBins) and isinstance(experiment.data, BinData)
    ]


COUNTED = {"bins": "variant_counts", "barcode_counts": "barcode_counts"}
"""The table that a model's kind of measurement process reads."""


def barcoded(problem: Problem) -> list[Barcoded]:
    """Condition, process and data of each experiment that counted barcodes."""
    return [
        (experiment.condition, experiment.process, experiment.data)
        for experiment in problem.experiments
        if isinstance(experiment.process, BarcodeCounts) and isinstance(experiment.data, BarcodeData)
    ]


def read_problem(spec: ModelSpec, variants: str, counts: str, observations: str) -> Problem:
    """``build_problem`` from the files of the two tables."""
    counted = read_table(COUNTED[spec.measurement.kind], counts)
    return build_problem(spec, read_table("variants", variants), counted, observations)


def build_problem(spec: ModelSpec, variants: pd.DataFrame, counts: pd.DataFrame, observations: str) -> Problem:
    """Arrange tables ``variants`` and ``variant_counts``, or ``barcode_counts``, of one library for a model.

    Args:
        spec: the model.
        variants: table ``variants``.
        counts: table ``variant_counts``; ``barcode_counts`` for a model of these.
        observations: of sort bins: ``presence`` counts a variant once per bin and replicate, ``raw`` counts its reads.

    Raises:
        KcalseqError: the data cannot carry the model.
    """
    library = str(variants["library"].iloc[0]) if len(variants) else "?"
    sequences = variants["variant_sequence"].tolist()
    check_lengths(library, spec, sequences)
    number = pd.Index(variants["variant"])
    problem = Problem(
        number.to_numpy(dtype=str),
        variants["set"].to_numpy(dtype=str),
        encode_sequences(sequences, spec.length),
        _experiments(spec, counts, number, observations),
    )
    _check_content(library, spec, problem)
    return problem


def _experiments(
    spec: ModelSpec, counts: pd.DataFrame, number: "pd.Index[str]", observations: str
) -> tuple[Experiment, ...]:
    if spec.measurement.kind == "barcode_counts":
        return tuple(Experiment(*found) for found in barcode_experiments(spec, counts, number))
    sorted_counts = counts[counts["fraction"].isin(["input", "bin"])]
    return tuple(
        _sorting(spec, str(condition), own, number, observations)
        for condition, own in sorted_counts.groupby("condition", sort=True)
    )


def _sorting(
    spec: ModelSpec, condition: str, counts: pd.DataFrame, number: "pd.Index[str]", observations: str
) -> Experiment:
    bins = np.sort(counts["bin"].unique()).astype(np.int64)
    rows = np.searchsorted(bins, counts["bin"])
    columns = number.get_indexer(pd.Index(counts["variant"].to_numpy(dtype=str)))
    reads = counts["n_reads"].to_numpy(dtype=float)
    matrix = np.zeros((1, len(bins), len(number)))
    np.add.at(matrix[0], (rows, columns), (reads > 0).astype(float) if observations == "presence" else reads)
    _check_gates(spec, condition, int((bins > 0).sum()))
    return Experiment(condition, described(spec, {"bins": bins.tolist()}), BinData(torch.from_numpy(matrix)))


def _check_gates(spec: ModelSpec, condition: str, n_sorted: int) -> None:
    sorter = spec.measurement.sorter
    if sorter is not None and sorter.gates is not None and len(sorter.gates) != n_sorted - 1:
        found = f"{len(sorter.gates)} gates for the {n_sorted} sort bins of condition '{condition}'"
        remedy = "correct gates, or set gates: learned"
        raise KcalseqError(f"model '{spec.name}'", found, f"{n_sorted - 1}, one between two bins", remedy)


def check_lengths(library: str, spec: ModelSpec, sequences: list[str]) -> None:
    """Raise KcalseqError for the first variant that has not the length that the model says."""
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
    if not problem.experiments:
        found, expected, fractions = ("no sort bins", "at least 2 of them", "bin")
        if spec.measurement.kind == "barcode_counts":
            found, expected, fractions = ("no counts of barcodes with a variant", "DNA and RNA counts", "dna and rna")
        raise KcalseqError(where, found, expected, f"name samples of fraction {fractions} in samples.tsv")
    for condition, _, counted in barcoded(problem):
        _check_barcodes(f"{where}, condition '{condition}'", problem, counted)
    for condition, process, data in binned(problem):
        place = where if len(problem.experiments) == 1 else f"{where}, condition '{condition}'"
        _check_counts(place, problem, np.array(process.bins), data.table)
    check_variation(where, spec, problem)


def check_variation(where: str, spec: ModelSpec, problem: Problem) -> None:
    """Raise KcalseqError, said of ``where``, for a site within which all variants are the same."""
    varied = (problem.codes != problem.codes[0]).any(0)
    for site in spec.sites:
        if not varied[list(site.covered(spec.length))].any():
            raise KcalseqError(
                where,
                f"no variant differs from the others within site '{site.name}'",
                "mutations in every site",
                "drop the site",
            )


def _check_barcodes(where: str, problem: Problem, data: BarcodeData) -> None:
    counted = data.n_observations.numpy()
    for part in SETS:
        if counted[problem.rows(part)].sum() == 0:
            found = f"no barcode with enough reads in the {part} set"
            raise KcalseqError(where, found, "some in every set", "lower minimum_reads, or correct the split")


def _check_counts(where: str, problem: Problem, bins: NDArray[np.int64], counts: NDArray[np.float64]) -> None:
    n_sorted = int((bins > 0).sum())
    if n_sorted < 2:
        raise KcalseqError(where, f"{n_sorted} sort bins with reads", "at least 2", "name more samples in samples.tsv")
    for part in SETS:
        if counts[:, problem.rows(part)].sum() == 0:
            raise KcalseqError(
                where, f"no observation in the {part} set", "observations in every set", "correct the split"
            )
    empty = bins[counts[:, problem.rows("training")].sum(1) == 0]
    if len(empty):
        raise KcalseqError(
            where,
            f"bin {empty[0]} has no observation in the training set",
            "observations in every bin",
            "drop its sample",
        )
