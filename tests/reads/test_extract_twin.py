"""The vectorised extractor against a slow twin that follows the rules one read at a time."""

import numpy as np
import pytest

from kcalseq.reads.extract import FATES, extract_batch
from kcalseq.reads.fastq import Batch
from kcalseq.reads.layout import MAX_SHIFT, Constant, Layout, SampleCode, Variant

CODES = ["ACGTA", "AGCTT", "TTGCA", "TTCAA"]
LAYOUTS = [
    # Short flanks and many allowed mismatches, so that chance matches and ties are common.
    Layout(
        "short", "read", SampleCode("c", 5, 1), Constant("l", "TGC", 1), Variant("v", 6, 15), Constant("r", "GAC", 1)
    ),
    Layout(
        "middle",
        "read",
        SampleCode("c", 5, 1),
        Constant("l", "TGCATCCA", 2),
        Variant("v", 33, 20),
        Constant("r", "GGTACTTC", 2),
    ),
    Layout("no code", "read", None, Constant("l", "ACTGCATC", 2), Variant("v", 12, 10), Constant("r", "GGTACTTC", 1)),
]


def mismatches(first: str, second: str) -> int:
    return sum(a != b for a, b in zip(first, second, strict=True))


def best_place(read: str, flank: Constant, expected: int, places: range) -> int | None:
    fitting = [place for place in places if place >= 0 and place + flank.length <= len(read)]
    ranked = sorted(
        (mismatches(read[place : place + flank.length], flank.sequence), abs(place - expected), place)
        for place in fitting
    )
    return ranked[0][2] if ranked and ranked[0][0] <= flank.max_mismatches else None


def twin(read: str, scores: list[int], layout: Layout) -> tuple[str, str]:
    """Fate of one read; code and variant of a kept one."""
    if len(read) < layout.min_read_length:
        return "too_short", ""
    code, expected = "", 0
    if layout.sample_code is not None:
        expected = layout.sample_code.length
        ranked = sorted((mismatches(read[:expected], code), code) for code in CODES)
        if ranked[0][0] > layout.sample_code.max_mismatches:
            return "unknown_sample_code", ""
        if ranked[0][0] == ranked[1][0]:
            return "ambiguous_sample_code", ""
        code = ranked[0][1]
    left = best_place(read, layout.left_flank, expected, range(expected - MAX_SHIFT, expected + MAX_SHIFT + 1))
    if left is None:
        return "no_left_flank", ""
    start = left + layout.left_flank.length
    stop = start + layout.variant.length
    right = best_place(read, layout.right_flank, stop, range(start, len(read)))
    if right is None:
        return "no_right_flank", ""
    if right != stop:
        return "wrong_length", ""
    if "N" in read[start:stop]:
        return "has_n", ""
    mean_error = sum(10 ** (-score / 10) for score in scores[start:stop]) / layout.variant.length
    # A hair above the limit is rounding of these floating-point sums, not quality.
    if mean_error > 10 ** (-layout.variant.min_quality / 10) * (1 + 1e-9):
        return "low_quality", ""
    return "kept", code + " " + read[start:stop]


def random_read(layout: Layout, rng: np.random.Generator) -> tuple[str, list[int]]:
    def bases(count: int) -> str:
        return "".join(rng.choice(list("ACGT"), count))

    code = "" if layout.sample_code is None else (rng.choice(CODES) if rng.random() < 0.95 else bases(5))
    read = (
        code
        + layout.left_flank.sequence
        + bases(layout.variant.length)
        + layout.right_flank.sequence
        + bases(int(rng.integers(6)))
    )
    for _ in range(rng.poisson(1.2)):
        place = int(rng.integers(len(read)))
        new = {"substitute": bases(1), "n": "N", "delete": "", "insert": read[place] + bases(1)}
        read = read[:place] + new[str(rng.choice(list(new), p=[0.5, 0.1, 0.2, 0.2]))] + read[place + 1 :]
    if rng.random() < 0.05:
        read = read[: int(rng.integers(len(read)))]
    worst = int(rng.choice([30, 30, 10, 2]))
    return read, [int(score) for score in rng.integers(worst, 41, size=len(read))]


def batch_of(reads: list[str], scores: list[list[int]]) -> Batch:
    width = max(map(len, reads))
    sequences = np.frombuffer("".join(read.ljust(width, "\0") for read in reads).encode(), dtype=np.uint8)
    qualities = np.array([row + [0] * (width - len(row)) for row in scores], dtype=np.uint8)
    return Batch(sequences.reshape(len(reads), width), qualities, np.array([len(read) for read in reads]))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("seed", range(4))
def test_extractor_equals_its_twin(layout: Layout, seed: int) -> None:
    rng = np.random.default_rng(seed)
    reads, scores = zip(*(random_read(layout, rng) for _ in range(800)), strict=True)
    extraction = extract_batch(batch_of(list(reads), list(scores)), layout, CODES)
    codes = [""] if layout.sample_code is None else CODES
    seen = set()
    for number, (read, row) in enumerate(zip(reads, scores, strict=True)):
        fate, kept = twin(read, row, layout)
        assert FATES[extraction.fates[number]] == fate, read
        if fate == "kept":
            start = extraction.variant_starts[number]
            assert codes[extraction.samples[number]] + " " + read[start : start + layout.variant.length] == kept
        seen.add(fate)
    without_code = {"unknown_sample_code", "ambiguous_sample_code"} if layout.sample_code is None else set()
    assert seen >= set(FATES) - without_code - {"ambiguous_sample_code"}
