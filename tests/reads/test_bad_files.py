"""Files that are damaged, cut off or out of step: each is one message, never a hang, never a silent loss."""

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pysam
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.errors import KcalseqError
from kcalseq.reads.ahead import ahead
from kcalseq.reads.extract import Settings as RunSettings
from kcalseq.reads.layout import Layout
from kcalseq.reads.molecules import read_molecules
from kcalseq.reads.records import read_records

from .conftest import extract, part

pytestmark = pytest.mark.timeout(60)
THREE = b"@r1\nACGT\n+\nIIII\n@r2\nGGNCA\n+r2\nI!I~#\n@r3\nT\n+\nI\n"
CUT, BEHIND, UNEQUAL = (frozenset({word}) for word in ("truncated_file", "trailing_garbage", "unequal_mates"))
Damage = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Whatever a test does with readers, their threads end with it."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def saved(tmp_path: Path, content: bytes, name: str = "reads.fastq") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def bases_of(path: Path, tolerate: frozenset[str] = frozenset(), block_bytes: int = 1 << 20) -> list[bytes]:
    return [
        batch.text[start : start + length].tobytes()
        for batch in read_records(path, tolerate=tolerate, block_bytes=block_bytes)
        for start, length in zip(batch.starts, batch.lengths, strict=True)
    ]


def complaint(path: Path, tolerate: frozenset[str] = frozenset(), block_bytes: int = 1 << 20, **keys: int) -> str:
    with pytest.raises(KcalseqError) as caught:
        list(read_records(path, tolerate=tolerate, block_bytes=block_bytes, **keys))  # type: ignore[arg-type]
    return str(caught.value)


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


def random_fastq(n_reads: int) -> bytes:
    letters = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (n_reads, 80))
    return b"".join(b"@r\n%b\n+\n%b\n" % (row.tobytes(), b"I" * 80) for row in letters)


TEXT = random_fastq(3000)
BASES = TEXT.split(b"\n")[1::4]


def whole_reads(text: bytes) -> list[bytes]:
    """Bases of the records that end with a line end within a text that was cut off."""
    return text.split(b"\n")[:-1][1::4][: text.count(b"\n") // 4]


def half(zipped: bytes) -> bytes:
    return zipped[: len(zipped) // 2]


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


def renamed(names: list[str]) -> bytes:
    return "".join(f"@{name}\nAC\n+\nII\n" for name in names).encode()


def molecules_of(tmp_path: Path, tolerate: frozenset[str] = frozenset(), **texts: bytes) -> int:
    paths = {slot: str(saved(tmp_path, text, f"{slot}.fastq")) for slot, text in texts.items()}
    return sum(len(batch["read_1"].starts) for batch in read_molecules(paths, tolerate=tolerate, block_bytes=64))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (["a/1", "b/1"], ["a/2", "b/2"]),
        (["a 1:N:0:ACGT", "b 1:N:0:ACGT"], ["a 2:N:0:ACGT", "b 2:N:0:ACGT"]),
        (["SRR1.1.1", "SRR1.2.1"], ["SRR1.1.2", "SRR1.2.2"]),
        (["a_1", "b_1"], ["a_2", "b_2"]),
        (["a\tx", "b"], ["a", "b y"]),
    ],
)
def test_names_of_mates_may_differ_in_the_mate_number(tmp_path: Path, one: list[str], two: list[str]) -> None:
    assert molecules_of(tmp_path, read_1=renamed(one), read_2=renamed(two)) == 2


@pytest.mark.parametrize("n_before", [0, 1, 50])
def test_mates_out_of_step_are_told(tmp_path: Path, n_before: int) -> None:
    names = [f"read{number}" for number in range(n_before)]
    one, two = renamed([*names, "x1 more", "y1"]), renamed([*names, "y1 more", "x1"])
    with pytest.raises(KcalseqError) as caught:
        molecules_of(tmp_path, read_1=one, read_2=two)
    path = tmp_path / "read_2.fastq"
    assert f"{path} record {n_before + 1}: the read is named 'y1', but in {tmp_path}/read_1.fastq 'x1'" in str(
        caught.value
    )
    assert "filter or sort mates only together" in str(caught.value)


@pytest.mark.parametrize(("one", "two"), [("x.5", "x.6"), ("x/1", "x/1x"), ("x", "x1"), ("x/1", "y/1"), ("x1", "x2")])
def test_what_is_no_mate_number_tells_reads_apart(tmp_path: Path, one: str, two: str) -> None:
    with pytest.raises(KcalseqError, match="record 1: the read is named"):
        molecules_of(tmp_path, read_1=renamed([one]), read_2=renamed([two]))


@pytest.mark.parametrize(("n_one", "n_two"), [(5, 3), (3, 5), (100, 1), (99, 100)])
def test_unequal_mates(tmp_path: Path, n_one: int, n_two: int) -> None:
    texts = {slot: renamed([f"r{n}" for n in range(size)]) for slot, size in (("read_1", n_one), ("read_2", n_two))}
    shorter, longer = ("read_1", "read_2") if n_one < n_two else ("read_2", "read_1")
    fewest = min(n_one, n_two)
    with pytest.raises(KcalseqError) as caught:
        molecules_of(tmp_path, **texts)
    words = (
        f"{tmp_path}/{shorter}.fastq record {fewest + 1}: the file ends after {fewest} reads, but {tmp_path}/{longer}"
    )
    assert words in str(caught.value)
    assert "tolerate: [unequal_mates]" in str(caught.value)
    assert molecules_of(tmp_path, UNEQUAL, **texts) == fewest


def test_cut_mates_need_both_tolerances(tmp_path: Path) -> None:
    paths = {
        "read_1": str(saved(tmp_path, half(gzip.compress(TEXT)), "one.fastq.gz")),
        "read_2": str(saved(tmp_path, TEXT, "two.fastq")),
    }
    chosen = Layout("two", "", "barcode", {"read_1": (part("barcode", 10),), "read_2": (part("umi", 5),)})
    for tolerate, words in ((frozenset[str](), "truncated"), (CUT, "the file ends after"), (UNEQUAL, "truncated")):
        with pytest.raises(KcalseqError, match=words):
            extract(paths, chosen, settings=RunSettings(tolerate=tolerate))
    _, fates = extract(paths, chosen, settings=RunSettings(tolerate=CUT | UNEQUAL))
    assert fates == {("kept", None): len(whole_reads(zlib.decompressobj(31).decompress(half(gzip.compress(TEXT)))))}


def test_threads_end_when_the_user_stops_early(tmp_path: Path) -> None:
    path = saved(tmp_path, TEXT)
    reader = read_records(path, block_bytes=500)
    next(reader)
    assert threading.active_count() > 1
    reader.close()
    read_records(path).close()  # never begun
    molecules = read_molecules({"read_1": str(path), "read_2": str(path)}, block_bytes=500)
    next(molecules)
    molecules.close()


def test_an_error_in_one_file_ends_the_threads_of_the_others(tmp_path: Path) -> None:
    paths = {"read_1": str(saved(tmp_path, TEXT)), "read_2": str(saved(tmp_path, TEXT[:30_000] + b"x", "bad.fastq"))}
    with pytest.raises(KcalseqError, match=r"bad.fastq record 1\d\d"):
        list(read_molecules(paths, block_bytes=500))


def test_working_ahead_keeps_order_and_hands_errors_on() -> None:
    def numbers() -> Iterator[int]:
        yield from range(20)
        raise ValueError("twenty")

    seen = []
    with pytest.raises(ValueError, match="twenty"):
        for number in ahead(numbers()):
            seen.append(number)
    assert seen == list(range(20))


def test_working_ahead_makes_few_items_before_they_are_wanted() -> None:
    made = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    reader = ahead(numbers())
    next(reader)
    time.sleep(0.3)
    assert len(made) <= 3
    reader.close()


def outcome(path: Path, block_bytes: int) -> list[bytes] | str:
    try:
        return bases_of(path, block_bytes=block_bytes)
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
    whole = outcome(path, 1 << 20)
    assert [outcome(path, block_bytes) for block_bytes in (1, 13, 60)] == [whole] * 3


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
        try:
            bases_of(path, tolerate)
        except KcalseqError as error:
            assert str(path) in str(error)
