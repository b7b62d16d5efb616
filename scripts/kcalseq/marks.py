"""What is judged of an experiment: the thresholds of each metric, its mark, and what to do where it is not good.

Loads without numpy or pandas, since the thresholds of a configuration are checked before any job starts. The defaults
are conventions, not laws: those of agreement between replicates are about where MPRAsnakeflow's report warns.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Mark = Literal["good", "caution", "bad", "told"]


@dataclass(frozen=True)
class Metric:
    """One number of an experiment.

    Attributes:
        words: what it is, as a reader wants it.
        unit: of its values.
        caution, bad: where the marks begin; the larger values are the good ones if ``bad`` is the lower of the two.
        advice: what to do where it is not good.
    """

    words: str
    unit: str
    caution: float
    bad: float
    advice: str


METRICS: Mapping[str, Metric] = {
    "reads_kept_fraction": Metric(
        "share of reads kept",
        "fraction",
        0.9,
        0.5,
        "look at the fates of reads: a wrong layout drops reads at one part, poor sequencing at its qualities",
    ),
    "reads_assigned_fraction": Metric(
        "share of association reads on assigned barcodes",
        "fraction",
        0.7,
        0.4,
        "sequence the association library deeper, or look in the barcode calls for what the others are",
    ),
    "mixed_barcodes_fraction": Metric(
        "share of barcodes with two molecules, or unclear",
        "fraction",
        0.1,
        0.3,
        "too few barcodes were made for so many clones, or PCR joined molecules: clone more, cycle less",
    ),
    "variants_missing_fraction": Metric(
        "share of designed variants without a barcode",
        "fraction",
        0.05,
        0.2,
        "sequence the association library deeper, or clone more colonies: these variants will stay unmeasured",
    ),
    "barcodes_per_variant_median": Metric(
        "barcodes per variant, median",
        "barcodes",
        10,
        3,
        "effects of single variants will rest on few barcodes: clone more colonies",
    ),
    "reads_counted_fraction": Metric(
        "share of kept reads that are counted",
        "fraction",
        0.8,
        0.5,
        "many barcodes are not in the map: sequence the association library deeper, or check that both are one library",
    ),
    "barcodes_seen_fraction": Metric(
        "share of barcodes seen of those that deeper sequencing would show",
        "fraction",
        0.8,
        0.5,
        "sequence this sample deeper: it is far from saturated",
    ),
    "reads_per_molecule": Metric(
        "reads per molecule",
        "reads",
        20,
        100,
        "the sample is sequenced far beyond its molecules: start from more material rather than from more reads",
    ),
    "hopped_fraction": Metric(
        "share of reads hopped from another sample, the largest",
        "fraction",
        0.01,
        0.05,
        "use unique dual indices; small differences between these two samples are not to be trusted",
    ),
    "variants_10_barcodes_fraction": Metric(
        "share of variants with 10 barcodes or more in DNA",
        "fraction",
        0.5,
        0.2,
        "few variants rest on many barcodes: clone more colonies, or compare groups of variants, not single ones",
    ),
    "rna_per_variant_median": Metric(
        "RNA counts per variant, median over all variants",
        "counts",
        50,
        10,
        "counting alone scatters such activities: sequence the RNA deeper, or start from more of it",
    ),
    "dropout_rna_fraction": Metric(
        "share of barcodes of the DNA of a replicate that its RNA does not show",
        "fraction",
        0.3,
        0.6,
        "many barcodes without RNA: sequence the RNA deeper, or start from more cells; do not leave these barcodes out",
    ),
    "barcodes_shared_fraction": Metric(
        "share of barcodes of a replicate's DNA that another's shows too, the least",
        "fraction",
        0.5,
        0.2,
        "replicates hold different barcodes: transfect more cells, or sequence the DNA deeper",
    ),
    "variants_unseen_fraction": Metric(
        "share of variants not seen in the sample",
        "fraction",
        0.05,
        0.2,
        "these variants stay unmeasured: sequence deeper, or start from more cells",
    ),
    "skew_90_10": Metric(
        "reads of the variant at the 90th over that at the 10th percentile",
        "ratio",
        10,
        50,
        "most reads fall on few variants: synthesis or cloning was uneven; sequence deeper or remake the library",
    ),
    "gc_correlation": Metric(
        "Spearman correlation of DNA or input reads with GC content, its size",
        "correlation",
        0.25,
        0.5,
        "PCR or synthesis favoured some base compositions: use a polymerase for GC-rich templates and fewer cycles",
    ),
    "composition_shift": Metric(
        "shift of the share of a base at a position among DNA or input reads, beyond chance",
        "fraction",
        0.02,
        0.05,
        "some bases are lost or favoured before expression: look in base_composition where, and at the synthesis there",
    ),
    "agreement_dna": Metric(
        "correlation of log DNA counts between replicates, the least",
        "correlation",
        0.85,
        0.6,
        "replicates took up different plasmids: transfect more cells or sequence the DNA deeper",
    ),
    "agreement_rna": Metric(
        "correlation of log RNA counts between replicates, the least",
        "correlation",
        0.95,
        0.7,
        "look for the replicate that differs from the others, and for samples that were exchanged",
    ),
    "agreement_ratio": Metric(
        "correlation of log RNA/DNA between replicates, the least",
        "correlation",
        0.75,
        0.5,
        "activities differ between replicates: more barcodes per variant, deeper sequencing, or one more replicate",
    ),
    "agreement_ratio_spearman": Metric(
        "the same by ranks (Spearman)",
        "correlation",
        0.75,
        0.5,
        "if Pearson's correlation is much higher, it rests on a few extreme variants: look at the points",
    ),
    "agreement_ratio_10_barcodes": Metric(
        "the same for variants with 10 barcodes or more",
        "correlation",
        0.85,
        0.6,
        "even many barcodes do not make replicates agree, so these differ: look at growth, transfection and RNA",
    ),
    "agreement_mean_bin": Metric(
        "correlation of mean sort bins between replicates, the least",
        "correlation",
        0.5,
        0.2,
        "few cells a variant, or gates that differ: sort more cells, and set the gates of all replicates alike",
    ),
    "dna_rna_correlation": Metric(
        "correlation of log RNA with log DNA counts",
        "correlation",
        0.97,
        0.99,
        "RNA follows DNA nearly wholly: look for plasmid left in the RNA (a control without reverse transcriptase)",
    ),
    "smallest_bin_share": Metric(
        "observations in the emptiest sort bin, over those it would hold if all were even",
        "ratio",
        0.2,
        0.05,
        "this bin says little: sort more cells into it, or set the gates anew",
    ),
    "detectable_effect": Metric(
        "smallest difference between two variants that is seen four times in five, at the 5 % level",
        "log2",
        1.0,
        2.0,
        "smaller effects will be missed: more barcodes per variant or more replicates",
    ),
}


def mark(metric: str, value: float, thresholds: Mapping[str, tuple[float, float]]) -> Mark:
    """Judge a value; a threshold itself still has the better mark.

    Args:
        metric: its name in ``METRICS``.
        value: NaN is not judged.
        thresholds: caution and bad of metrics that have others than their defaults.
    """
    caution, bad = limits(metric, thresholds)
    if math.isnan(value):
        return "told"
    sign = 1.0 if bad < caution else -1.0
    if sign * value >= sign * caution:
        return "good"
    return "caution" if sign * value >= sign * bad else "bad"


def limits(metric: str, thresholds: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Where caution and bad begin."""
    own = METRICS[metric]
    return thresholds.get(metric, (own.caution, own.bad))
