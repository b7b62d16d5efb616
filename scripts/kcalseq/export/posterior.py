"""How probable it is that an effect is none by chance: two groups, one without effects and one with normal ones.

Effects are a mixture (Efron, Statistical Science 23:1, 2008): a share has none, so that only its standard error moves
it, and the others have effects normal about 0 with one variance; share and variance are fitted to all effects together.
"""

import numpy as np
from numpy.typing import NDArray

_STEPS = 500
_ENOUGH = 1e-9


def posterior_of_effect(effect: NDArray[np.float64], se: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that each effect is other than 0.

    Args:
        effect: effects, finite, shape (n,).
        se: their standard errors, above 0.

    Returns:
        probabilities 0 to 1, shape (n,). The share with effects is drawn towards one half by one effect of either kind,
        so that it is never 0 or 1.
    """
    if not len(effect):
        return np.zeros(0)
    share, variance = 0.5, max(float(np.mean(effect**2 - se**2)), float(np.mean(se**2)))
    for _ in range(_STEPS):
        likely = _responsibility(effect, se, share, variance)
        # Of an effect that is drawn from the group with effects: its mean and variance, given what was measured.
        shrunken = variance / (variance + se**2)
        second = (shrunken * effect) ** 2 + shrunken * se**2
        new_share = float((likely.sum() + 1.0) / (len(effect) + 2.0))
        new_variance = float((likely * second).sum() / likely.sum())
        moved = abs(new_share - share) + abs(np.log(new_variance / variance))
        share, variance = new_share, new_variance
        if moved < _ENOUGH:
            break
    return _responsibility(effect, se, share, variance)


def _responsibility(
    effect: NDArray[np.float64], se: NDArray[np.float64], share: float, variance: float
) -> NDArray[np.float64]:
    whole = se**2 + variance
    log_odds = np.log(share / (1.0 - share)) + 0.5 * (np.log(se**2 / whole) + effect**2 / se**2 - effect**2 / whole)
    found: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -700.0, 700.0)))
    return found
