"""Parts of bgzip files: together they are the text, each once, and begin with the same molecule in each file."""

import gzip
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcalseq.planning.parts import number_of_parts
from kcalseq.reads import splitting
from kcalseq.reads.bgzf import blocks, first_block, is_bgzip_fastq
from kcalseq.reads.splitting import part_stretches, parts_table, stretches_of
from kcalseq.reads.stretches import Stretch, StretchText

from .bgzip import END, bgzipped, block, saved

FORMATS = {
    "casava": ("A:1:F:{0}:{1} 1:N:0:AC", "A:1:F:{0}:{1} 2:N:0:AC"),
    "slashes": ("r{0}.{1}/1", "r{0}.{1}/2"),
    "numbers": ("{1}", "{1}"),
    "archive": ("SRR1.{1} {1} length=9", "SRR1.{1} {1} length=9"),
}


def text_of(path: Path, stretch: Stretch, step: int = 1 << 16) -> bytes:
    source, buffer, found = StretchText(path, stretch), bytearray(step), b""
    while n_new := source.readinto(memoryview(buffer)):
        found += buffer[:n_new]
    source.close()
    return found


def fastq(rng: np.random.Generator, names: list[str], letters: bytes = b"@+IF") -> bytes:
    """Reads of any length whose qualities often begin with @ or +."""
    rows = []
    for name in names:
        size = int(rng.integers(1, 60))
        bases = bytes(rng.choice(list(b"ACGTN"), size).tolist())
        rows.append(b"@%s\n%s\n+\n%s\n" % (name.encode(), bases, bytes(rng.choice(list(letters), size).tolist())))
    return b"".join(rows)


def pair(tmp_path: Path, n_reads: int, seed: int, form: str, sizes: list[int]) -> tuple[dict[str, Path], list[bytes]]:
    rng, (one, two) = np.random.default_rng(seed), FORMATS[form]
    numbers = [(number % 7, number) for number in range(n_reads)]
    texts = [fastq(rng, [template.format(*number) for number in numbers]) for template in (one, two)]
    files = [saved(tmp_path / f"{slot}.fastq.gz", text, sizes) for slot, text in enumerate(texts)]
    return {"read_1": files[0], "read_2": files[1]}, texts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    n_reads=st.integers(1, 120),
    seed=st.integers(0, 1000),
    form=st.sampled_from(sorted(FORMATS)),
    sizes=st.lists(st.integers(1, 900), min_size=1, max_size=4),
    n_parts=st.integers(1, 9),
)
def test_parts_are_the_text_and_begin_with_the_same_molecule(
    tmp_path: Path, n_reads: int, seed: int, form: str, sizes: list[int], n_parts: int
) -> None:
    paths, texts = pair(tmp_path, n_reads, seed, form, sizes)
    parts = part_stretches(paths, n_parts)
    assert len(parts) == n_parts
    pieces = [[text_of(path, part[slot], 97) for part in parts] for slot, path in paths.items()]
    assert [b"".join(own) for own in pieces] == texts
    for one, two in zip(*pieces, strict=True):
        headers = [piece.split(b"\n")[:-1:4] for piece in (one, two)]
        assert all(header.startswith(b"@") for own in headers for header in own)
        cores = [[header.split()[0].removesuffix(b"/1").removesuffix(b"/2") for header in own] for own in headers]
        assert cores[0] == cores[1]


def test_files_that_can_be_cut_are_cut_into_even_parts(tmp_path: Path) -> None:
    paths, texts = pair(tmp_path, 4000, 1, "casava", [3000, 2500])
    sizes = [[len(text_of(path, part[slot])) for part in part_stretches(paths, 5)] for slot, path in paths.items()]
    for own, text in zip(sizes, texts, strict=True):
        assert min(own) > 0.15 * len(text) and max(own) < 0.25 * len(text)


def test_mates_far_from_the_same_share_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the first half of the second file is far larger than the second."""
    monkeypatch.setattr(splitting, "_LEAST_REACH", 500)
    rng, names = np.random.default_rng(3), [f"r{number}" for number in range(2000)]
    one = fastq(rng, names)
    two = fastq(rng, names[:1000]) + b"".join(b"@%s\nA\n+\nI\n" % name.encode() for name in names[1000:])
    paths = {"read_1": saved(tmp_path / "1.gz", one, [700]), "read_2": saved(tmp_path / "2.gz", two, [700])}
    parts = part_stretches(paths, 4)
    held = [text_of(paths["read_2"], part["read_2"]) for part in parts]
    assert b"".join(held) == two
    assert all(held)


def test_shuffled_mates_stay_in_one_part(tmp_path: Path) -> None:
    """So reading them comes upon the first pair that differs, as it would in the whole files."""
    rng, names = np.random.default_rng(3), [f"r{number}" for number in range(500)]
    paths = {
        "read_1": saved(tmp_path / "1.gz", fastq(rng, names), [700]),
        "read_2": saved(tmp_path / "2.gz", fastq(rng, [f"other{number}" for number in range(500)]), [700]),
    }
    first, *others = part_stretches(paths, 4)
    assert all(text_of(path, part[slot]) == b"" for part in others for slot, path in paths.items())
    assert all(text_of(path, first[slot]).count(b"\n") == 2000 for slot, path in paths.items())


def test_the_table_gives_the_stretches_back(tmp_path: Path) -> None:
    paths, _ = pair(tmp_path, 300, 1, "casava", [500])
    parts = part_stretches(paths, 3)
    table = parts_table("run", parts)
    assert [stretches_of(table, number) for number in (1, 2, 3)] == parts


def test_blocks_of_the_real_compressor_are_found_from_anywhere(tmp_path: Path) -> None:
    path, text = tmp_path / "reads.fastq.gz", fastq(np.random.default_rng(1), [f"r{n}" for n in range(9000)])
    with pysam.BGZFile(str(path), "w", index=None) as writer:
        writer.write(text)
    with path.open("rb") as file:
        offsets, texts = zip(*blocks(file, 0), strict=True)
        assert b"".join(texts) == text == gzip.decompress(path.read_bytes())
        assert len(offsets) > 5
        size = path.stat().st_size
        for begin in range(0, size, 997):
            behind = [offset for offset in offsets if offset >= begin]
            assert first_block(file, begin, size) == (behind[0] if behind else None)


def test_the_magic_of_a_block_within_a_block_is_no_block(tmp_path: Path) -> None:
    """Stored without compression, text that looks like a block stands in the file as it is."""
    text = block(b"@r\nACGT\n+\nIIII\n")[:40] * 3
    path = tmp_path / "reads.gz"
    stored = b"\x01" + len(text).to_bytes(2, "little") + (65535 - len(text)).to_bytes(2, "little") + text
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + (len(stored) + 25).to_bytes(2, "little")
    tail = (0).to_bytes(4, "little") + len(text).to_bytes(4, "little")
    path.write_bytes(head + stored + tail + END)
    with path.open("rb") as file:
        assert first_block(file, 1, path.stat().st_size) == path.stat().st_size - len(END)


@pytest.mark.parametrize(
    ("name", "content", "part_mb", "n_parts"),
    [
        ("plain.fastq", b"@r\nA\n+\nI\n" * 100, 0.0001, 1),
        ("whole.fastq.gz", gzip.compress(b"@r\nA\n+\nI\n" * 100, mtime=0), 0.00001, 1),
        ("blocks.fastq.gz", bgzipped(b"@r\nA\n+\nI\n" * 100, [50]), 0, 1),
        ("blocks.fastq.gz", bgzipped(b"@r\nA\n+\nI\n" * 100, [50]), 1000, 1),
        ("alignments.bam", bgzipped(b"BAM\x01" * 100, [50]), 0.0001, 1),
        ("cut.fastq.gz", bgzipped(b"@r\nA\n+\nI\n" * 100, [50])[:10], 0.000001, 1),
        ("exact.fastq.gz", bgzipped(b"@r\nA\n+\nI\n", [50]), 0.00001, 8),
    ],
)
def test_only_large_files_of_blocks_of_fastq_have_parts(
    tmp_path: Path, name: str, content: bytes, part_mb: float, n_parts: int
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    expected = -(-len(content) // 10) if n_parts > 1 else 1
    assert number_of_parts([str(path)], part_mb) == expected


def test_a_file_that_is_not_there_yet_has_no_parts(tmp_path: Path) -> None:
    assert number_of_parts([str(tmp_path / "nothing.gz")], 1) == 1


def test_text_of_blocks_tells_fastq_from_other_files(tmp_path: Path) -> None:
    assert is_bgzip_fastq(saved(tmp_path / "reads.gz", b"@r\nA\n+\nI\n", [3]))
    assert not is_bgzip_fastq(saved(tmp_path / "alignments.bam", b"BAM\x01", [3]))
