"""Tables of the floor counts."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import (
    BARCODE,
    BIN,
    CONDITION,
    COUNT_FATES,
    FRACTION,
    LIBRARY,
    N_MOLECULES,
    N_READS,
    REPLICATE,
    SAMPLE,
    VARIANT,
)

_OTHER_SAMPLE = Column("other_sample", "string", "the sample it is compared with")

TABLES = (
    Table(
        "barcode_counts",
        "counts",
        "Reads and molecules of each barcode in each fraction, after error correction, summed over runs.",
        ("library", "condition", "replicate", "fraction", "bin", "barcode"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            FRACTION,
            BIN,
            BARCODE,
            Column("variant", "string", "its variant; missing where there is no barcode map", nullable=True),
            N_READS,
            N_MOLECULES,
        ),
    ),
    Table(
        "variant_counts",
        "counts",
        "Reads of each variant in each fraction, summed over runs.",
        ("library", "condition", "replicate", "fraction", "bin", "variant"),
        (
            LIBRARY,
            CONDITION,
            REPLICATE,
            FRACTION,
            BIN,
            VARIANT,
            Column("n_barcodes", "int64", "distinct barcodes; missing where variants carry none", nullable=True),
            N_READS,
            N_MOLECULES,
        ),
    ),
    Table(
        "count_fates",
        "counts",
        "What error correction made of the kept reads of each sample: the rows of a sample add up to its kept reads.",
        ("library", "sample", "fate"),
        (
            LIBRARY,
            SAMPLE,
            Column("fate", "string", "what was made of the read's barcode", values=COUNT_FATES),
            N_READS,
            Column("n_barcodes", "int64", "distinct barcodes as read"),
        ),
    ),
    Table(
        "saturation",
        "counts",
        "Distinct barcodes and molecules against reads: what was seen at lesser depth, and what more would bring.",
        ("library", "sample", "n_reads"),
        (
            LIBRARY,
            SAMPLE,
            Column("n_reads", "int64", "reads at this depth"),
            Column("n_barcodes", "float64", "distinct barcodes expected at this depth"),
            Column("n_molecules", "float64", "distinct molecules expected at this depth", nullable=True),
            Column("projected", "bool", "whether the depth lies beyond what was sequenced"),
        ),
    ),
    Table(
        "barcode_overlap",
        "counts",
        "How many barcodes two samples of a library share.",
        ("library", "sample", "other_sample"),
        (
            LIBRARY,
            SAMPLE,
            _OTHER_SAMPLE,
            Column("n_barcodes", "int64", "distinct barcodes of the sample"),
            Column("n_other", "int64", "distinct barcodes of the other sample"),
            Column("n_shared", "int64", "distinct barcodes of both"),
        ),
    ),
    Table(
        "index_hopping",
        "counts",
        "Molecules seen in two samples at once: no molecule can be in two tubes, so beyond chance they hopped.",
        ("library", "sample", "other_sample"),
        (
            LIBRARY,
            SAMPLE,
            _OTHER_SAMPLE,
            Column("n_shared", "int64", "pairs of barcode and UMI seen in both samples"),
            Column("n_expected", "float64", "such pairs expected by chance"),
            Column("hopped_fraction", "float64", "share of the sample's reads that came from the other", nullable=True),
        ),
    ),
)
