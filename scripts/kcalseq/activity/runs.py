"""Runs of positions at which mutations change activity in one direction, by more than chance anywhere would."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WINDOW = 5
ALPHA = 0.05
# A run must reach this share of the library's highest smoothed score: with enough cells every position is significant.
LEAST_SHARE = 0.2
# Runs of one direction that lie no further apart are one site: the halves of a site touch it a turn of the helix apart.
LARGEST_GAP = 6
LEAST_LENGTH = 5
# What a position at the end of a run must itself show, in standard deviations and as a share of the highest score.
_END, _END_SHARE = 2.0, 0.1


class Run(NamedTuple):
    """Neighbouring positions of one effect.

    Attributes:
        start: first position.
        stop: first position behind it.
        sign: -1 = mutations lower activity, 1 = they raise it.
        p: chance that a library in which the sequence does not matter shows such a run anywhere.
    """

    start: int
    stop: int
    sign: int
    p: float


def smoothed(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the scores within a window over the root of their number: sd 1 by chance if positions are independent.

    Args:
        scores: shape (..., length); what is missing counts as not there.
    """
    half, length = WINDOW // 2, scores.shape[-1]
    measured = ~np.isnan(scores)
    low, high = np.maximum(np.arange(length) - half, 0), np.minimum(np.arange(length) + half + 1, length)

    def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
        summed = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
        found: NDArray[np.float64] = summed[..., high] - summed[..., low]
        return found

    return within(np.where(measured, scores, 0.0)) / np.sqrt(np.maximum(within(measured.astype(float)), 1.0))


def p_anywhere(score: NDArray[np.float64], permuted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance that a smoothed score as far from 0 is seen anywhere if the sequence does not matter, shape (length,).

    Args:
        score: of each position, shape (length,).
        permuted: scores of the permutations, shape (n_permutations, length).
    """
    chance = np.abs(smoothed(permuted)).max(1)
    as_much = (chance[None] >= np.abs(smoothed(score))[:, None] * (1 - 1e-9)).sum(1)
    found: NDArray[np.float64] = (1 + as_much) / (1 + len(chance))
    return found


def find_runs(score: NDArray[np.float64], permuted: NDArray[np.float64]) -> list[Run]:
    """Runs of significant positions, from 5' to 3'.

    Args:
        score: of each position, shape (length,).
        permuted: scores of the permutations, shape (n_permutations, length).

    Returns:
        runs that a library in which the sequence does not matter would show, any of them, with chance ``ALPHA`` at
        most: they must have some length too, so by far less often.
    """
    seen, p = smoothed(score), p_anywhere(score, permuted)
    largest = float(np.abs(seen).max())
    strong = (p <= ALPHA) & (np.abs(seen) >= LEAST_SHARE * largest)
    marked = np.where(strong, np.sign(seen), 0.0).astype(int)
    end = max(_END, _END_SHARE * float(np.abs(np.nan_to_num(score)).max()))
    runs = []
    for start, stop, sign in _joined(marked):
        own = np.flatnonzero(np.nan_to_num(sign * score[start:stop]) >= end)
        if len(own) and own[-1] - own[0] + 1 >= LEAST_LENGTH:
            runs.append(Run(start + int(own[0]), start + int(own[-1]) + 1, sign, float(p[start:stop].min())))
    return runs


def _joined(marked: NDArray[np.int_]) -> list[tuple[int, int, int]]:
    """Stretches of one sign, those with only small gaps between them joined."""
    found: list[tuple[int, int, int]] = []
    for position in np.flatnonzero(marked):
        sign = int(marked[position])
        if found and found[-1][2] == sign and position - found[-1][1] <= LARGEST_GAP:
            found[-1] = (found[-1][0], int(position) + 1, sign)
        else:
            found.append((int(position), int(position) + 1, sign))
    return found
