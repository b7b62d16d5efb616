"""Names that files for other programs can hold."""

import re
from collections.abc import Iterable, Sequence

from kcalseq.errors import KcalseqError

_BREAKS_ROWS = re.compile(r"[\"\t\r\n]")
# What readers built on pandas take for a missing value; a barcode's variant would be lost without a word.
_TAKEN_FOR_MISSING = frozenset(
    ("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>")
) | {"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}


def check_names(names: Iterable[str], where: str) -> None:
    """Refuse names that tab-separated files without quotes cannot carry to another program.

    Raises:
        KcalseqError: said of ``where``: a name holds a quote, a tab or the end of a line, or reads as a missing value.
    """
    remedy = "rename it in the design or the barcode map"
    for name in names:
        broken = _BREAKS_ROWS.search(name)
        if broken:
            found = f"the name {name!r} holds {broken.group()!r}"
            raise KcalseqError(where, found, "names that a tab-separated file can hold", remedy)
        if name in _TAKEN_FOR_MISSING:
            found = f"a variant is called '{name}', which other programs read as a missing value"
            raise KcalseqError(where, found, "another name", remedy)


def distinct(names: Sequence[str], allowed: str, put: str) -> dict[str, str]:
    """A name for each that holds allowed letters only, each once.

    Args:
        names: the names, each once.
        allowed: letters allowed, as they stand between the brackets of a regular expression.
        put: put in place of each letter that is not.

    >>> distinct(["37 C", "37_C", "37C"], "A-Za-z0-9_", "_")
    {'37 C': '37_C', '37_C': '37_C_2', '37C': '37C'}
    """
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(f"[^{allowed}]", put, name)
        number, free = 1, plain
        while free in found.values():
            number += 1
            free = f"{plain}{put}{number}"
        found[name] = free
    return found
