"""Checks of a model's measurement process that a schema cannot express: which of its keys belong together."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.yamlfile import Document

_KINDS_OF_KEY = {
    "sorter": ("bins",),
    "hidden_units": ("bins", "continuous"),
    "weight_sd": ("bins", "continuous"),
    "noise": ("barcode_counts", "continuous"),
    "barcode_effect": ("barcode_counts",),
    "background": ("barcode_counts",),
    "minimum_reads": ("barcode_counts",),
    "curve": ("continuous",),
    "noise_order": ("continuous",),
}
_NOISES = {
    "barcode_counts": ("beta_binomial", "binomial", "negative_binomial"),
    "continuous": ("gaussian", "cauchy", "skew_t", "empirical"),
}


def default_noise(kind: str) -> str:
    """The noise of a measurement of this kind where the model names none."""
    return _NOISES.get(kind, _NOISES["barcode_counts"])[0]


def check_measurement(document: Document, measurement: dict[str, Any]) -> Iterator[KcalseqError]:
    """Complaints about keys that say nothing where they stand.

    Args:
        document: the model's file.
        measurement: its block ``measurement``.
    """
    kind = measurement.get("kind", "bins")
    noise = measurement.get("noise", default_noise(kind))
    for key in measurement:
        kinds = _KINDS_OF_KEY.get(key, (kind,))
        if kind not in kinds:
            found, remedy = f"a measurement of kind {kind} with {key}", f"remove {key} or set kind: {kinds[0]}"
            yield KcalseqError(document.where(("measurement", key)), found, "none", remedy)
        elif key == "noise" and noise not in _NOISES[kind]:
            found, expected = f"a measurement of kind {kind} with {noise} noise", " or ".join(_NOISES[kind])
            yield KcalseqError(document.where(("measurement", key)), found, expected, "name another noise")
        elif key in ("hidden_units", "weight_sd") and measurement.get("curve") == "linear":
            found, expected = f"a linear curve with {key}", "none, since it has no tanh units"
            yield KcalseqError(document.where(("measurement", key)), found, expected, f"remove {key}")
    if "sorter" in measurement:
        yield from _check_sorter(document, measurement)
    if kind == "barcode_counts" and measurement.get("barcode_effect") and noise != "negative_binomial":
        found = f"barcode_effect with {noise} noise"
        remedy = "set noise: negative_binomial or remove barcode_effect"
        yield KcalseqError(document.where(("measurement", "barcode_effect")), found, "negative_binomial noise", remedy)


def _check_sorter(document: Document, measurement: dict[str, Any]) -> Iterator[KcalseqError]:
    gates = measurement["sorter"].get("gates", "learned")
    if gates != "learned" and any(one >= two for one, two in pairwise(gates)):
        where, remedy = document.where(("measurement", "sorter", "gates")), "put them in order"
        yield KcalseqError(where, f"gates {', '.join(map(str, gates))}", "gates that rise", remedy)
    for key in ("hidden_units", "weight_sd"):
        if key in measurement:
            where, remedy = document.where(("measurement", key)), f"remove {key}: a sorter has no tanh units"
            yield KcalseqError(where, f"{key} beside a sorter", "one of the two", remedy)
