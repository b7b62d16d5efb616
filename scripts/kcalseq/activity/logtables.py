"""Activities as tables; see ``logratios``."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kcalseq.activity.conditions import difference
from kcalseq.activity.counted import Counted
from kcalseq.activity.logratios import Activities, Condition
from kcalseq.activity.ratios import BARCODE_FATES, VARIANT_FATES

_ROWS_PER_PIECE = 1 << 17
SIGNIFICANT = 0.05
"""q below which a variant counts as active, or as different."""


def barcode_pieces(library: str, counted: Counted, found: Activities) -> Iterator[pa.Table]:
    """Table ``barcode_activity`` in pieces, in order; none where variants are read directly."""
    if counted.barcodes is None:
        return
    by_name = np.asarray(pc.sort_indices(counted.barcodes).to_numpy(), dtype=np.int64)
    names, fates = pa.array(counted.names, pa.string()), pa.array(BARCODE_FATES)
    for (condition, replicate), measured in found.measured.items():
        dna, rna = counted.replicates[condition, replicate]
        assert dna is not None and rna is not None, "only replicates with both are measured"
        own = measured.barcodes
        rows = by_name[own.seen[by_name]]
        used = own.fate == 0
        for start in range(0, len(rows), _ROWS_PER_PIECE):
            part = rows[start : start + _ROWS_PER_PIECE]
            numbers = {
                "dna_normalised": np.where(used, own.dna, np.nan),
                "rna_normalised": np.where(used, own.rna, np.nan),
                "log2_ratio": own.log2_ratio,
                "log2_ratio_se": own.se,
                "shrunken_log2_ratio": own.shrunken,
                "residual": own.residual,
            }
            yield pa.table(
                {
                    "library": pa.repeat(library, len(part)),
                    "condition": pa.repeat(condition, len(part)),
                    "replicate": pa.repeat(replicate, len(part)),
                    "barcode": counted.barcodes.take(pa.array(part)),
                    "variant": names.take(pa.array(counted.variant[part])),
                    "dna": dna[part],
                    "rna": rna[part],
                    **{name: pa.array(values[part], from_pandas=True) for name, values in numbers.items()},
                    "fate": fates.take(pa.array(own.fate[part])),
                }
            )


def variant_table(library: str, counted: Counted, found: Activities) -> pd.DataFrame:
    """Table ``variant_log_ratio``."""
    frames = []
    for (condition, replicate), measured in found.measured.items():
        own = measured.variants
        frames.append(
            pd.DataFrame(
                {
                    "library": library,
                    "condition": condition,
                    "replicate": replicate,
                    "variant": counted.names,
                    "fate": np.array(VARIANT_FATES, dtype=object)[own.fate],
                    "n_barcodes": _numbers(own.n_barcodes, counted),
                    "dna": own.dna_counts,
                    "rna": own.rna_counts,
                    "dna_normalised": own.dna,
                    "rna_normalised": own.rna,
                    "log2_ratio": own.log2_ratio,
                    "log2_ratio_se": own.se,
                    "degrees": np.where(np.isfinite(own.degrees), own.degrees, np.nan),
                    "counting_se": own.counting_se,
                    "delta_se": own.delta_se,
                    "bootstrap_se": own.bootstrap_se,
                    "shrunken_log2_ratio": own.shrunken.value,
                    "shrunken_se": own.shrunken.se,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def combined_table(library: str, counted: Counted, found: Activities) -> pd.DataFrame:
    """Table ``combined_activity``."""
    frames = []
    for name, condition in found.conditions.items():
        own = condition.combined
        frames.append(
            pd.DataFrame(
                {
                    "library": library,
                    "condition": name,
                    "variant": counted.names,
                    "n_replicates": own.n_replicates,
                    "n_barcodes": _numbers(condition.n_barcodes, counted),
                    "log2_ratio": own.log2_ratio,
                    "log2_ratio_se": own.se,
                    "between_replicates_sd": np.where(own.n_replicates > 1, np.sqrt(own.between), np.nan),
                    "shrunken_log2_ratio": condition.shrunken.value,
                    "shrunken_se": condition.shrunken.se,
                    "is_control": found.is_control,
                    **condition.controls._asdict(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def difference_table(library: str, counted: Counted, found: Activities) -> pd.DataFrame:
    """Table ``condition_differences``; no row where there is one condition."""
    columns = ["variant", "difference", "difference_se", "z", "p", "q"]
    frames = [pd.DataFrame(columns=["library", "condition", "other_condition", *columns])]
    for one, other in combinations(found.conditions, 2):
        told = difference(found.conditions[one].combined, found.conditions[other].combined, found.is_control)
        rows = np.flatnonzero(np.isfinite(told.difference))
        names = np.array(counted.names, dtype=object)[rows]
        numbers = dict(zip(columns, (names, *(values[rows] for values in told)), strict=True))
        frames.append(pd.DataFrame({"library": library, "condition": one, "other_condition": other, **numbers}))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def agreement_table(library: str, found: Activities) -> pd.DataFrame:
    """Table ``replicate_agreement``; no row where each condition has one replicate."""
    names = ["replicate", "other_replicate", "n_shared", "pearson", "spearman", "median_difference"]
    columns = ["library", "condition", *names, "barcode_correlation"]
    rows = [(library, name, *pair) for name, condition in found.conditions.items() for pair in condition.agreement]
    return pd.DataFrame(rows, columns=columns)


def replicate_table(library: str, found: Activities) -> pd.DataFrame:
    """Table ``activity_replicates``."""
    rows = []
    for name, condition in found.conditions.items():
        measured_once = condition.combined.n_replicates > 0
        for number, replicate in enumerate(condition.replicates):
            own = found.measured[name, replicate]
            scatter = own.scatter
            told = scatter and (scatter.over_counting, np.sqrt(scatter.between), _finite(scatter.degrees))
            weights = condition.combined.weights[measured_once, number]
            rows.append(
                (
                    library,
                    name,
                    replicate,
                    int(np.isfinite(own.variants.log2_ratio).sum()),
                    *(told or (np.nan, np.nan, np.nan)),
                    float(condition.combined.offsets[number]),
                    float(weights.mean()) if len(weights) else np.nan,
                )
            )
    numbers = ["n_measured", "over_counting", "barcode_sd", "degrees", "offset", "mean_weight"]
    return pd.DataFrame(rows, columns=["library", "condition", "replicate", *numbers])


def drop_table(library: str, counted: Counted, found: Activities) -> pd.DataFrame:
    """Table ``activity_drops``."""
    rows: list[tuple[object, ...]] = []
    for place, samples in counted.replicates.items():
        zero = np.zeros(len(counted.variant), dtype=np.int64)
        dna, rna = (zero if counts is None else counts for counts in samples)
        own = (library, *place)
        if place not in found.measured:
            n_seen = int(((dna > 0) | (rna > 0)).sum())
            if counted.barcodes is not None:
                rows.append((*own, "barcode", "unpaired", n_seen, int(dna.sum()), int(rna.sum())))
            rows.append((*own, "variant", "unpaired", len(counted.names), 0, 0))
            continue
        barcodes, variants = found.measured[place].barcodes, found.measured[place].variants
        for number, fate in enumerate(BARCODE_FATES if counted.barcodes is not None else ()):
            here = barcodes.seen & (barcodes.fate == number)
            rows.append((*own, "barcode", fate, int(here.sum()), int(dna[here].sum()), int(rna[here].sum())))
        for number, fate in enumerate(VARIANT_FATES):
            here = variants.fate == number
            counts = int(variants.dna_counts[here].sum()), int(variants.rna_counts[here].sum())
            rows.append((*own, "variant", fate, int(here.sum()), *counts))
    return pd.DataFrame(rows, columns=["library", "condition", "replicate", "unit", "fate", "n", "dna", "rna"])


def summary_table(library: str, counted: Counted, found: Activities) -> pd.DataFrame:
    """Table ``activity_summary``."""
    rows = [
        (library, name, quantity, value, unit)
        for name, condition in found.conditions.items()
        for quantity, value, unit in _quantities(condition, counted, found)
    ]
    return pd.DataFrame(rows, columns=["library", "condition", "quantity", "value", "unit"])


def _quantities(condition: Condition, counted: Counted, found: Activities) -> Iterator[tuple[str, float, str]]:
    own, is_control = condition.combined, found.is_control
    measured = np.isfinite(own.log2_ratio)
    n_barcodes = condition.n_barcodes[measured]
    yield "n_replicates", float(len(condition.replicates)), "replicates"
    yield "n_variants", float(len(counted.names)), "variants"
    yield "n_measured", float(measured.sum()), "variants"
    yield "n_measured_in_all", float((own.n_replicates == len(condition.replicates)).sum()), "variants"
    has_any = counted.barcodes is not None and len(n_barcodes)
    yield "barcodes_per_variant_median", float(np.median(n_barcodes)) if has_any else np.nan, "barcodes"
    errors = own.se[np.isfinite(own.se)]
    yield "log2_ratio_se_median", float(np.median(errors)) if len(errors) else np.nan, "log2"
    yield "log2_ratio_sd", float(np.std(own.log2_ratio[measured], ddof=1)) if measured.sum() > 1 else np.nan, "log2"
    yield "between_replicates_sd", float(np.sqrt(own.between)), "log2"
    yield "barcode_correlation", own.shared, "fraction"
    if own.common.any():
        yield "shared_dna_sd", float(np.sqrt(np.median(own.common[measured]))), "log2"
    yield "n_controls", float((measured & is_control).sum()), "variants"
    q = condition.controls.q
    yield "n_active", float((q < SIGNIFICANT).sum()) if np.isfinite(q).any() else np.nan, "variants"


def _numbers(values: np.ndarray, counted: Counted) -> pd.arrays.IntegerArray:
    known = counted.barcodes is not None
    return pd.array(values if known else [pd.NA] * len(values), dtype="Int64")


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
