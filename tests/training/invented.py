"""Folders of models with invented parameters, as a fit leaves them."""

import json
from pathlib import Path

import torch

from kcalseq.models.beginnings import initial_parameters
from kcalseq.models.network import Network
from kcalseq.models.processes import described
from kcalseq.models.spec import read_model
from kcalseq.training.fitted import FittedPromoter, load
from kcalseq.training.weights import save_weights

BINS = [0, 1, 2, 3]
ADDITIVE = """\
description: Twelve bases that add up
kind: additive
sequence: {length: 12, wildtype: ACGTACGTACGT}
sites:
  promoter: {start: 0, length: 12}
measurement: {hidden_units: 3}
"""


def invented_model(folder: Path, text: str, conditions: tuple[str, ...] = ("M9",)) -> FittedPromoter:
    """A model of that YAML with the parameters of a random start."""
    folder.mkdir(exist_ok=True)
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    spec = read_model(folder / "model.yaml")
    experiments = [{"condition": one, "bins": BINS, "phi_mean": 0.3, "phi_sd": 1.7} for one in conditions]
    (folder / "fit.json").write_text(json.dumps({"model": "invented", "experiments": experiments}), encoding="utf-8")
    network = Network(spec, [described(spec, one) for one in experiments], conditions, torch.device("cpu"))
    save_weights(network.layout, initial_parameters(network, 32, 0), folder / "weights.safetensors")
    return load(folder)
