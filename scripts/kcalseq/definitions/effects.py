"""Tables of the floor activity on effects of variants, and on what makes replicates differ."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, LIBRARY, OTHER_REPLICATE, REPLICATE, VARIANT, measured

EFFECT_METHODS = MappingProxyType(
    {
        "combined": "difference of the combined activities, t-test with the degrees of freedom of their errors",
        "moderated": "linear model of each pair over replicates, moderated t-test",
        "beta_binomial": "beta-binomial counts of barcodes, moderated t-test",
    }
)

EFFECT_FATES = MappingProxyType(
    {
        "measured": "has an effect and an error",
        "no_error": "has an effect; nothing tells its error",
        "variant_not_measured": "the variant has no activity in the condition",
        "reference_not_measured": "the reference has none",
        "neither_measured": "neither has",
        "never_together": "both were measured, but never in one replicate (method moderated, or replicates "
        "that share too few variants to be put on one level)",
    }
)

ERROR_TERMS = MappingProxyType(
    {
        "dna_multiplicative": "variance of DNA counts over that of counting alone, at least 1",
        "rna_multiplicative": "variance of RNA counts over that of counting alone, at least 1",
        "additive": "variance of log ratios that counts leave",
        "counting_share": "share of counting alone in the variance of a log ratio, mean over variants",
        "multiplicative_share": "share of what the multiplicative terms add to counting",
        "additive_share": "share of the additive term",
    }
)

ERROR_FATES = MappingProxyType(
    {
        "fitted": "fitted to the scatter between replicates",
        "at_bound": "fitted, and the least that it can be",
        "pooled": "half of the sum over two replicates, which is all that they tell",
        "shared_dna": "replicates share their DNA, so its scatter is in no difference between them",
        "one_replicate": "one replicate cannot tell it",
        "few_variants": "fewer than ten variants were measured in two replicates",
        "nothing_shared": "the replicate measured no variant together with another one",
    }
)

TABLES = (
    Table(
        "variant_effects",
        "activity",
        "What each variant changes against its reference, over the replicates of a condition.",
        ("library", "condition", "variant", "reference"),
        (
            LIBRARY,
            CONDITION,
            VARIANT,
            Column("reference", "string", "the variant that it is compared with"),
            Column("position", "int64", "0-based position at which the two differ, if in one base alone", "nt", True),
            Column("reference_base", "string", "base of the reference there", nullable=True),
            Column("base", "string", "base of the variant there", nullable=True),
            Column("method", "string", "how it was estimated and tested", values=EFFECT_METHODS),
            Column("fate", "string", "whether it was measured, and if not, why", values=EFFECT_FATES),
            Column(
                "n_replicates",
                "int64",
                "replicates of the one of the two that fewer measured; by method moderated those that measured both",
            ),
            measured(
                "effect",
                "log ratio, or of sorted libraries mean log2 fluorescence, less that of the reference",
            ),
            measured("effect_se", "its standard error"),
            Column("degrees", "float64", "degrees of freedom of the t-test; missing = normal distribution", "", True),
            measured("lower", "lower end of the interval"),
            measured("upper", "upper end of the interval"),
            Column("confidence", "float64", "confidence level of the interval, 0 to 1"),
            measured("p", "probability of as large an effect by chance", ""),
            measured("q", "the same over all pairs of the condition (Benjamini & Hochberg 1995)", ""),
        ),
    ),
    Table(
        "error_model",
        "activity",
        "What makes the log ratios of a replicate scatter, fitted to all variants and replicates of the condition.",
        ("library", "condition", "replicate", "term"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column("term", "string", "what", values=ERROR_TERMS),
            Column("value", "float64", "its value; missing where it cannot be told", "as unit", True),
            Column(
                "se",
                "float64",
                "standard error by drawing variants; 0 = all draws are at the bound; missing where it cannot be told",
                "as unit",
                True,
            ),
            Column("unit", "string", "unit of value and se"),
            Column("fate", "string", "how far it is known", values=ERROR_FATES),
        ),
    ),
    Table(
        "error_model_bins",
        "activity",
        "Differences of each two replicates beside those that the error model predicts, in groups of variants.",
        ("library", "condition", "replicate", "other_replicate", "bin"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            OTHER_REPLICATE,
            Column("bin", "int64", "number of the group, from the least predicted difference to the largest, from 0"),
            Column("n_variants", "int64", "variants of the group"),
            Column("predicted_sd", "float64", "root mean square difference that the model predicts", "log2"),
            Column("counting_sd", "float64", "the same by counting alone", "log2"),
            Column("observed_sd", "float64", "the same as it was observed, replicates on one level", "log2"),
        ),
    ),
)
