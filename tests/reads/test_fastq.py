"""Reading FASTQ: what goes in comes out whatever the blocks, and each kind of damage is told in words."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.reads.fastq import read_batches

THREE = b"@r1\nACGT\n+\nIIII\n@r2\nGGNCA\n+r2\nI!I~#\n@r3\nT\n+\nI\n"


def reads_of(path: Path, block_bytes: int = 1 << 16) -> list[tuple[str, tuple[int, ...]]]:
    """Each read as its letters and its Phred scores."""
    reads = []
    for batch in read_batches(path, block_bytes):
        assert batch.sequences.shape == batch.qualities.shape
        for letters, scores, length in zip(batch.sequences, batch.qualities, batch.lengths, strict=True):
            assert not letters[length:].any() and not scores[length:].any()
            reads.append((letters[:length].tobytes().decode(), tuple(int(score) for score in scores[:length])))
    return reads


def saved(tmp_path: Path, content: bytes, name: str = "reads.fastq") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def complaint(path: Path) -> str:
    with pytest.raises(KcalseqError) as caught:
        list(read_batches(path))
    return str(caught.value)


EXPECTED = [("ACGT", (40, 40, 40, 40)), ("GGNCA", (40, 0, 40, 93, 2)), ("T", (40,))]


@pytest.mark.parametrize(
    "content",
    [
        THREE,
        THREE.replace(b"\n", b"\r\n"),
        THREE.rstrip(b"\n"),
        THREE + b"\n\n",
        THREE.replace(b"ACGT", b"acgt").replace(b"GGNCA", b"ggNca"),
    ],
    ids=["plain", "windows line ends", "no last line end", "blank lines at the end", "lower case"],
)
@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 16])
def test_tolerated_variants_read_the_same(tmp_path: Path, content: bytes, block_bytes: int) -> None:
    assert reads_of(saved(tmp_path, content), block_bytes) == EXPECTED
    assert reads_of(saved(tmp_path, gzip.compress(content), "reads.fastq.gz"), block_bytes) == EXPECTED


def test_gzip_members_follow_each_other(tmp_path: Path) -> None:
    assert reads_of(saved(tmp_path, gzip.compress(THREE) * 2, "reads.fastq.gz")) == EXPECTED * 2


def test_read_without_bases_is_a_read(tmp_path: Path) -> None:
    assert reads_of(saved(tmp_path, b"@r1\n\n+\n\n@r2\nA\n+\nI\n")) == [("", ()), ("A", (40,))]


record = st.text("ACGTN", max_size=30).flatmap(
    lambda bases: st.tuples(st.just(bases), st.tuples(*[st.integers(0, 93)] * len(bases)))
)


@settings(max_examples=60, deadline=None)
@given(reads=st.lists(record, min_size=1, max_size=20), block_bytes=st.integers(1, 200))
def test_any_reads_come_back_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, reads: list[tuple[str, tuple[int, ...]]], block_bytes: int
) -> None:
    text = "".join(f"@r\n{bases}\n+\n{''.join(chr(33 + score) for score in scores)}\n" for bases, scores in reads)
    path = saved(tmp_path_factory.mktemp("fastq"), text.encode("ascii"))
    assert reads_of(path, block_bytes) == reads


def test_long_read_does_not_change_the_others(tmp_path: Path) -> None:
    long = b"@long\n" + b"ACGT" * 100_000 + b"\n+\n" + b"I" * 400_000 + b"\n"
    reads = reads_of(saved(tmp_path, THREE + long + THREE), 1 << 20)
    assert reads[:3] == reads[4:] == EXPECTED
    assert reads[3][0] == "ACGT" * 100_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (THREE.replace(b"@r2", b"r2"), ["record 2", "first line is 'r2'", "begins with '@'"]),
        (b">r1\nACGT\n>r2\nACGT\n", ["record 1", "first line is '>r1'", "name a FASTQ file"]),
        (THREE.replace(b"+r2", b"GGNCA"), ["record 2", "third line is 'GGNCA'", "'+'", "several lines must be joined"]),
        (THREE.replace(b"I!I~#", b"I!I~"), ["record 2", "5 bases but 4 quality values", "same length"]),
        (THREE + b"@r4\nACGTA\n+\nII", ["record 4", "5 bases but 2 quality values"]),
        (THREE[:-4], ["record 3", "ends inside the record", "four lines", "cut off"]),
        (THREE[:-2], ["record 3", "ends inside the record"]),
        (THREE.replace(b"I!I~#", b"I!I\x7f#"), ["record 2", "byte 127", "Phred+33", "'!' to '~'"]),
        (THREE.replace(b"I!I~#", b"I I~#"), ["record 2", "byte 32", "Phred+33"]),
        (THREE.replace(b"GGNCA", b"GGRCA"), ["record 2", "base 3 is not A, C, G, T or N"]),
        (b"", ["no reads in the file"]),
        (b"\n\n", ["no reads in the file"]),
        (b"PK\x03\x04" * 50, ["record 1", "first line is", "begins with '@'"]),
    ],
)
def test_what_is_not_fastq_is_told_in_words(tmp_path: Path, content: bytes, words: list[str]) -> None:
    for path in (saved(tmp_path, content), saved(tmp_path, gzip.compress(content), "reads.fastq.gz")):
        message = complaint(path)
        for word in [str(path), *words]:
            assert word in message


def random_fastq(n_reads: int) -> bytes:
    letters = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (n_reads, 80))
    return b"".join(b"@r\n%b\n+\n%b\n" % (row.tobytes(), b"I" * 80) for row in letters)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda zipped: zipped[: len(zipped) // 2], ["truncated", "a whole gzip file", "cut off"]),
        (lambda zipped: zipped[:-4], ["truncated", "a whole gzip file"]),
        (lambda zipped: zipped[:12], ["truncated"]),
        (lambda zipped: zipped + b"something else", ["damaged", "nothing behind it"]),
        (lambda zipped: zipped[:5000] + bytes(200) + zipped[5200:], ["damaged", "compare checksums"]),
        (lambda zipped: zipped[:-8] + bytes(4) + zipped[-4:], ["damaged", "CRC"]),
    ],
    ids=["half", "no trailer", "header only", "garbage behind", "garbage inside", "wrong checksum"],
)
def test_damaged_gzip_is_told_in_words(tmp_path: Path, damage: Callable[[bytes], bytes], words: list[str]) -> None:
    path = saved(tmp_path, damage(gzip.compress(random_fastq(3000))), "reads.fastq.gz")
    message = complaint(path)
    assert f"{path} record " in message
    for word in words:
        assert word in message


def test_plain_text_named_gz_is_told(tmp_path: Path) -> None:
    message = complaint(saved(tmp_path, THREE, "reads.fastq.gz"))
    assert "named .gz but is not gzipped" in message and "drop .gz" in message


def test_gzip_without_the_name_is_read(tmp_path: Path) -> None:
    assert reads_of(saved(tmp_path, gzip.compress(THREE), "reads.fastq")) == EXPECTED


def test_empty_file_named_gz_is_told(tmp_path: Path) -> None:
    assert "no reads in the file" in complaint(saved(tmp_path, b"", "reads.fastq.gz"))


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert "there is no such file" in complaint(tmp_path / "none.fastq.gz")
