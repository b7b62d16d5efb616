"""Files that several libraries name, each read once for a plan."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

from kcalseq.errors import KcalseqError

_T = TypeVar("_T")


class SharedFiles:
    """Remembers what was read, so that a thousand libraries with one layout do not read it a thousand times.

    One serves one plan: a file that is edited later is read again for the next.
    """

    def __init__(self) -> None:
        self._read: dict[Hashable, Any] = {}

    def read(self, reader: Callable[..., _T], path: str, **options: Hashable) -> _T:
        """What ``reader(path, **options)`` gives, from the first time that it was asked; what it raises is not kept."""
        key = (reader, path, tuple(sorted(options.items())))
        if key not in self._read:
            self._read[key] = reader(path, **options)
        found: _T = self._read[key]
        return found

    def read_named(self, reader: Callable[[str], _T], path: str, where: str) -> _T:
        """The same of a YAML file that the configuration names at ``where``.

        Raises:
            KcalseqError: there is no such file.
        """
        if not Path(path).is_file():
            raise KcalseqError(where, f"'{path}' is no file", "a YAML file", "correct the path")
        return self.read(reader, path)
