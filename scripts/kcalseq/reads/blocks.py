"""Files of reads to blocks of FASTQ text: plain, gzip (also bgzip and several members), zstd, unaligned BAM or CRAM.

The text goes into a few buffers that are used again and again, so that memory does not grow with the file. What is left
of a block, the beginning of a record, is put in front of the next one.
"""

import gzip
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import numpy as np
import zstandard
from isal import igzip_lib
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.reads.ahead import ahead
from kcalseq.reads.alignments import AlignmentText
from kcalseq.reads.gzipped import GzipText, TrailingGarbageError
from kcalseq.reads.stretches import GzipFile, Stretch, StretchText
from kcalseq.reads.zstd import ZstdText

BLOCK_BYTES = 1 << 20
"""Little enough that all blocks in use stay near the processor, and not less, as each costs steps in Python."""
_HEADROOM = 1 << 16
N_BUFFERS = 4
"""The text of a block is overwritten when records of so many further ones were found."""
_GZIP, _ZSTD, _BAM_SUFFIXES = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (".bam", ".cram", ".sam")
# Begins a frame that holds no text, its first byte aside; parallel compressors put one before each frame that does.
_ZSTD_SKIPPED = b"\x2a\x4d\x18"
_DAMAGED = (gzip.BadGzipFile, cast(type[Exception], igzip_lib.IsalError), zstandard.ZstdError, TrailingGarbageError)


class ByteSource(Protocol):
    """Anything that fills a buffer with the next bytes of the text; 0 = the end."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with the next bytes; returns how many."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Block(NamedTuple):
    """A stretch of text that begins with a record.

    Attributes:
        text: writable bytes, shape (n_bytes,).
        is_last: whether the file ends here; then the text ends with a line end, unless it is cut.
        is_cut: whether the file was truncated here and the user wants what there is.
    """

    text: NDArray[np.uint8]
    is_last: bool
    is_cut: bool


class _Chunk(NamedTuple):
    buffer: NDArray[np.uint8]
    n_bytes: int
    is_last: bool
    is_cut: bool


class BlockReader:
    """The blocks of one file, one after the other.

    Args:
        path: the file; its kind is told by its content, but a file named .gz or .zst must be what it says.
        mate: ``read_1`` or ``read_2``: which reads of a BAM or CRAM file with both mates are wanted.
        tolerate: faults after which reading goes on with what there is: ``truncated_file`` (compressed file cut off),
            ``trailing_garbage`` (bytes behind the compressed text).
        block_bytes: bytes of text per block; the result does not depend on it.
        read_ahead: whether a thread makes the next blocks while the caller uses one: then the text of a batch is only
            good until the next is asked for.
        stretch: what of a bgzip file is wanted; None = all of the file.
    """

    def __init__(
        self,
        path: Path,
        mate: str,
        tolerate: frozenset[str],
        block_bytes: int = BLOCK_BYTES,
        read_ahead: bool = False,
        stretch: Stretch | None = None,
    ) -> None:
        self._path, self._mate, self._tolerate, self._block_bytes = path, mate, tolerate, block_bytes
        self._read_ahead, self._stretch = read_ahead, stretch
        self._n_records, self._n_used = 0, 0

    def count(self, n_records: int) -> None:
        """Tell how many whole records were found in a block: a damaged file is told with the record."""
        self._n_records += n_records
        # Of a block without one all is left and copied, so nobody reads its text any more.
        self._n_used += n_records > 0

    def __iter__(self) -> Iterator["Carry"]:
        """Blocks, each to be told how many of its bytes were used."""
        with self._open() as source, closing(self._chunks(source)) as chunks:
            carry = Carry()
            try:
                for chunk in chunks:
                    carry.load(chunk)
                    yield carry
            except EOFError as error:
                where = f"{self._path} record {self._n_records + 1} or soon after"
                remedy = (
                    "transfer the file again: it was cut off; or set tolerate: [truncated_file] to use what there is"
                )
                raise KcalseqError(where, "the compressed file is truncated", "a whole file", remedy) from error
            except _DAMAGED as error:
                where = f"{self._path} record {self._n_records + 1} or soon after"
                found, remedy = f"the compressed file is damaged ({error})", "transfer it again and compare checksums"
                if _is_behind_the_end(error):
                    found = f"something stands behind the end of the compressed file ({error})"
                    remedy += "; or set tolerate: [trailing_garbage] to stop there"
                raise KcalseqError(where, found, "a sound file with nothing behind it", remedy) from error

    @contextmanager
    def _open(self) -> Iterator[ByteSource]:
        if not self._path.is_file():
            remedy = "correct the path in runs.tsv"
            raise KcalseqError(str(self._path), "there is no such file", "a file of reads", remedy)
        if self._stretch is None:
            source = _source(self._path, self._mate, self._tolerate)
        else:
            source = StretchText(self._path, self._stretch)
        try:
            yield source
        finally:
            source.close()

    def _chunks(self, source: ByteSource) -> Generator[_Chunk]:
        buffers = [np.zeros(_HEADROOM + self._block_bytes, dtype=np.uint8) for _ in range(N_BUFFERS)]
        if self._read_ahead:
            # One in the making, one that waits, the one in use, and the one before it, of which a rest is copied.
            return ahead(_filled(source, cycle(buffers), self._tolerate))
        return _filled(source, (buffers[self._n_used % N_BUFFERS] for _ in count()), self._tolerate)


class Carry:
    """The current block, with what the last one left in front."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, dtype=np.uint8)
        self.block = Block(self._rest, False, False)

    def load(self, chunk: _Chunk) -> None:
        """Put what was left before a chunk."""
        first = _HEADROOM - len(self._rest)
        if first >= 0:
            chunk.buffer[first:_HEADROOM] = self._rest
            text = chunk.buffer[first : _HEADROOM + chunk.n_bytes]
        else:
            text = np.concatenate([self._rest, chunk.buffer[_HEADROOM : _HEADROOM + chunk.n_bytes]])
        if chunk.is_last and not chunk.is_cut and len(text) and text[-1] != ord("\n"):
            text = np.append(text, np.uint8(ord("\n")))
        self.block = Block(text, chunk.is_last, chunk.is_cut)
        self._rest = text[:0]

    def used(self, n_bytes: int) -> None:
        """Say how many bytes of the block were used; the others come again in the next block."""
        self._rest = self.block.text[n_bytes:].copy()


def _filled(source: ByteSource, buffers: Iterator[NDArray[np.uint8]], tolerate: frozenset[str]) -> Generator[_Chunk]:
    is_last = False
    while not is_last:
        chunk = _fill(source, next(buffers), tolerate)
        yield chunk
        is_last = chunk.is_last


def _fill(source: ByteSource, buffer: NDArray[np.uint8], tolerate: frozenset[str]) -> _Chunk:
    """Fill a buffer behind its headroom."""
    view, n_bytes = memoryview(buffer.data)[_HEADROOM:], 0
    try:
        while n_bytes < len(view):
            n_new = source.readinto(view[n_bytes:])
            if not n_new:
                return _Chunk(buffer, n_bytes, True, False)
            n_bytes += n_new
    except EOFError:
        if "truncated_file" not in tolerate:
            raise
        return _Chunk(buffer, n_bytes, True, True)
    except _DAMAGED as error:
        if "trailing_garbage" not in tolerate or not _is_behind_the_end(error):
            raise
        return _Chunk(buffer, n_bytes, True, False)
    return _Chunk(buffer, n_bytes, False, False)


def _is_behind_the_end(error: Exception) -> bool:
    """Whether a member or frame has ended well and what follows is none; gzip has only words to tell this."""
    return isinstance(error, TrailingGarbageError) or "Not a gzipped file" in str(error)


def _source(path: Path, mate: str, tolerate: frozenset[str]) -> ByteSource:
    with path.open("rb") as file:
        magic = file.read(4)
    if path.suffix in _BAM_SUFFIXES:
        return AlignmentText(path, mate, "truncated_file" in tolerate)
    if magic[:2] == _GZIP:
        return GzipText(path) if tolerate else GzipFile(path)
    if magic == _ZSTD or magic[1:] == _ZSTD_SKIPPED:
        return ZstdText(path)
    for suffix, kind, remedy in (
        (".gz", "gzipped", "gzip it"),
        (".bgz", "gzipped", "bgzip it"),
        (".zst", "zstd", "compress it"),
    ):
        if path.suffix == suffix and magic:
            found, expected = f"the file is named {suffix} but is not {kind}", f"a {kind} file"
            raise KcalseqError(str(path), found, expected, f"{remedy} or drop {suffix} from its name")
    return cast(ByteSource, path.open("rb", buffering=0))
