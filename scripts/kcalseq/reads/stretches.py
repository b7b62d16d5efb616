"""Stretches of a bgzip file: from one place of its text to another, read without what stands before."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from isal import igzip

from kcalseq.reads.bgzf import blocks

_COMPRESSED_BYTES = 1 << 17


class Place(NamedTuple):
    """A place in the text of a bgzip file; tools for such files call it a virtual offset.

    Attributes:
        block: byte of the file with which its block begins.
        skip: bytes of the block's text before it.
    """

    block: int
    skip: int


BEGINNING = Place(0, 0)


class Stretch(NamedTuple):
    """Some of the text of a file.

    Attributes:
        begin: where it begins.
        end: the place behind it.
    """

    begin: Place
    end: Place

    @property
    def is_first(self) -> bool:
        """Whether the file begins with it."""
        return self.begin == BEGINNING


class GzipFile:
    """A gzip file, decompressed straight into the caller's buffer: ``igzip.open`` would copy everything once more.

    Args:
        path: the file.
        begin: byte with which a member begins.
        end: byte behind the last member that is wanted; None = the end of the file.
    """

    def __init__(self, path: Path, begin: int = 0, end: int | None = None) -> None:
        self._file = _Limited(path, begin, end)
        whole: Callable[..., Any] = igzip.IGzipFile
        raw: Callable[..., Any] | None = getattr(igzip, "_IGzipReader", None)
        self._reader = raw(self._file, _COMPRESSED_BYTES) if raw else whole(fileobj=self._file)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with the next bytes of text; returns their number, 0 at the end."""
        return int(self._reader.readinto(buffer))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class StretchText:
    """The text of a stretch, read by ``readinto``.

    Raises:
        EOFError: while reading: the file ends before the stretch does.
    """

    def __init__(self, path: Path, stretch: Stretch) -> None:
        self._path, self._end, self._tail = path, stretch.end, None if stretch.end.skip else b""
        self._skip, self._blocks = stretch.begin.skip, GzipFile(path, stretch.begin.block, stretch.end.block)

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with the next bytes of text; returns their number, 0 at the end."""
        while self._skip:
            n_new = self._read(buffer[: self._skip])
            if not n_new:
                return 0
            self._skip -= n_new
        return self._read(buffer)

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def _read(self, buffer: memoryview) -> int:
        n_new = self._blocks.readinto(buffer)
        if not n_new:
            if self._tail is None:
                self._tail = _head_of_block(self._path, self._end)
            n_new = min(len(buffer), len(self._tail))
            buffer[:n_new], self._tail = self._tail[:n_new], self._tail[n_new:]
        return n_new


def _head_of_block(path: Path, place: Place) -> bytes:
    """Text of a block before a place."""
    with path.open("rb") as file:
        _, text = next(blocks(file, place.block), (0, b""))
    if len(text) < place.skip:
        raise EOFError("the block is not whole")
    return text[: place.skip]


class _Limited(io.RawIOBase):
    """The bytes of a file from one up to another, as a file of its own."""

    def __init__(self, path: Path, begin: int, end: int | None) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._file.seek(begin)
        self._left = None if end is None else end - begin

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        wanted = memoryview(buffer)
        n_bytes = self._file.readinto(wanted if self._left is None else wanted[: self._left])
        if self._left is not None:
            self._left -= n_bytes
        return n_bytes

    def close(self) -> None:
        self._file.close()
        super().close()
