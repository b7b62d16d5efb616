"""Barcodes that contradict the others of their variant."""

import numpy as np
import pytest

from kcalseq.activity.groups import group
from kcalseq.activity.outliers import leave_one_out_residuals
from kcalseq.activity.ratios import BARCODE_FATES, measure
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent


def test_residuals_are_standard_normal_where_nothing_is_wrong() -> None:
    library, _ = invent(Recipe(n_replicates=1, depth=100), 1)
    dna, rna = library.replicates["cells", "1"]
    assert dna is not None and rna is not None
    found = leave_one_out_residuals(dna.astype(float), rna.astype(float), group(library.variant))
    assert np.nanstd(found) == pytest.approx(1.0, abs=0.1)
    assert (np.abs(found[np.isfinite(found)]) > 5).mean() < 1e-3


def test_planted_jackpots_are_left_out_and_the_activity_comes_back() -> None:
    library, activity = invent(Recipe(n_replicates=1, depth=50), 2)
    dna, rna = library.replicates["cells", "1"]
    assert dna is not None and rna is not None
    size = np.bincount(library.variant)
    planted = np.flatnonzero((np.arange(len(dna)) % 50 == 0) & (size[library.variant] >= 5) & (dna >= 20))
    rna[planted] = 30 * (rna[planted] + 10)
    rng, n = np.random.default_rng(1), len(library.names)
    found = {
        outliers: measure(dna, rna, library.variant, n, Settings(outliers=outliers, bootstraps=0), rng)
        for outliers in ("none", "leave_one_out")
    }
    left_out = found["leave_one_out"].barcodes.fate == BARCODE_FATES.index("outlier")
    assert left_out[planted].mean() > 0.95
    spared = np.setdiff1d(np.arange(len(dna)), planted)
    hit = np.isin(library.variant, library.variant[planted])
    # Its own variant looks odd to a barcode beside a jackpot; elsewhere nothing is lost.
    assert left_out[spared][~hit[spared]].mean() < 2e-3
    error = {
        name: np.nanstd((one.variants.log2_ratio - activity)[np.unique(library.variant[planted])])
        for name, one in found.items()
    }
    assert error["leave_one_out"] < 0.4 * error["none"]


def test_two_barcodes_cannot_tell_which_of_them_is_wrong() -> None:
    dna, rna = np.array([50.0, 50.0]), np.array([1.0, 5000.0])
    assert np.isnan(leave_one_out_residuals(dna, rna, group(np.array([0, 0])))).all()
