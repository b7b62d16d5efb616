"""Gzip files of one member or several, given out to the very byte before a fault; for users who tolerate faults.

The faster reader of sound files loses what it had made of its last piece when the file ends too early.
"""

from collections.abc import Iterator

from isal import igzip_lib

from kcalseq.reads.pieces import PiecesOfFile

_COMPRESSED_BYTES = 1 << 17
_MAGIC = b"\x1f\x8b"


class TrailingGarbageError(Exception):
    """Bytes behind the end of the compressed text that are no compressed text."""


class GzipText(PiecesOfFile):
    """A source of text, read by ``readinto``.

    Raises:
        EOFError: while reading: the last member is not whole.
        TrailingGarbageError: while reading: something else stands behind a member.
        igzip_lib.IsalError: while reading: the file is damaged.
    """

    def _text(self) -> Iterator[bytes]:
        rest = self._file.read(_COMPRESSED_BYTES)
        while rest:
            # A member may begin with the last byte in hand; zeros may fill up the file.
            rest = (rest + self._file.read(2)).lstrip(b"\0") if len(rest) < 2 or rest[0] == 0 else rest
            if not rest:
                rest = self._file.read(_COMPRESSED_BYTES)
                continue
            if not rest.startswith(_MAGIC[: len(rest)]):
                raise TrailingGarbageError(f"{rest[:2]!r} where a member should begin")
            member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
            yield member.decompress(rest)
            while not member.eof:
                compressed = self._file.read(_COMPRESSED_BYTES)
                if not compressed:
                    raise EOFError("the last member is not whole")
                yield member.decompress(compressed)
            rest = member.unused_data or self._file.read(_COMPRESSED_BYTES)
