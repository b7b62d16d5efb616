"""Folders of exports are whole or absent, and their table adds up."""

from pathlib import Path

import pytest

from kcalseq.export.contents import Contents, whole_folder
from kcalseq.tablefile import conform


def test_a_folder_takes_its_name_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "igvf"
    for text in ("old", "new"):
        with whole_folder(target) as folder:
            (folder / text).write_text(text)
            assert not (target / text).exists()
        assert [path.name for path in target.iterdir()] == [text]
    assert [path.name for path in target.parent.iterdir()] == ["igvf"]


def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "igvf") as folder:
        (folder / "good").touch()
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "igvf") as folder:
        (folder / "half").touch()
        raise RuntimeError
    assert [path.name for path in tmp_path.rglob("*")] == ["igvf", "good"]


def test_the_contents_tell_written_rows_even_if_there_are_none() -> None:
    contents = Contents("l")
    contents.add("map.tsv.gz", None, 5, {})
    contents.add("c/e.bed", "c", 0, {"not_measured": 2, "several_bases": 0})
    found = conform("exported", contents.table(), "found")
    assert found[["file", "fate", "n_rows"]].to_numpy().tolist() == [
        ["c/e.bed", "not_measured", 2],
        ["c/e.bed", "written", 0],
        ["map.tsv.gz", "written", 5],
    ]
