"""Tables of the floor activity that come from sort bins with gates."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import AGREEMENT, CONDITION, LIBRARY, OTHER_REPLICATE, REPLICATE, VARIANT

FLUORESCENCE_FATES = MappingProxyType(
    {
        "measured": "own cells in two bins or more: the likeliest mean, and a width that all variants help to tell",
        "one_bin": "own cells in one bin between others: the mean lies about there, its error as wide as the bin is",
        "below_gates": "own cells in the dimmest bin alone: only an upper bound of the mean is known",
        "above_gates": "own cells in the brightest bin alone: only a lower bound of the mean is known",
        "few_cells": "its reads are worth less than half an independent observation",
        "not_seen": "no reads in any bin",
    }
)


def _told(name: str, meaning: str, unit: str = "log10 fluorescence") -> Column:
    return Column(name, "float64", f"{meaning}; missing where not told", unit, True)


_MEAN = (
    _told("mean_log10", "mean of log10 fluorescence over the variant's cells"),
    _told("mean_log10_se", "its standard error"),
)
_ENDS = (
    _told("lower", "lower end of the mean's interval; of cells above all gates a one-sided bound"),
    _told("upper", "upper end of the mean's interval; of cells below all gates a one-sided bound"),
    Column("confidence", "float64", "confidence level of interval and bound, 0 to 1"),
)
_WIDTH = (
    _told("sd_log10", "standard deviation of log10 fluorescence among the variant's cells, drawn to that of all"),
    _told("sd_log10_se", "its standard error"),
)

TABLES = (
    Table(
        "sorted_fluorescence",
        "activity",
        "Mean and width of the log fluorescence of each variant in each replicate whose sort bins have gates.",
        ("library", "condition", "replicate", "variant"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            VARIANT,
            Column("fate", "string", "what could be told", values=FLUORESCENCE_FATES),
            Column("n_counts", "int64", "molecules where reads carry UMIs, else reads, in all bins"),
            Column("n_cells", "float64", "cells that they stand for: counts over counts per cell of each bin"),
            Column("n_effective", "float64", "independent observations that they are worth"),
            *_MEAN,
            *_ENDS,
            *_WIDTH,
            _told("bin_mean_log10", "plain mean of the middles of the bins, weighted by cells"),
        ),
    ),
    Table(
        "combined_fluorescence",
        "activity",
        "Mean and width of the log fluorescence of each variant in each condition, its replicates combined.",
        ("library", "condition", "variant"),
        (
            LIBRARY,
            CONDITION,
            VARIANT,
            Column("n_replicates", "int64", "replicates in which its mean was measured"),
            Column("n_bounds", "int64", "replicates in which only a bound of its mean is known"),
            Column(
                "bounds_contradict",
                "bool",
                "whether no mean was measured and bounds of replicates exclude each other, so that none is told",
            ),
            *_MEAN,
            *_ENDS,
            _told("between_replicates_sd", "scatter between replicates that cells and reads do not explain"),
            *_WIDTH,
        ),
    ),
    Table(
        "fluorescence_replicates",
        "activity",
        "What each replicate with gates shows of its cells, its own noise, and its level beside the others.",
        ("library", "condition", "replicate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column("n_measured", "int64", "variants whose mean was measured"),
            Column("n_contradicted", "int64", "variants whose bound here is not told: bounds of replicates contradict"),
            Column("n_cells", "float64", "cells sorted into its bins"),
            Column("counts_per_cell", "float64", "molecules, or reads without UMIs, per cell sorted"),
            _told("typical_sd", "width of the fluorescence of a variant's cells, median over variants"),
            Column("sd_spread", "float64", "standard deviation of its natural log over variants"),
            Column("dispersion", "float64", "variance over what drawing cells and reads leads to expect, at least 1"),
            Column("background", "float64", "share of observations that are no cells of their variant, 0 to 1"),
            Column("offset", "float64", "taken off its means before they were combined", "log10 fluorescence"),
            Column("mean_weight", "float64", "its weight, mean over the variants of the condition", "", True),
        ),
    ),
    Table(
        "fluorescence_agreement",
        "activity",
        "How well the means of two replicates of a condition agree, over variants measured in both.",
        ("library", "condition", "replicate", "other_replicate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            OTHER_REPLICATE,
            *AGREEMENT,
            _told("median_difference", "median of the other less the first"),
        ),
    ),
    Table(
        "fluorescence_drops",
        "activity",
        "What became of variants in each replicate with gates: rows add up to all variants and all their counts.",
        ("library", "condition", "replicate", "fate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column("fate", "string", "what became of them", values=FLUORESCENCE_FATES),
            Column("n_variants", "int64", "how many"),
            Column("n_counts", "int64", "their molecules where reads carry UMIs, else reads"),
        ),
    ),
)
