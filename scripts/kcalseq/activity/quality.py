"""Table ``quality``: what the tables of one library say of the experiment, judged by thresholds."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kcalseq.activity.agreement import between_fractions, least_correlation, log_counts
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
        variants, variant_counts, association_summary, count_fates, saturation, index_hopping: of the library.
        n_designed: variants that its design or barcode map names; 0 where variants are what was read.
    """

    read_fates: pd.DataFrame
    variants: pd.DataFrame
    variant_counts: pd.DataFrame
    association_summary: pd.DataFrame
    count_fates: pd.DataFrame
    saturation: pd.DataFrame
    index_hopping: pd.DataFrame
    n_designed: int


def quality_table(
    library: str, measured: Measured, observations: str, thresholds: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """Table ``quality`` of one library.

    Args:
        library: its name.
        measured: its tables.
        observations: ``presence`` or ``raw``, as for mean bins.
        thresholds: as for ``marks.mark``.
    """
    rows = []
    for metric, subject, value in (
        *_of_reads(measured),
        *_of_association(measured),
        *_of_samples(measured),
        *_of_variants(measured, observations),
        *_of_replicates(measured, observations),
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


def _of_samples(measured: Measured) -> Found:
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


def _of_variants(measured: Measured, observations: str) -> Found:
    counts = measured.variant_counts
    if measured.n_designed and len(counts):
        for place, value in unseen_fraction(counts, measured.n_designed).items():
            yield "variants_unseen_fraction", _sample_name(place), float(value)
        before = counts[counts["fraction"].isin(["dna", "input"])]
        for place, own in before.groupby(["condition", "replicate", "fraction", "bin"]):
            reads = own.set_index("variant")["n_reads"]
            yield "skew_90_10", _sample_name(place), skew(reads)
            sequences = measured.variants.set_index("variant")["variant_sequence"]
            yield "gc_correlation", _sample_name(place), gc_correlation(reads, sequences)
        barcodes = counts.loc[counts["fraction"] == "dna"].groupby("variant")["n_barcodes"].max()
        if barcodes.notna().any():
            yield "barcodes_per_variant_median", WHOLE, float(barcodes.median())
    bins = counts[counts["fraction"] == "bin"]
    if len(bins):
        for place, value in smallest_bin_share(independent_observations(bins, observations)).items():
            yield "smallest_bin_share", _sample_name(place), float(value)


def _of_replicates(measured: Measured, observations: str) -> Found:
    counts = measured.variant_counts
    dna, rna = log_counts(counts, "dna"), log_counts(counts, "rna")
    for metric, frame in (("agreement_dna", dna), ("agreement_rna", rna)):
        yield from _of_conditions(metric, least_correlation(frame))
    if len(dna) and len(rna):
        ratios = _ratios(dna, rna)
        yield from _of_conditions("agreement_ratio", least_correlation(ratios))
        yield from _of_conditions("agreement_ratio_spearman", least_correlation(ratios, rank=True))
        many = counts[counts["fraction"] == "dna"].groupby("variant")["n_barcodes"].min() >= _MANY_BARCODES
        own = ratios[ratios.index.isin(many.index[many])]
        yield from _of_conditions("agreement_ratio_10_barcodes", least_correlation(own))
        yield from _of_conditions("dna_rna_correlation", between_fractions(dna, rna))
        for condition, own in ratios.T.groupby(level="condition"):
            yield "detectable_effect", str(condition), detectable_effect(own.T)
    bins = counts[counts["fraction"] == "bin"]
    if len(bins):
        yield from _of_conditions("agreement_mean_bin", least_correlation(_mean_bins(bins, observations)))


def _of_conditions(metric: str, values: Mapping[str, float]) -> Found:
    for condition, value in values.items():
        yield metric, condition, value


def _ratios(dna: pd.DataFrame, rna: pd.DataFrame) -> pd.DataFrame:
    """RNA less DNA of each condition and replicate that has both; a condition's one DNA serves all its replicates."""
    found = {}
    for place in rna.columns:
        same = [column for column in dna.columns if column[0] == place[0]]
        source = place if place in same else same[0] if len(same) == 1 else None
        if source is not None:
            found[place] = rna[place] - dna[source]
    frame = pd.DataFrame(found, index=dna.index.union(rna.index), columns=rna.columns)
    return frame.loc[:, [place in found for place in rna.columns]]


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
