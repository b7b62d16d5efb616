"""The probability of an effect is calibrated where its model holds."""

import numpy as np
import pytest

from kcalseq.export.posterior import posterior_of_effect


@pytest.mark.parametrize(("share", "sd"), [(0.1, 1.0), (0.5, 0.6), (0.9, 2.0)])
def test_of_effects_with_a_probability_so_many_are_real(share: float, sd: float) -> None:
    rng = np.random.default_rng(3)
    n = 20_000
    real, se = rng.random(n) < share, rng.uniform(0.1, 0.4, n)
    found = posterior_of_effect(np.where(real, rng.normal(0, sd, n), 0.0) + rng.normal(0, se), se)
    for low in np.arange(0.0, 1.0, 0.25):
        within = (found >= low) & (found <= low + 0.25)
        if within.sum() > 300:
            error = 4 * np.sqrt(0.25 / within.sum())
            assert found[within].mean() == pytest.approx(real[within].mean(), abs=error)


def test_larger_effects_are_more_probable_and_all_lie_between_0_and_1() -> None:
    found = posterior_of_effect(np.array([0.0, 0.1, 0.5, 3.0, 400.0]), np.full(5, 0.2))
    assert (np.diff(found) >= 0).all() and found.min() > 0 and found.max() <= 1


def test_one_effect_or_none_is_no_fault() -> None:
    assert len(posterior_of_effect(np.zeros(0), np.zeros(0))) == 0
    assert 0 < posterior_of_effect(np.array([0.3]), np.array([0.2]))[0] < 1
