"""Unaligned BAM, CRAM or SAM as FASTQ text, so that all reads take the same way from there on."""

import warnings
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pysam

from kcalseq.errors import KcalseqError
from kcalseq.reads.pieces import Pieces

_READS_A_PIECE = 4096
_LETTER_OF_SCORE = bytes(min(33 + score, 255) for score in range(256))


def _letters(read: pysam.AlignedSegment) -> str:
    """Qualities as in FASTQ; the library's own function for it writes over the interpreter's constants at one base."""
    scores = read.query_qualities
    return "" if scores is None else scores.tobytes().translate(_LETTER_OF_SCORE).decode("latin-1")


class AlignmentText(Pieces):
    """A source of FASTQ text, read by ``readinto``.

    Args:
        path: the file.
        mate: ``read_1`` = first mates and unpaired reads, ``read_2`` = second mates; others take all.
        may_be_cut: whether a file without the mark that ends it is read all the same.

    Raises:
        EOFError: while reading: the file ends too early.
        KcalseqError: the file cannot be read, or holds aligned reads: those may be clipped or turned round.
    """

    def __init__(self, path: Path, mate: str, may_be_cut: bool = False) -> None:
        self._path, self._mate = path, mate
        pysam.set_verbosity(0)  # what the library prints beside its exceptions says less than our messages
        try:
            with warnings.catch_warnings() if may_be_cut else nullcontext():
                if may_be_cut:
                    warnings.simplefilter("ignore")
                self._file = pysam.AlignmentFile(str(path), check_sq=False, ignore_truncation=may_be_cut)
        except (OSError, ValueError) as error:
            if "truncated" in str(error):
                remedy = (
                    "transfer the file again: it was cut off; or set tolerate: [truncated_file] to use what there is"
                )
                raise KcalseqError(str(path), f"the file is truncated ({error})", "a whole file", remedy) from error
            found = f"it cannot be read ({error})"
            raise KcalseqError(str(path), found, "a BAM or CRAM file", "transfer the file again") from error
        if not (self._file.is_bam or self._file.is_cram or self._file.is_sam):  # the library would read FASTQ too
            self.close()
            found, expected = f"the file is named {path.suffix} but holds none", "a BAM, CRAM or SAM file"
            raise KcalseqError(str(path), found, expected, f"drop {path.suffix} from its name")
        super().__init__(self._text())

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):  # a file that was cut off complains a second time
            self._file.close()

    def _text(self) -> Iterator[bytes]:
        records: list[str] = []
        number = 0
        try:
            for number, read in enumerate(self._file.fetch(until_eof=True), start=1):
                self._check(read, number)
                if self._is_wanted(read):
                    bases = read.query_sequence or ""
                    records.append(f"@{read.query_name}\n{bases}\n+\n{_letters(read) if bases else ''}\n")
                if len(records) >= _READS_A_PIECE:
                    yield "".join(records).encode("latin-1", "replace")
                    records.clear()
        except OSError as error:
            yield "".join(records).encode("latin-1", "replace")
            if "truncated" in str(error):
                raise EOFError(str(error)) from error
            where = f"{self._path} record {number + 1} or soon after"
            raise KcalseqError(where, f"the file is damaged ({error})", "a whole file", "transfer it again") from error
        yield "".join(records).encode("latin-1", "replace")

    def _check(self, read: pysam.AlignedSegment, number: int) -> None:
        if not read.is_unmapped:
            found, expected = "an aligned read", "unaligned reads, as they came from the sequencer"
            remedy = "bring the FASTQ or the unaligned file (aligned reads may be clipped or turned round)"
            raise KcalseqError(f"{self._path} record {number}", found, expected, remedy)
        if read.query_sequence and read.query_qualities is None:
            found = "a read without qualities"
            raise KcalseqError(f"{self._path} record {number}", found, "a quality for each base", "bring the FASTQ")

    def _is_wanted(self, read: pysam.AlignedSegment) -> bool:
        if self._mate == "read_2":
            return bool(read.is_read2)
        return not (self._mate == "read_1" and read.is_read2)
