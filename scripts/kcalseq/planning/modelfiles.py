"""The models that a library's block of the configuration names, and whether they suit the library."""

import re
from pathlib import Path
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.models.spec import ModelSpec, read_model
from kcalseq.planning.association import Association
from kcalseq.planning.sharedfiles import SharedFiles
from kcalseq.queries import read_queries
from kcalseq.reads.layout import Layout

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def read_models(item: dict[str, Any], where: str, files: SharedFiles) -> tuple[dict[str, ModelSpec], dict[str, str]]:
    """The models of a library by their names, and the file of each.

    Raises:
        KcalseqError: a file is missing or faulty, its name cannot be a model's, or two have one name.
    """
    models: dict[str, ModelSpec] = {}
    named: dict[str, str] = {}
    for path in item["models"]:
        if not _PLAIN_NAME.fullmatch(Path(path).stem):
            found = f"the model file '{path}' names files and columns"
            raise KcalseqError(where, found, "letters, digits, _ and - before .yaml", "rename the file")
        model = files.read_named(read_model, path, f"{where}: its model")
        if model.name in models:
            raise KcalseqError(
                where, f"two models named '{model.name}'", "one file name each", "rename one of the files"
            )
        models[model.name], named[model.name] = model, path
    return models, named


def check_length(
    model: ModelSpec, path: str, layout: Layout, association: Association | None, designed: frozenset[int], assay: str
) -> None:
    """Refuse a model of another length than the variants.

    Raises:
        KcalseqError: said of the model's file.
    """
    found = f"sequence.length is {model.length}"
    if designed:
        if designed != {model.length}:
            lengths = ", ".join(map(str, sorted(designed)))
            source = association.design if association else ""
            raise KcalseqError(
                path, found, f"{lengths}, the lengths of the oligos in {source}", "correct one of the two"
            )
        return
    reads = association.layout if association and association.layout else layout
    if reads.parts("variant") and reads.length_of("variant") != (model.length, model.length):
        low, high = reads.length_of("variant")
        length = f"{low}" if low == high else f"{low} to {high}"
        raise KcalseqError(
            path, found, f"{length}, the length of the variant in {reads.name or assay}", "correct one of the two"
        )


def check_measurement(model: ModelSpec, path: str, source: str) -> None:
    """Refuse a measurement that a library of ``source`` (reads or values) does not have.

    Raises:
        KcalseqError: said of the model's file.
    """
    kind = model.measurement.kind
    if (kind == "continuous") != (source == "values"):
        found, expected = f"a measurement of kind {kind}", "kind: continuous" if source == "values" else "another kind"
        raise KcalseqError(path, found, f"{expected} for a library of {source}", "correct the model or the library")


def check_predicted(path: str | None, models: dict[str, ModelSpec], where: str) -> None:
    """Refuse sequences that the models cannot predict.

    Raises:
        KcalseqError: there is no model, or the file is missing or faulty.
    """
    if path is None:
        return
    if not models:
        found = f"sequences to predict ('{path}'), but no model"
        raise KcalseqError(where, found, "models to predict them with", "name models, or drop 'predict'")
    if not Path(path).is_file():
        found = f"'{path}' is no file"
        raise KcalseqError(f"{where}: its sequences to predict", found, "a FASTA file", "correct the path")
    longest = max(models.values(), key=lambda model: model.length)
    read_queries(path, longest.length, longest.name)
