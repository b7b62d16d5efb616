"""Table ``quality``: what the tables of one library say of the experiment, judged by thresholds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.agreement import between_fractions, least_correlation, log_counts
from kcalseq.activity.barcode_thresholds import least_of_pairs, replicate_correlations
from kcalseq.activity.composition import BEFORE_EXPRESSION, composition_shift
from kcalseq.activity.dropout import barcodes_shared, dropout_rna
from kcalseq.activity.evenness import gc_correlation, skew, smallest_bin_share, unseen_fraction
from kcalseq.activity.mean_bin import independent_observations
from kcalseq.activity.power import detectable_effect
from kcalseq.marks import METRICS, limits, mark

WHOLE = "library"
"""Subject of what is said of the library as a whole."""
_MANY_BARCODES = 10
_COUNTED = ("exact", "corrected")

Found = Iterator[tuple[str, str, float]]


class Measured(NamedTuple):
    """Tables of one library; empty where it has no such thing.

    Attributes:
        read_fates: of its runs.
        variants, variant_counts, association_summary, count_fates, saturation, index_hopping, barcode_overlap,
        variant_log_ratio, combined_activity: of the library.
        n_designed: variants that its design or barcode map names; 0 where variants are what was read.
    """

    read_fates: pd.DataFrame
    variants: pd.DataFrame
    variant_counts: pd.DataFrame
    association_summary: pd.DataFrame
    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    index_hopping: pd.DataFrame
    barcode_overlap: pd.DataFrame
    variant_log_ratio: pd.DataFrame
    combined_activity: pd.DataFrame
    n_designed: int


def quality_table(
    library: str,
    measured: Measured,
    samples: Sequence[Mapping[str, Any]],
    observations: str,
    thresholds: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    """Table ``quality`` of one library.

    Args:
        library: its name.
        measured: its tables.
        samples: its counted samples, each with sample, condition, replicate and fraction.
        observations: ``presence`` or ``raw``, as for mean bins.
        thresholds: as for ``marks.mark``.
    """
    rows = []
    for metric, subject, value in (
        *_of_reads(measured),
        *_of_association(measured),
        *_of_samples(measured, samples),
        *_of_variants(measured, observations),
        *_of_replicates(library, measured, observations),
        *_of_activities(measured),
    ):
        own, (caution, bad) = METRICS[metric], limits(metric, thresholds)
        judged = mark(metric, value, thresholds)
        advice = own.advice if judged in ("caution", "bad") else None
        rows.append((library, metric, subject, value, own.unit, judged, caution, bad, advice))
    columns = ["library", "metric", "subject", "value", "unit", "mark", "caution", "bad", "advice"]
    return pd.DataFrame(rows, columns=columns)


def _of_reads(measured: Measured) -> Found:
    for run, own in measured.read_fates.groupby("run"):
        kept = own.loc[own["reason"] == "kept", "n_reads"].sum()
        yield "reads_kept_fraction", str(run), _share(kept, own["n_reads"].sum())


def _of_association(measured: Measured) -> Found:
    told = measured.association_summary.set_index("quantity")["value"]
    if told.empty:
        return
    yield "reads_assigned_fraction", WHOLE, _share(told["n_reads_assigned"], told["n_reads"])
    mixed = told["n_barcodes_two_molecules"] + told["n_barcodes_unclear"]
    yield "mixed_barcodes_fraction", WHOLE, _share(mixed, told["n_barcodes"] - told["n_barcodes_few_reads"])
    if "n_variants_designed" in told:
        yield "variants_missing_fraction", WHOLE, 1.0 - _share(told["n_variants_mapped"], told["n_variants_designed"])


def _of_samples(measured: Measured, samples: Sequence[Mapping[str, Any]]) -> Found:
    for sample, own in measured.count_fates.groupby("sample"):
        counted = own.loc[own["fate"].isin(_COUNTED), "n_reads"].sum()
        yield "reads_counted_fraction", str(sample), _share(counted, own["n_reads"].sum())
    for sample, own in measured.saturation.groupby("sample"):
        depth = own.sort_values("n_reads")
        now = depth[~depth["projected"].astype(bool)].iloc[-1]
        yield "barcodes_seen_fraction", str(sample), _share(now["n_barcodes"], depth["n_barcodes"].iloc[-1])
        if not np.isnan(now["n_molecules"]):
            yield "reads_per_molecule", str(sample), _share(now["n_reads"], now["n_molecules"])
    for sample, own in measured.index_hopping.groupby("sample"):
        yield "hopped_fraction", str(sample), float(own["hopped_fraction"].max())
    for sample, value in dropout_rna(measured.barcode_overlap, samples).items():
        yield "dropout_rna_fraction", sample, value
    yield from _of_conditions("barcodes_shared_fraction", barcodes_shared(measured.barcode_overlap, samples))


def _of_variants(measured: Measured, observations: str) -> Found:
    counts = measured.variant_counts
    if measured.n_designed and len(counts):
        for place, value in unseen_fraction(counts, measured.n_designed).items():
            yield "variants_unseen_fraction", _sample_name(place), float(value)
        before = counts[counts["fraction"].isin(BEFORE_EXPRESSION)]
        sequences = measured.variants.set_index("variant")["variant_sequence"]
        for place, own in before.groupby(["condition", "replicate", "fraction", "bin"]):
            reads = own.set_index("variant")["n_reads"].astype("float64")
            yield "skew_90_10", _sample_name(place), skew(reads)
            yield "gc_correlation", _sample_name(place), gc_correlation(reads, sequences)
            yield "composition_shift", _sample_name(place), composition_shift(reads[reads > 0], sequences)
        barcodes = counts.loc[counts["fraction"] == "dna"].groupby("variant")["n_barcodes"].max()
        if barcodes.notna().any():
            yield "barcodes_per_variant_median", WHOLE, float(barcodes.median())
            yield (
                "variants_10_barcodes_fraction",
                WHOLE,
                _share((barcodes >= _MANY_BARCODES).sum(), measured.n_designed),
            )
        rna = counts[counts["fraction"] == "rna"]
        for place, own in rna.groupby(["condition", "replicate", "fraction", "bin"]):
            yield "rna_per_variant_median", _sample_name(place), _median_counts(own, measured.n_designed)
    bins = counts[counts["fraction"] == "bin"]
    if len(bins):
        for place, value in smallest_bin_share(independent_observations(bins, observations)).items():
            yield "smallest_bin_share", _sample_name(place), float(value)


def _of_replicates(library: str, measured: Measured, observations: str) -> Found:
    counts = measured.variant_counts
    told = replicate_correlations(library, counts, measured.variant_log_ratio)
    for quantity in ("dna", "rna", "ratio"):
        yield from _of_conditions(f"agreement_{quantity}", least_of_pairs(told, quantity))
    yield from _of_conditions("agreement_ratio_spearman", least_of_pairs(told, "ratio", "spearman"))
    if (told["min_barcodes"] > 0).any():
        many = least_of_pairs(told, "ratio", min_barcodes=_MANY_BARCODES)
        yield from _of_conditions("agreement_ratio_10_barcodes", many)
    dna, rna = log_counts(counts, "dna"), log_counts(counts, "rna")
    yield from _of_conditions("dna_rna_correlation", between_fractions(dna, rna))
    bins = counts[counts["fraction"] == "bin"]
    if len(bins):
        yield from _of_conditions("agreement_mean_bin", least_correlation(_mean_bins(bins, observations)))


def _of_activities(measured: Measured) -> Found:
    for condition, own in measured.combined_activity.groupby("condition"):
        # The error of one replicate holds nothing of what differs between experiments.
        errors = own["log2_ratio_se"] if (own["n_replicates"] > 1).any() else own["log2_ratio_se"].iloc[:0]
        yield "detectable_effect", str(condition), detectable_effect(errors)


def _of_conditions(metric: str, values: Mapping[str, float]) -> Found:
    for condition, value in values.items():
        yield metric, condition, value


def _median_counts(own: pd.DataFrame, n_variants: int) -> float:
    """Median over all variants of the library; those without a row have no counts."""
    counts = own["n_molecules"].fillna(own["n_reads"]).to_numpy(float)
    return float(np.median(np.concatenate([counts, np.zeros(max(0, n_variants - len(counts)))])))


def _mean_bins(bins: pd.DataFrame, observations: str) -> pd.DataFrame:
    seen = independent_observations(bins, observations)
    seen = seen.assign(weighted=seen["n"] * seen["bin"])
    place = ["condition", "replicate"]
    sums = seen.pivot_table(index="variant", columns=place, values=["weighted", "n"], aggfunc="sum")
    return pd.DataFrame(sums["weighted"] / sums["n"])


def _sample_name(place: Any) -> str:
    """Subject of a sample, from its condition, replicate and perhaps fraction and bin."""
    condition, replicate, *rest = place
    words = [f"{condition}, replicate {replicate}", *map(str, rest[:1]), *(str(one) for one in rest[1:] if one)]
    return words[0] + "".join(f"{' ' if number > 1 else ', '}{word}" for number, word in enumerate(words[1:], start=1))


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
