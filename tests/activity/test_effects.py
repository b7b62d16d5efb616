"""Effects against a reference: by hand, against scipy, and calibrated on simulated libraries without any effect."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from kcalseq.activity.effects import variant_effects
from kcalseq.activity.moderated import Prior, _inverse_trigamma, fit_prior, moderate


def ratios_of(values: NDArray[np.float64], errors: NDArray[np.float64] | float) -> pd.DataFrame:
    """Table variant_log_ratio of variants v0, v1, ... from log ratios (n_variants, n_replicates)."""
    n_variants, n_replicates = values.shape
    return pd.DataFrame(
        {
            "condition": "cond",
            "replicate": np.tile([str(r + 1) for r in range(n_replicates)], n_variants),
            "variant": np.repeat([f"v{n}" for n in range(n_variants)], n_replicates),
            "log2_ratio": values.ravel(),
            "log2_ratio_se": np.broadcast_to(errors, values.shape).ravel(),
        }
    )


def against_next(n_variants: int) -> pd.DataFrame:
    """Every second variant against the one behind it."""
    return pd.DataFrame(
        {
            "variant": [f"v{n}" for n in range(0, n_variants, 2)],
            "reference": [f"v{n}" for n in range(1, n_variants, 2)],
        }
    )


def test_an_effect_is_the_weighted_mean_of_the_replicates() -> None:
    values = np.array([[1.0, 2.0], [0.0, 0.0]])
    errors = np.array([[0.3, 0.6], [0.4, 0.8]])
    (row,) = variant_effects(ratios_of(values, errors), against_next(2), 0.95).to_dict("records")
    w = 1 / np.array([0.25, 1.0])
    assert row["effect"] == pytest.approx((w * [1.0, 2.0]).sum() / w.sum()) == 1.2
    assert row["effect_se"] == pytest.approx(w.sum() ** -0.5)
    assert row["upper"] - row["effect"] == pytest.approx(1.959964 * row["effect_se"])


def test_one_replicate_rests_on_the_errors_within_it() -> None:
    found = variant_effects(ratios_of(np.array([[1.0], [0.0]]), 0.5), against_next(2), 0.95).iloc[0]
    assert found["n_replicates"] == 1 and found["effect_se"] == pytest.approx(0.5**0.5)
    assert found["p"] == pytest.approx(2 * stats.norm.sf(2**0.5))


def test_what_was_not_measured_has_no_number() -> None:
    values = np.array([[1.0, np.nan], [np.nan, 0.0], [1.0, 1.0], [0.5, np.nan]])
    found = variant_effects(ratios_of(values, 0.1), against_next(4), 0.95).set_index("variant")
    assert found.loc["v0", ["effect", "effect_se", "p", "q", "lower"]].isna().all()
    assert found.loc["v0", "n_replicates"] == 0
    assert found.loc["v2", "effect"] == 0.5 and found.loc["v2", "n_replicates"] == 1


@pytest.mark.parametrize("x", [1e-3, 0.1, 1.0, 7.0, 1e4])
def test_trigamma_is_inverted(x: float) -> None:
    assert _inverse_trigamma(float(special.polygamma(1, x))) == pytest.approx(x, rel=1e-8)


def test_the_prior_of_variances_is_found_again() -> None:
    rng, d0, s0, d = np.random.default_rng(1), 6.0, 2.5, 3.0
    true = d0 * s0 / rng.chisquare(d0, 20_000)
    variances = true * rng.chisquare(d, 20_000) / d
    found = fit_prior(variances, np.full(20_000, d))
    assert found is not None
    assert found.variance == pytest.approx(s0, rel=0.05) and 0.75 * d0 < found.degrees < d0
    posterior, degrees = moderate(variances, np.full(20_000, d), found)
    assert np.abs(posterior - true).mean() < np.abs(variances - true).mean()
    assert degrees[0] == pytest.approx(found.degrees + d)


def test_equal_variances_have_a_prior_without_spread() -> None:
    rng = np.random.default_rng(2)
    found = fit_prior(2.0 * rng.chisquare(4, 4000) / 4, np.full(4000, 4.0))
    assert found is not None and found.variance == pytest.approx(2.0, rel=0.05) and found.degrees > 50
    assert fit_prior(np.array([1.0, 2.0]), np.array([1.0, 1.0])) is None
    same, degrees = moderate(np.array([1.0, np.nan]), np.array([2.0, 0.0]), Prior(3.0, np.inf))
    assert same.tolist() == [3.0, 3.0] and np.isinf(degrees).all()


def simulated(
    rng: np.random.Generator, effects: NDArray[np.float64], n_replicates: int, spread: float = 8.0
) -> pd.DataFrame:
    """Log ratios of pairs; the scatter between replicates is the errors told, times a factor of the pair's own."""
    n_pairs = len(effects)
    errors = rng.uniform(0.1, 0.5, (n_pairs, 2, 1)) * np.ones(n_replicates)
    factor = np.sqrt(spread / rng.chisquare(spread, (n_pairs, 1, 1)))
    truth = rng.normal(0.0, 1.0, (n_pairs, 1, 1)) + np.stack([effects, 0 * effects], 1)[:, :, None]
    values = truth + factor * errors * rng.normal(size=errors.shape)
    return ratios_of(values.reshape(-1, n_replicates), errors.reshape(-1, n_replicates))


@pytest.mark.parametrize("n_replicates", [2, 3, 6])
def test_without_effects_five_per_cent_of_the_tests_find_one_and_few_libraries_a_false_discovery(
    n_replicates: int,
) -> None:
    rng, n_pairs = np.random.default_rng(7), 400
    found = [
        variant_effects(simulated(rng, np.zeros(n_pairs), n_replicates), against_next(2 * n_pairs), 0.95)
        for _ in range(20)
    ]
    below = np.mean([(own["p"] < 0.05).mean() for own in found])
    assert 0.03 < below < 0.055
    # One of twenty libraries is expected to have any; more than three happen once in sixty times.
    assert sum((own["q"] < 0.05).any() for own in found) <= 3
    held = np.mean([((own["lower"] < 0) & (own["upper"] > 0)).mean() for own in found])
    assert 0.945 < held < 0.97


def test_more_effects_are_found_than_by_separate_tests_at_the_rate_of_false_ones_that_is_told() -> None:
    rng, n_pairs = np.random.default_rng(9), 400
    effects = np.where(np.arange(n_pairs) < 80, 1.5, 0.0)
    calls, false, naive = 0, 0, 0
    for _ in range(20):
        table = simulated(rng, effects, 3)
        own = variant_effects(table, against_next(2 * n_pairs), 0.95)
        real = own["variant"].str[1:].astype(int) < 160
        called = own["q"] < 0.05
        calls, false = calls + int((called & real).sum()), false + int((called & ~real).sum())
        wide = table.pivot_table(index="variant", columns="replicate", values="log2_ratio")
        one, two = (wide.loc[own[name]].to_numpy() for name in ("variant", "reference"))
        q = stats.false_discovery_control(stats.ttest_ind(one, two, axis=1).pvalue)
        naive += int(((q < 0.05) & real.to_numpy()).sum())
    assert false / (calls + false) < 0.07
    assert calls > 1.3 * naive
    assert calls > 0.85 * 20 * 80
