"""Why there is nothing to draw, in words, from the fates that the tables tell."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from kcalseq.figures.style import plain
from kcalseq.wording import count

_MOST_NAMED = 3


def told_fates(fates: pd.Series) -> str:
    """How many have which fate, the most common first.

    >>> told_fates(pd.Series(["never_seen", "few_barcodes", "never_seen"]))
    'never seen: 2, few barcodes: 1'
    """
    counts = Counter(map(str, fates))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{fate.replace('_', ' ')}: {count(n)}" for fate, n in ordered)


def left_out(rows: pd.DataFrame, by: Sequence[str], value: str = "effect") -> list[str]:
    """Groups without any value, which get no panel, each with the fates of its rows.

    Args:
        rows: columns ``by``, ``value`` and ``fate``.
        by: columns that name a group.
        value: what is missing in all rows of such a group.
    """
    empty = [(name, own) for name, own in rows.groupby(list(by)) if own[value].isna().all()]
    told = [
        f"nothing to draw of {', '.join(plain(str(part), 24) for part in name)} ({told_fates(own['fate'])})"
        for name, own in empty[:_MOST_NAMED]
    ]
    more = len(empty) - len(told)
    return [*told, *([f"nor of {count(more)} more"] if more else [])]
