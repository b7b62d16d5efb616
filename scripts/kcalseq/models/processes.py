"""Which measurement process a model asks for."""

from collections.abc import Mapping
from typing import Any

from kcalseq.models.bins import TanhBins
from kcalseq.models.process import Process
from kcalseq.models.spec import ModelSpec


def described(spec: ModelSpec, description: Mapping[str, Any]) -> Process:
    """The process of an experiment, from the description that it gave of itself (``Process.description``)."""
    return TanhBins(tuple(description["bins"]), spec.measurement.hidden_units, spec.measurement.weight_sd)
