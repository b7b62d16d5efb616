"""R2, entropy and information of continuous values against what is known of normal variables."""

import numpy as np
import pytest

from kcalseq.models.value_information import entropy_terms, predictive_information, r_squared, variational_information


def correlated(rho: float, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    x, noise = np.random.default_rng(seed).normal(size=(2, n))
    return x, rho * x + np.sqrt(1.0 - rho**2) * noise


@pytest.mark.parametrize("sd", [1e-4, 1.0, 300.0])
def test_entropy_of_normal_values_is_the_closed_form_in_any_unit(sd: float) -> None:
    y = 7.0 * sd + np.random.default_rng(1).normal(0.0, sd, 20_000)
    assert entropy_terms(y, 1).mean() == pytest.approx(0.5 * np.log2(2.0 * np.pi * np.e * sd**2), abs=0.03)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9, -0.9])
def test_information_of_normal_variables_is_the_closed_form(rho: float) -> None:
    x, y = correlated(rho, 10_000, 2)
    found = predictive_information(x, y, 1)
    assert found.value == pytest.approx(-0.5 * np.log2(1.0 - rho**2), abs=4.0 * found.standard_error + 0.01)


def test_a_monotone_map_of_the_phenotype_hardly_changes_information() -> None:
    x, y = correlated(0.8, 5_000, 3)
    plain, bent = predictive_information(x, y, 1), predictive_information(np.tanh(x), y, 1)
    assert bent.value == pytest.approx(plain.value, abs=0.05)


def test_the_true_density_has_the_information_there_is() -> None:
    rho = 0.8
    x, y = correlated(rho, 20_000, 4)
    variance = 1.0 - rho**2
    log_p = -0.5 * ((y - rho * x) ** 2 / variance + np.log(2.0 * np.pi * variance))
    found = variational_information(log_p, y, 1)
    assert found.value == pytest.approx(-0.5 * np.log2(variance), abs=4.0 * found.standard_error)
    assert variational_information(log_p - 1.0, y, 1).value < found.value - 1.4


def test_standard_errors_are_the_spread_over_samples() -> None:
    found = [predictive_information(*correlated(0.7, 1_000, seed), 1) for seed in range(60)]
    spread = np.std([one.value for one in found], ddof=1)
    assert 0.7 < np.mean([one.standard_error for one in found]) / spread < 1.5
    squares = [r_squared(*correlated(0.7, 1_000, seed)) for seed in range(60)]
    assert 0.7 < np.mean([one.standard_error for one in squares]) / np.std([one.value for one in squares]) < 1.5


def test_equal_values_are_no_catastrophe() -> None:
    x, y = correlated(0.9, 500, 5)
    assert np.isfinite(entropy_terms(np.round(y), 1)).all()
    assert np.isfinite(predictive_information(np.round(x), np.round(y), 1).value)
    assert r_squared(x, np.ones(500)).value == 0.0


def test_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 5"):
        entropy_terms(np.arange(5.0), 1)
