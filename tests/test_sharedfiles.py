"""A file that many libraries name is read once for a plan."""

import pytest

from kcalseq.errors import KcalseqError
from kcalseq.planning.sharedfiles import SharedFiles


def test_a_file_is_read_once_for_each_reader_and_its_options() -> None:
    asked: list[tuple[str, str]] = []

    def length(path: str, unit: str = "nt") -> str:
        asked.append((path, unit))
        return f"{len(path)} {unit}"

    def name(path: str) -> str:
        return path

    files = SharedFiles()
    assert [files.read(length, "a.yaml") for _ in range(3)] == ["6 nt"] * 3
    assert files.read(length, "a.yaml", unit="bp") == "6 bp"
    assert files.read(name, "a.yaml") == "a.yaml"
    assert asked == [("a.yaml", "nt"), ("a.yaml", "bp")]
    assert SharedFiles().read(length, "a.yaml") == "6 nt"
    assert len(asked) == 3


def test_each_library_that_names_a_faulty_file_is_told() -> None:
    def refuse(path: str) -> str:
        raise KcalseqError(path, "nothing", "something", "write it")

    files = SharedFiles()
    for _ in range(2):
        with pytest.raises(KcalseqError, match="nothing"):
            files.read(refuse, "a.yaml")
