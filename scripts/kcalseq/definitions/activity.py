"""Tables of the floor activity."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import CONDITION, LIBRARY, MARKS, POSITION, REPLICATE, UNIT, VARIANT

QUALITY_COLUMNS = (
    LIBRARY,
    Column("metric", "string", "name of the number, as under quality in the configuration"),
    Column("subject", "string", "run, sample, condition or whole library that it is of"),
    Column("value", "float64", "its value; missing where it cannot be told", "as unit", True),
    UNIT,
    Column("mark", "string", "how it is judged", values=MARKS),
    Column("caution", "float64", "where amber begins; missing where it is not judged", "as unit", True),
    Column("bad", "float64", "where red begins", "as unit", True),
    Column("advice", "string", "what to do; missing where nothing is to be done", nullable=True),
)

TABLES = (
    Table(
        "variant_activity",
        "activity",
        "Mean sort bin of each variant with its standard error.",
        ("library", "condition", "replicate", "variant"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            VARIANT,
            Column("n_observations", "int64", "independent sorted observations behind the mean"),
            Column("mean_bin", "float64", "mean sort bin", "bin"),
            Column("mean_bin_se", "float64", "standard error; missing if no variant was seen twice", "bin", True),
        ),
    ),
    Table(
        "information_footprint",
        "activity",
        "Mutual information between the base at each position and the sort bin.",
        ("library", "condition", "replicate", "position"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            POSITION,
            Column("information", "float64", "mutual information, bias-corrected; can fall below 0 by noise", "bits"),
            Column("information_se", "float64", "standard error by the delta method", "bits"),
            Column("bias", "float64", "the Treves-Panzeri correction that was subtracted", "bits"),
            Column("mutated_fraction", "float64", "share of observations that differ from the most common base"),
        ),
    ),
    Table(
        "quality",
        "activity",
        "Whether the experiment is good: numbers of reads, barcodes, samples and replicates, judged by thresholds.",
        ("library", "metric", "subject"),
        QUALITY_COLUMNS,
    ),
)
