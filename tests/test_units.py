"""Units against the constants of nature."""

import pytest
from scipy import constants

from kcalseq.units import GAS_CONSTANT_KCAL_PER_MOL_K, NATS_PER_BIT, thermal_energy


def test_the_gas_constant_is_that_of_codata() -> None:
    assert constants.R / (1000 * constants.calorie) == pytest.approx(GAS_CONSTANT_KCAL_PER_MOL_K, rel=1e-9)


def test_thermal_energy_is_linear_in_kelvin() -> None:
    assert thermal_energy(-273.15) == pytest.approx(0.0, abs=1e-15)
    assert thermal_energy(37.0) == pytest.approx(constants.Boltzmann * 310.15 * constants.Avogadro / 4184.0, rel=1e-9)


def test_bits() -> None:
    assert pytest.approx(2.718281828459045) == 2.0 ** (1 / NATS_PER_BIT)
