"""Tables of the floor association."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import (
    BARCODE,
    BARCODE_CALLS,
    CONDITION,
    LIBRARY,
    N_BARCODES,
    N_READS,
    SETS,
    UNIT,
    VARIANT,
)

SECOND_PROBABILITY = Column(
    "second_probability",
    "float64",
    "chance that the barcode has a second molecule, given its reads and the rates of the library; missing where a map "
    "came from elsewhere",
    nullable=True,
)

TABLES = (
    Table(
        "variants",
        "association",
        "The variants of a library and the part of the data split each belongs to.",
        ("library", "variant"),
        (
            LIBRARY,
            VARIANT,
            Column(
                "variant_sequence",
                "string",
                "sequence of the variant, 5' to 3'; missing where a barcode map came without a design",
                nullable=True,
            ),
            Column("set", "string", "part of the data split", values=SETS),
        ),
    ),
    Table(
        "variant_values",
        "association",
        "Continuous measurements of a library that came as a table of values, one value a variant and condition.",
        ("library", "condition", "variant"),
        (
            LIBRARY,
            CONDITION,
            VARIANT,
            Column("value", "float64", "measured value, the mean over its replicates", "as measured"),
            Column("value_se", "float64", "standard error of the value, from those told", "as measured", nullable=True),
            Column("n_replicates", "int64", "replicates of which it is the mean"),
        ),
    ),
    Table(
        "barcode_map",
        "association",
        "Which variant each barcode stands for: the barcodes that counting knows.",
        ("library", "barcode"),
        (
            LIBRARY,
            BARCODE,
            VARIANT,
            Column("n_reads", "int64", "reads that agree on it; missing in a map from elsewhere", nullable=True),
            Column("purity", "float64", "share of the voting reads that agree; missing likewise", nullable=True),
            SECOND_PROBABILITY,
        ),
    ),
    Table(
        "barcode_calls",
        "association",
        "What was made of every barcode of the association runs, and why.",
        ("library", "barcode"),
        (
            LIBRARY,
            BARCODE,
            Column("call", "string", "what was made of it", values=BARCODE_CALLS),
            Column("variant", "string", "the variant it is, or is nearest to", nullable=True),
            Column(
                "mutations",
                "string",
                "how the molecule differs from that variant, 1-based: 12A>G, 57del, 30_31insT; separated by ;",
                nullable=True,
            ),
            Column("second_variant", "string", "the variant of the second molecule, if there is one", nullable=True),
            N_READS,
            Column("n_supporting", "int64", "reads that agree with the molecule called"),
            Column("n_second", "int64", "reads that agree with the next molecule"),
            Column("n_silent", "int64", "reads that match nothing and do not vote"),
            SECOND_PROBABILITY,
        ),
    ),
    Table(
        "reads_per_barcode",
        "association",
        "How many barcodes of the association runs have how many reads: the knee plot.",
        ("library", "n_reads"),
        (LIBRARY, N_READS, N_BARCODES),
    ),
    Table(
        "association_summary",
        "association",
        "Rates, thresholds and sums of the association of a library.",
        ("library", "quantity"),
        (
            LIBRARY,
            Column("quantity", "string", "name of the number"),
            Column("value", "float64", "its value", "as unit", nullable=True),
            UNIT,
        ),
    ),
    Table(
        "design_conflicts",
        "association",
        "Pairs of designed variants that reads cannot tell apart, or can mistake.",
        ("library", "variant", "other_variant", "relation"),
        (
            LIBRARY,
            VARIANT,
            Column("other_variant", "string", "the variant it cannot be told from"),
            Column(
                "relation",
                "string",
                "how the two relate",
                values={
                    "identical": "the same sequence under two names",
                    "reverse_complement": "one is the reverse complement of the other",
                    "contained": "the variant lies within the other variant",
                },
            ),
        ),
    ),
)
