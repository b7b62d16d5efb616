"""Sentences on barcoded libraries, each derived from numbers by a stated rule, as in ``verdict``."""

import math
from collections.abc import Mapping, Sequence

from kcalseq.report.verdict import FAIR_KEPT_SHARE, GOOD_KEPT_SHARE, Tone, Verdict
from kcalseq.wording import count, share

MOST_HOPPED = 0.02
"""Share of a sample's reads that may come from other samples before it is a caution."""


def association_verdict(library: str, barcodes: Mapping[str, int], reads: Mapping[str, int]) -> Verdict:
    """Judge by the share of reads on assigned barcodes: good from 90 %, a caution from 50 %.

    Args:
        library: name of the library.
        barcodes: barcodes of each call.
        reads: reads that they hold.
    """
    n_barcodes, n_reads = sum(barcodes.values()), sum(reads.values())
    if not n_barcodes:
        return Verdict(f"The association reads of library {library} hold no barcode.", "bad")
    told = (
        f"{count(barcodes['assigned'])} of the {count(n_barcodes)} barcodes of library {library} "
        f"({share(barcodes['assigned'], n_barcodes)}) were assigned to a variant; "
        f"they hold {share(reads['assigned'], n_reads)} of the association reads."
    )
    others = {call: number for call, number in barcodes.items() if call != "assigned" and number}
    if others:
        most = max(others, key=lambda call: others[call])
        told += f" Of the others, most are called {most.replace('_', ' ')} ({count(others[most])})."
    return Verdict(told, _tone(reads["assigned"], n_reads))


def variants_verdict(library: str, n_with: int, n_variants: int, per_variant: float) -> Verdict:
    """Judge the share of variants that have a barcode, as reads are judged.

    Args:
        library: name of the library.
        n_with: variants with a barcode.
        n_variants: all variants.
        per_variant: median of the number of barcodes, over all variants.
    """
    if not n_variants:
        return Verdict(f"No variant of library {library} was found.", "bad")
    told = f"{count(n_with)} of the {count(n_variants)} variants of library {library} have a barcode"
    rest = f"; nothing can be measured of the other {count(n_variants - n_with)}" if n_with < n_variants else ""
    half = f"Half of all variants have {math.ceil(per_variant):,} barcodes or more." if per_variant else ""
    return Verdict(f"{told}{rest}. {half}".rstrip(), _tone(n_with, n_variants))


def counts_verdict(library: str, counted: int, kept: int, has_map: bool) -> Verdict:
    """Judge the share of kept reads that were counted, as reads are judged.

    Args:
        library: name of the library.
        counted: reads counted.
        kept: reads kept of its counted samples.
        has_map: whether barcodes are counted against a barcode map.
    """
    if not kept:
        return Verdict(f"No read of library {library} was left to count.", "bad")
    told = f"{share(counted, kept)} of the {count(kept)} kept reads of library {library}'s samples were counted"
    if counted == kept:
        return Verdict(f"{told}.", "good")
    known = "barcode of the barcode map" if has_map else "known barcode"
    return Verdict(f"{told}; the others hold no {known}, or could be several.", _tone(counted, kept))


def hopping_verdict(library: str, hopped: Sequence[float]) -> Verdict | None:
    """Warn of index hopping if more than 2 % of a sample's reads came from other samples; None otherwise.

    Args:
        library: name of the library.
        hopped: for each sample the share of its reads that came from the others; NaN where nothing tells.
    """
    known = [number for number in hopped if math.isfinite(number)]
    if not known or max(known) <= MOST_HOPPED:
        return None
    told = f"Up to {share(max(known), 1)} of a sample's reads in library {library} came from another sample"
    return Verdict(f"{told} (index hopping): differences between samples are blurred.", "caution")


def between(numbers: Sequence[float]) -> str:
    """Write shares as a range in per cent.

    >>> between([0.01, 0.025])
    '1.00 % to 2.50 %'
    >>> between([0.01])
    '1.00 %'
    """
    ends = [share(end, 1) for end in (min(numbers), max(numbers))]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _tone(part: float, whole: float) -> Tone:
    reached = part / whole if whole else 0.0
    return "good" if reached >= GOOD_KEPT_SHARE else "caution" if reached >= FAIR_KEPT_SHARE else "bad"
