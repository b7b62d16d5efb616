"""FASTA files, plain or gzipped.

Read in Snakemake's own process too, before any job, so nothing here may need numpy.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from kcalseq.errors import KcalseqError


def read_fasta(path: str | Path) -> Iterator[tuple[str, str]]:
    """Name and sequence of each record; a name ends at the first blank and may be empty, sequences are upper-case.

    Raises:
        KcalseqError: the file cannot be read, or begins with something else than a name.
    """
    name, lines = None, list[str]()
    try:
        raw = Path(path).read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        found = f"it cannot be read ({error})"
        raise KcalseqError(str(path), found, "a FASTA file, plain or gzipped", "mend or name the file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith(">"):
            if name is not None:
                yield name, "".join(lines)
            words = stripped[1:].split(maxsplit=1)
            name, lines = words[0] if words else "", []
        elif stripped and name is None:
            found = f"'{stripped[:20]}' before the first name"
            raise KcalseqError(f"{path} line {number}", found, "FASTA, which begins with '>name'", "name a FASTA file")
        elif stripped:
            lines.append(stripped.upper())
    if name is not None:
        yield name, "".join(lines)
