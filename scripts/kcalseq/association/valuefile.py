"""A table of continuous values as users bring it: one variant a row, each cell checked, each complaint with its line.

Columns variant_sequence (or sequence) and value must be there; value_se, set, condition and replicate may be. Loads
without numpy or pandas, so that header and first row are checked in Snakemake's own process, before any job starts.
"""

import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kcalseq.errors import KcalseqError, did_you_mean
from kcalseq.tables import SETS

COLUMNS = ("variant_sequence", "value", "value_se", "set", "condition", "replicate")
ONE_CONDITION = "all"
ONE_REPLICATE = "1"
_RNA = str.maketrans("U", "T")


class ValueRow(NamedTuple):
    """A row of the table.

    Attributes:
        line: of the file, the header is 1.
        sequence: upper-case A, C, G, T.
        value: finite.
        value_se: its standard error, 0 or more; None without the column.
        set: part of the data split; None without the column.
        condition: ``all`` without the column.
        replicate: ``1`` without the column.
    """

    line: int
    sequence: str
    value: float
    value_se: float | None
    set: str | None
    condition: str
    replicate: str


def read_value_rows(path: str | Path) -> Iterator[ValueRow]:
    """Rows of a table of values, tab-separated, gzipped if named .gz; empty lines at the end are left out.

    Raises:
        KcalseqError: the file cannot be read, its header is wrong, or a cell is; the first complaint.
    """
    lines = _lines(Path(path))
    header = _header(str(path), next(lines, (1, ""))[1])
    length, empty = 0, 0
    for number, line in lines:
        if not line:
            empty = empty or number
            continue
        where = f"{path} line {number}"
        if empty:
            found = f"the empty line {empty} before it"
            raise KcalseqError(where, found, "empty lines at the end alone", "remove the line")
        row = _row(where, number, header, line)
        if length and len(row.sequence) != length:
            found, expected = f"{len(row.sequence)} bases ({row.sequence[:30]})", f"{length}, as in the lines before"
            raise KcalseqError(f"{where}, column '{header[0]}'", found, expected, "correct or remove the row")
        length = len(row.sequence)
        yield row
    if not length:
        raise KcalseqError(str(path), "no row", "a header and one row a variant", "fill it, or name the right file")


def first_row(path: str | Path) -> tuple[frozenset[str], ValueRow]:
    """Columns of a table of values, by their names in ``COLUMNS``, and its first row.

    Raises:
        KcalseqError: as ``read_value_rows``, as far as the file is read.
    """
    header = _header(str(path), next(_lines(Path(path)), (1, ""))[1])
    return frozenset(COLUMNS[0] if name == "sequence" else name for name in header), next(read_value_rows(path))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    expected, remedy = "a tab-separated table, gzipped if named .gz", "mend or copy the file again"
    if not path.is_file():
        raise KcalseqError(str(path), "there is no such file", expected, "correct the path in the config")
    number = 0
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                yield number, line.rstrip("\r\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise KcalseqError(f"{path} line {number + 1}", f"it cannot be read ({error})", expected, remedy) from error


def _header(path: str, line: str) -> list[str]:
    where, header = f"{path} line 1", line.split("\t")
    known = [*COLUMNS, "sequence"]
    if len(header) < 2:
        found = f"the header '{line[:60]}' has no tabs"
        raise KcalseqError(where, found, "columns separated by tabs", "save it as tab-separated text")
    for name in header:
        if name not in known:
            expected = f"the columns {', '.join(COLUMNS)}"
            raise KcalseqError(where, f"unknown column '{name}'", expected, did_you_mean(name, known))
        if header.count(name) > 1:
            raise KcalseqError(where, f"column '{name}' twice", "each column once", "remove one")
    if ("variant_sequence" in header) == ("sequence" in header):
        found = "both variant_sequence and sequence" if "sequence" in header else "no column variant_sequence"
        raise KcalseqError(where, found, "one column with the sequences", "name it variant_sequence")
    if "value" not in header:
        raise KcalseqError(where, "column 'value' is missing", "the measured values", "add or rename the column")
    return header


def _row(where: str, number: int, header: list[str], line: str) -> ValueRow:
    cells = line.split("\t")
    if len(cells) != len(header):
        found = f"{len(cells)} cells"
        raise KcalseqError(where, found, f"{len(header)}, one a column", "add or remove tabs")
    named = dict(zip(header, map(str.strip, cells), strict=True))
    for name, cell in named.items():
        if not cell:
            raise KcalseqError(f"{where}, column '{name}'", "an empty cell", "a value", "fill it or remove the row")
    written = "sequence" if "sequence" in named else "variant_sequence"
    sequence = named[written].upper().translate(_RNA)
    strange = set(sequence) - set("ACGT")
    if strange:
        found, expected = f"the letter '{min(strange)}' in {sequence[:30]}", "A, C, G, T or U"
        raise KcalseqError(f"{where}, column '{written}'", found, expected, "correct or remove the row")
    error, part = None, named.get("set")
    if "value_se" in named:
        error = _number(where, "value_se", named["value_se"])
        if error < 0:
            found = f"the standard error {named['value_se']}"
            raise KcalseqError(f"{where}, column 'value_se'", found, "0 or more", "correct or remove the row")
    if part is not None and part not in SETS:
        found, expected = f"the set '{part}'", "training, validation or test"
        raise KcalseqError(f"{where}, column 'set'", found, expected, did_you_mean(part, SETS))
    value = _number(where, "value", named["value"])
    condition, replicate = named.get("condition", ONE_CONDITION), named.get("replicate", ONE_REPLICATE)
    return ValueRow(number, sequence, value, error, part, condition, replicate)


def _number(where: str, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        found = f"'{cell}' is no finite number"
        raise KcalseqError(f"{where}, column '{column}'", found, "a number such as -1.25", "correct or remove the row")
    return value
