"""Samples of which nothing was kept: told once, whichever way a library is counted."""

from collections.abc import Iterable

from kcalseq.errors import KcalseqError


def refuse_silent(library: str, silent: Iterable[str]) -> None:
    """Refuse a library with samples that have no read.

    Args:
        library: which library.
        silent: its samples of which no read was kept.

    Raises:
        KcalseqError: there are any.
    """
    if names := sorted(silent):
        raise KcalseqError(
            f"library '{library}'",
            f"no read was kept for {', '.join(names)}",
            "reads for every sample",
            "look at the read fates and the sample codes, or drop the rows from samples.tsv",
        )
