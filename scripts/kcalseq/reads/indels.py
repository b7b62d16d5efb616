"""Constant parts that may have lost or gained bases, found with cutadapt's aligner in the reads that need it.

First the place with the fewest mismatches is looked for; only where fewer errors are thinkable is the aligner asked,
for one error, then two, up to one below the mismatches found. So the answer is that of a search for mismatches alone
wherever indels do not help. An error is a mismatch, an inserted or a deleted base (edit distance); N in a read is a
mismatch. Among the places with the fewest errors one without indels wins, then the start nearest the expected one,
then the leftmost; for one start with indels the end that keeps the length nearest to the part's own, then the shorter.

The aligner alone would choose otherwise: it maximises a score (match +1, mismatch -1, indel -2) under a limit on the
errors, so that it may take more errors for a higher score, and it takes the leftmost start. It is therefore asked
whole questions only: can this stretch be read as this part with at most so many errors?
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from cutadapt.align import Aligner, EndSkip
from numpy.typing import NDArray

from kcalseq.kernels import kernel


class Place(NamedTuple):
    """A stretch of a read, in nt from its start (end excluded), and how many errors it takes to read the part there."""

    start: int
    end: int
    n_errors: int


class Places(NamedTuple):
    """One place a read asked for, -1 where the part is not found; each of shape (n_asked,)."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    n_errors: NDArray[np.int64]


def find_with_indels(
    read: str | bytes, sequence: str, max_errors: int, first: int, last: int, expected: int | None = None
) -> Place | None:
    """Find a constant part in one read.

    Args:
        read: upper-case letters.
        sequence: the part, A, C, G and T, longer than ``max_errors``.
        max_errors: mismatches, inserted and deleted bases together.
        first: first place at which the part may start, in nt from the read's start.
        last: last such place.
        expected: where it should start; None = the middle of the window, rounded down.

    Returns:
        the best place, or None.
    """
    letters = np.frombuffer(read.encode("ascii") if isinstance(read, str) else read, dtype=np.uint8)
    ends = np.array([0], dtype=np.int64), np.array([len(letters)], dtype=np.int64)
    asked = np.zeros(1, dtype=np.int64)
    found = find_in_reads(letters, *ends, asked, sequence, max_errors, first, last, expected)
    if found.starts[0] < 0:
        return None
    return Place(int(found.starts[0]), int(found.ends[0]), int(found.n_errors[0]))


def find_in_reads(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    asked: NDArray[np.int64],
    sequence: str,
    max_errors: int,
    first: int | NDArray[np.int64],
    last: int | NDArray[np.int64],
    expected: int | NDArray[np.int64] | None = None,
) -> Places:
    """Find a constant part in the reads that are asked for; see ``find_with_indels``.

    Args:
        buffer: letters of all reads in ASCII, shape (n_letters,).
        starts: where each read begins in the buffer, shape (n_reads,).
        lengths: bases of each read, shape (n_reads,).
        asked: numbers of the reads to look at, shape (n_asked,).
        sequence: the part, longer than ``max_errors``.
        max_errors: mismatches, inserted and deleted bases together.
        first: first place at which the part may start; one for all, or one for each read asked for.
        last: last such place, likewise.
        expected: where it should start, likewise; None = the middle of the window, rounded down.

    Raises:
        ValueError: as many errors allowed as the part has bases, which would find it anywhere.
    """
    if max_errors >= len(sequence):
        raise ValueError(f"{max_errors} errors in a part of {len(sequence)} nt")
    shape = asked.shape
    firsts = np.maximum(np.array(np.broadcast_to(first, shape), dtype=np.int64), 0)
    lasts = np.array(np.broadcast_to(last, shape), dtype=np.int64)
    middle = (np.array(np.broadcast_to(first, shape), dtype=np.int64) + lasts) // 2
    places = middle if expected is None else np.array(np.broadcast_to(expected, shape), dtype=np.int64)
    found = Places(*(np.full(shape, -1, dtype=np.int64) for _ in range(3)))
    part = np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)
    read_starts, read_lengths = starts[asked], lengths[asked]
    _fewest_mismatches(buffer, read_starts, read_lengths, part, max_errors, firsts, lasts, places, *found)
    questions = [_Question(sequence, n_errors) for n_errors in range(max_errors + 1)]
    for row in np.flatnonzero((found.n_errors < 0) | (found.n_errors > 1)).tolist():
        begin = read_starts[row]
        read = buffer[begin : begin + read_lengths[row]].tobytes().decode("latin-1")
        most = max_errors if found.n_errors[row] < 0 else int(found.n_errors[row]) - 1
        better = _fewer_errors(read, questions[1 : most + 1], int(firsts[row]), int(lasts[row]), int(places[row]))
        if better is not None:
            found.starts[row], found.ends[row], found.n_errors[row] = better
    return found


class _Question:
    """Whether a text, or a stretch of it, can be read as a part with at most ``n_errors`` errors."""

    def __init__(self, sequence: str, n_errors: int) -> None:
        self.length, self.n_errors = len(sequence), n_errors
        # Half an error more than allowed, so that rounding cannot take one away.
        rate = (n_errors + 0.5) / len(sequence)
        self.anywhere = self._aligner(sequence, rate, EndSkip.QUERY_START | EndSkip.QUERY_STOP)
        self.at_start = self._aligner(sequence, rate, EndSkip.QUERY_STOP)
        self.whole = self._aligner(sequence, rate, 0)

    @staticmethod
    def _aligner(sequence: str, rate: float, flags: int) -> Callable[[str], bool]:
        aligner = Aligner(sequence, rate, flags=int(flags), indel_cost=1, min_overlap=len(sequence))
        return lambda text: aligner.locate(text) is not None

    def end(self, read: str, start: int) -> int | None:
        """End of the stretch that starts there and keeps the part's length best."""
        if not self.at_start(read[start : start + self.length + self.n_errors]):
            return None
        changes = sorted(range(-self.n_errors, self.n_errors + 1), key=lambda change: (abs(change), change))
        for change in changes:
            end = start + self.length + change
            if end <= len(read) and self.whole(read[start:end]):
                return end
        return None


def _fewer_errors(read: str, questions: list[_Question], first: int, last: int, expected: int) -> Place | None:
    for question in questions:
        window = read[first : max(last, first) + question.length + question.n_errors]
        if not question.anywhere(window):
            continue
        for start in sorted(range(first, min(last, len(read)) + 1), key=lambda start: (abs(start - expected), start)):
            end = question.end(read, start)
            if end is not None:
                return Place(start, end, question.n_errors)
    return None


@kernel
def _fewest_mismatches(
    buffer: NDArray[np.uint8],
    read_starts: NDArray[np.int64],
    read_lengths: NDArray[np.int64],
    part: NDArray[np.uint8],
    max_errors: int,
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    expected: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    n_errors: NDArray[np.int64],
) -> None:
    for row in range(read_starts.size):
        best, nearest = max_errors + 1, np.int64(0)
        for start in range(firsts[row], min(lasts[row], read_lengths[row] - part.size) + 1):
            mismatches, distance = 0, abs(start - expected[row])
            for place in range(part.size):
                if buffer[read_starts[row] + start + place] != part[place]:
                    mismatches += 1
                    if mismatches > best:
                        break
            if mismatches < best or (mismatches == best <= max_errors and distance < nearest):
                best, nearest = mismatches, distance
                starts[row], ends[row], n_errors[row] = start, start + part.size, mismatches
