"""Files compressed by zstd, of one frame or several; a file that was cut off is told, which the library does not."""

from collections.abc import Iterator

import zstandard

from kcalseq.reads.gzipped import TrailingGarbageError
from kcalseq.reads.pieces import PiecesOfFile

_COMPRESSED_BYTES = 1 << 17
# What 'zstd --ultra --long=31' asks for; less is taken where the file asks for less.
_MAX_WINDOW_BYTES = 1 << 31

_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes([number, 0x2A, 0x4D, 0x18]) for number in range(0x50, 0x60)))


class ZstdText(PiecesOfFile):
    """A source of text, read by ``readinto``.

    Raises:
        EOFError: while reading: the last frame is not whole.
        TrailingGarbageError: while reading: something else stands behind a frame.
        zstandard.ZstdError: while reading: the file is damaged.
    """

    def _text(self) -> Iterator[bytes]:
        frame, n_frames = None, 0
        while compressed := self._file.read(_COMPRESSED_BYTES):
            while compressed:
                is_new = frame is None
                if frame is None:
                    frame = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
                try:
                    text = frame.decompress(compressed)
                except zstandard.ZstdError as error:
                    if is_new and n_frames and not compressed.startswith(_MAGICS):
                        raise TrailingGarbageError(str(error)) from error
                    raise
                yield text
                compressed = frame.unused_data if frame.eof else b""
                if frame.eof:
                    frame, n_frames = None, n_frames + 1
        if frame is not None:
            raise EOFError("the last frame is not whole")
