"""Large tables, piece by piece: written and read as Arrow, checked like all tables, never whole in memory.

Same definitions, same files and same bytes as ``tablefile`` where rows are the same; the caller brings the rows in the
order of the key, since sorting would need them all.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kcalseq.arrowcolumns import texts
from kcalseq.columns import Table
from kcalseq.errors import KcalseqError
from kcalseq.tables import TABLES
from kcalseq.wholefile import whole_or_not_at_all

ROWS_PER_GROUP = 1 << 17
"""Rows in a row group of every parquet file, so that a large table can be read in pieces."""
REMAKE = "remove the file, so that it is made again"
"""What helps where a file of results is not what it should be."""
_LAST = texts([chr(0x10FFFF)])[0]  # a missing value stands behind all others, as in the tables that pandas sorts
_ARROW = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}


def arrow_schema(table: Table) -> pa.Schema:
    """The columns of a table as Arrow types."""
    return pa.schema([pa.field(c.name, _ARROW[c.dtype], nullable=c.nullable) for c in table.columns])


def write_pieces(name: str, pieces: Iterable[pa.Table], path: str | Path) -> None:
    """Write a table from pieces whose rows come in the order of the key, each key once.

    Args:
        name: table name in ``TABLES``.
        pieces: parts of the table in order; columns in any order, nullable ones may be left out. The file does not
            depend on where the pieces end.
        path: the parquet file.

    Raises:
        KcalseqError: a column is missing or unknown, a value is missing, or the rows are not in order.
    """
    definition, where = TABLES[name], f"table {name}"
    schema, last = arrow_schema(definition), None
    with whole_or_not_at_all(path) as partial, pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []
        for piece in pieces:
            rows = _conform(definition, schema, piece, where)
            last = _check_order(definition, rows, last, where)
            waiting.append(rows)
            if sum(map(len, waiting)) >= ROWS_PER_GROUP:
                waiting = [_write_full_groups(writer, pa.concat_tables(waiting))]
        if sum(map(len, waiting)):
            writer.write_table(pa.concat_tables(waiting).combine_chunks(), row_group_size=ROWS_PER_GROUP)


def read_pieces(name: str, path: str | Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """Read a table that ``write_pieces`` or ``write_table`` wrote, one row group at a time; columns None = all.

    Raises:
        KcalseqError: the file is not the table it should be.
    """
    schema = arrow_schema(TABLES[name])
    expected = f"table {name}: {', '.join(schema.names)}"
    with told_if_unreadable(path, expected):
        file = pq.ParquetFile(path)
    with file:
        if not file.schema_arrow.equals(schema):
            found = f"its columns are {', '.join(file.schema_arrow.names)}"
            raise KcalseqError(str(path), found, expected, REMAKE)
        for group in range(file.num_row_groups):
            with told_if_unreadable(path, expected):
                rows = file.read_row_group(group, columns=columns)
            yield rows


@contextmanager
def told_if_unreadable(path: str | Path, expected: str) -> Iterator[None]:
    """Within it, what Arrow says of a file that is missing, cut off or spoilt becomes an error for people."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        if isinstance(error, pa.ArrowMemoryError):
            raise
        found = f"it cannot be read ({str(error)[:200]})"
        raise KcalseqError(str(path), found, expected, REMAKE) from error


def read_whole(name: str, path: str | Path, columns: list[str] | None = None) -> pa.Table:
    """All pieces of a table together."""
    schema = arrow_schema(TABLES[name])
    wanted = schema if columns is None else pa.schema([schema.field(column) for column in columns])
    pieces = list(read_pieces(name, path, columns))
    return pa.concat_tables(pieces) if pieces else wanted.empty_table()


def _conform(definition: Table, schema: pa.Schema, piece: pa.Table, where: str) -> pa.Table:
    unknown = set(piece.column_names) - set(schema.names)
    if unknown:
        raise KcalseqError(
            where, f"unknown columns {', '.join(sorted(unknown))}", "the columns of the table", "drop them"
        )
    columns = []
    for column, field in zip(definition.columns, schema, strict=True):
        if column.name not in piece.column_names:
            if not column.nullable:
                expected = f"the columns {', '.join(schema.names)}"
                raise KcalseqError(where, f"column '{column.name}' is missing", expected, "add the column")
            columns.append(pa.nulls(len(piece), field.type))
            continue
        values = piece.column(column.name).cast(field.type)
        if not column.nullable and values.null_count:
            place = f"{where} column '{column.name}'"
            raise KcalseqError(place, "a missing value", "a value in every row", "fill it or drop the row")
        columns.append(values)
    return pa.table(columns, schema=schema)


def _check_order(definition: Table, rows: pa.Table, last: pa.Table | None, where: str) -> pa.Table | None:
    """Each key must be greater than the one before; returns the last row, for the next piece."""
    keys = rows.select(list(definition.key))
    both = keys if last is None else pa.concat_tables([last, keys])
    if len(both) < 2:
        return both if len(both) else None
    before, after = both.slice(0, len(both) - 1), both.slice(1)
    wrong = undecided = None
    for name in definition.key:
        one, two = (
            pc.fill_null(column, _LAST) if pa.types.is_string(column.type) and column.null_count else column
            for column in (before.column(name), after.column(name))
        )
        greater, equal = pc.greater(one, two), pc.equal(one, two)
        wrong = greater if wrong is None else pc.or_(wrong, pc.and_(undecided, greater))
        undecided = equal if undecided is None else pc.and_(undecided, equal)
    # What is equal in every column of the key stands there twice.
    wrong = pc.or_(wrong, undecided)
    if pc.any(wrong).as_py():
        place = pc.index(wrong, True).as_py()
        key = after.slice(place, 1).to_pylist()[0]
        raise KcalseqError(
            where, f"the key {key} is out of order or twice", "rows in the order of the key", "sort them"
        )
    return both.slice(len(both) - 1)


def _write_full_groups(writer: pq.ParquetWriter, rows: pa.Table) -> pa.Table:
    n_full = len(rows) // ROWS_PER_GROUP * ROWS_PER_GROUP
    writer.write_table(rows.slice(0, n_full).combine_chunks(), row_group_size=ROWS_PER_GROUP)
    return rows.slice(n_full)
