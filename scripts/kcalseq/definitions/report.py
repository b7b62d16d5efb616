"""Tables of the floor report."""

from kcalseq.columns import Column, Table
from kcalseq.definitions.activity import QUALITY_COLUMNS
from kcalseq.definitions.common import LIBRARY, LOWER, UNIT, UPPER

TABLES = (
    Table(
        "summary",
        "report",
        "The key numbers of a run of the pipeline.",
        ("library", "model", "metric"),
        (
            LIBRARY,
            Column(
                "model", "string", "name of the model; empty where the number belongs to the library", nullable=True
            ),
            Column("metric", "string", "name of the number"),
            Column("value", "float64", "its value", "as unit", nullable=True),
            LOWER,
            UPPER,
            UNIT,
        ),
    ),
    Table(
        "qc",
        "report",
        "Table quality of all libraries, for other programs.",
        ("library", "metric", "subject"),
        QUALITY_COLUMNS,
    ),
)
