"""Text that comes in pieces of any size, given out to fill a caller's buffer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path


class Pieces:
    """A source of text, read by ``readinto``.

    Args:
        pieces: the text; its errors are raised where the buffer that needs the piece is filled.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._waiting = pieces, b""

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


class PiecesOfFile(Pieces, ABC):
    """A source of text that is made piece by piece from the bytes of a file, which it opens and closes.

    Args:
        path: the file; a subclass makes its text.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        super().__init__(self._text())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @abstractmethod
    def _text(self) -> Iterator[bytes]:
        """The text of ``self._file``, in order."""
