"""Whitelists: the barcodes that can be in a library, one a line, plain or gzipped. Needs nothing but Python."""

import gzip
import zlib
from pathlib import Path

from kcalseq.errors import KcalseqError, KcalseqErrors

MAX_COMPLAINTS = 10
"""Complaints told about one file; more would hide the first."""
_MOST_SHOWN = 60


def read_whitelist(path: str | Path) -> tuple[str, ...]:
    """Read a whitelist.

    Args:
        path: a text file with one barcode a line, gzipped if its first bytes say so. A first line that reads
            ``barcode`` or ``barcodes`` is a header.

    Returns:
        the barcodes in the order of the file, all different, of one length, of the letters A, C, G, T.

    Raises:
        KcalseqError: the file cannot be read or holds no barcode.
        KcalseqErrors: lines with other letters, repeated barcodes, or barcodes of another length than most; at most
            ``MAX_COMPLAINTS`` are told.
    """
    lines = _lines(path)
    first = 1 if lines and lines[0].strip().lower() in ("barcode", "barcodes") else 0
    rows = [(number, line.rstrip("\r")) for number, line in enumerate(lines, start=1) if number > first]
    if not rows:
        raise KcalseqError(str(path), "there is no barcode in it", "one barcode a line", "name the right file")
    lengths = [len(barcode) for _, barcode in rows]
    usual = max(sorted(set(lengths)), key=lengths.count)
    seen: dict[str, int] = {}
    errors = []
    for number, barcode in rows:
        error = _complaint(f"{path} line {number}", barcode, usual, seen.get(barcode))
        if error is not None:
            errors.append(error)
        if len(errors) == MAX_COMPLAINTS:
            break
        seen.setdefault(barcode, number)
    if errors:
        raise KcalseqErrors(errors)
    return tuple(barcode for _, barcode in rows)


def _complaint(where: str, barcode: str, usual: int, earlier: int | None) -> KcalseqError | None:
    shown = f"'{barcode[:_MOST_SHOWN]}'" + ("..." if len(barcode) > _MOST_SHOWN else "")
    if not barcode:
        return KcalseqError(where, "the line is empty", "a barcode in every line", "remove the line")
    if set(barcode) - set("ACGT"):
        remedy = "write it in upper case" if not set(barcode) - set("ACGTacgt") else "correct the line or remove it"
        return KcalseqError(where, f"{shown} has letters other than A, C, G, T", "upper-case DNA", remedy)
    if len(barcode) != usual:
        found = f"{shown} has {len(barcode)} letters"
        return KcalseqError(where, found, f"{usual}, as most of the file", "split the file by length or mend the line")
    if earlier is not None:
        found = f"{shown} stands already in line {earlier}"
        return KcalseqError(where, found, "each barcode once", "remove one of the two")
    return None


def _lines(path: str | Path) -> list[str]:
    expected = "a text file with one barcode a line, gzipped or not"
    try:
        content = Path(path).read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        text = content.removeprefix(b"\xef\xbb\xbf").decode("ascii")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise KcalseqError(str(path), f"it cannot be read ({error})", expected, "name the right file") from error
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
