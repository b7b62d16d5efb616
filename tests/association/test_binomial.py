"""Binomial tails against scipy's."""

import numpy as np
import pytest
from scipy import stats

from kcalseq.association.binomial import most_likely_seen, upper_tail


def test_tails_are_those_of_the_distribution() -> None:
    rng = np.random.default_rng(1)
    trials = rng.integers(0, 3000, 3000)
    least = np.minimum(rng.integers(0, 3000, 3000), rng.integers(0, 60, 3000))
    rate = 10 ** rng.uniform(-6, -0.3, 3000)
    expected = stats.binom.sf(least - 1, trials, rate)
    assert upper_tail(least, trials, rate) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("rate", [2e-6, 0.0013, 0.02, 0.4])
def test_the_most_that_is_seen_is_the_quantile(rate: float) -> None:
    lengths = np.arange(500)
    expected = stats.binom.isf(1e-6, np.maximum(lengths, 1), rate) * (lengths > 0)
    assert most_likely_seen(499, rate, 1e-6).tolist() == expected.astype(int).tolist()
