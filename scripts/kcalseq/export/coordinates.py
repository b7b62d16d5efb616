"""Where variants lie on a genome: a BED file of the variants whose sequences are those of the genome.

Read in Snakemake's own process too, before any job, so nothing here may need numpy.
"""

import difflib
import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kcalseq.errors import KcalseqError, KcalseqErrors

_MOST_TOLD = 5
_CHROMOSOME = re.compile(r"[A-Za-z0-9_.]{1,255}")
_NO_ROW = ("#", "track", "browser")


class Place(NamedTuple):
    """An interval of a genome.

    Attributes:
        chrom: name of the chromosome.
        start: first position, 0-based.
        end: position behind the last.
        strand: + or -, on which the variant's sequence reads 5' to 3'.
    """

    chrom: str
    start: int
    end: int
    strand: str

    def span(self, position: int, length: int) -> tuple[int, int]:
        """Start and end on the chromosome of so many bases from a 0-based position in the variant on.

        >>> Place("chr1", 100, 110, "+").span(2, 3), Place("chr1", 100, 110, "-").span(2, 3)
        ((102, 105), (105, 108))
        """
        if self.strand == "+":
            return self.start + position, self.start + position + length
        return self.end - position - length, self.end - position


def read_coordinates(path: str | Path) -> dict[str, Place]:
    """Places of variants by name, from a BED file with name and strand (six columns or more), plain or gzipped.

    Raises:
        KcalseqErrors: with line numbers: a row without its six columns, start and end that are no whole numbers or no
            interval, a strand that is neither + nor -, a chromosome with letters that identifiers of sequence changes
            (SPDI) do not allow, a name twice. Also: an unreadable file, or one without a row.
    """
    places: dict[str, Place] = {}
    lines: dict[str, int] = {}
    errors: list[KcalseqError] = []
    for number, cells in _rows(Path(path)):
        where = f"{path} line {number}"
        found = _place(where, cells)
        if isinstance(found, Place) and cells[3] in places:
            told = f"'{cells[3]}' stands in line {lines[cells[3]]} already"
            found = KcalseqError(where, told, "each variant once", "remove one")
        if isinstance(found, KcalseqError):
            errors.append(found)
            if len(errors) == _MOST_TOLD:
                break
            continue
        places[cells[3]], lines[cells[3]] = found, number
    if errors:
        raise KcalseqErrors(errors)
    if not places:
        raise KcalseqError(str(path), "no row", "chrom, start, end, name, score, strand in each row", "fill it")
    return places


def check_coordinates(path: str, places: Mapping[str, Place], sequences: Mapping[str, str]) -> None:
    """Compare places with the variants of the library.

    Args:
        path: the file, for messages.
        places: place of each variant that it names.
        sequences: sequence of each variant of the library; missing, and no text, where it is not known.

    Raises:
        KcalseqErrors: a name is no variant, or an interval is not as long as its variant.
    """
    errors = []
    for name, place in places.items():
        sequence = sequences.get(name)
        if name not in sequences:
            found = f"'{name}' is no variant of the library"
            errors.append(KcalseqError(path, found, "names of its variants", _nearest(name, sequences)))
        elif isinstance(sequence, str) and len(sequence) != place.end - place.start:
            found = f"'{name}' has {len(sequence)} nt, and its interval {place.end - place.start}"
            remedy = "correct start and end (0-based, the end is not in it), or drop the row if it is not the genome's"
            errors.append(KcalseqError(path, found, "an interval as long as the variant", remedy))
        if len(errors) == _MOST_TOLD:
            break
    if errors:
        raise KcalseqErrors(errors)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, [str(one) for one in known], n=1)
    return f"did you mean '{near[0]}'?" if near else "correct the name, or drop the row"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        found = f"it cannot be read ({error})"
        raise KcalseqError(str(path), found, "a BED file, plain or gzipped", "mend or name the file") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.startswith(_NO_ROW):
            yield number, [cell.strip() for cell in line.split("\t")]


def _place(where: str, cells: list[str]) -> Place | KcalseqError:
    if len(cells) < 6:
        expected = "chrom, start, end, name, score and strand, separated by tabs"
        return KcalseqError(where, f"{len(cells)} columns", expected, "complete the row")
    chrom, start, end, name, _, strand = cells[:6]
    if not _CHROMOSOME.fullmatch(chrom):
        return KcalseqError(where, f"chromosome '{chrom}'", "letters, digits, _ and .", "correct the name")
    if not name:
        return KcalseqError(where, "no name", "the name of a variant", "fill the fourth column")
    if not (start.isascii() and start.isdigit() and end.isascii() and end.isdigit()) or int(start) >= int(end):
        found = f"start '{start}' and end '{end}'"
        return KcalseqError(where, found, "whole numbers, 0-based, start below end", "correct them")
    if strand not in ("+", "-"):
        return KcalseqError(where, f"strand '{strand}'", "+ or -", "tell on which strand the variant reads 5' to 3'")
    return Place(chrom, int(start), int(end), strand)
