"""What a confidence level means for a profile likelihood, and how it is written."""

from statistics import NormalDist


def rise_at_limit(confidence: float) -> float:
    """Rise of the objective at the ends of an interval, in nats.

    Half the point of chi-squared with one degree of freedom at that confidence, which is the square of a
    standard normal number.

    Args:
        confidence: level of the interval, 0 to 1.

    >>> round(rise_at_limit(0.95), 2)
    1.92
    """
    return normal_reach(confidence) ** 2 / 2


def normal_reach(confidence: float) -> float:
    """Half width of a normal interval in standard errors.

    >>> round(normal_reach(0.95), 2)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def level_words(confidence: float) -> str:
    """Write a level in per cent.

    >>> level_words(0.95), level_words(0.6827)
    ('95 %', '68.27 %')
    """
    return f"{round(100 * confidence, 4):.6g} %"
