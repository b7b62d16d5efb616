"""Sample sheets: tab-separated, one schema each, every complaint with its row.

Needs neither numpy nor pandas: sheets are read in Snakemake's own process, before any job starts.
"""

import re
from pathlib import Path

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean
from kcalseq.yamlfile import Document, check, load_schema

Row = dict[str, str]


def read_sheet(path: str | Path, schema_name: str) -> list[Row]:
    """Rows of a sheet, each checked against workflow/schemas/<schema_name>.schema.yaml.

    Cells are stripped of blanks around them; lines that are empty or begin with # are left out.

    Raises:
        KcalseqError: the file is missing, a column is unknown or missing, or cells break the schema.
    """
    source = Path(path)
    if not source.is_file():
        raise KcalseqError(
            str(path), "there is no such file", "a tab-separated sheet", "correct the path in the config"
        )
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        found, remedy = "the sheet is not UTF-8 text", "save it as tab-separated text in UTF-8"
        raise KcalseqError(str(path), found, "a tab-separated sheet in UTF-8", remedy) from error
    lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines:
        raise KcalseqError(str(path), "the sheet is empty", "a header and at least one row", "fill it")
    header, *cells = (line.split("\t") for line in lines)
    header = [name.strip() for name in header]
    _check_header(str(path), header, schema_name)
    rows, errors = [], []
    for number, values in enumerate(cells, start=1):
        where = f"{path} row {number}"
        if len(values) != len(header):
            errors.append(
                KcalseqError(where, f"{len(values)} cells", f"{len(header)}, one per column", "add or remove tabs")
            )
            continue
        row = {name: value.strip() for name, value in zip(header, values, strict=True)}
        try:
            check(Document(where, row), schema_name)
        except KcalseqErrors as found:
            errors += found.errors
        rows.append(row)
    if errors:
        raise KcalseqErrors(errors)
    return rows


def check_unique(name: str, rows: list[Row], columns: tuple[str, ...], remedy: str) -> None:
    """Raise KcalseqErrors where two rows agree in all of these columns."""
    first: dict[tuple[str, ...], int] = {}
    errors = []
    for number, row in enumerate(rows, start=1):
        key = tuple(row[column] for column in columns)
        if key in first:
            what = ", ".join(f"{column} '{value}'" for column, value in zip(columns, key, strict=True))
            errors.append(
                KcalseqError(f"{name} row {number}", f"{what} stands in row {first[key]} already", "each once", remedy)
            )
        first.setdefault(key, number)
    if errors:
        raise KcalseqErrors(errors)


def _check_header(name: str, header: list[str], schema_name: str) -> None:
    schema = load_schema(schema_name)
    known = list(schema["properties"])
    if len(header) == 1 and len(re.split(r"[ ,;]+", header[0])) > 1:
        found = "the header has no tabs"
        raise KcalseqError(f"{name} header", found, "columns separated by tabs", "save it as tab-separated text")
    errors = []
    for column in header:
        if column not in known:
            found = f"unknown column '{column}'"
            errors.append(
                KcalseqError(f"{name} header", found, "the columns of the sheet", did_you_mean(column, known))
            )
        elif header.count(column) > 1:
            errors.append(KcalseqError(f"{name} header", f"column '{column}' twice", "each column once", "remove one"))
    for column in schema["required"]:
        if column not in header:
            meaning = schema["properties"][column].get("description", "a column")
            errors.append(KcalseqError(f"{name} header", f"column '{column}' is missing", meaning, "add the column"))
    if errors:
        raise KcalseqErrors(errors)
