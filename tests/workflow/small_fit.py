"""A library of 256 values and one model: the shortest way through the real workflow that ends with a fit."""

from pathlib import Path

import numpy as np

CONFIG = """\
libraries:
  splicing:
    values: values.tsv
    models: [model.yaml]
fit:
  starts: 1
"""
MODEL = """\
description: additive, four bases
kind: additive
sequence: {length: 4}
sites:
  motif: {start: 0, length: 4}
measurement: {kind: continuous, hidden_units: 3}
"""
FOLDER = "results/libraries/splicing"


def values_table() -> str:
    """All 256 RNA sequences of four bases in two conditions; the second is half as high."""
    rng = np.random.default_rng(1)
    theta, rows = rng.normal(size=(4, 4)), ["sequence\tvalue\tcondition"]
    for codes in np.ndindex(4, 4, 4, 4):
        phi = theta[np.arange(4), codes].sum() / 2.0
        name = "".join("ACGU"[base] for base in codes)
        for condition, height in (("hot", 1.0), ("cold", 0.5)):
            rows.append(f"{name}\t{2.0 + height * np.tanh(phi) + rng.normal(0.0, 0.1):.4f}\t{condition}")
    return "\n".join(rows) + "\n"


def write_small_fit(folder: Path) -> None:
    """Write configuration, model and table into a folder."""
    for name, text in (("config.yaml", CONFIG), ("model.yaml", MODEL), ("values.tsv", values_table())):
        (folder / name).write_text(text, encoding="utf-8")
