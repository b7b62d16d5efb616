"""Files that bgzip compressed: gzip members of at most 64 KiB of text, each of which tells its own size.

So blocks can be found and read without those before them (SAM specification, section 4.1). Imports nothing that
Snakemake does not bring, since the plan asks too.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"\x1f\x8b\x08\x04"
_HEAD_BYTES = 12
_LARGEST_BLOCK = 1 << 16
# A member that says its size by chance is told from a block by those behind it.
_N_IN_CHAIN = 3


def is_bgzip_fastq(path: Path) -> bool:
    """Whether a file begins with a block, and its text as FASTQ does: a BAM file is made of such blocks too."""
    with path.open("rb") as file:
        _, text = next(blocks(file, 0), (0, b""))
    return text.startswith(b"@")


def block_bytes(head: bytes) -> int:
    """Size in bytes of the compressed block that begins with these bytes; 0 = none begins."""
    if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
        return 0
    (extra_bytes,) = struct.unpack_from("<H", head, 10)
    at, end = _HEAD_BYTES, _HEAD_BYTES + extra_bytes
    while at + 4 <= min(end, len(head)):
        kind, (size,) = head[at : at + 2], struct.unpack_from("<H", head, at + 2)
        if kind == b"BC" and size == 2 and at + 6 <= len(head):
            return int(struct.unpack_from("<H", head, at + 4)[0]) + 1
        at += 4 + size
    return 0


def first_block(file: BinaryIO, begin: int, end: int) -> int | None:
    """Offset of the first block that begins in a stretch of the file, from ``begin`` up to, and without, ``end``."""
    at = begin
    while at < end:
        file.seek(at)
        head = file.read(_LARGEST_BLOCK)
        found = head.find(_MAGIC)
        if found < 0:
            if len(head) < _LARGEST_BLOCK:
                return None
            at += len(head) - len(_MAGIC) + 1
            continue
        at += found
        if at < end and _is_chain(file, at):
            return at
        at += 1
    return None


def blocks(file: BinaryIO, begin: int) -> Iterator[tuple[int, bytes]]:
    """Offset and text of each block from the one that begins at ``begin`` on; ends where no block follows."""
    at = begin
    while True:
        file.seek(at)
        compressed = file.read(_LARGEST_BLOCK)
        size = block_bytes(compressed)
        if not size or size > len(compressed):
            return
        try:
            text = zlib.decompress(compressed[:size], wbits=31)
        except zlib.error:
            return
        yield at, text
        at += size


def _is_chain(file: BinaryIO, begin: int) -> bool:
    at = begin
    for _ in range(_N_IN_CHAIN):
        file.seek(at)
        head = file.read(_LARGEST_BLOCK)
        size = block_bytes(head)
        if not head and at > begin:
            return True
        if not size:
            return False
        at += size
    return True
