"""Cells and independent observations from reads of bins: by eye, and against draws of cells and reads."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcalseq.activity.sorting import counts_in_bins, sorting_of
from kcalseq.errors import KcalseqError

PLACE = {"condition": "cond", "replicate": "1"}


def gated(cells: list[float], shares: list[float | None] | None = None) -> list[dict[str, object]]:
    """Bins with gates at 10, 100, ..., open at the ends."""
    ends = [None, *(10.0 ** (place + 1) for place in range(len(cells) - 1)), None]
    told = shares or [None] * len(cells)
    numbered = enumerate(zip(ends[:-1], ends[1:], cells, told, strict=True), start=1)
    return [
        {**PLACE, "bin": number, "lower": low, "upper": high, "cells": n, "population_share": share}
        for number, (low, high, n, share) in numbered
    ]


def test_two_variants_by_eye() -> None:
    found = sorting_of(np.array([[30, 5], [10, 15]]), gated([10.0, 40.0]))
    # Bin 1: 40 reads of 10 cells, four each; bin 2: 20 reads of 40 cells, half a read each.
    assert found.cells.tolist() == [[7.5, 10.0], [2.5, 30.0]]
    assert found.effective == pytest.approx(np.array([[6.0, 5 / 1.5], [2.0, 10.0]]))
    assert found.sorter.lower.tolist() == [-np.inf, 1.0] and found.sorter.upper.tolist() == [1.0, np.inf]
    assert np.exp(found.sorter.log_exposure) == pytest.approx([4 / 5, 0.5 / 1.5])


def test_bins_filled_in_passages_of_their_own_count_for_their_share_of_the_population() -> None:
    found = sorting_of(np.array([[30, 5], [10, 15]]), gated([10.0, 40.0], [0.5, 0.5]))
    assert found.cells.tolist() == [[7.5, 10.0], [2.5, 30.0]], "cells are those that were sorted"
    assert found.population == pytest.approx(np.array([[0.375, 0.125], [0.125, 0.375]]))
    assert np.exp(np.diff(found.sorter.log_exposure)) == pytest.approx([4 * (0.5 / 1.5) / (4 / 5)])


@given(st.integers(1, 1000), st.floats(0.01, 100.0))
def test_observations_are_fewer_than_cells_and_than_reads(n: int, per_cell: float) -> None:
    cells = n / per_cell
    found = sorting_of(np.array([[n, 1]]), gated([cells, 1.0])).effective[0, 0]
    assert found == pytest.approx(1 / (1 / cells + 1 / n)) and found < min(n, cells)


@pytest.mark.parametrize("per_cell", [0.2, 1.0, 20.0])
def test_observations_scatter_as_poisson_numbers_do(per_cell: float) -> None:
    rng = np.random.default_rng(1)
    reads = rng.poisson(per_cell * rng.poisson(8.0, 100_000))
    own = sorting_of(np.stack([reads, reads], axis=1), gated([8.0 * 100_000] * 2)).effective[:, 0]
    assert own.var() / own.mean() == pytest.approx(1.0, abs=0.03)


def test_a_bin_without_counts_is_told() -> None:
    with pytest.raises(KcalseqError, match="replicate '1', bin 2: no counts of variants"):
        sorting_of(np.array([[3, 0]]), gated([10.0, 10.0]))


def test_molecules_count_where_there_are_umis() -> None:
    molecules = pd.array([2, None, 4], dtype="Int64")
    counts = pd.DataFrame({"variant": ["b", "a", "b"], "bin": [1, 2, 2], "n_reads": [9, 7, 8]})
    found = counts_in_bins(counts.assign(n_molecules=molecules), ["a", "b"], [1, 2])
    assert found.tolist() == [[0, 7], [2, 4]]
    with pytest.raises(KcalseqError, match="counts of 'b', which is not in table variants"):
        counts_in_bins(counts.assign(n_molecules=molecules), ["a"], [1, 2])
