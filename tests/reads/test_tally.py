"""Counting keys: equals a plain Counter in the order of Python's sort, whatever the batches and what went to disk."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcalseq.reads import counted as counted_keys
from kcalseq.reads import sorting, table
from kcalseq.reads.counted import Counted
from kcalseq.reads.sorting import sorted_order
from kcalseq.reads.tally import Tally


def keys_of(rng: np.random.Generator, n_rows: int, n_words: int, n_distinct: int) -> np.ndarray:
    """Rows drawn from few keys, some of which differ only in their last words or only in their highest bits."""
    pool = rng.integers(0, 2**64, size=(n_distinct, n_words), dtype=np.uint64)
    pool[::2, : n_words - 1] = pool[0, : n_words - 1]
    pool[::3] >>= np.uint64(62)
    return pool[rng.integers(n_distinct, size=n_rows)]


def counted(table: Tally) -> list[Counted]:
    """All pieces; the keys ascend through all of them."""
    pieces = list(table.pieces())
    rows = [tuple(row) for piece in pieces for row in piece.keys.tolist()]
    assert rows == sorted(set(rows))
    return pieces


def check(
    keys: np.ndarray, wanted: np.ndarray, qualities: np.ndarray, step: int, max_bytes: int, folder: Path | None
) -> int:
    """Hold a tally against a Counter; returns how often it was put on disk."""
    table = Tally(keys.shape[1], qualities.shape[1], max_bytes, folder)
    for first in range(0, len(keys), step):
        rows = slice(first, first + step)
        table.add(keys[rows], wanted[rows], qualities[rows])
    expected: Counter[tuple[int, ...]] = Counter()
    best: dict[tuple[int, ...], list[int]] = {}
    for key, quality in zip(keys[wanted].tolist(), qualities[wanted].tolist(), strict=True):
        expected[tuple(key)] += 1
        before = best.get(tuple(key), quality)
        best[tuple(key)] = [max(pair) for pair in zip(before, quality, strict=True)]
    pieces = counted(table)
    n_spilled = table.n_spilled
    table.close()
    found = {
        tuple(key): n for piece in pieces for key, n in zip(piece.keys.tolist(), piece.counts.tolist(), strict=True)
    }
    assert found == expected
    for piece in pieces:
        for key, quality in zip(piece.keys.tolist(), piece.qualities.tolist(), strict=True):
            assert quality == best[tuple(key)]
    return n_spilled


@settings(max_examples=80, deadline=None)
@given(
    n_words=st.sampled_from([1, 2, 3, 5]),
    n_qualities=st.sampled_from([0, 1, 7]),
    n_reads=st.integers(0, 300),
    n_distinct=st.sampled_from([1, 8, 300]),
    seed=st.integers(0, 99),
    step=st.integers(1, 60),
)
def test_tally_equals_counter(
    n_words: int, n_qualities: int, n_reads: int, n_distinct: int, seed: int, step: int
) -> None:
    rng = np.random.default_rng(seed)
    keys = keys_of(rng, n_reads, n_words, n_distinct)
    qualities = rng.integers(33, 127, size=(n_reads, n_qualities)).astype(np.uint8)
    check(keys, rng.random(n_reads) < 0.8, qualities, step, 1 << 30, None)


@pytest.mark.parametrize("n_words", [1, 3])
@pytest.mark.parametrize("n_qualities", [0, 4])
def test_going_to_disk_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_words: int, n_qualities: int
) -> None:
    monkeypatch.setattr(table, "_FIRST_ROWS", 16)
    monkeypatch.setattr(counted_keys, "_PIECE_ROWS", 8)
    rng = np.random.default_rng(7)
    keys = keys_of(rng, 4000, n_words, 900)
    qualities = rng.integers(33, 127, size=(4000, n_qualities)).astype(np.uint8)
    assert check(keys, np.ones(4000, dtype=bool), qualities, 20, 1, tmp_path) > 20
    assert not list(tmp_path.iterdir())


def test_large_table_grows_and_stays_in_memory() -> None:
    rng = np.random.default_rng(3)
    keys = keys_of(rng, 300_000, 1, 100_000)
    table = Tally(1)
    for first in range(0, len(keys), 20_000):
        rows = keys[first : first + 20_000]
        table.add(rows, np.ones(len(rows), dtype=bool), np.zeros((len(rows), 0), dtype=np.uint8))
    pieces = counted(table)
    expected = Counter(keys[:, 0].tolist())
    assert table.n_spilled == 0
    assert {
        key: n for piece in pieces for key, n in zip(piece.keys[:, 0].tolist(), piece.counts.tolist(), strict=True)
    } == expected


def test_empty_tally_has_no_pieces() -> None:
    assert sum(len(piece.keys) for piece in Tally(2).pieces()) == 0


@settings(max_examples=80, deadline=None)
@given(n_rows=st.integers(0, 400), n_words=st.integers(1, 4), n_distinct=st.integers(1, 60), seed=st.integers(0, 999))
def test_order_is_that_of_pythons_sort(n_rows: int, n_words: int, n_distinct: int, seed: int) -> None:
    keys = keys_of(np.random.default_rng(seed), n_rows, n_words, n_distinct)
    order = sorted_order(keys)
    assert sorted(order.tolist()) == list(range(n_rows))
    assert keys[order].tolist() == sorted(keys.tolist())


def test_long_runs_of_equal_words_are_sorted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_LONG_RUN", 8)
    keys = keys_of(np.random.default_rng(1), 2000, 3, 700)
    assert keys[sorted_order(keys)].tolist() == sorted(keys.tolist())
