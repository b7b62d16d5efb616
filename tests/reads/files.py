"""Files of reads, sound and damaged, and what reading them gives."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kcalseq.errors import KcalseqError
from kcalseq.reads.records import read_records

THREE = b"@r1\nACGT\n+\nIIII\n@r2\nGGNCA\n+r2\nI!I~#\n@r3\nT\n+\nI\n"
CUT, BEHIND, UNEQUAL = (frozenset({word}) for word in ("truncated_file", "trailing_garbage", "unequal_mates"))
Damage = Callable[[bytes], bytes]


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
