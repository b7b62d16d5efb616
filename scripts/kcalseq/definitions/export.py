"""Tables of the floor export."""

from types import MappingProxyType

from kcalseq.columns import Column, Table
from kcalseq.definitions.common import LIBRARY

EXPORT_FATES = MappingProxyType(
    {
        "written": "has a row in the file",
        "not_measured": "was not measured, or not counted",
        "not_tested": "has no p: it is itself a negative control, or there were too few of these",
        "no_error": "has no standard error",
        "no_sequence": "its sequence or that of its reference is not known",
        "no_variant": "a barcode that the barcode map does not hold, once for each sample it was counted in",
        "several_bases": "differs from its reference in more than one base",
        "not_in_genome": "it or its reference has no coordinates",
    }
)

TABLES = (
    Table(
        "exported",
        "export",
        "What files for other programs hold: rows of a file add up to the rows of the table that it comes from.",
        ("library", "file", "fate"),
        (
            LIBRARY,
            Column("file", "string", "the file, below the folder of the exports"),
            Column("condition", "string", "the condition it is of; missing if it is of the library", nullable=True),
            Column("fate", "string", "what became of a row", values=EXPORT_FATES),
            Column("n_rows", "int64", "how many rows; no file is written where none has a row"),
        ),
    ),
)
