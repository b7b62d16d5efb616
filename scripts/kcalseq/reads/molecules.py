"""The reads of one molecule from their several files, in step: mates, index reads."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing

import numpy as np
from numpy.typing import NDArray

from kcalseq.errors import KcalseqError
from kcalseq.kernels import kernel
from kcalseq.reads.blocks import BLOCK_BYTES
from kcalseq.reads.records import Records, read_records
from kcalseq.reads.stretches import Stretch

Molecules = dict[str, Records]
"""Records of each slot; the same row of each is one molecule."""


def read_molecules(
    paths: Mapping[str, str],
    phred: int = 33,
    tolerate: frozenset[str] = frozenset(),
    block_bytes: int = BLOCK_BYTES,
    read_ahead: bool = False,
    stretches: Mapping[str, Stretch] | None = None,
) -> Generator[Molecules]:
    """Read the files of one run together.

    Args:
        paths: file of each slot (read_1, read_2, index_1, index_2).
        phred: offset of the quality letters.
        tolerate: faults after which reading goes on: those of ``BlockReader``, and ``unequal_mates``, which stops at
            the end of the shortest file.
        block_bytes: bytes of text a file to handle at a time; the result does not depend on it.
        read_ahead: whether a thread a file makes its text ahead: then a batch is good until the next is asked for.
        stretches: what of each slot's file is wanted, with the same molecules in all; None = all of the files.

    Raises:
        KcalseqError: a file is unsound, the files hold different numbers of reads, or their reads have other names:
            says in which record.
    """
    with ExitStack() as stack:
        streams = {}
        for slot, path in paths.items():
            stretch = None if stretches is None else stretches[slot]
            stream = read_records(path, slot, phred, tolerate, block_bytes, read_ahead, stretch)
            streams[slot] = _Stream(stack.enter_context(closing(stream)), path)
        n_before = 0
        while True:
            waiting = {slot: stream.n_waiting() for slot, stream in streams.items()}
            n_reads = min(waiting.values())
            if n_reads == 0:
                if any(waiting.values()) and "unequal_mates" not in tolerate:
                    raise _unequal(paths, waiting, n_before)
                return
            molecules = {slot: stream.take(n_reads) for slot, stream in streams.items()}
            _check_names(molecules, paths, n_before)
            yield molecules
            n_before += n_reads


class _Stream:
    """Records of one file, handed out in pieces of any size."""

    def __init__(self, batches: Iterator[Records], path: str) -> None:
        self._batches, self._path = batches, path
        self._records: Records | None = None
        self._next = 0

    def n_waiting(self) -> int:
        """Records in hand, at least one unless the file has ended."""
        if self._records is None or self._next == len(self._records.starts):
            self._records, self._next = next(self._batches, None), 0
        return 0 if self._records is None else len(self._records.starts) - self._next

    def take(self, n_reads: int) -> Records:
        assert self._records is not None
        first, self._next = self._next, self._next + n_reads
        return self._records.slice(first, self._next)


def _unequal(paths: Mapping[str, str], waiting: Mapping[str, int], n_before: int) -> KcalseqError:
    ended, longer = (next(slot for slot, n in waiting.items() if bool(n) == more) for more in (False, True))
    found = f"the file ends after {n_before} reads, but {paths[longer]} goes on"
    remedy = "transfer both again; or set tolerate: [unequal_mates] to stop at the end of the shorter one"
    return KcalseqError(f"{paths[ended]} record {n_before + 1}", found, "as many reads in both", remedy)


def _check_names(molecules: Molecules, paths: Mapping[str, str], n_before: int) -> None:
    first, *others = molecules
    for other in others:
        one, two = molecules[first], molecules[other]
        row = _first_other_name(one.text, one.names, two.text, two.names)
        if row >= 0:
            where = f"{paths[other]} record {n_before + row + 1}"
            names = [records.name(row).split(" ")[0] for records in (two, one)]
            found = f"the read is named '{names[0]}', but in {paths[first]} '{names[1]}'"
            remedy = "bring files whose reads stand in the same order: filter or sort mates only together"
            raise KcalseqError(where, found, "the same read in both files", remedy)


@kernel
def _first_other_name(
    text: NDArray[np.uint8], names: NDArray[np.int64], other_text: NDArray[np.uint8], other_names: NDArray[np.int64]
) -> int:
    """First row whose names differ before their first blank; a mate number at the end (/1, .2, _4) may differ."""
    for row in range(len(names)):
        one, two = names[row], other_names[row]
        while text[one] > 32 and text[one] == other_text[two]:
            one += 1
            two += 1
        if text[one] <= 32 and other_text[two] <= 32:
            continue
        mates = (
            49 <= text[one] <= 52 and 49 <= other_text[two] <= 52 and text[one + 1] <= 32 and other_text[two + 1] <= 32
        )
        before = text[one - 1]
        if not (mates and (before == 47 or before == 46 or before == 95)):
            return row
    return -1
