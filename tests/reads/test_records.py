"""Reading files: what goes in comes out, whatever the format and the blocks."""

import gzip
import time
from pathlib import Path

import pysam
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.reads.records import read_records

THREE = b"@r1 x\nACGT\n+\nIIII\n@r2\nGGNCA\n+r2\nI!I~#\n@r3\nT\n+\nI\n"
EXPECTED = [("r1 x", "ACGT", "IIII"), ("r2", "GGNCA", "I!I~#"), ("r3", "T", "I")]
Read = tuple[str, str, str]
BLOCKS = [1, 7, 60, 777, 1 << 20]


def reads_of(path: Path, block_bytes: int = 1 << 20, pause: float = 0, **keys: object) -> list[Read]:
    """Name, bases and quality letters of each read."""
    reads = []
    for batch in read_records(path, block_bytes=block_bytes, **keys):  # type: ignore[arg-type]
        time.sleep(pause)
        for number, (start, length, quality) in enumerate(
            zip(batch.starts, batch.lengths, batch.qualities, strict=True)
        ):
            columns = (batch.text[first : first + length].tobytes().decode() for first in (start, quality))
            reads.append((batch.name(number), *columns))
    return reads


def saved(tmp_path: Path, content: bytes, name: str = "reads.fastq") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def text_of(reads: list[Read]) -> bytes:
    return "".join(f"@{name}\n{bases}\n+\n{letters}\n" for name, bases, letters in reads).encode("ascii")


@pytest.mark.parametrize(
    "content",
    [
        THREE,
        THREE.replace(b"\n", b"\r\n"),
        THREE.rstrip(b"\n"),
        THREE + b"\n\n",
        THREE + b"\n" * 9,
        THREE + b"\r\n" * 6,
        THREE.replace(b"ACGT", b"acgt").replace(b"GGNCA", b"ggNca"),
        THREE.replace(b"+\n", b"+r1 x\n"),
    ],
    ids=["plain", "windows", "no last line end", "blank lines", "many", "windows blank lines", "lower case", "+name"],
)
@pytest.mark.parametrize("block_bytes", BLOCKS)
def test_tolerated_variants_read_the_same(tmp_path: Path, content: bytes, block_bytes: int) -> None:
    assert reads_of(saved(tmp_path, content), block_bytes) == EXPECTED
    assert reads_of(saved(tmp_path, gzip.compress(content), "reads.fastq.gz"), block_bytes) == EXPECTED


def bgzipped(tmp_path: Path, content: bytes) -> bytes:
    pysam.tabix_compress(str(saved(tmp_path, content, "plain")), str(tmp_path / "bgzipped"), force=True)
    return (tmp_path / "bgzipped").read_bytes()


def skippable(content: bytes) -> bytes:
    """A frame without text, as parallel compressors put before each frame that has some."""
    return b"\x50\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


def wide_window(content: bytes) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=30, enable_ldm=True)
    frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return frame.compress(content) + frame.flush()


@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
@pytest.mark.parametrize("tolerate", [frozenset(), frozenset({"truncated_file", "trailing_garbage"})])
def test_compressed_files_of_any_make_read_the_same(tmp_path: Path, block_bytes: int, tolerate: frozenset[str]) -> None:
    zst, half = zstandard.compress, len(THREE) // 2
    forms = {
        "one.fastq.gz": gzip.compress(THREE),
        "members.fastq.gz": gzip.compress(THREE[:half]) + gzip.compress(b"") + gzip.compress(THREE[half:]),
        "padded.fastq.gz": gzip.compress(THREE) + bytes(600),
        "blocks.fastq.bgz": bgzipped(tmp_path, THREE),
        "unnamed.fastq": gzip.compress(THREE),
        "one.fastq.zst": zst(THREE),
        "frames.fastq.zst": zst(THREE[:half]) + zst(b"") + zst(THREE[half:]),
        "skips.fastq.zst": skippable(b"abcd") + zst(THREE[:half]) + skippable(b"") + zst(THREE[half:]),
        "wide.fastq.zst": wide_window(THREE),
        "unnamed_too.fastq": zst(THREE),
    }
    for name, content in forms.items():
        assert reads_of(saved(tmp_path, content, name), block_bytes, tolerate=tolerate) == EXPECTED, name


def write_alignments(path: Path, mode: str, reads: list[tuple[Read, int]]) -> Path:
    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6"}})
    with pysam.AlignmentFile(str(path), mode, header=header) as file:
        for (name, bases, letters), flag in reads:
            read = pysam.AlignedSegment(header)
            read.query_name, read.flag, read.query_sequence = name, flag, bases
            read.query_qualities = pysam.qualitystring_to_array(letters)
            file.write(read)
    return path


UNPAIRED, FIRST, SECOND = 4, 77, 141


@pytest.mark.parametrize(("name", "mode"), [("r.bam", "wb"), ("r.cram", "wc"), ("r.sam", "w")])
@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
def test_unaligned_alignment_files(tmp_path: Path, name: str, mode: str, block_bytes: int) -> None:
    one = [("r1", "ACGT", "IIII"), ("r2", "GGNCA", "I!I~#")]
    two = [("r1", "TTT", "555"), ("r2", "C", "+")]
    mixed = [
        (read, flag) for pair in zip(one, two, strict=True) for read, flag in zip(pair, (FIRST, SECOND), strict=True)
    ]
    path = write_alignments(tmp_path / name, mode, mixed)
    assert reads_of(path, block_bytes, slot="read_1") == one
    assert reads_of(path, block_bytes, slot="read_2") == two
    single = write_alignments(tmp_path / f"single_{name}", mode, [(read, UNPAIRED) for read in one])
    for slot in ("read_1", "index_1"):
        assert reads_of(single, block_bytes, slot=slot) == one
    with pytest.raises(KcalseqError, match="there are no reads in the file"):
        reads_of(single, slot="read_2")


def test_many_reads_of_a_bam_file_come_in_their_order(tmp_path: Path) -> None:
    reads = [(f"r{number}", "ACGT" * (number % 5 + 1), "IIII" * (number % 5 + 1)) for number in range(10_000)]
    path = write_alignments(tmp_path / "many.bam", "wb", [(read, UNPAIRED) for read in reads])
    assert reads_of(path) == reads


def test_phred_64_with_the_key_equals_phred_33(tmp_path: Path) -> None:
    reads = [("r", "ACGTN", "I5+!h"[:4] + "("), ("s", "acg", "~}!")]
    shifted = [(name, bases, "".join(chr(min(126, ord(q) + 31)) for q in letters)) for name, bases, letters in reads]
    plain = [(name, bases.upper(), "".join(chr(min(95, ord(q))) for q in letters)) for name, bases, letters in reads]
    for block_bytes in (1, 1 << 20):
        assert reads_of(saved(tmp_path, text_of(shifted)), block_bytes, phred=64) == plain


@pytest.mark.parametrize("block_bytes", [60, 5000, 1 << 20])
def test_phred_64_without_the_key_is_told(tmp_path: Path, block_bytes: int) -> None:
    path = saved(tmp_path, text_of([("r", "ACGT" * 10, "hhgfdbBBhe" * 4)] * 200))
    with pytest.raises(KcalseqError, match=r"all qualities lie between 'B' and 'h', as Phred\+64 .* set 'phred: 64'"):
        reads_of(path, block_bytes)


@pytest.mark.parametrize("block_bytes", [60, 5000, 1 << 20])
def test_excellent_phred_33_is_not_taken_for_phred_64(tmp_path: Path, block_bytes: int) -> None:
    """Only what all the first reads show counts, so that the answer does not depend on the blocks."""
    best, ordinary = [("r", "ACGT" * 10, "SZIS" * 10)] * 100, [("r", "ACGT" * 10, "I#I5" * 10)]
    assert len(reads_of(saved(tmp_path, text_of(best + ordinary)), block_bytes)) == 101
    assert len(reads_of(saved(tmp_path, text_of([("r", "ACGT" * 10, "I" * 40)] * 100)), block_bytes)) == 100


def test_read_without_bases_is_a_read(tmp_path: Path) -> None:
    for block_bytes in BLOCKS:
        assert reads_of(saved(tmp_path, b"@r1\n\n+\n\n@r2\nA\n+\nI\n@r3\n\n+\n\n"), block_bytes) == [
            ("r1", "", ""),
            ("r2", "A", "I"),
            ("r3", "", ""),
        ]


PRINTABLE = "".join(map(chr, range(33, 127)))
record = st.text("ACGTN", max_size=30).flatmap(
    lambda bases: st.tuples(
        st.text("abcXYZ019:/ +@", max_size=8),
        st.just(bases),
        st.text(PRINTABLE, min_size=len(bases), max_size=len(bases)),
    )
)


@settings(max_examples=60, deadline=None)
@given(reads=st.lists(record, min_size=1, max_size=20), block_bytes=st.integers(1, 200))
def test_any_reads_come_back_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, reads: list[Read], block_bytes: int
) -> None:
    path = saved(tmp_path_factory.getbasetemp(), text_of(reads))
    assert reads_of(path, block_bytes) == reads


@pytest.mark.parametrize("block_bytes", [1000, 1 << 16, 1 << 20])
def test_long_read_does_not_change_the_others(tmp_path: Path, block_bytes: int) -> None:
    long = ("long", "ACGT" * 100_000, "I" * 400_000)
    reads = reads_of(saved(tmp_path, THREE + text_of([long]) + THREE), block_bytes)
    assert reads[:3] == reads[4:] == EXPECTED
    assert reads[3] == long


def test_a_slow_user_keeps_the_text_in_hand_while_the_next_read_takes_many_blocks(tmp_path: Path) -> None:
    reads = [("short", "ACGT", "IIII"), ("long", "GATTACA" * 100, "5" * 700), ("last", "TTTT", "####")] * 3
    assert reads_of(saved(tmp_path, text_of(reads)), 50, pause=0.02) == reads
