"""AnnData files (.h5ad) by their specification on disk, format of anndata 0.8 and later.

https://anndata.readthedocs.io/en/latest/fileformat-prose.html: groups of HDF5 whose attributes tell what they hold. The
library anndata writes them too, but its releases up to 0.12 do not allow pandas 3, with which all steps run. Nothing in
a file tells when it was written, so the same content is the same bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.wholefile import whole_or_not_at_all

_TEXT = h5py.string_dtype("utf-8")
_COMPRESSED_FROM = 1 << 12  # elements; below, a compressed array is larger than a plain one


class Annotated(NamedTuple):
    """What an AnnData file holds.

    Attributes:
        obs: a row a variant; the index has their names, columns are numbers or text without missing values.
        var: a row a sample, likewise.
        matrix: the main measurement, shape (n_variants, n_samples).
        layers: other measurements of that shape, by name.
        told: what stands in ``uns``: text by name.
    """

    obs: pd.DataFrame
    var: pd.DataFrame
    matrix: NDArray[np.float64]
    layers: Mapping[str, NDArray[np.int64] | NDArray[np.float64]]
    told: Mapping[str, str]


def write_h5ad(content: Annotated, path: str | Path) -> None:
    """Write an AnnData file, whole or not at all."""
    # No one else knows of the temporary file, and some disks that machines share refuse to lock one.
    with whole_or_not_at_all(path) as partial, h5py.File(partial, "w", locking=False) as file:
        _mark(file, "anndata", "0.1.0")
        _array(file, "X", content.matrix)
        _frame(file, "obs", content.obs)
        _frame(file, "var", content.var)
        layers = _mapping(file, "layers")
        for name, values in content.layers.items():
            _array(layers, name, values)
        told = _mapping(file, "uns")
        for name, text in content.told.items():
            _mark(told.create_dataset(name, data=text, dtype=_TEXT), "string", "0.2.0")
        for name in ("obsm", "varm", "obsp", "varp"):
            _mapping(file, name)


def _mark(node: h5py.Group | h5py.Dataset, kind: str, version: str) -> None:
    node.attrs["encoding-type"], node.attrs["encoding-version"] = kind, version


def _mapping(parent: h5py.Group, name: str) -> h5py.Group:
    group = parent.create_group(name)
    _mark(group, "dict", "0.1.0")
    return group


def _frame(parent: h5py.Group, name: str, frame: pd.DataFrame) -> None:
    group = parent.create_group(name)
    _mark(group, "dataframe", "0.2.0")
    group.attrs["_index"] = "_index"
    group.attrs.create("column-order", np.array(list(frame.columns), dtype=object), dtype=_TEXT)
    _texts(group, "_index", frame.index)
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values):
            _array(group, column, values.to_numpy())
        else:
            _texts(group, column, values)


def _array(parent: h5py.Group, name: str, values: np.ndarray) -> None:
    _mark(parent.create_dataset(name, data=values, **_filters(values.size)), "array", "0.2.0")


def _texts(parent: h5py.Group, name: str, values: pd.Index | pd.Series) -> None:
    data = np.asarray(values, dtype=object)
    _mark(parent.create_dataset(name, data=data, dtype=_TEXT), "string-array", "0.2.0")


def _filters(size: int) -> dict[str, object]:
    return {"compression": "gzip", "compression_opts": 4, "shuffle": True} if size >= _COMPRESSED_FROM else {}
