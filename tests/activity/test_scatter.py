"""Scatter between uneven barcodes: what residuals show of it, and errors that hold against the truth."""

import numpy as np
import pytest

from kcalseq.activity.groups import group
from kcalseq.activity.logratios import activities
from kcalseq.activity.scatter import shown_by
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent


def test_even_barcodes_show_all_of_their_scatter() -> None:
    effective, counting, between = shown_by(np.full(7, 3.0), group(np.array([0, 0, 0, 0, 1, 1, 2])))
    assert np.allclose(effective, [4, 2, 1])
    assert np.allclose(counting[:2], 1.0) and np.allclose(between[:2], 1.0)
    assert np.isnan(counting[2]) and np.isnan(between[2])


@pytest.mark.parametrize("kind", ["counting", "between"])
def test_residuals_of_uneven_barcodes_show_what_is_told(kind: str) -> None:
    """The variance n / (n - 1) sum (r_b / R - d_b / D)^2 against that of the ratio, by brute force."""
    rng, weight = np.random.default_rng(1), np.array([1.0, 2.0, 4.0, 9.0])
    share = weight / weight.sum()
    scatter = np.sqrt(share) if kind == "counting" else share
    noise = 0.01 * scatter * rng.normal(size=(400_000, 4))
    rna = share + noise
    influence = rna / rna.sum(1, keepdims=True) - share
    told = 4 / 3 * ((influence - influence.mean(1, keepdims=True)) ** 2).sum(1).mean()
    _, counting, between = shown_by(weight, group(np.zeros(4, dtype=np.int64)))
    expected = counting[0] if kind == "counting" else between[0]
    assert told / rna.sum(1).var() == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("barcodes", [2, 9])
def test_errors_of_uneven_barcodes_are_neither_too_small_nor_too_large(barcodes: int) -> None:
    recipe = Recipe(n_variants=2000, barcodes=barcodes, shared=0.5, own=0.0, n_replicates=1)
    library, truth = invent(recipe, 1)
    nothing = np.zeros(recipe.n_variants, dtype=bool)
    found = activities(library, Settings(bootstraps=0), nothing, 1).conditions["cells"].combined
    deviation = found.log2_ratio - truth
    z = (deviation - np.nanmedian(deviation)) / found.se
    assert 0.94 < np.nanstd(z) < 1.08
    assert 0.93 < (np.abs(z[np.isfinite(z)]) < 1.96).mean() < 0.965
