"""Files compressed by zstd, of one frame or several; a file that was cut off is told, which the library does not."""

from collections.abc import Iterator
from pathlib import Path

import zstandard

_COMPRESSED_BYTES = 1 << 17


class ZstdText:
    """A source of text, read by ``readinto``.

    Raises:
        EOFError: while reading: the last frame is not whole.
        zstandard.ZstdError: while reading: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._pieces, self._waiting = self._text(), b""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer with the next bytes of text; returns their number, 0 at the end."""
        while not self._waiting:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._waiting = piece
        n_bytes = min(len(buffer), len(self._waiting))
        buffer[:n_bytes] = self._waiting[:n_bytes]
        self._waiting = self._waiting[n_bytes:]
        return n_bytes

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _text(self) -> Iterator[bytes]:
        frame = None
        while compressed := self._file.read(_COMPRESSED_BYTES):
            while compressed:
                if frame is None:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(compressed)
                compressed = frame.unused_data if frame.eof else b""
                if frame.eof:
                    frame = None
        if frame is not None:
            raise EOFError("the last frame is not whole")
