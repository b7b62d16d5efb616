"""Unaligned BAM, CRAM or SAM as FASTQ text, so that all reads take the same way from there on."""

from collections.abc import Iterator
from pathlib import Path

import pysam

from kcalseq.errors import KcalseqError

_READS_A_PIECE = 4096


class AlignmentText:
    """A source of FASTQ text, read by ``readinto``.

    Args:
        path: the file.
        mate: ``read_1`` = first mates and unpaired reads, ``read_2`` = second mates; others take all.

    Raises:
        KcalseqError: the file cannot be read, or holds aligned reads: those may be clipped or turned round.
    """

    def __init__(self, path: Path, mate: str) -> None:
        self._path, self._mate, self._waiting = path, mate, b""
        try:
            self._file = pysam.AlignmentFile(str(path), check_sq=False)
        except (OSError, ValueError) as error:
            found = f"it cannot be read ({error})"
            raise KcalseqError(str(path), found, "a BAM or CRAM file", "transfer the file again") from error
        self._pieces = self._text()

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with the next bytes of text; returns their number, 0 at the end."""
        if not self._waiting:
            self._waiting = next(self._pieces, b"")
        n_bytes = min(len(buffer), len(self._waiting))
        buffer[:n_bytes] = self._waiting[:n_bytes]
        self._waiting = self._waiting[n_bytes:]
        return n_bytes

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _text(self) -> Iterator[bytes]:
        records: list[str] = []
        number = 0
        try:
            for number, read in enumerate(self._file.fetch(until_eof=True), start=1):
                self._check(read, number)
                if self._is_wanted(read):
                    records.append(
                        f"@{read.query_name}\n{read.query_sequence or ''}\n+\n{read.query_qualities_str or ''}\n"
                    )
                if len(records) >= _READS_A_PIECE:
                    yield "".join(records).encode("ascii")
                    records.clear()
        except OSError as error:
            where = f"{self._path} record {number + 1} or soon after"
            raise KcalseqError(where, f"the file is damaged ({error})", "a whole file", "transfer it again") from error
        yield "".join(records).encode("ascii")

    def _check(self, read: pysam.AlignedSegment, number: int) -> None:
        if not read.is_unmapped:
            found, expected = "an aligned read", "unaligned reads, as they came from the sequencer"
            remedy = "bring the FASTQ or the unaligned file (aligned reads may be clipped or turned round)"
            raise KcalseqError(f"{self._path} record {number}", found, expected, remedy)
        if read.query_sequence and read.query_qualities_str is None:
            found = "a read without qualities"
            raise KcalseqError(f"{self._path} record {number}", found, "a quality for each base", "bring the FASTQ")

    def _is_wanted(self, read: pysam.AlignedSegment) -> bool:
        if self._mate == "read_2":
            return bool(read.is_read2)
        return not (self._mate == "read_1" and read.is_read2)
