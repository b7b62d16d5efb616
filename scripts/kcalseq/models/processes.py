"""Which measurement process a model asks for."""

from collections.abc import Mapping
from typing import Any, cast

from kcalseq.models.barcodes import BarcodeCounts, Noise
from kcalseq.models.bins import TanhBins
from kcalseq.models.continuous import GlobalEpistasis, NoiseModel, ValueScale
from kcalseq.models.gated import GatedSorter
from kcalseq.models.process import Process
from kcalseq.models.spec import ModelSpec
from kcalseq.models.tails import Distribution


def described(spec: ModelSpec, description: Mapping[str, Any]) -> Process:
    """The process of an experiment, from the description that it gave of itself (``Process.description``)."""
    asked = spec.measurement
    if asked.kind == "barcode_counts":
        return BarcodeCounts(
            tuple(description["replicates"]),
            tuple(description["log_size_ratio"]),
            tuple(description["log_size_dna"]),
            cast(Noise, asked.noise),
            asked.barcode_effect,
            asked.background,
        )
    if asked.kind == "continuous":
        scale, noise = ValueScale(description["value_mean"], description["value_sd"]), cast(NoiseModel, asked.noise)
        return GlobalEpistasis(asked.curve, asked.hidden_units, asked.weight_sd, noise, asked.noise_order, scale)
    sorter = asked.sorter
    if sorter is not None:
        return GatedSorter(tuple(description["bins"]), sorter.gates, Distribution(sorter.cells))
    return TanhBins(tuple(description["bins"]), asked.hidden_units, asked.weight_sd)
