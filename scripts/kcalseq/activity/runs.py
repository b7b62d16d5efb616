"""Runs of positions at which mutations change activity in one direction, by more than chance anywhere would."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcalseq.activity.footprint_rules import DEFAULTS, FootprintRules

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


def smoothed(scores: NDArray[np.float64], window: int = DEFAULTS.window) -> NDArray[np.float64]:
    """Sum of the scores within a window over the root of their number: sd 1 by chance if positions are independent.

    Args:
        scores: shape (..., length); what is missing counts as not there.
        window: positions in a window, odd, nt.
    """
    half, length = window // 2, scores.shape[-1]
    measured = ~np.isnan(scores)
    low, high = np.maximum(np.arange(length) - half, 0), np.minimum(np.arange(length) + half + 1, length)

    def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
        summed = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
        found: NDArray[np.float64] = summed[..., high] - summed[..., low]
        return found

    return within(np.where(measured, scores, 0.0)) / np.sqrt(np.maximum(within(measured.astype(float)), 1.0))


def p_anywhere(
    score: NDArray[np.float64], permuted: NDArray[np.float64], window: int = DEFAULTS.window
) -> NDArray[np.float64]:
    """Chance that a smoothed score as far from 0 is seen anywhere if the sequence does not matter, shape (length,).

    Args:
        score: of each position, shape (length,).
        permuted: scores of the permutations, shape (n_permutations, length).
        window: as for ``smoothed``.
    """
    chance = np.abs(smoothed(permuted, window)).max(1)
    as_much = (chance[None] >= np.abs(smoothed(score, window))[:, None] * (1 - 1e-9)).sum(1)
    found: NDArray[np.float64] = (1 + as_much) / (1 + len(chance))
    return found


def find_runs(score: NDArray[np.float64], permuted: NDArray[np.float64], rules: FootprintRules = DEFAULTS) -> list[Run]:
    """Runs of significant positions, from 5' to 3'.

    Args:
        score: of each position, shape (length,).
        permuted: scores of the permutations, shape (n_permutations, length).
        rules: of sites.

    Returns:
        runs that a library in which the sequence does not matter would show, any of them, with chance ``alpha``
        at most: they must have some length too, so by far less often.
    """
    seen, p = smoothed(score, rules.window), p_anywhere(score, permuted, rules.window)
    largest = float(np.abs(seen).max())
    strong = (p <= rules.alpha) & (np.abs(seen) >= rules.min_share * largest)
    marked = np.where(strong, np.sign(seen), 0.0).astype(int)
    end = max(_END, _END_SHARE * float(np.abs(np.nan_to_num(score)).max()))
    runs = []
    for start, stop, sign in _joined(marked, rules.max_gap):
        own = np.flatnonzero(np.nan_to_num(sign * score[start:stop]) >= end)
        if len(own) and own[-1] - own[0] + 1 >= rules.min_length:
            runs.append(Run(start + int(own[0]), start + int(own[-1]) + 1, sign, float(p[start:stop].min())))
    return runs


def _joined(marked: NDArray[np.int_], max_gap: int) -> list[tuple[int, int, int]]:
    """Stretches of one sign, those with only small gaps between them joined."""
    found: list[tuple[int, int, int]] = []
    for position in np.flatnonzero(marked):
        sign = int(marked[position])
        if found and found[-1][2] == sign and position - found[-1][1] <= max_gap:
            found[-1] = (found[-1][0], int(position) + 1, sign)
        else:
            found.append((int(position), int(position) + 1, sign))
    return found
