"""Numbers as people read them: separators, true minus signs, intervals with open ends, units spaced."""

import math

MINUS = "−"
NOTHING = "not determined"


def number(value: float, decimals: int = 2) -> str:
    """Write a number with thousands separators and a true minus sign.

    >>> number(-3.1)
    '−3.10'
    >>> number(float("nan"))
    'not determined'
    """
    if not math.isfinite(value):
        return NOTHING
    rounded = round(value, decimals) + 0.0  # adding 0.0 turns -0.0 into 0.0
    return f"{rounded:,.{decimals}f}".replace("-", MINUS)


def count(value: float) -> str:
    """Write a whole number with thousands separators.

    >>> count(1234567)
    '1,234,567'
    """
    return number(value, 0)


def share(part: float, whole: float) -> str:
    """Write a part of a whole in per cent; in words where there is no whole.

    >>> share(976, 1000)
    '97.60 %'
    >>> share(0, 0)
    'of nothing'
    """
    return f"{number(100 * part / whole, 2)} %" if whole else "of nothing"


def bases(first: int, last: int) -> str:
    """Write a range of distances, both ends included.

    >>> bases(0, 4), bases(7, 7), bases(1, 1)
    ('0 to 4 bases', '7 bases', '1 base')
    """
    if first != last:
        return f"{first} to {last} bases"
    return f"{first} base{'' if first == 1 else 's'}"


def interval(lower: float, upper: float, decimals: int = 2) -> str:
    """Write an interval, saying which end the data leave open.

    >>> interval(-4.2, -2.0)
    '−4.20 to −2.00'
    >>> interval(float("nan"), -2.0)
    'below −2.00'
    """
    match math.isfinite(lower), math.isfinite(upper):
        case True, True:
            return f"{number(lower, decimals)} to {number(upper, decimals)}"
        case True, False:
            return f"above {number(lower, decimals)}"
        case False, True:
            return f"below {number(upper, decimals)}"
    return "no interval"


def decimals_for(unit: str) -> int:
    """Tell how many decimals a number of this unit deserves in print.

    >>> decimals_for("bits/read"), decimals_for("reads")
    (3, 0)
    """
    known = {
        "bits/read": 3,
        "nats/read": 4,
        "bits/value": 3,
        "nats/value": 4,
        "bits/barcode": 3,
        "nats/barcode": 3,
        "fraction": 4,
        "kcal/mol": 2,
        "log2": 2,
        "arbitrary": 2,
        "sd of phi": 2,
        "s": 1,
        "nats": 2,
        "barcodes per variant": 1,
    }
    return known.get(unit, 0)


def words_list(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> words_list(["CRP", "RNAP", "H-NS"])
    'CRP, RNAP and H-NS'
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"
