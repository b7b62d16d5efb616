"""Files that are not what they should be: each is one message, whatever the blocks."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError

from .files import BEHIND, CUT, THREE, bases_of, complaint, saved

pytestmark = [pytest.mark.timeout(60), pytest.mark.usefixtures("no_thread_stays")]


@pytest.mark.parametrize("block_bytes", [1, 30, 1 << 20])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (THREE.replace(b"@r2", b"r2"), ["record 2", "first line is 'r2'", "begins with '@'"]),
        (b">r1\nACGT\n>r2\nACGT\n", ["record 1", "first line is '>r1'", "name a FASTQ file"]),
        (THREE.replace(b"+r2", b"GGNCA"), ["record 2", "third line is 'GGNCA'", "'+'", "several lines must be joined"]),
        (THREE.replace(b"I!I~#", b"I!I~"), ["record 2", "5 bases but 4 quality values", "same length"]),
        (THREE.replace(b"I!I~#", b"I!I~#I"), ["record 2", "5 bases but 6 quality values"]),
        (THREE + b"@r4\nACGTA\n+\nII", ["record 4", "5 bases but 2 quality values"]),
        (THREE[:-4], ["record 3", "ends inside the record", "four lines", "cut off"]),
        (THREE[:-2], ["record 3", "ends inside the record"]),
        (THREE.replace(b"I!I~#", b"I!I\x7f#"), ["record 2", "byte 127", "Phred+33", "'!' to '~'"]),
        (THREE.replace(b"I!I~#", b"I I~#"), ["record 2", "byte 32", "Phred+33"]),
        (THREE.replace(b"GGNCA", b"GGRCA"), ["record 2", "base 3 is not A, C, G, T or N"]),
        (THREE.replace(b"GGNCA", b"GG.CA"), ["record 2", "base 3 is not A, C, G, T or N", "write unread bases as N"]),
        (THREE.replace(b"GGNCA", b"GGNC\r\r"), ["record 2", "base 5 is not A, C, G, T or N"]),
        (THREE.replace(b"@r2", b"\n@r2"), ["record 2", "first line is blank"]),
        (THREE.replace(b"@r2", b"\n\n\n\n\n@r2"), ["record 2", "first line is blank"]),
        (THREE + b"\n\n\n\n\nx\n", ["record 4", "first line is"]),
        (b"", ["no reads in the file"]),
        (b"\n\n", ["no reads in the file"]),
        (b"\n" * 20, ["no reads in the file"]),
        (b"PK\x03\x04" * 50, ["record 1", "first line is", "begins with '@'"]),
    ],
)
def test_what_is_not_fastq_is_told_in_words(tmp_path: Path, content: bytes, words: list[str], block_bytes: int) -> None:
    for path in (saved(tmp_path, content), saved(tmp_path, gzip.compress(content), "reads.fastq.gz")):
        message = complaint(path, block_bytes=block_bytes)
        for word in [str(path), *words]:
            assert word in message


def test_bad_quality_of_phred_64_is_shown_as_it_was(tmp_path: Path) -> None:
    path = saved(tmp_path, b"@r\nACGT\n+\nhh5h\n")
    assert "byte 53; expected Phred+64 qualities, '@' to '~'" in complaint(path, phred=64)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("reads.fastq.gz", THREE, "named .gz but is not gzipped; expected a gzipped file. Remedy: gzip it or drop .gz"),
        ("reads.fastq.bgz", THREE, "named .bgz but is not gzipped"),
        ("reads.fastq.zst", THREE, "named .zst but is not zstd"),
        ("reads.fastq.gz", b"", "no reads in the file"),
        ("reads.bam", THREE, "named .bam but holds none"),
        ("reads.cram", THREE, "named .cram but holds none"),
        ("reads.bam", b"PK\x03\x04" * 50, "it cannot be read"),
        ("reads.bam", b"", "it cannot be read"),
    ],
)
def test_a_name_must_say_what_the_file_is(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    assert words in complaint(saved(tmp_path, content, name))


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert "there is no such file" in complaint(tmp_path / "none.fastq.gz")
    assert "there is no such file" in complaint(tmp_path)


def outcome(path: Path, tolerate: frozenset[str] = frozenset(), block_bytes: int = 1 << 20) -> list[bytes] | str:
    try:
        return bases_of(path, tolerate, block_bytes=block_bytes)
    except KcalseqError as error:
        return str(error)


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from(b"@+\n\r ANx>\x00\xff"), st.booleans()), max_size=4
    ),
    last=st.integers(0, 200),
)
def test_spoilt_text_is_read_or_told_alike_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, bool]], last: int
) -> None:
    text = bytearray(THREE * 3)
    for place, letter, is_insertion in changes:
        at = place % len(text)
        text[at : at + (not is_insertion)] = bytes([letter])
    path = saved(tmp_path_factory.getbasetemp(), bytes(text[: len(text) if last > 150 else last]), "spoilt.fastq")
    whole = outcome(path)
    assert [outcome(path, block_bytes=block_bytes) for block_bytes in (1, 13, 60)] == [whole] * 3


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), suffix=st.sampled_from([".fastq.gz", ".fastq.zst", ".bam", ".fastq"]))
def test_spoilt_compressed_files_are_told(tmp_path_factory: pytest.TempPathFactory, seed: int, suffix: str) -> None:
    """Whatever is changed in a compressed file: its reads, or one message, and the same each time."""
    rng, folder = np.random.default_rng(seed), tmp_path_factory.getbasetemp()
    content = bytearray({".fastq.zst": zstandard.compress(THREE)}.get(suffix, gzip.compress(THREE, mtime=0)))
    for _ in range(rng.integers(1, 4)):
        content[rng.integers(len(content))] = rng.integers(256)
    path = saved(
        folder, bytes(content[: rng.integers(len(content) + 1) if rng.random() < 0.3 else None]), f"spoilt{suffix}"
    )
    for tolerate in (frozenset[str](), CUT | BEHIND):
        found = outcome(path, tolerate)
        assert found == outcome(path, tolerate)
        assert isinstance(found, list) or str(path) in found
