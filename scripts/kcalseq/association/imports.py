"""Barcode maps that others made, as tables of our own.

Three forms, plain or gzipped, tab-separated, barcode first and variant second: IGVF's
reporter_barcode_to_element_mapping and MPRAsnakeflow's barcodes_to_coords, alias assignment_barcodes, which have no
header and may have more columns; and a table with a header that names the columns barcode and variant.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean

_MOST_TOLD = 5
_ILLEGAL = re.compile("[^ACGT]")


def import_map(
    library: str, path: str | Path, known: Mapping[str, str] | None = None, reverse_complemented: bool = False
) -> pd.DataFrame:
    """Table ``barcode_map`` from another's file.

    Args:
        library: the library the map is of.
        path: the file.
        known: the design's variants by every name that the map may have for them; None = any, each by its own name.
        reverse_complemented: turn the barcodes around, where the map shows the other strand.

    Raises:
        KcalseqErrors: with line numbers: a barcode with two variants or with other letters than A, C, G, T, a variant
            that is not in the design, a row without its two columns. Also: an unreadable or empty file.
    """
    rows, errors, seen = dict[str, str](), list[KcalseqError](), dict[str, int]()
    for number, barcode, written in _rows(Path(path)):
        variant = written if known is None else known.get(written, written)
        error = _complaint(f"{path} line {number}", barcode, variant, rows, seen, known)
        if error is not None:
            errors.append(error)
            if len(errors) == _MOST_TOLD:
                break
            continue
        rows[barcode] = variant
        seen[barcode] = number
    if errors:
        raise KcalseqErrors(errors)
    if not rows:
        raise KcalseqError(str(path), "no row", "a barcode and its variant in each row", "name the map")
    frame = pd.DataFrame({"library": library, "barcode": list(rows), "variant": list(rows.values())})
    if reverse_complemented:
        turn = str.maketrans("ACGT", "TGCA")
        frame["barcode"] = [barcode.translate(turn)[::-1] for barcode in rows]
    frame["n_reads"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    frame["purity"], frame["second_probability"] = float("nan"), float("nan")
    return frame.sort_values("barcode", ignore_index=True)


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, barcode and variant of each row."""
    barcode_at, variant_at = 0, 1
    try:
        with path.open("rb") as raw:
            opener = gzip.open if raw.read(2) == b"\x1f\x8b" else open
        with opener(path, "rt", encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                cells = line.rstrip("\r\n").split("\t")
                if number == 1 and "barcode" in (lowered := [cell.strip().lower() for cell in cells]):
                    barcode_at, variant_at = lowered.index("barcode"), _variant_column(path, lowered)
                    continue
                if not line.strip():
                    continue
                if len(cells) <= max(barcode_at, variant_at):
                    found = f"{len(cells)} columns"
                    raise KcalseqError(f"{path} line {number}", found, "barcode, tab, variant", "mend the row")
                yield number, cells[barcode_at].strip().upper(), cells[variant_at].strip()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        found = f"it cannot be read ({error})"
        raise KcalseqError(str(path), found, "a tab-separated table, plain or gzipped", "mend the file") from error


def _variant_column(path: Path, header: list[str]) -> int:
    for name in ("variant", "oligo", "oligo_name", "element"):
        if name in header:
            return header.index(name)
    found = f"the columns {', '.join(header)}"
    raise KcalseqError(f"{path} line 1", found, "barcode and variant", did_you_mean("variant", header))


def _complaint(
    where: str, barcode: str, variant: str, rows: dict[str, str], seen: dict[str, int], names: Mapping[str, str] | None
) -> KcalseqError | None:
    illegal = _ILLEGAL.search(barcode)
    if not barcode or illegal:
        found = f"the letter {illegal.group()!r} in barcode '{barcode}'" if illegal else "no barcode"
        return KcalseqError(where, found, "A, C, G and T", "name a map with the barcode in its first column")
    if not variant:
        return KcalseqError(where, f"barcode {barcode} has no variant", "the name of one", "fill it or drop the row")
    if rows.get(barcode, variant) != variant:
        found = f"barcode {barcode} is {variant}, but {rows[barcode]} in line {seen[barcode]}"
        return KcalseqError(where, found, "one variant a barcode", "remove ambiguous barcodes from the map")
    if names is not None and variant not in names:
        return KcalseqError(
            where, f"variant '{variant}' is not in the design", "its names", did_you_mean(variant, names)
        )
    return None
