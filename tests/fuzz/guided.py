"""A small fuzzer that is led by coverage: what reaches lines by a new way is kept, and changed further.

Only Python's own tracing, so that it runs wherever the tests do; compiled loops must be switched off to be seen.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

Target = Callable[[bytes], None]
# From line to line of a piece of code, and how often: once, twice, three times, some times, many times.
Edge = tuple[CodeType, int, int, int]
LONGEST = 2000


class Coverage:
    """Steps from line to line in the files of a folder, while something runs.

    Args:
        folder: whose files count.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._counts = str(folder), Counter[tuple[CodeType, int, int]]()

    def of(self, target: Target, content: bytes) -> set[Edge]:
        """The steps that a target takes for a content; what it raises passes through."""
        self._counts.clear()
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            target(content)
        finally:
            sys.settrace(before)
        return {(*step, n if n < 4 else 2 + n.bit_length()) for step, n in self._counts.items()}

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(self.folder):
            return None
        last = 0

        def follow(frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
            nonlocal last
            self._counts[frame.f_code, last, frame.f_lineno] += 1
            last = frame.f_lineno
            return follow

        return follow


def changed(content: bytes, words: Sequence[bytes], corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """A content after one to four small changes."""
    text = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        first = rng.randrange(len(text) + 1)
        last = min(len(text), first + rng.choice((1, 1, 3, 10, 40)))
        match rng.randrange(7):
            case 0:
                text[first:last] = b""
            case 1:
                text[first:first] = text[first:last]
            case 2:
                text[first:first] = rng.choice(words)
            case 3:
                text[first:last] = rng.choice(words)
            case 4:
                text[first : first + 1] = bytes([rng.randrange(256)])
            case 5:
                other = rng.choice(corpus)
                text[first:] = other[rng.randrange(len(other) + 1) :]
            case _:
                text = text[:first]
    return bytes(text[:LONGEST])


def fuzz(
    target: Target, seeds: Sequence[bytes], words: Sequence[bytes], folder: Path, seconds: float, seed: int
) -> tuple[list[bytes], list[tuple[bytes, Exception]], int]:
    """Run a target on ever new contents.

    Args:
        target: raises what it must not.
        seeds: contents to begin with.
        words: what is put in, besides bytes.
        folder: whose code is watched.
        seconds: how long.
        seed: of what is drawn.

    Returns:
        contents that together take every step that any did; the contents at which the target raised; number of runs.
    """
    rng, coverage, known = random.Random(seed), Coverage(folder), set[Edge]()
    corpus, failures, n_runs, end = list[bytes](), list[tuple[bytes, Exception]](), 0, time.monotonic() + seconds
    waiting = list(seeds)
    while waiting or time.monotonic() < end:
        content = waiting.pop() if waiting else changed(rng.choice(corpus), words, corpus, rng)
        n_runs += 1
        try:
            found = coverage.of(target, content)
        except Exception as error:
            failures.append((content, error))
            continue
        if found - known or not corpus:
            known |= found
            corpus.append(content)
    return distilled(target, corpus, coverage), failures, n_runs


def distilled(target: Target, corpus: Sequence[bytes], coverage: Coverage) -> list[bytes]:
    """The shortest contents first, each of which takes a step that none before it took."""
    known, kept = set[Edge](), list[bytes]()
    for content in sorted(corpus, key=lambda one: (len(one), one)):
        found = coverage.of(target, content)
        if found - known:
            known |= found
            kept.append(content)
    return kept
