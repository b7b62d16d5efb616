"""What a model's YAML says of a black box, and whether it makes sense. Loads without torch and numpy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kcalseq.errors import KcalseqError
from kcalseq.models.architecture import Architecture
from kcalseq.yamlfile import Document

# Weight priors and courses chosen on the validation set of the lac table (benchmarks/black_box.py).
_DEFAULTS: dict[str, dict[str, Any]] = {
    "mlp": {"weight_sd": 0.1, "epochs": 80, "patience": 15, "learning_rate": 3e-3},
    "cnn": {"weight_sd": 0.05, "epochs": 30, "patience": 10, "learning_rate": 2e-3},
}
_OF_CNN = ("filters", "filter_width", "pool")


@dataclass(frozen=True)
class BoxSpec:
    """A black box and how it is trained.

    Attributes:
        architecture: its layers.
        weight_sd: prior standard deviation of the weights; biases are free.
        epochs: most times that training goes over the training variants.
        patience: a start stops after so many epochs without a better validation value.
        learning_rate: of the first epoch.
        batch: most variants in a batch.
    """

    architecture: Architecture
    weight_sd: float
    epochs: int
    patience: int
    learning_rate: float
    batch: int


def box_of(content: dict[str, Any], length: int) -> BoxSpec:
    """The black box that a checked block ``network`` of a model's YAML asks for.

    Args:
        content: the block.
        length: bases of a variant.
    """
    own = {**_DEFAULTS[content["architecture"]], **content}
    sizes: dict[str, Any] = {key: own[key] for key in _OF_CNN if key in own}
    if "hidden_units" in own:
        sizes["hidden"] = tuple(own["hidden_units"])
    return BoxSpec(
        Architecture(own["architecture"], length, **sizes),
        float(own["weight_sd"]),
        own["epochs"],
        own["patience"],
        float(own["learning_rate"]),
        own.get("batch", 256),
    )


def box_errors(document: Document, content: dict[str, Any]) -> Iterator[KcalseqError]:
    """Complaints about a black box: no network, or sizes that do not belong to it or do not fit.

    Args:
        document: the model's file.
        content: all of it.
    """
    if "network" not in content:
        remedy = "add 'network: {architecture: mlp}'"
        yield KcalseqError(document.where(("kind",)), "a black_box model without a network", "a network", remedy)
        return
    network, length = content["network"], content["sequence"]["length"]
    for key in _OF_CNN:
        if network["architecture"] == "mlp" and key in network:
            found, remedy = f"an mlp with {key}", f"remove {key} or set architecture: cnn"
            yield KcalseqError(document.where(("network", key)), found, "none: it has no filters", remedy)
    width = network.get("filter_width", Architecture.filter_width)
    if network["architecture"] == "cnn" and width > length:
        found, expected = f"filters of {width} bases in variants of {length}", f"at most {length}"
        yield KcalseqError(document.where(("network",)), found, expected, "set a smaller filter_width")
