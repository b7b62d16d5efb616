"""Everything that fuzzing has kept is read, or told in one message; and the fuzzer finds what it is there to find."""

from pathlib import Path

import pytest

from .corpus import kept
from .guided import Coverage, fuzz
from .targets import SEEDS, TARGETS

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_was_kept_is_read_or_told(name: str) -> None:
    contents = kept(name)
    assert len(contents) > 10
    for content in [*SEEDS[name], *contents]:
        TARGETS[name](content)


def deep(content: bytes) -> None:
    """Fails for one word of four letters only."""
    for place, letter in enumerate(b"FUZZ"):
        if content[place : place + 1] != bytes([letter]):
            return
        print(end="")
    raise ZeroDivisionError


def test_the_fuzzer_finds_a_fault_that_chance_does_not() -> None:
    """Four letters in their order are one of 4 billion; led by coverage they are found one by one."""
    _, failures, n_runs = fuzz(deep, [b"...."], [b"Q"], FOLDER, 4.0, seed=1)
    assert failures and failures[0][0].startswith(b"FUZZ") and n_runs > 100


def test_coverage_tells_ways_apart() -> None:
    coverage = Coverage(FOLDER)
    assert coverage.of(deep, b"F") != coverage.of(deep, b".") == coverage.of(deep, b"Q")
