"""Locks: one holder at a time, free when it ends; where a filesystem knows no locks, nothing is free."""

import errno
import fcntl
from pathlib import Path

import pytest

from kcalseq.locks import is_free, lock


def test_a_file_is_free_until_it_is_locked_and_again_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert not is_free(path)
    path.touch()
    assert is_free(path)
    with path.open("r+") as held, path.open("r+") as other:
        assert lock(held.fileno()) is True
        assert lock(other.fileno()) is False and not is_free(path)
    assert is_free(path)


def test_where_no_locks_are_known_nothing_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unknown)
    path = tmp_path / "file"
    path.touch()
    with path.open("r+") as file:
        assert lock(file.fileno()) is None
    assert not is_free(path)
