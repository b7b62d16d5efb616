"""What a column and a table are; ``tables`` says which there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Dtype = Literal["string", "int64", "float64", "bool"]


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit ('' for names and pure counts) and what it means.

    ``values`` maps each allowed value to its meaning where the column is an enumeration.
    """

    name: str
    dtype: Dtype
    meaning: str
    unit: str = ""
    nullable: bool = False
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Table:
    """One table: rows are unique in ``key`` and stored sorted by ``order`` first, where given, then by the key."""

    name: str
    floor: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Column names in stored order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name (KeyError if the table has none)."""
        return {column.name: column for column in self.columns}[name]
