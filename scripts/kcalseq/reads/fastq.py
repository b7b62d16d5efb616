"""FASTQ, plain or gzipped, to batches of numpy arrays: no Python object per read, memory set by the block.

The file is decompressed block by block; line ends are found at once for the whole block, every record is
checked, and the ragged lines are laid into padded matrices. Records of four lines are read, as sequencers write
them; Windows line ends are tolerated, lower-case bases are read as upper case, and up to three
blank lines at the very end are ignored. Anything else that is not FASTQ is one error with file and record number.
"""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import numpy as np
from isal import igzip, igzip_lib
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError

BLOCK_BYTES = 4 << 20
_MATRIX_BYTES = 64 << 20
# isal gives igzip.open no types and its exception the wrong one.
_open_gzip: Callable[[Path, str], BinaryIO] = igzip.open
_DAMAGED = (gzip.BadGzipFile, cast(type[Exception], igzip_lib.IsalError))
_GZIP_MAGIC = b"\x1f\x8b"
_NEWLINE, _RETURN = 10, 13
_LOWEST, _HIGHEST = ord("!"), ord("~")

# Upper case of each base; 0 for every byte that is not a base or N.
_BASE_OF_BYTE = np.zeros(256, dtype=np.uint8)
for _letter in b"ACGTN":
    _BASE_OF_BYTE[[_letter, ord(chr(_letter).lower())]] = _letter


class Batch(NamedTuple):
    """Some consecutive reads of a file.

    Attributes:
        sequences: upper-case ASCII letters A, C, G, T, N, and 0 behind the read's end, shape (n_reads, width).
        qualities: Phred scores 0..93, and 0 behind the read's end, shape (n_reads, width).
        lengths: bases in each read, in nt, shape (n_reads,).
    """

    sequences: NDArray[np.uint8]
    qualities: NDArray[np.uint8]
    lengths: NDArray[np.int64]


class _Lines(NamedTuple):
    """First byte and end of each line of whole records, shape (n_records, 4), line ends left out."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def read_batches(path: str | Path, block_bytes: int = BLOCK_BYTES) -> Iterator[Batch]:
    """Read a FASTQ file.

    Args:
        path: plain or gzipped; gzip is told by the content, but a file named .gz must be gzipped.
        block_bytes: bytes to decompress at a time; the result does not depend on it.

    Yields:
        the reads in the order of the file.

    Raises:
        KcalseqError: the file is missing, empty, damaged or not FASTQ; names the file and the record, from 1.
    """
    source, n_read, rest = Path(path), 0, b""
    for block in _blocks(source, block_bytes):
        text = np.frombuffer(rest + block, dtype=np.uint8)
        line_ends = np.flatnonzero(text == _NEWLINE)
        line_ends = line_ends[: len(line_ends) // 4 * 4]
        if len(line_ends):
            lines = _lines(text, line_ends)
            yield from _batches(text, lines, str(source), n_read)
            n_read += len(lines.starts)
            rest = text[line_ends[-1] + 1 :].tobytes()
        else:
            rest = text.tobytes()
        # A file without line ends would otherwise be gathered whole before anyone looks at it.
        if rest.strip(b"\r\n") and not rest.startswith(b"@"):
            raise _not_a_header(rest, f"{source} record {n_read + 1}")
    if rest.strip(b"\r\n"):
        found, expected = "the file ends inside the record", "four lines a record"
        raise KcalseqError(f"{source} record {n_read + 1}", found, expected, "transfer the file again: it was cut off")
    if n_read == 0:
        raise KcalseqError(
            str(source),
            "there are no reads in the file",
            "at least one FASTQ record",
            "name the right file or remove its row",
        )


def _blocks(source: Path, block_bytes: int) -> Iterator[bytes]:
    """The decompressed text in pieces; the last piece always ends with a line end."""
    n_lines, last = 0, b"\n"
    try:
        with _open(source) as file:
            while block := file.read(block_bytes):
                yield block
                n_lines += block.count(b"\n")
                last = block[-1:]
    except EOFError as error:
        where, expected = f"{source} record {n_lines // 4 + 1} or soon after", "a whole gzip file"
        raise KcalseqError(
            where, "the gzip file is truncated", expected, "transfer the file again: it was cut off"
        ) from error
    except _DAMAGED as error:
        where, found = f"{source} record {n_lines // 4 + 1} or soon after", f"the gzip file is damaged ({error})"
        raise KcalseqError(
            where, found, "a sound gzip file with nothing behind it", "transfer the file again and compare checksums"
        ) from error
    if last != b"\n":
        yield b"\n"


def _open(source: Path) -> BinaryIO:
    if not source.is_file():
        raise KcalseqError(str(source), "there is no such file", "a FASTQ file", "correct the path in runs.tsv")
    with source.open("rb") as file:
        magic = file.read(2)
    if magic == _GZIP_MAGIC:
        return _open_gzip(source, "rb")
    if source.suffix == ".gz" and magic:
        raise KcalseqError(
            str(source), "the file is named .gz but is not gzipped", "a gzip file", "gzip it or drop .gz from its name"
        )
    return source.open("rb")


def _lines(text: NDArray[np.uint8], line_ends: NDArray[np.int64]) -> _Lines:
    starts = np.concatenate(([0], line_ends[:-1] + 1))
    windows = (line_ends > starts) & (text[np.maximum(line_ends - 1, 0)] == _RETURN)
    return _Lines(starts.reshape(-1, 4), (line_ends - windows).reshape(-1, 4))


def _batches(text: NDArray[np.uint8], lines: _Lines, name: str, n_before: int) -> Iterator[Batch]:
    """Check whole records and lay them out, in pieces so that one long read does not widen all others."""
    _check_structure(text, lines, name, n_before)
    lengths = lines.ends[:, 1] - lines.starts[:, 1]
    step = max(1, _MATRIX_BYTES // (8 * max(1, int(lengths.max()))))
    for first in range(0, len(lengths), step):
        piece = slice(first, first + step)
        sequences = _BASE_OF_BYTE[_gather(text, lines.starts[piece, 1], lengths[piece])]
        qualities = _gather(text, lines.starts[piece, 3], lengths[piece])
        inside = np.arange(sequences.shape[1]) < lengths[piece, None]
        _check_letters(sequences, qualities, inside, name, n_before + first)
        yield Batch(sequences, np.where(inside, qualities - np.uint8(_LOWEST), np.uint8(0)), lengths[piece])


def _gather(text: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Bytes of ragged lines as one matrix, shape (n_reads, longest); 0 behind a line's end."""
    places = starts[:, None] + np.arange(int(lengths.max(initial=0)))
    letters: NDArray[np.uint8] = text[np.minimum(places, len(text) - 1)]
    letters[np.arange(letters.shape[1]) >= lengths[:, None]] = 0
    return letters


def _check_structure(text: NDArray[np.uint8], lines: _Lines, name: str, n_before: int) -> None:
    first_bytes = np.where(lines.ends > lines.starts, text[lines.starts], 0)
    lengths = lines.ends - lines.starts
    bad_header, bad_plus = first_bytes[:, 0] != ord("@"), first_bytes[:, 2] != ord("+")
    bad_length = lengths[:, 1] != lengths[:, 3]
    bad = np.flatnonzero(bad_header | bad_plus | bad_length)
    if not len(bad):
        return
    row = bad[0]
    where = f"{name} record {n_before + row + 1}"
    header, plus = (text[lines.starts[row, line] : lines.ends[row, line]].tobytes() for line in (0, 2))
    if bad_header[row]:
        raise _not_a_header(header, where)
    if bad_plus[row]:
        remedy = "mend the record; sequences broken over several lines must be joined"
        raise KcalseqError(where, f"its third line is {_show(plus)}", "a line that begins with '+'", remedy)
    found = f"{lengths[row, 1]} bases but {lengths[row, 3]} quality values"
    raise KcalseqError(
        where, found, "sequence and quality of the same length", "mend or remove the record, or transfer the file again"
    )


def _check_letters(
    sequences: NDArray[np.uint8], qualities: NDArray[np.uint8], inside: NDArray[np.bool_], name: str, n_before: int
) -> None:
    bad_base = inside & (sequences == 0)
    bad_quality = inside & ((qualities < _LOWEST) | (qualities > _HIGHEST))
    bad = np.flatnonzero((bad_base | bad_quality).any(axis=1))
    if not len(bad):
        return
    row = bad[0]
    where = f"{name} record {n_before + row + 1}"
    if bad_base[row].any():
        base = int(np.flatnonzero(bad_base[row])[0]) + 1
        raise KcalseqError(
            where,
            f"base {base} is not A, C, G, T or N",
            "only these letters, in either case",
            "write unread bases as N",
        )
    value = int(qualities[row][bad_quality[row]][0])
    found = f"the quality line holds byte {value}"
    raise KcalseqError(
        where, found, "Phred+33 qualities, '!' to '~' (33 to 126)", "convert the file to Phred+33 or mend the record"
    )


def _not_a_header(line: bytes, where: str) -> KcalseqError:
    found = f"its first line is {_show(line.splitlines()[0] if line.strip() else b'')}"
    return KcalseqError(
        where, found, "a header that begins with '@'", "name a FASTQ file, or mend the record before this one"
    )


def _show(line: bytes) -> str:
    text = line.decode("ascii", "backslashreplace")
    return "blank" if not text else f"'{text[:30]}...'" if len(text) > 30 else f"'{text}'"
