"""Which measurement process a model asks for."""

from collections.abc import Mapping
from typing import Any

from kcalseq.models.barcodes import BarcodeCounts
from kcalseq.models.bins import TanhBins
from kcalseq.models.gated import GatedSorter
from kcalseq.models.process import Process
from kcalseq.models.spec import ModelSpec
from kcalseq.models.tails import Distribution


def described(spec: ModelSpec, description: Mapping[str, Any]) -> Process:
    """The process of an experiment, from the description that it gave of itself (``Process.description``)."""
    if spec.measurement.kind == "barcode_counts":
        return BarcodeCounts(
            tuple(description["replicates"]),
            tuple(description["log_size_ratio"]),
            tuple(description["log_size_dna"]),
            spec.measurement.noise,
            spec.measurement.barcode_effect,
            spec.measurement.background,
        )
    sorter = spec.measurement.sorter
    if sorter is not None:
        return GatedSorter(tuple(description["bins"]), sorter.gates, Distribution(sorter.cells))
    return TanhBins(tuple(description["bins"]), spec.measurement.hidden_units, spec.measurement.weight_sd)
