"""Counts and activities of a library as matrices of variants x samples, for AnnData.

DNA and RNA of one replicate stand in one column, in layers of their own, so that they can be divided; each sort bin is
a column, and so is the library before sorting.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.export.h5ad import Annotated
from kcalseq.export.names import distinct

COUNTS = {"n_reads": "reads", "n_molecules": "molecules", "n_barcodes": "barcodes"}
VARIANT_TABLES = {
    "combined_activity": "log2_ratio",
    "combined_fluorescence": "mean_log10",
    "variant_activity": "mean_bin",
}
"""Tables of measurements of variants, and the column of each that a standard error, named so with _se, belongs to."""
_ALL_BUT_SLASH = "\\x00-.0-\U0010ffff"
_PLACE = ["condition", "replicate", "bin"]


def sample_frame(samples: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Columns of the matrices: condition, replicate and bin of the counted samples, 0 = no sort bin.

    The index has a name for each: condition and replicate, and the bin where the library was sorted into any.
    """
    frame = pd.DataFrame([{**sample, "bin": int(sample["bin"])} for sample in samples])[_PLACE]
    frame = frame.drop_duplicates().sort_values(_PLACE, kind="stable", ignore_index=True)
    index = frame["condition"] + " | " + frame["replicate"]
    if frame["bin"].any():
        index += " | " + ("bin " + frame["bin"].astype(str)).where(frame["bin"] > 0, "input")
    return frame.set_index(pd.Index(index, dtype=object))


def count_layers(
    counts: pd.DataFrame, names: pd.Index, samples: pd.DataFrame
) -> dict[str, NDArray[np.int64] | NDArray[np.float64]]:
    """Layers of reads, molecules and barcodes, of DNA and RNA each their own, shape (n_variants, n_samples).

    Args:
        counts: table ``variant_counts`` of the library.
        names: names of its variants.
        samples: see ``sample_frame``.

    Returns:
        layers named dna_reads, rna_reads, dna_barcodes, ... and, of sorted samples, reads, ...; where a sample was
        counted and a variant not seen, the count is 0. Where there was no such sample (an input has no bin, and a
        replicate may have DNA alone) it is NaN, and the layer of floating-point numbers.
    """
    column_of = {place: number for number, place in enumerate(samples[_PLACE].itertuples(index=False, name=None))}
    layers: dict[str, NDArray[np.float64]] = {}
    for key, own in counts.groupby(["fraction", *_PLACE]):
        fraction, *place = key
        prefix = f"{fraction}_" if fraction in ("dna", "rna") else ""
        row = names.get_indexer(pd.Index(own["variant"]))
        if (row < 0).any():
            found = f"counts of the variant '{own['variant'].to_numpy()[row < 0][0]}'"
            raise KcalseqError("table variant_counts", found, "variants of table variants", "make both tables again")
        for source, kind in COUNTS.items():
            if own[source].notna().any():
                layer = layers.setdefault(f"{prefix}{kind}", np.full((len(names), len(samples)), np.nan))
                column = np.zeros(len(names))
                column[row] = own[source].fillna(0).to_numpy(dtype=float)
                layer[:, column_of[tuple(place)]] = column
    return {name: _whole(layers[name]) for name in sorted(layers)}


def measured_layers(
    log_ratio: pd.DataFrame | None, names: pd.Index, samples: pd.DataFrame
) -> dict[str, NDArray[np.float64]]:
    """Layers log2_ratio and log2_ratio_se from table ``variant_log_ratio``; NaN = not measured."""
    if log_ratio is None:
        return {}
    layers = {name: np.full((len(names), len(samples)), np.nan) for name in ("log2_ratio", "log2_ratio_se")}
    for (condition, replicate), own in log_ratio.groupby(["condition", "replicate"]):
        is_place = (samples["condition"] == condition) & (samples["replicate"] == replicate) & (samples["bin"] == 0)
        row = names.get_indexer(pd.Index(own["variant"]))
        for name, layer in layers.items():
            layer[row, np.flatnonzero(is_place)[0]] = own[name]
    return layers


def variant_frame(variants: pd.DataFrame, measured: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a variant: sequence where known, part of the data split, activities of each condition; NaN = not measured.

    Args:
        variants: table ``variants``.
        measured: those of ``VARIANT_TABLES`` that the library has.
    """
    frame = variants.set_index(pd.Index(variants["variant"], dtype=object))
    told = ["variant_sequence", "set"] if variants["variant_sequence"].notna().all() else ["set"]
    found = frame[told].copy()
    for table, column in VARIANT_TABLES.items():
        if table in measured:
            key = ["condition", "replicate"] if "replicate" in measured[table].columns else ["condition"]
            for place, own in measured[table].groupby(key):
                values = own.set_index("variant")[[column, f"{column}_se"]].reindex(found.index)
                found[[f"{name} {' | '.join(map(str, place))}" for name in values]] = values.to_numpy(dtype=float)
    # In HDF5 a slash parts the name of a group from that of its member.
    return found.set_axis(list(distinct(list(found.columns), _ALL_BUT_SLASH, "_").values()), axis=1)


def annotated(
    obs: pd.DataFrame,
    samples: pd.DataFrame,
    counts: Mapping[str, NDArray[np.int64] | NDArray[np.float64]],
    measured: Mapping[str, NDArray[np.float64]],
    library: str,
) -> Annotated:
    """The content of the file: X is log2 RNA per DNA where both were counted, else reads."""
    matrix = measured["log2_ratio"] if measured else counts["reads"].astype(float)
    meaning = "log2 RNA per DNA; NaN = not measured" if measured else "reads"
    return Annotated(obs, samples, matrix, {**counts, **measured}, {"library": library, "X": meaning})


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64] | NDArray[np.float64]:
    return values if np.isnan(values).any() else values.astype(np.int64)
