"""What a model is fitted to, from the tables that a library has."""

from collections.abc import Mapping

from kcalseq.models.spec import ModelSpec
from kcalseq.training.problem import Problem, read_problem
from kcalseq.training.values import read_value_problem


def read_inputs(spec: ModelSpec, tables: Mapping[str, str], observations: str) -> Problem:
    """The problem of a library, by the one table of measurements that it has.

    Args:
        spec: the model.
        tables: files by the name of their table: ``variants``, and ``variant_values``, ``barcode_counts`` or
            ``variant_counts``; others are passed over.
        observations: of sort bins, ``presence`` or ``raw``.

    Raises:
        KcalseqError: the data cannot carry the model.
    """
    if "variant_values" in tables:
        return read_value_problem(spec, tables["variants"], tables["variant_values"])
    counts = tables["barcode_counts"] if "barcode_counts" in tables else tables["variant_counts"]
    return read_problem(spec, tables["variants"], counts, observations)
