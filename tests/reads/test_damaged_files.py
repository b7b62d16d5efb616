"""Compressed files that were cut off or spoilt: one message, or exactly the reads before the fault."""

import gzip
import zlib
from pathlib import Path

import pysam
import pytest
import zstandard

from .files import BASES, BEHIND, CUT, TEXT, Damage, bases_of, complaint, half, saved, whole_reads

pytestmark = [pytest.mark.timeout(60), pytest.mark.usefixtures("no_thread_stays")]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (half, ["truncated", "a whole file", "cut off", "tolerate: [truncated_file]"]),
        (lambda zipped: zipped[:-4], ["truncated", "a whole file"]),
        (lambda zipped: zipped[:12], ["truncated"]),
        (lambda zipped: zipped + b"something else", ["behind the end", "tolerate: [trailing_garbage]"]),
        (lambda zipped: zipped[:5000] + bytes(200) + zipped[5200:], ["damaged", "compare checksums"]),
        (lambda zipped: zipped[:-8] + bytes(4) + zipped[-4:], ["damaged", "CRC"]),
    ],
    ids=["half", "no trailer", "header only", "garbage behind", "garbage inside", "wrong checksum"],
)
def test_damaged_gzip_is_told_in_words(tmp_path: Path, damage: Damage, words: list[str]) -> None:
    path = saved(tmp_path, damage(gzip.compress(TEXT)), "reads.fastq.gz")
    message = complaint(path)
    assert f"{path} record " in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (half, ["record ", "truncated", "cut off", "tolerate: [truncated_file]"]),
        (lambda zipped: zipped[:-1], ["truncated"]),
        (lambda zipped: zipped[:3], ["named .zst but is not zstd"]),
        (lambda zipped: zipped + b"something else", ["behind the end", "tolerate: [trailing_garbage]"]),
        (lambda zipped: zipped[:5000] + bytes(500) + zipped[5500:], ["damaged", "compare checksums"]),
    ],
    ids=["half", "last byte", "header only", "garbage behind", "garbage inside"],
)
def test_damaged_zstd_is_told_in_words(tmp_path: Path, damage: Damage, words: list[str]) -> None:
    path = saved(tmp_path, damage(zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)), "reads.fastq.zst")
    for word in [str(path), *words]:
        assert word in complaint(path)


@pytest.mark.parametrize("block_bytes", [5000, 1 << 20])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.77, 0.999])
def test_tolerated_cut_leaves_exactly_the_reads_before_it(tmp_path: Path, share: float, block_bytes: int) -> None:
    """The two members of the file end in the middle of a record."""
    cut_text = TEXT[: len(TEXT) // 3 + 40]
    zipped = gzip.compress(cut_text) + gzip.compress(TEXT[len(cut_text) :])
    part_of_it = zipped[: int(len(zipped) * share)]
    members, text = part_of_it, b""
    while members:
        member = zlib.decompressobj(31)
        text += member.decompress(members)
        members = member.unused_data
    path = saved(tmp_path, part_of_it, "reads.fastq.gz")
    assert bases_of(path, CUT, block_bytes) == whole_reads(text)
    assert "truncated" in complaint(path, BEHIND, block_bytes)


@pytest.mark.parametrize("block_bytes", [5000, 1 << 20])
def test_tolerated_garbage_leaves_all_reads(tmp_path: Path, block_bytes: int) -> None:
    zipped, zst = gzip.compress(TEXT), zstandard.compress(TEXT)
    for content, name in ((zipped, "r.fastq.gz"), (zst, "r.fastq.zst"), (zipped * 2, "s.fastq.gz"), (zst * 2, "s.zst")):
        path = saved(tmp_path, content + b"something else", name)
        assert bases_of(path, BEHIND, block_bytes) == BASES * (1 + name.startswith("s"))
        assert "behind the end" in complaint(path, CUT, block_bytes)


def test_tolerated_garbage_does_not_hide_damage_inside(tmp_path: Path) -> None:
    zipped, zst = gzip.compress(TEXT), zstandard.ZstdCompressor(write_checksum=True).compress(TEXT)
    both = BEHIND | CUT
    assert "damaged" in complaint(saved(tmp_path, zipped[:-8] + bytes(4) + zipped[-4:], "r.gz"), both)
    assert "damaged" in complaint(saved(tmp_path, zipped[:5000] + bytes(200) + zipped[5200:], "r.gz"), both)
    assert "damaged" in complaint(saved(tmp_path, zst[:5000] + bytes(500) + zst[5500:], "r.zst"), both)


def test_tolerated_cut_of_zstd_leaves_the_reads_before_it(tmp_path: Path) -> None:
    frames = [zstandard.compress(TEXT[first : first + 20_000]) for first in range(0, len(TEXT), 20_000)]
    path = saved(tmp_path, b"".join(frames[:5]) + frames[5][:-3], "r.fastq.zst")
    reads = bases_of(path, CUT)
    assert reads == BASES[: len(reads)]
    assert len(whole_reads(TEXT[:100_000])) <= len(reads) < len(whole_reads(TEXT[:120_000]))


def test_tolerated_cut_before_the_first_read_is_told(tmp_path: Path) -> None:
    assert "no reads in the file" in complaint(saved(tmp_path, gzip.compress(TEXT)[:14], "r.fastq.gz"), CUT)


def bam_of(path: Path, n_reads: int, aligned: int = -1) -> bytes:
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 1000}]})
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number in range(n_reads):
            read = pysam.AlignedSegment(header)
            read.query_name, read.flag, read.query_sequence = f"r{number}", 4, BASES[number].decode()
            if number != 2:
                read.query_qualities = pysam.qualitystring_to_array("I" * 80)
            if number == aligned:
                read.flag, read.reference_id, read.reference_start, read.cigarstring = 0, 0, 5, "80M"
            file.write(read)
    return path.read_bytes()


def test_bad_alignment_files_are_told(tmp_path: Path) -> None:
    bam_of(tmp_path / "aligned.bam", 2, aligned=1)
    message = complaint(tmp_path / "aligned.bam")
    assert "aligned.bam record 2: an aligned read; expected unaligned reads" in message
    bam_of(tmp_path / "bare.bam", 3)
    assert "bare.bam record 3: a read without qualities" in complaint(tmp_path / "bare.bam")


def bam_with_qualities(tmp_path: Path) -> bytes:
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}})
    with pysam.AlignmentFile(str(tmp_path / "whole.bam"), "wb", header=header) as file:
        for number, bases in enumerate(BASES):
            read = pysam.AlignedSegment(header)
            read.query_name, read.flag, read.query_sequence = f"r{number}", 4, bases.decode()
            read.query_qualities = pysam.qualitystring_to_array("I" * 80)
            file.write(read)
    return (tmp_path / "whole.bam").read_bytes()


def test_truncated_bam(tmp_path: Path) -> None:
    whole = bam_with_qualities(tmp_path)
    for cut in (whole[: len(whole) // 2], whole[:-28], whole[:-10]):
        path = saved(tmp_path, cut, "cut.bam")
        message = complaint(path)
        assert "truncated" in message and "tolerate: [truncated_file]" in message
        reads = bases_of(path, CUT)
        assert reads == BASES[: len(reads)]
        assert len(reads) == len(BASES) if len(cut) > len(whole) - 30 else len(reads) > len(BASES) // 3
