"""Which variants are negative controls. Needs nothing but Python."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from kcalseq.errors import KcalseqError


def read_control_names(path: str | Path) -> tuple[str, ...]:
    """Read a list of negative controls: one name of a variant a line; empty lines and lines after # are skipped.

    Raises:
        KcalseqError: the file cannot be read, or names none.
    """
    expected = "a text file with one name of a variant a line"
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KcalseqError(str(path), f"it cannot be read ({error})", expected, "name the right file") from error
    names = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and line[0] != "#"))
    if not names:
        raise KcalseqError(str(path), "it names no variant", expected, "fill it, or drop the key")
    return names


def compiled(pattern: str, where: str) -> re.Pattern[str]:
    """Compile a pattern of names.

    Raises:
        KcalseqError: it is no regular expression.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        found = f"'{pattern}' is no regular expression ({error})"
        raise KcalseqError(where, found, "one, such as 'scrambled_.*'", "correct it") from error


def find_controls(variants: Sequence[str], file: str, pattern: str, where: str, whole: bool = True) -> list[bool]:
    """Tell of each variant whether it is a negative control.

    Args:
        variants: names of all variants.
        file: list of controls, or empty.
        pattern: regular expression that a control's name matches as a whole, or empty.
        where: what to call the setting in a message.
        whole: whether every control must be a variant; a barcode map made elsewhere need not hold all of them.

    Raises:
        KcalseqError: the file names what is no variant, or no variant is a control though some were asked for.
    """
    listed = set(read_control_names(file)) if file else set()
    unknown = sorted(listed - set(variants))
    if unknown and whole:
        found = f"{_some(unknown)} of {file} is no variant of the library"
        raise KcalseqError(where, found, "names of its variants", "correct the names")
    expression = compiled(pattern, where) if pattern else None
    chosen = [name in listed or bool(expression and expression.fullmatch(name)) for name in variants]
    if (file or pattern) and not any(chosen):
        found = f"no variant is named in {file}" if file else f"no variant matches '{pattern}'"
        raise KcalseqError(where, found, f"names such as {_some(variants)}", "correct the names")
    return chosen


def _some(names: Iterable[str]) -> str:
    first = list(names)[:3]
    return ", ".join(f"'{name}'" for name in first)
