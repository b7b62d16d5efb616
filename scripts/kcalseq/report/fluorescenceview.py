"""What the page says of the fluorescence of sorted variants: what was measured, how sure, and what is a bound only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from kcalseq.report.activity import FAIR_CORRELATION, GOOD_CORRELATION
from kcalseq.report.verdict import Tone, Verdict
from kcalseq.wording import count, number, share

STRONG_DISPERSION = 1.5
"""Variance over what cells and reads lead to expect, from which the page speaks of it."""
STRONG_BACKGROUND = 0.01
"""Share of observations that are no cells of their variant, from which the page speaks of it."""
BOUNDS = ("below_gates", "above_gates")


class FluorescenceTables(NamedTuple):
    """Tables of one library."""

    fluorescence_replicates: pd.DataFrame
    fluorescence_agreement: pd.DataFrame
    fluorescence_drops: pd.DataFrame


@dataclass(frozen=True)
class FluorescenceView:
    """Sentences, and the rows of replicates, of their agreement and of fates."""

    verdicts: list[Verdict]
    sentences: list[str]
    replicates: list[dict[str, Any]]
    agreement: list[dict[str, Any]]
    fates: list[dict[str, Any]]


def fluorescence_view(library: str, tables: FluorescenceTables) -> FluorescenceView | None:
    """Work out what there is to say; None for a library without gates.

    Args:
        library: its name.
        tables: of the library.
    """
    replicates, agreement, drops = tables
    if replicates.empty:
        return None
    return FluorescenceView(
        list(_verdicts(library, agreement)),
        [
            *_drop_sentences(drops),
            *_contradiction_sentences(replicates),
            *_noise_sentences(replicates),
            *_background_sentences(replicates),
        ],
        _rows(replicates),
        _rows(agreement),
        _rows(drops[drops["n_variants"] > 0]),
    )


def _verdicts(library: str, agreement: pd.DataFrame) -> Iterator[Verdict]:
    known = agreement["pearson"].dropna()
    if agreement.empty:
        text = (
            f"There is one sorted replicate of library {library}: how far its fluorescence would come back is unknown."
        )
        yield Verdict(text, "caution")
    elif known.empty:
        yield Verdict(f"No two sorted replicates of library {library} share enough variants to be compared.", "bad")
    else:
        least = float(known.min())
        which = " at least" if len(known) > 1 else ""
        tone: Tone = "good" if least >= GOOD_CORRELATION else "caution" if least >= FAIR_CORRELATION else "bad"
        words = f"Mean log fluorescence of replicates of library {library} correlates with Pearson r = "
        yield Verdict(f"{words}{number(least, 2)}{which}.", tone)


def _drop_sentences(drops: pd.DataFrame) -> Iterator[str]:
    for (condition, replicate), own in drops.groupby(["condition", "replicate"]):
        n = own.set_index("fate")["n_variants"]
        told, total = int(n["measured"] + n["one_bin"]), int(n.sum())
        place = f"condition {condition}, replicate {replicate}"
        sentence = (
            f"In {place} the mean of {count(told)} of {count(total)} variants was measured ({share(told, total)})"
        )
        bounded = int(n[list(BOUNDS)].sum())
        rest = f"; of {count(bounded)} whose cells lie in an end bin alone only a bound is known" if bounded else ""
        yield f"{sentence}{rest}."


def _contradiction_sentences(replicates: pd.DataFrame) -> Iterator[str]:
    for row in replicates[replicates["n_contradicted"] > 0].to_dict("records"):
        yield (
            f"In condition {row['condition']}, replicate {row['replicate']}, bounds of {count(row['n_contradicted'])} "
            "variants are not told: another replicate has all their cells at the other end of the gates."
        )


def _noise_sentences(replicates: pd.DataFrame) -> Iterator[str]:
    for row in replicates[replicates["dispersion"] >= STRONG_DISPERSION].to_dict("records"):
        yield (
            f"In condition {row['condition']}, replicate {row['replicate']}, counts scatter "
            f"{number(row['dispersion'], 1)} times as much as drawing cells and reads does (variance): uneven "
            "amplification, cells that died after sorting, or fluorescence that is not log-normal. Errors hold it."
        )


def _background_sentences(replicates: pd.DataFrame) -> Iterator[str]:
    for row in replicates[replicates["background"] >= STRONG_BACKGROUND].to_dict("records"):
        yield (
            f"In condition {row['condition']}, replicate {row['replicate']}, {number(100 * row['background'], 1)} % of "
            "the observations lie in bins as those of the whole library do, not as their variant's: reads that hopped "
            "between samples, or cells that the sorter took along. Means and widths are without them."
        )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
