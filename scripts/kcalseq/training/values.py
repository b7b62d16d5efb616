"""From a table of continuous values to what a model is fitted to."""

import numpy as np
import pandas as pd
import torch

from kcalseq.dna import encode_sequences
from kcalseq.errors import KcalseqError
from kcalseq.models.continuous import GlobalEpistasis, ValueData
from kcalseq.models.processes import described
from kcalseq.models.spec import ModelSpec
from kcalseq.tablefile import read_table
from kcalseq.tables import SETS
from kcalseq.training.problem import Experiment, Problem, check_lengths, check_variation


def read_value_problem(spec: ModelSpec, variants: str, variant_values: str) -> Problem:
    """``build_value_problem`` from the files of the two tables."""
    return build_value_problem(spec, read_table("variants", variants), read_table("variant_values", variant_values))


def build_value_problem(spec: ModelSpec, variants: pd.DataFrame, values: pd.DataFrame) -> Problem:
    """Arrange tables ``variants`` and ``variant_values`` of one library for a model of continuous values.

    Each condition is an experiment; its values are centred and scaled by those of its training variants.

    Args:
        spec: the model.
        variants: table ``variants``.
        values: table ``variant_values``.

    Raises:
        KcalseqError: the data cannot carry the model.
    """
    library = str(variants["library"].iloc[0]) if len(variants) else "?"
    where = f"library '{library}', model '{spec.name}'"
    if spec.measurement.kind != "continuous":
        found = f"a measurement of kind {spec.measurement.kind}"
        raise KcalseqError(where, found, "kind: continuous, since this library has values", "correct the model")
    sequences = variants["variant_sequence"].tolist()
    check_lengths(library, spec, sequences)
    number = pd.Index(variants["variant"])
    sets = variants["set"].to_numpy(dtype=str)
    conditions = sorted(values["condition"].unique())
    experiments = []
    for condition in conditions:
        place = where if len(conditions) == 1 else f"{where}, condition '{condition}'"
        experiments.append(_measured(place, spec, condition, values[values["condition"] == condition], number, sets))
    codes = encode_sequences(sequences, spec.length)
    problem = Problem(number.to_numpy(dtype=str), sets, codes, tuple(experiments))
    check_variation(where, spec, problem)
    return problem


def valued(problem: Problem) -> list[tuple[str, GlobalEpistasis, ValueData]]:
    """Condition, process and data of each experiment of continuous values."""
    return [
        (experiment.condition, experiment.process, experiment.data)
        for experiment in problem.experiments
        if isinstance(experiment.process, GlobalEpistasis) and isinstance(experiment.data, ValueData)
    ]


def _measured(
    where: str, spec: ModelSpec, condition: str, values: pd.DataFrame, number: "pd.Index[str]", sets: np.ndarray
) -> Experiment:
    rows = number.get_indexer(pd.Index(values["variant"].to_numpy(dtype=str)))
    y, weight, dy = np.zeros((3, 1, len(number)))
    y[0, rows], weight[0, rows] = values["value"], 1.0
    for part in SETS:
        if not weight[0, sets == part].any():
            raise KcalseqError(where, f"no value in the {part} set", "values in every set", "correct the split")
    training = y[0, (sets == "training") & (weight[0] > 0)]
    if np.ptp(training) == 0:
        found = f"all values of the training set are {training[0]:g}"
        raise KcalseqError(where, found, "values that differ", "name the right column 'value'")
    errors = None
    if spec.measurement.noise == "empirical":
        if values["value_se"].isna().any():
            found = "noise: empirical, but values without standard errors"
            raise KcalseqError(where, found, "a column value_se", "add the column, or choose noise: gaussian")
        dy[0, rows] = values["value_se"]
        errors = torch.from_numpy(dy)
    scale = {"value_mean": float(training.mean()), "value_sd": float(training.std())}
    data = ValueData(torch.from_numpy(y), torch.from_numpy(weight), errors)
    return Experiment(condition, described(spec, scale), data)
