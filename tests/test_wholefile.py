"""Files appear whole or not at all, whoever else writes them, and what the killed leave goes away."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kcalseq.tablefile import write_table
from kcalseq.wholefile import whole_or_not_at_all, write_text

_WRITE_AND_WAIT = """
import sys, time
sys.path.insert(0, {scripts!r})
from kcalseq.wholefile import whole_or_not_at_all
with whole_or_not_at_all({path!r}) as partial:
    partial.write_text("half of")
    print("half", flush=True)
    sys.stdin.read()
    partial.write_text("another's")
"""


def half_written(path: Path, project: Path) -> "subprocess.Popen[str]":
    """A process that has written half of a file, and goes on when its input is closed."""
    code = _WRITE_AND_WAIT.format(scripts=str(project / "scripts"), path=str(path))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=path.parent
    )
    assert process.stdout is not None and process.stdout.readline() == "half\n"
    return process


def test_a_file_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    write_text("old", tmp_path / "file.tsv")
    with pytest.raises(RuntimeError), whole_or_not_at_all(tmp_path / "file.tsv") as partial:
        partial.write_text("new")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["file.tsv"]
    assert (tmp_path / "file.tsv").read_text() == "old"


def test_two_processes_do_not_write_into_each_other(tmp_path: Path, project: Path) -> None:
    path = tmp_path / "file.tsv"
    with half_written(path, project) as other:
        write_text("ours", path)
        # What a living process writes is let alone.
        assert path.read_text() == "ours" and len(list(tmp_path.iterdir())) == 2
        other.communicate()
    assert other.returncode == 0
    assert path.read_text() == "another's"
    assert list(tmp_path.iterdir()) == [path]


def test_the_half_file_of_a_killed_process_goes_with_the_next_writing(tmp_path: Path, project: Path) -> None:
    path = tmp_path / "odd [name] *.tsv"
    with half_written(path, project) as other:
        other.send_signal(signal.SIGKILL)
    assert not path.exists() and len(list(tmp_path.iterdir())) == 1
    write_text("whole", path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "whole"


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o027, 0o640), (0o002, 0o664)])
def test_files_are_made_with_the_users_umask(tmp_path: Path, umask: int, expected: int) -> None:
    """On a shared filesystem a group reads, or does not read, what the user's umask says."""
    frame = pd.DataFrame({"library": ["lac"], "model": [None], "metric": ["m"], "value": [1.0], "unit": ["u"]})
    before = os.umask(umask)
    try:
        write_text("text", tmp_path / "text.json")
        for suffix in ("tsv", "parquet"):
            write_table("summary", frame.assign(lower=1.0, upper=1.0), tmp_path / f"new/table.{suffix}")
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.*")} == {expected}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o777 & ~umask
