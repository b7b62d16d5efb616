"""Units: thermal energy, and bits against nats.

Energies are stored and reported in kcal/mol everywhere. ``thermal_energy`` is the one place where kT is
computed, and the softmin of an ensemble is the one place where it is used: a parameter is never divided
and multiplied by kT a second time on its way to a report.
"""

import math

# CODATA 2018 molar gas constant, 8.314462618 J/(mol K), over 4184 J/kcal.
GAS_CONSTANT_KCAL_PER_MOL_K = 8.314462618 / 4184.0
ZERO_CELSIUS_K = 273.15
NATS_PER_BIT = math.log(2.0)


def thermal_energy(temperature_celsius: float) -> float:
    """Thermal energy kT per mole, in kcal/mol, at a temperature in degrees Celsius.

    >>> round(thermal_energy(37.0), 5)
    0.61633
    """
    return GAS_CONSTANT_KCAL_PER_MOL_K * (temperature_celsius + ZERO_CELSIUS_K)
