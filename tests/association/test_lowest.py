"""Minima that are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kcalseq.association.lowest import lowest

LOW, HIGH = np.full(2, -10.0), np.full(2, 10.0)


def valley(point: NDArray[np.float64]) -> float:
    """Rosenbrock's: a bent valley, lowest at (1, 1)."""
    return float((1 - point[0]) ** 2 + 100 * (point[1] - point[0] ** 2) ** 2)


def test_the_bottom_of_a_bent_valley_is_found() -> None:
    assert lowest(valley, np.array([-1.2, 1.0]), LOW, HIGH) == pytest.approx([1, 1], abs=1e-4)


def test_bounds_hold() -> None:
    found = lowest(valley, np.array([-1.2, 1.0]), LOW, np.array([0.5, 10.0]))
    assert found == pytest.approx([0.5, 0.25], abs=1e-4)


def test_where_it_starts_at_the_bottom_it_stays() -> None:
    assert lowest(valley, np.ones(2), LOW, HIGH) == pytest.approx([1, 1], abs=1e-6)
