"""Each file of a run is told by its name, size and checksum, without its folder."""

from pathlib import Path

from kcalseq.reads.inputfiles import input_files


def test_files_are_told_without_their_folder(tmp_path: Path) -> None:
    (tmp_path / "b.fastq").write_bytes(b"abc")
    (tmp_path / "a.fastq").write_bytes(b"")
    paths = {"read_2": str(tmp_path / "a.fastq"), "read_1": str(tmp_path / "b.fastq")}
    table = input_files("run", paths)
    assert table[["run", "slot", "file", "n_bytes"]].to_numpy().tolist() == [
        ["run", "read_1", "b.fastq", 3],
        ["run", "read_2", "a.fastq", 0],
    ]
    # The test vectors of FIPS 180.
    assert table["sha256"].tolist() == [
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ]
