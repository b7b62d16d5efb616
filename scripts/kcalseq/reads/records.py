"""FASTQ text to records: where each read's name, bases and qualities stand, with every record checked.

Records of four lines are read, as sequencers write them. Windows line ends are tolerated, lower-case bases are read as
upper case, and blank lines at the very end are ignored; anything else that is not FASTQ is one error with file
and record number. The bytes are checked many at a time: where a record has the shape of the one before it, which is
nearly always, nothing is looked for byte by byte.
"""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.kernels import kernel
from kcalseq.reads.blocks import BLOCK_BYTES, N_BUFFERS, BlockReader
from kcalseq.reads.phred import PhredProbe
from kcalseq.reads.stretches import Stretch
from kcalseq.reads.words import holds_line_end

_SHORTEST_RECORD = 6
_SHOWN_BYTES = 30
_STRETCH_BYTES = 32
_STRETCH = np.uint64(_STRETCH_BYTES)
_NO_HEADER, _NO_PLUS, _LENGTHS, _BASE, _QUALITY = 1, 2, 3, 4, 5

# Upper case of each base; 0 for every byte that is not a base or N.
_BASE_OF_BYTE = np.zeros(256, dtype=np.uint8)
for _letter in b"ACGTN":
    _BASE_OF_BYTE[[_letter, ord(chr(_letter).lower())]] = _letter


class Records(NamedTuple):
    """Some consecutive reads of a file; their text is valid until the next ones are asked for.

    Attributes:
        text: upper-case bases and Phred+33 qualities among other text, shape (n_bytes,).
        names: first byte of each name, behind the '@', shape (n_reads,).
        starts: first base of each read, shape (n_reads,).
        lengths: bases in each read, in nt, shape (n_reads,).
        qualities: first quality of each read, shape (n_reads,).
    """

    text: NDArray[np.uint8]
    names: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    qualities: NDArray[np.int64]

    def slice(self, first: int, last: int) -> "Records":
        """The reads from ``first`` up to, and without, ``last``."""
        return Records(self.text, *(column[first:last] for column in self[1:]))

    def take(self, rows: NDArray[np.int64]) -> "Records":
        """The reads of these rows."""
        return Records(self.text, *(column[rows] for column in self[1:]))

    def name(self, number: int) -> str:
        """The header line of a read, without its '@'."""
        line = self.text[self.names[number] : self.starts[number]].tobytes()
        return line.decode("ascii", "backslashreplace").rstrip("\r\n")


def read_records(
    path: str | Path,
    slot: str = "read_1",
    phred: int = 33,
    tolerate: frozenset[str] = frozenset(),
    block_bytes: int = BLOCK_BYTES,
    read_ahead: bool = False,
    stretch: Stretch | None = None,
) -> Generator[Records]:
    """Read a file of reads.

    Args:
        path: FASTQ, plain or compressed, or unaligned BAM or CRAM.
        slot: which read of a molecule it holds: tells the mates in a BAM file that has both.
        phred: offset of the quality letters, 33 or 64.
        tolerate: see ``BlockReader``.
        block_bytes: bytes of text to handle at a time; the result does not depend on it.
        read_ahead: see ``BlockReader``.
        stretch: what of a bgzip file is wanted, from one record to another, may be nothing; None = all of the file.

    Yields:
        the reads in the order of the file.

    Raises:
        KcalseqError: the file is missing, empty, damaged or not FASTQ; names the file and the record, from 1.
    """
    reader = BlockReader(Path(path), slot, tolerate, block_bytes, read_ahead, stretch)
    probe = PhredProbe(str(path), phred) if stretch is None or stretch.is_first else None
    n_read = 0
    with closing(_records(Path(path), phred, reader, probe)) as batches:
        for records in batches:
            n_read += len(records.starts)
            yield records
    if n_read == 0 and stretch is None:
        remedy = "name the right file or remove its row"
        raise KcalseqError(str(path), "there are no reads in the file", "at least one FASTQ record", remedy)


def _records(path: Path, phred: int, reader: BlockReader, probe: PhredProbe | None) -> Generator[Records]:
    rooms, n_batches = _Rooms(), 0
    guess, n_read = np.array([50, 75], dtype=np.int64), 0
    for carry in reader:
        text, is_last, is_cut = carry.block
        columns = rooms.of(n_batches, len(text) // _SHORTEST_RECORD + 1)
        n_new, consumed, problem = _index(text, len(text), phred, guess, *columns)
        records = Records(text, *(column[:n_new] for column in columns))
        if problem == _NO_HEADER and _is_blank(text[consumed:]):
            problem = 0  # blank lines, to be told only if something follows
        if problem:
            raise _complaint(problem, text, int(consumed), f"{path} record {n_read + n_new + 1}", phred)
        if probe is not None:
            probe.look(text, records.qualities, records.lengths)
        reader.count(n_new)
        if n_new:
            yield records
        n_read, n_batches = n_read + n_new, n_batches + (n_new > 0)
        rest = text[consumed:]
        _check_rest(rest, is_last and not is_cut, f"{path} record {n_read + 1}")
        carry.used(int(consumed))
    if probe is not None:
        probe.judge()


class _Rooms:
    """Room for the columns of records, used again after so many batches: new memory must be cleared."""

    def __init__(self) -> None:
        self._rooms = [np.empty((4, 0), dtype=np.int64) for _ in range(N_BUFFERS)]

    def of(self, batch: int, n_records: int) -> NDArray[np.int64]:
        """Room for so many records, shape (4, at least n_records)."""
        number = batch % N_BUFFERS
        if self._rooms[number].shape[1] < n_records:
            self._rooms[number] = np.empty((4, n_records), dtype=np.int64)
        return self._rooms[number]


def _is_blank(text: NDArray[np.uint8]) -> bool:
    return not text.tobytes().strip(b"\r\n")


def _check_rest(rest: NDArray[np.uint8], is_last: bool, where: str) -> None:
    """What no record was made of must be the beginning of one; at the end of the file nothing but blank lines."""
    head = b"" if _is_blank(rest) else rest[:4096].tobytes()
    is_whole_line = is_last or b"\n" in head or len(head) > _SHOWN_BYTES
    if is_whole_line and head and not head.startswith(b"@"):
        raise _not_a_header(head.split(b"\n")[0], where)
    if is_last and head:
        remedy = "transfer the file again: it was cut off"
        raise KcalseqError(where, "the file ends inside the record", "four lines a record", remedy)


def _complaint(problem: int, text: NDArray[np.uint8], at: int, where: str, phred: int) -> KcalseqError:
    header, bases, plus, qualities = (text[at:].tobytes().split(b"\n", 4) + [b""] * 4)[:4]
    bases, qualities = bases.removesuffix(b"\r"), qualities.removesuffix(b"\r")
    if problem == _NO_HEADER:
        return _not_a_header(header, where)
    if problem == _NO_PLUS:
        remedy = "mend the record; sequences broken over several lines must be joined"
        return KcalseqError(where, f"its third line is {_show(plus)}", "a line that begins with '+'", remedy)
    if problem == _LENGTHS:
        found = f"{len(bases)} bases but {len(qualities)} quality values"
        remedy = "mend or remove the record, or transfer the file again"
        return KcalseqError(where, found, "sequence and quality of the same length", remedy)
    if problem == _BASE:
        place = next(n for n, letter in enumerate(bases, start=1) if not _BASE_OF_BYTE[letter])
        found = f"base {place} is not A, C, G, T or N"
        return KcalseqError(where, found, "only these letters, in either case", "write unread bases as N")
    value = next(letter for letter in qualities if not phred <= letter <= 126)
    found, expected = f"the quality line holds byte {value}", f"Phred+{phred} qualities, '{chr(phred)}' to '~'"
    return KcalseqError(where, found, expected, "mend the record, or correct 'phred' in the assay's layout")


def _not_a_header(line: bytes, where: str) -> KcalseqError:
    found, remedy = f"its first line is {_show(line)}", "name a FASTQ file, or mend the record before this one"
    return KcalseqError(where, found, "a header that begins with '@'", remedy)


def _show(line: bytes) -> str:
    text = line.rstrip(b"\r").decode("ascii", "backslashreplace")
    return "blank" if not text else f"'{text[:_SHOWN_BYTES]}...'" if len(text) > _SHOWN_BYTES else f"'{text}'"


# The loops below index with unsigned numbers: signed ones could count from the end, which keeps them from being
# compiled to instructions that handle many bytes at once. Such loops have a fixed number of turns: what remains of
# another number would be done byte by byte.


@kernel
def _index(
    text: NDArray[np.uint8],
    end: int,
    phred: int,
    guess: NDArray[np.int64],
    names: NDArray[np.int64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
) -> tuple[int, int, int]:
    """Find whole records: their number, the bytes used, and what is wrong with the next one (0 = nothing).

    ``guess`` holds the lengths of the last header and read, from one call to the next.
    """
    n_reads, at, problem = 0, 0, 0
    size, length = guess[0], guess[1]
    while at < end:
        header_end = _guessed_line_end(text, at, size, end - 2 * length - 8)
        first = header_end + 1
        if header_end > 0 and text[at] == 64 and phred == 33 and _has_shape(text, first, length):
            names[n_reads], starts[n_reads], lengths[n_reads] = at + 1, first, length
            qualities[n_reads] = first + length + 3
            size = header_end - at
            at = first + 2 * length + 4
        else:
            following, problem = _parse(text, at, end, phred, n_reads, names, starts, lengths, qualities)
            if problem or following == at:
                break
            size, length = starts[n_reads] - at - 1, lengths[n_reads]
            at = following
        n_reads += 1
    guess[0], guess[1] = size, length
    return n_reads, at, problem


@kernel
def _guessed_line_end(text: NDArray[np.uint8], at: int, size: int, last: int) -> int:
    """Where a line ends that is about as long as the last one was; -1 = look for it."""
    length = size
    if not _may_end(text, at, length, last):
        for length in (size - 1, size + 1, size - 2, size + 2):
            if _may_end(text, at, length, last):
                break
        else:
            return -1
    return -1 if holds_line_end(text, np.uint64(at), np.uint64(length)) else at + length


@kernel
def _may_end(text: NDArray[np.uint8], at: int, length: int, last: int) -> bool:
    return length > 0 and at + length < last and text[np.uint64(at + length)] == 10


@kernel
def _has_shape(text: NDArray[np.uint8], first: int, length: int) -> bool:
    """Whether a read of that length stands here: upper-case bases, a bare '+', as many qualities, all sound."""
    plus = first + length + 1
    if text[plus - 1] != 10 or text[plus] != 43 or text[plus + 1] != 10 or text[plus + 2 + length] != 10:
        return False
    base, quality, size = np.uint64(first), np.uint64(plus + 2), np.uint64(length)
    wrong, place = False, np.uint64(0)
    if size < _STRETCH:
        while place < size:
            wrong |= _is_wrong(text[base + place], text[quality + place]) != 0
            place += np.uint64(1)
        return not wrong
    while place < size:
        here = min(place, size - _STRETCH)
        wrong |= _is_any_wrong(text, base + here, quality + here)
        place += _STRETCH
    return not wrong


@kernel
def _is_any_wrong(text: NDArray[np.uint8], base: np.uint64, quality: np.uint64) -> bool:
    wrong = np.uint8(0)
    for offset in range(_STRETCH_BYTES):
        wrong = np.uint8(wrong | _is_wrong(text[base + np.uint64(offset)], text[quality + np.uint64(offset)]))
    return bool(wrong != 0)


@kernel
def _is_wrong(base: np.uint8, quality: np.uint8) -> np.uint8:
    """1 unless a byte is an upper-case base or N and the other a quality letter."""
    is_base = (
        (base == np.uint8(65))
        | (base == np.uint8(67))
        | (base == np.uint8(71))
        | (base == np.uint8(84))
        | (base == np.uint8(78))
    )
    return np.uint8(not (is_base & (np.uint8(quality - np.uint8(33)) <= np.uint8(93))))


@kernel
def _line_end(text: NDArray[np.uint8], at: int, end: int) -> int:
    while at < end and text[at] != 10:
        at += 1
    return at


@kernel
def _parse(
    text: NDArray[np.uint8],
    at: int,
    end: int,
    phred: int,
    row: int,
    names: NDArray[np.int64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    qualities: NDArray[np.int64],
) -> tuple[int, int]:
    """One record byte by byte: where the next one begins (here again = it is not whole), and what is wrong."""
    header_end = _line_end(text, at, end)
    first_end = _line_end(text, header_end + 1, end)
    plus_end = _line_end(text, first_end + 1, end)
    last_end = _line_end(text, plus_end + 1, end)
    if last_end >= end:
        return at, 0
    if text[at] != 64:
        return at, _NO_HEADER
    if text[first_end + 1] != 43:
        return at, _NO_PLUS
    first, quality = header_end + 1, plus_end + 1
    length = first_end - first - (first_end > first and text[first_end - 1] == 13)
    if last_end - quality - (last_end > quality and text[last_end - 1] == 13) != length:
        return at, _LENGTHS
    for offset in range(length):
        if _BASE_OF_BYTE[text[first + offset]] == 0:
            return at, _BASE
        if text[quality + offset] < phred or text[quality + offset] > 126:
            return at, _QUALITY
    # Only now, since a bad record is shown as it was.
    for offset in range(length):
        text[first + offset] = _BASE_OF_BYTE[text[first + offset]]
        text[quality + offset] -= np.uint8(phred - 33)
    names[row], starts[row], lengths[row], qualities[row] = at + 1, first, length, quality
    return last_end + 1, 0
