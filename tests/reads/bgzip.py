"""Files as bgzip writes them, with blocks of any size."""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block at the end of every such file (SAM specification, section 4.1.2)."""


def block(text: bytes) -> bytes:
    """One block."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(text) + packer.flush()
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25)
    return head + packed + struct.pack("<II", zlib.crc32(text), len(text))


def bgzipped(text: bytes, sizes: Sequence[int]) -> bytes:
    """Text in blocks of these sizes, again and again."""
    found, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found.append(block(text[at : at + size]))
        at, turn = at + size, turn + 1
    return b"".join(found) + END


def saved(path: Path, text: bytes, sizes: Sequence[int]) -> Path:
    """A file of that text."""
    path.write_bytes(bgzipped(text, sizes))
    return path
