"""Rows of docs/data-model.md: the tables that cross floors, and the columns of each."""

from markdown import Cells

from kcalseq.columns import Column, Table
from kcalseq.tables import TABLES

_HEADER = ("column", "type", "unit", "meaning")


def table_rows() -> tuple[Cells, list[Cells]]:
    """Header and rows that list all tables, with a link to each one's section."""
    rows: list[Cells] = [(f"[`{table.name}`](#{table.name})", table.floor, table.meaning) for table in TABLES.values()]
    return ("table", "made by", "what it says"), rows


def rows_of_table(definition: Table) -> tuple[Cells, list[Cells]]:
    """Header and rows that explain a table's columns; the key's columns are marked."""
    return _HEADER, [_row(column, column.name in definition.key) for column in definition.columns]


def _row(column: Column, in_key: bool) -> Cells:
    name = f"`{column.name}`" + (" (key)" if in_key else "")
    meaning = column.meaning + (" (may be missing)" if column.nullable else "")
    if column.values:
        meaning += ": " + "; ".join(f"`{value}` = {what}" for value, what in column.values.items())
    return name, column.dtype, column.unit, meaning
