"""FASTQ files of reads of one length: text as one matrix of bytes, gzip whose bytes depend on the content alone.

Names are numbers of fixed width, so all records of a file are equally long and a block of them is a matrix: no string
is made for any read. Blocks are compressed side by side and joined to one gzip member.
"""

import os
import struct
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_N_DIGITS = 9
_PHRED_OFFSET = 33
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate; no name, no time, no operating system


def fastq_block(
    prefix: str, first: int, suffix: str, sequences: NDArray[np.uint8], qualities: NDArray[np.uint8]
) -> bytes:
    """FASTQ records of reads named prefix + number + suffix.

    Args:
        prefix: what names begin with, without ``@``.
        first: number of the first read; numbers are padded to nine digits.
        suffix: what the name line ends with.
        sequences: ASCII letters, shape (n_reads, n_cycles).
        qualities: Phred scores, shape (n_reads, n_cycles).
    """
    n_reads, n_cycles = sequences.shape
    before, after = b"@" + prefix.encode("ascii"), suffix.encode("ascii") + b"\n"
    name_width = len(before) + _N_DIGITS + len(after)
    records = np.empty((n_reads, name_width + 2 * n_cycles + 4), dtype=np.uint8)
    records[:, : len(before)] = np.frombuffer(before, dtype=np.uint8)
    numbers = np.arange(first, first + n_reads)
    for digit in range(_N_DIGITS):
        records[:, len(before) + _N_DIGITS - 1 - digit] = numbers // 10**digit % 10 + ord("0")
    records[:, name_width - len(after) : name_width] = np.frombuffer(after, dtype=np.uint8)
    records[:, name_width : name_width + n_cycles] = sequences
    records[:, name_width + n_cycles : -n_cycles - 1] = np.frombuffer(b"\n+\n", dtype=np.uint8)
    np.add(qualities, _PHRED_OFFSET, out=records[:, -n_cycles - 1 : -1])
    records[:, -1] = ord("\n")
    return records.tobytes()


def write_gzip(path: str | Path, blocks: Iterable[bytes], level: int = 6) -> int:
    """Write blocks as one gzip member and return the bytes of text in it.

    Each block is compressed by itself, on as many threads as there are cores, so the bytes depend on where blocks end
    but not on the machine; they also depend on the version of zlib.
    """
    checksum, n_bytes = 0, 0
    with Path(path).open("wb") as file:
        file.write(_GZIP_HEADER)
        for block, compressed in _compress_ahead(blocks, level):
            file.write(compressed)
            checksum, n_bytes = zlib.crc32(block, checksum), n_bytes + len(block)
        file.write(b"\x03\x00" + struct.pack("<II", checksum, n_bytes % 2**32))  # an empty last block, and the check
    return n_bytes


def _compress_ahead(blocks: Iterable[bytes], level: int) -> Iterator[tuple[bytes, bytes]]:
    """Blocks and their compressed form, in order, with a few in work at a time."""
    n_threads = os.cpu_count() or 1
    waiting: deque[tuple[bytes, Future[bytes]]] = deque()
    with ThreadPoolExecutor(n_threads) as pool:
        for block in blocks:
            waiting.append((block, pool.submit(_deflate, block, level)))
            if len(waiting) > n_threads:
                first, compressed = waiting.popleft()
                yield first, compressed.result()
        while waiting:
            first, compressed = waiting.popleft()
            yield first, compressed.result()


def _deflate(block: bytes, level: int) -> bytes:
    """A block as a whole number of bytes of raw deflate that may be followed by more."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
