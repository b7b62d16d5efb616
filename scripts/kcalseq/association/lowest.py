"""The lowest point of a smooth function of few numbers, by Newton's method, without scipy's import time.

Derivatives are differences. Steps are damped as Levenberg (Q. Appl. Math. 2 (1944) 164) did, until they lead down.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_STEP = 1e-4  # of the differences
_NEAR_ENOUGH = 1e-6
_MOST_STEPS, _LEAST_DAMPING, _MOST_DAMPING = 200, 1e-6, 1e9


def lowest(
    function: Callable[[NDArray[np.float64]], float],
    start: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """A minimum within bounds.

    Args:
        function: of a point, shape (n,).
        start: first point.
        low: bounds, shape (n,).
        high: likewise.
    """
    point, value, damping = start.copy(), function(start), _LEAST_DAMPING
    for _ in range(_MOST_STEPS):
        slope, curve = _derivatives(function, point, value)
        # At a bound that it leads against, a coordinate stays.
        free = ~(((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0)))
        if not free.any():
            return point
        before = point
        while damping < _MOST_DAMPING:
            damped = curve[np.ix_(free, free)] + damping * np.eye(int(free.sum()))
            step = np.zeros(len(point))
            step[free] = np.linalg.solve(damped, slope[free])
            trial = np.clip(point - step, low, high)
            reached = function(trial)
            if reached < value:
                point, value, damping = trial, reached, max(damping / 100, _LEAST_DAMPING)
                break
            damping *= 10
        if np.abs(point - before).max() < _NEAR_ENOUGH:
            return point
    return point


def _derivatives(
    function: Callable[[NDArray[np.float64]], float], point: NDArray[np.float64], value: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and second derivatives, shapes (n,) and (n, n)."""
    n, moves = len(point), _STEP * np.eye(len(point))
    up = np.array([function(point + move) for move in moves])
    down = np.array([function(point - move) for move in moves])
    curve = np.diag((up + down - 2 * value) / _STEP**2)
    for one in range(n):
        for two in range(one):
            both = function(point + moves[one] + moves[two])
            mixed = (both - up[one] - up[two] + value) / _STEP**2
            curve[one, two] = curve[two, one] = mixed
    return (up - down) / (2 * _STEP), curve
