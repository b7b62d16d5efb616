"""Replicates combined: laws of the weighted mean, and errors that hold against the truth."""

import numpy as np
import pytest

from kcalseq.activity.logratios import Condition, activities
from kcalseq.activity.replicates import combine, shared_influence
from kcalseq.activity.settings import Settings

from .invented import Recipe, invent

NAN = float("nan")


def combined_of(recipe: Recipe, seed: int) -> tuple[Condition, np.ndarray]:
    library, activity = invent(recipe, seed)
    nothing = np.zeros(recipe.n_variants, dtype=bool)
    return activities(library, Settings(bootstraps=0), nothing, 1).conditions["cells"], activity


def test_weights_are_inverse_variances_by_eye() -> None:
    found = combine(np.array([[1.0, 4.0]]), np.array([[1.0, 2.0]]), 0.0)
    # One variant tells no scatter between replicates beyond chance here: 9 / (1 + 4) > 1, so tau^2 = (9 - 5) / 2.
    assert found.between == pytest.approx(2.0, abs=1e-6)
    assert found.weights[0] == pytest.approx([2 / 3, 1 / 3])
    assert found.log2_ratio[0] == pytest.approx(2.0)
    assert found.se[0] == pytest.approx(np.sqrt(1 / (1 / 3 + 1 / 6)))


def test_one_replicate_is_itself_and_tells_nothing_of_others() -> None:
    found = combine(np.array([[1.0], [NAN]]), np.array([[0.5], [NAN]]), NAN)
    assert found.log2_ratio[0] == 1.0 and found.se[0] == pytest.approx(0.5)
    assert np.isnan(found.log2_ratio[1]) and np.isnan(found.se[1])
    assert np.isnan(found.between) and found.n_replicates.tolist() == [1, 0]


def test_replicates_without_overlap_are_put_beside_each_other() -> None:
    found = combine(np.array([[1.0, NAN], [NAN, 3.0]]), np.array([[0.5, NAN], [NAN, 0.25]]), NAN)
    assert found.log2_ratio.tolist() == [1.0, 3.0] and found.se.tolist() == pytest.approx([0.5, 0.25])
    assert np.isnan(found.between)


def test_an_unmeasured_replicate_is_not_a_zero() -> None:
    found = combine(np.array([[2.0, NAN, 2.0]] * 4), np.full((4, 3), 0.1), 0.0)
    assert found.log2_ratio == pytest.approx(2.0)
    assert (found.weights[:, 1] == 0).all() and found.weights.sum(1) == pytest.approx(1.0)


def test_replicates_on_different_levels_are_brought_to_one() -> None:
    truth = np.linspace(-1, 1, 20)
    found = combine(np.stack([truth + 0.5, truth - 0.5], axis=1), np.full((20, 2), 0.1), 0.0)
    assert found.offsets.tolist() == pytest.approx([0.5, -0.5])
    assert found.log2_ratio == pytest.approx(truth) and found.between == 0.0


def test_replicates_are_brought_to_one_level_by_ten_variants_and_not_by_nine() -> None:
    truth = np.linspace(-1, 1, 10)
    apart = np.stack([truth + 0.5, truth - 0.5], axis=1)
    assert combine(apart, np.full((10, 2), 0.1), 0.0).offsets.tolist() == pytest.approx([0.5, -0.5])
    assert combine(apart[:9], np.full((9, 2), 0.1), 0.0).offsets.tolist() == [0.0, 0.0]


def test_bringing_replicates_to_one_level_moves_none_of_the_whole() -> None:
    skewed = np.random.default_rng(1).exponential(size=(50, 3))
    offsets = combine(skewed, np.full((50, 3), 0.1), 0.0).offsets
    assert offsets.sum() == pytest.approx(0.0, abs=1e-12) and np.abs(offsets).max() > 0.01


@pytest.mark.parametrize(("shared", "between"), [(0.0, 1.0), (0.5, 1.5), (1.0, 2.0)])
def test_what_barcodes_share_explains_no_difference_between_replicates(shared: float, between: float) -> None:
    """Squares of 2 are (1 - rho) s^2 + tau^2 = 2 for one degree of freedom."""
    found = combine(np.array([[0.0, 2.0]]), np.ones((1, 2)), shared)
    assert found.between == pytest.approx(between, abs=1e-9)


def test_without_errors_of_their_own_replicates_tell_one_by_their_differences() -> None:
    rng = np.random.default_rng(1)
    found = combine(rng.normal(0, 0.3, (2000, 3)), np.full((2000, 3), NAN), NAN)
    assert np.sqrt(found.between) == pytest.approx(0.3, rel=0.05)
    assert found.se == pytest.approx(np.sqrt(found.between / 3))
    alone = combine(np.ones((5, 1)), np.full((5, 1), NAN), NAN)
    assert np.isnan(alone.se).all() and (alone.log2_ratio == 1.0).all()


def test_replicates_that_share_all_of_their_error_gain_nothing() -> None:
    x = np.repeat(np.random.default_rng(1).normal(size=(50, 1)), 4, axis=1)
    found = combine(x, np.full((50, 4), 0.2), 1.0)
    assert found.se == pytest.approx(0.2) and combine(x, np.full((50, 4), 0.2), 0.0).se == pytest.approx(0.1)


def test_what_barcodes_share_between_replicates_is_found() -> None:
    rng = np.random.default_rng(1)
    common = rng.normal(size=20_000)
    one, two = (common * 0.6 + 0.8 * rng.normal(size=20_000) for _ in range(2))
    assert shared_influence(one, two) == pytest.approx(0.36, abs=0.03)
    assert shared_influence(one, -one) == 0.0
    assert np.isnan(shared_influence(one, np.zeros(20_000)))


CASES = {
    "barcodes new in each replicate": Recipe(shared=0.0, own=0.3),
    "barcodes peculiar in all replicates": Recipe(shared=0.5, own=0.0),
    "replicates differ": Recipe(between=0.15),
    "counting alone": Recipe(shared=0.0, own=0.0, depth=5.0),
    "few barcodes": Recipe(barcodes=3.0),
    "one replicate": Recipe(n_replicates=1),
    "two replicates": Recipe(n_replicates=2, between=0.1, depth=50.0),
}


@pytest.mark.parametrize("case", CASES)
def test_standard_errors_are_calibrated(case: str) -> None:
    for seed in (1, 2, 3):
        found, activity = combined_of(CASES[case], seed)
        deviation = found.combined.log2_ratio - activity
        z = (deviation - np.nanmedian(deviation)) / found.combined.se
        assert 0.8 < np.nanstd(z) < 1.25
        assert 0.90 < (np.abs(z[np.isfinite(z)]) < 1.96).mean() < 0.975


def test_scatter_between_replicates_is_found() -> None:
    found, _ = combined_of(Recipe(between=0.2, depth=50.0), 4)
    assert np.sqrt(found.combined.between) == pytest.approx(0.2, abs=0.03)
    assert combined_of(Recipe(shared=0.0, own=0.0), 4)[0].combined.between < 0.04**2


def test_combining_replicates_and_shrinking_bring_activities_nearer_the_truth() -> None:
    recipe = Recipe(barcodes=1.0, depth=100.0, shared=0.3, own=1.0)
    found, activity = combined_of(recipe, 5)
    one, _ = combined_of(recipe._replace(n_replicates=1), 5)
    error = [
        float(np.nanstd(values - activity))
        for values in (one.combined.log2_ratio, found.combined.log2_ratio, found.shrunken.value)
    ]
    assert error[0] > 1.4 * error[1] and error[1] > 1.03 * error[2]
