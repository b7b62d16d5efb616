"""Weights of a fitted model as safetensors: named blocks, no pickle, the same bytes for the same numbers."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from kcalseq.errors import KcalseqError
from kcalseq.models.parameters import ParameterLayout
from kcalseq.wholefile import whole_or_not_at_all


def save_weights(layout: ParameterLayout, flat: NDArray[np.float64], path: str | Path) -> None:
    """Write a flat vector (size,) as one tensor per block."""
    blocks = {name: flat[block.slice].reshape(block.shape).copy() for name, block in layout.blocks.items()}
    with whole_or_not_at_all(path) as partial:
        save_file(blocks, partial)


def load_weights(layout: ParameterLayout, path: str | Path) -> NDArray[np.float64]:
    """Read a flat vector, shape (size,).

    Raises:
        KcalseqError: the file holds other blocks than the model has.
    """
    blocks, flat = load_file(path), np.empty(layout.size)
    if set(blocks) != set(layout.blocks):
        found = ", ".join(sorted(set(blocks) ^ set(layout.blocks)))
        raise KcalseqError(
            str(path), f"blocks that differ from the model's: {found}", "weights of this model", "refit it"
        )
    for name, block in layout.blocks.items():
        if blocks[name].shape != block.shape:
            found, expected = f"block '{name}' of shape {blocks[name].shape}", f"shape {block.shape}"
            raise KcalseqError(str(path), found, f"{expected}, as the model and these bins need", "refit it")
        flat[block.slice] = blocks[name].ravel()
    return flat


def earlier_weights(layout: ParameterLayout, path: str | Path) -> tuple[NDArray[np.float64], list[str]]:
    """What the weights of an earlier fit say of a model that may have grown since: other bins, other sites.

    Returns:
        a flat vector, shape (size,), NaN where the file holds no block of that name and shape; names of those blocks.
    """
    blocks, flat, missing = load_file(path), np.full(layout.size, np.nan), []
    for name, block in layout.blocks.items():
        if name in blocks and blocks[name].shape == block.shape:
            flat[block.slice] = blocks[name].ravel()
        else:
            missing.append(name)
    return flat, missing
