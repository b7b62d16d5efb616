"""Tables of the floor activity that come from DNA and RNA counts."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import (
    AGREEMENT,
    BARCODE,
    CONDITION,
    LIBRARY,
    OTHER_REPLICATE,
    REPLICATE,
    VARIANT,
    measured,
)

BARCODE_FATES = MappingProxyType(
    {
        "used": "counts for its variant",
        "few_dna": "fewer DNA counts than min_dna, or none where its own log ratio is taken",
        "few_rna": "fewer RNA counts than min_rna, or none where the logarithm of none would be taken",
        "outlier": "contradicts the other barcodes of its variant",
    }
)

VARIANT_FATES = MappingProxyType(
    {
        "measured": "has a log ratio",
        "not_seen": "none of its barcodes was counted, neither in DNA nor in RNA",
        "no_barcode_left": "all its barcodes were left out; where variants are read directly, its own counts were",
        "few_barcodes": "fewer barcodes used than min_barcodes",
        "no_ratio": "no DNA at all, or no RNA at all and no pseudocount",
    }
)

ACTIVITY_FATES = MappingProxyType(
    {**BARCODE_FATES, **VARIANT_FATES, "unpaired": "the replicate has a DNA sample alone or an RNA sample alone"}
)

OTHER_CONDITION = Column("other_condition", "string", "the condition it is compared with")
DNA = Column("dna", "int64", "DNA counts: molecules where reads carry UMIs, else reads")
RNA = Column("rna", "int64", "RNA counts: molecules where reads carry UMIs, else reads")


_NORMALISED = (
    measured("dna_normalised", "DNA counts with the pseudocount, normalised", "as normalisation"),
    measured("rna_normalised", "RNA counts with the pseudocount, normalised", "as normalisation"),
)
_SHRUNKEN = (
    measured("shrunken_log2_ratio", "log ratio drawn towards the mean of all variants"),
    measured("shrunken_se", "standard error of the shrunken log ratio"),
)

TABLES = (
    Table(
        "barcode_activity",
        "activity",
        "RNA per DNA of each barcode in each replicate in which it was counted, and whether it counts for its variant.",
        ("library", "condition", "replicate", "barcode"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            BARCODE,
            VARIANT,
            DNA,
            RNA,
            *_NORMALISED,
            measured("log2_ratio", "log2 of normalised RNA per DNA"),
            measured("log2_ratio_se", "its standard error by counting alone"),
            Column(
                "shrunken_log2_ratio",
                "float64",
                "log ratio drawn towards that of its variant; missing where not used, or no variant has two barcodes",
                "log2",
                True,
            ),
            Column(
                "residual",
                "float64",
                "log ratio less that of the variant's other barcodes, in standard errors; missing unless outliers are "
                "looked for and the variant has three barcodes",
                "standard errors",
                True,
            ),
            Column("fate", "string", "what became of it", values=BARCODE_FATES),
        ),
    ),
    Table(
        "variant_log_ratio",
        "activity",
        "RNA per DNA of each variant in each replicate, with standard errors; also of variants that were not measured.",
        ("library", "condition", "replicate", "variant"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            VARIANT,
            Column("fate", "string", "whether it was measured", values=VARIANT_FATES),
            Column("n_barcodes", "int64", "barcodes used; missing where variants carry none", nullable=True),
            Column("dna", "int64", "DNA counts of its barcodes used"),
            Column("rna", "int64", "RNA counts of its barcodes used"),
            *_NORMALISED,
            measured("log2_ratio", "log2 of normalised RNA per DNA"),
            Column(
                "log2_ratio_se",
                "float64",
                "standard error from the scatter of its own barcodes and of those of all variants; missing where no "
                "variant has two barcodes",
                "log2",
                True,
            ),
            Column(
                "degrees",
                "float64",
                "degrees of freedom with which log2_ratio_se is known, of all variants and its own; missing where all "
                "variants scatter alike, so that it is known, and where it is missing",
                "",
                True,
            ),
            measured("counting_se", "standard error by counting alone, which none can be below"),
            Column(
                "delta_se",
                "float64",
                "standard error by the scatter of its own barcodes, delta method; missing with one barcode",
                "log2",
                True,
            ),
            Column(
                "bootstrap_se",
                "float64",
                "standard error by drawing its barcodes with replacement; missing with one barcode, or without draws",
                "log2",
                True,
            ),
            *_SHRUNKEN,
        ),
    ),
    Table(
        "combined_activity",
        "activity",
        "Activity of each variant in each condition, its replicates combined; also of variants that were not measured.",
        ("library", "condition", "variant"),
        (
            LIBRARY,
            CONDITION,
            VARIANT,
            Column("n_replicates", "int64", "replicates in which it was measured"),
            Column(
                "n_barcodes", "int64", "barcodes used in any replicate; missing where variants carry none", "", True
            ),
            measured("log2_ratio", "log2 of RNA per DNA, weighted mean of the replicates on one level"),
            Column(
                "log2_ratio_se",
                "float64",
                "standard error; of one replicate alone it holds the scatter of barcodes, not that between replicates",
                "log2",
                True,
            ),
            Column(
                "between_replicates_sd",
                "float64",
                "scatter between replicates that barcodes do not explain, of all variants of the condition together; "
                "missing where the variant was measured in one replicate alone",
                "log2",
                True,
            ),
            *_SHRUNKEN,
            Column("is_control", "bool", "whether it is a negative control"),
            Column("z", "float64", "distance to the median of the negative controls", "sd of the controls", True),
            Column("p", "float64", "share of the negative controls that are as active; missing for these", "", True),
            Column("q", "float64", "false discovery rate (Benjamini-Hochberg) at this p", "", True),
        ),
    ),
    Table(
        "condition_differences",
        "activity",
        "Activity of each variant in one condition less that in another, where measured in both.",
        ("library", "condition", "other_condition", "variant"),
        (
            LIBRARY,
            CONDITION,
            OTHER_CONDITION,
            VARIANT,
            Column(
                "difference",
                "float64",
                "log2 ratio in the other condition less that in the first; less that of the negative controls, if any",
                "log2",
            ),
            Column("difference_se", "float64", "its standard error; missing where one of them is", "log2", True),
            Column("z", "float64", "difference in standard errors", "standard errors", True),
            Column("p", "float64", "two-sided probability of such a z by chance", "", True),
            Column("q", "float64", "false discovery rate (Benjamini-Hochberg) at this p", "", True),
        ),
    ),
    Table(
        "replicate_agreement",
        "activity",
        "How well the log ratios of two replicates of a condition agree, over variants measured in both.",
        ("library", "condition", "replicate", "other_replicate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            OTHER_REPLICATE,
            *AGREEMENT,
            Column("median_difference", "float64", "median of the other less the first", "log2", True),
            Column(
                "barcode_correlation",
                "float64",
                "correlation of what barcodes add to their variants: what is peculiar to barcodes does not average out "
                "over replicates; beyond a DNA sample that they share; below 0 counts as 0; missing where no barcode "
                "tells it",
                "",
                True,
            ),
        ),
    ),
    Table(
        "activity_replicates",
        "activity",
        "What each replicate shows of its own noise, and how much it weighs.",
        ("library", "condition", "replicate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column("n_measured", "int64", "variants measured"),
            Column("over_counting", "float64", "variance of counts over that of Poisson counts, at least 1", "", True),
            Column("barcode_sd", "float64", "scatter between the barcodes of a variant, beyond counting", "log2", True),
            Column(
                "degrees",
                "float64",
                "degrees of freedom with which all variants together tell the error of each; missing = they are alike",
                "",
                True,
            ),
            Column("offset", "float64", "taken off its log ratios before they were combined", "log2"),
            Column("mean_weight", "float64", "its weight, mean over the variants of the condition", "", True),
        ),
    ),
    Table(
        "activity_drops",
        "activity",
        "What became of barcodes and variants in each replicate: rows of barcodes add up to those counted in DNA or "
        "RNA, rows of variants to all variants of the library.",
        ("library", "condition", "replicate", "unit", "fate"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            Column("unit", "string", "what is numbered", values={"barcode": "barcodes", "variant": "variants"}),
            Column("fate", "string", "what became of them", values=ACTIVITY_FATES),
            Column("n", "int64", "how many"),
            Column("dna", "int64", "their DNA counts, in rows of variants of the barcodes used"),
            Column("rna", "int64", "their RNA counts, likewise"),
        ),
    ),
    Table(
        "activity_summary",
        "activity",
        "Key numbers of the activities of a library in each condition.",
        ("library", "condition", "quantity"),
        (
            LIBRARY,
            CONDITION,
            Column("quantity", "string", "name of the number"),
            Column("value", "float64", "its value; missing where it cannot be told", "as unit", True),
            Column("unit", "string", "unit of value"),
        ),
    ),
)
