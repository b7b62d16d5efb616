"""Tables of the effects of single changes, from molecules that may carry several."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, LIBRARY, OTHER_REPLICATE, POSITION, REPLICATE

CHANGE_FATES = MappingProxyType(
    {
        "estimated": "has an effect",
        "never_seen": "no measured molecule carries it",
        "few_barcodes": "fewer barcodes (variants, where these carry none) than min_barcodes carry it",
        "confounded": "always together with others, so that only their sum could be told",
    }
)

UNIT_FATES = MappingProxyType(
    {
        "used": "its log ratio takes part",
        "other_change": "its molecule has a change that is no single base: an insertion, or several bases missing",
        "unlike": "its variant differs from the reference at more than half of the positions, or is named as another's",
        "unreadable": "neither its variant's sequence nor its name tells the changes",
        "left_out": "does not count for its variant's activity; table activity_drops says why",
        "no_ratio": "no DNA or no RNA, and no pseudocount",
    }
)

_REFERENCE = Column("reference", "string", "the unchanged variant")
_CHANGE = (
    POSITION,
    Column(
        "reference_base", "string", "base of the reference there; missing where names do not tell it", nullable=True
    ),
    Column("base", "string", "base in its place; - = none, a deletion"),
)
_N_VARIANTS = Column("n_variants", "int64", "measured variants that carry the change")
_N_BARCODES = Column("n_barcodes", "int64", "their barcodes; missing where variants carry none", nullable=True)
_FATE = Column("fate", "string", "whether there is an effect", values=CHANGE_FATES)


def _log2(name: str, meaning: str) -> Column:
    return Column(name, "float64", meaning, "log2", True)


TABLES = (
    Table(
        "base_effects",
        "activity",
        "What each single change does to the log ratio of RNA and DNA, from molecules with one change or several, "
        "replicates combined; also of changes without an effect.",
        ("library", "condition", "reference", "position", "base"),
        (
            LIBRARY,
            CONDITION,
            _REFERENCE,
            *_CHANGE,
            _FATE,
            Column(
                "together_with", "string", "of a confounded change: what comes with it, counted from 1", nullable=True
            ),
            Column("n_replicates", "int64", "replicates that tell the effect"),
            _N_VARIANTS,
            _N_BARCODES,
            _log2("effect", "what the change adds to the log ratio of a molecule; missing where fate is not estimated"),
            _log2(
                "effect_se",
                "standard error; of one replicate alone it holds the scatter of barcodes, not that between replicates",
            ),
            _log2("lower", "lower end of the interval"),
            _log2("upper", "upper end of the interval"),
            Column("confidence", "float64", "confidence level of the interval, 0 to 1"),
            _log2("between_replicates_sd", "scatter between replicates that barcodes do not explain, of all changes"),
            Column("p", "float64", "probability of as large an effect by chance", "", True),
            Column("q", "float64", "the same over all changes (Benjamini & Hochberg 1995)", "", True),
        ),
    ),
    Table(
        "replicate_base_effects",
        "activity",
        "The same of each replicate by itself.",
        ("library", "condition", "reference", "replicate", "position", "base"),
        (
            LIBRARY,
            CONDITION,
            _REFERENCE,
            REPLICATE,
            *_CHANGE,
            _FATE,
            _N_VARIANTS,
            _N_BARCODES,
            _log2("effect", "what the change adds to the log ratio of a molecule"),
            _log2("effect_se", "standard error"),
        ),
    ),
    Table(
        "base_effect_agreement",
        "activity",
        "How well the effects of single changes agree between two replicates of a condition.",
        ("library", "condition", "reference", "replicate", "other_replicate"),
        (
            LIBRARY,
            CONDITION,
            _REFERENCE,
            REPLICATE,
            OTHER_REPLICATE,
            Column("n_shared", "int64", "changes with an effect in both"),
            Column("pearson", "float64", "Pearson correlation; missing with fewer than three", "", True),
            Column("spearman", "float64", "Spearman correlation; missing likewise", "", True),
            Column(
                "noise_correlation",
                "float64",
                "correlation of what barcodes and their variants add to the effects: what is peculiar to them does not "
                "average out over replicates; below 0 counts as 0; missing where no barcode is in both",
                "",
                True,
            ),
            Column(
                "deviation_sd",
                "float64",
                "standard deviation of differences over their standard errors: 1 where the errors are right and "
                "replicates differ in nothing else",
                "",
                True,
            ),
        ),
    ),
    Table(
        "base_effect_drops",
        "activity",
        "What became of the barcodes behind the effects of single changes: rows of a replicate and reference add up to "
        "all counted barcodes of its variants.",
        ("library", "condition", "reference", "replicate", "unit", "fate"),
        (
            LIBRARY,
            CONDITION,
            _REFERENCE,
            REPLICATE,
            Column(
                "unit", "string", "what is numbered", values={"barcode": "barcodes", "variant": "variants without any"}
            ),
            Column("fate", "string", "what became of them", values=UNIT_FATES),
            Column("n", "int64", "how many"),
        ),
    ),
)
