"""Read, check and write the tables that ``tables`` defines: parquet between floors, TSV where people look.

Every file is checked on its way out and on its way in, stored sorted by key, and appears whole or not at
all (written under a temporary name, then renamed). The bytes depend on the rows alone.
"""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kcalseq.arrowfile import REMAKE, ROWS_PER_GROUP, arrow_schema, told_if_unreadable
from kcalseq.columns import Column, Table
from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.tables import TABLES
from kcalseq.wholefile import whole_or_not_at_all

_PANDAS = {"string": "str", "int64": "Int64", "float64": "float64", "bool": "bool"}


def conform(name: str, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Check a frame against its definition; give it the defined column order, types and sorting.

    Args:
        name: table name in ``TABLES``.
        frame: rows in any order.
        where: how to call the frame in an error message.

    Raises:
        KcalseqError: a column is missing or unknown, a value is missing or not allowed, or a key repeats.
    """
    table = TABLES[name]
    _check_columns(table, frame, where)
    ordered = pd.DataFrame({column.name: _typed(column, frame[column.name], where) for column in table.columns})
    repeated = ordered.duplicated(list(table.key))
    if repeated.any():
        key = ordered.loc[repeated, list(table.key)].iloc[0].to_dict()
        raise KcalseqError(
            where,
            f"the key {key} occurs more than once",
            f"one row per {', '.join(table.key)}",
            "remove the repeated rows",
        )
    return ordered.sort_values([*table.order, *table.key], kind="stable", ignore_index=True)


def write_table(name: str, frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as parquet or TSV, by the file's suffix, after checking it (see ``conform``)."""
    ordered = conform(name, frame, f"table {name}")
    with whole_or_not_at_all(path) as partial:
        _write(TABLES[name], ordered, partial)


def _write(table: Table, ordered: pd.DataFrame, path: Path) -> None:
    if path.suffixes[-2:-1] == [".tsv"]:
        ordered.to_csv(path, sep="\t", index=False, lineterminator="\n")
    else:
        pq.write_table(_to_arrow(table, ordered), path, compression="zstd", row_group_size=ROWS_PER_GROUP)


def read_table(name: str, path: str | Path) -> pd.DataFrame:
    """Read a table from parquet or TSV and check it (see ``conform``)."""
    source = Path(path)
    expected = f"table {name}: {', '.join(TABLES[name].column_names)}"
    if source.suffix == ".tsv":
        text = {column.name: str for column in TABLES[name].columns if column.dtype == "string"}
        try:
            frame = pd.read_csv(source, sep="\t", dtype=text, keep_default_na=False, na_values=[""])
        except (OSError, ValueError) as error:
            raise KcalseqError(str(path), f"it cannot be read ({error})", expected, REMAKE) from error
    else:
        with told_if_unreadable(source, expected):
            frame = pq.read_table(source).to_pandas()
    return conform(name, frame, str(path))


def read_sheet_frame(path: str | Path) -> pd.DataFrame:
    """Read a table that users bring, tab-separated, plain or gzipped, as text.

    Raises:
        KcalseqError: the file is not a readable table.
    """
    try:
        return pd.read_csv(path, sep="\t", dtype=str)
    except (OSError, ValueError) as error:
        found = f"it cannot be read ({error})"
        raise KcalseqError(str(path), found, "a tab-separated table, gzipped if named .gz", "mend the file") from error


def read_tables(name: str, paths: list[str]) -> pd.DataFrame:
    """Read several files of one table, for example one per run, into one checked frame; no file, no row."""
    if not paths:
        return conform(name, pd.DataFrame(columns=TABLES[name].column_names), f"table {name}")
    return conform(name, pd.concat([read_table(name, path) for path in paths], ignore_index=True), f"table {name}")


def _check_columns(table: Table, frame: pd.DataFrame, where: str) -> None:
    names = table.column_names
    for found in frame.columns:
        if found not in names:
            raise KcalseqError(
                where,
                f"unknown column '{found}'",
                f"the columns of table {table.name}",
                did_you_mean(str(found), names),
            )
    for name in names:
        if name not in frame.columns:
            raise KcalseqError(
                where, f"column '{name}' is missing", f"the columns {', '.join(names)}", "add the column"
            )


def _typed(column: Column, values: pd.Series, where: str) -> pd.Series:
    if column.dtype == "string":
        # A TSV cannot tell an empty string from a missing value, so no table does.
        values = values.mask(values == "")
    if not column.nullable and values.isna().any():
        raise KcalseqError(
            f"{where} column '{column.name}'", "a missing value", "a value in every row", "fill it or drop the row"
        )
    try:
        typed: pd.Series = values.astype(_PANDAS[column.dtype])  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise KcalseqError(
            f"{where} column '{column.name}'", str(error), f"values of type {column.dtype}", "mend the values"
        ) from error
    if column.values:
        for value in typed.dropna().unique():
            if value not in column.values:
                raise KcalseqError(
                    f"{where} column '{column.name}'",
                    f"the value '{value}'",
                    "an allowed value",
                    did_you_mean(value, column.values),
                )
    return typed if column.dtype != "int64" or column.nullable else typed.astype("int64")


def _to_arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False).replace_schema_metadata(None)
