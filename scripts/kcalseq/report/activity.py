"""What the page says of activities from DNA and RNA counts: what was measured, how sure, and what cannot be told."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from kcalseq.report.errorview import ErrorView, error_view
from kcalseq.report.verdict import Tone, Verdict
from kcalseq.wording import count, number, share

WORDS = {
    "n_replicates": "replicates with DNA and RNA",
    "n_variants": "variants of the library",
    "n_measured": "variants measured",
    "n_measured_in_all": "variants measured in all replicates",
    "barcodes_per_variant_median": "barcodes per measured variant, median",
    "log2_ratio_sd": "spread of activities over variants, standard deviation",
    "log2_ratio_se_median": "standard error of an activity, median",
    "between_replicates_sd": "scatter between replicates beyond that of barcodes",
    "barcode_correlation": "share of what barcodes add that is the same in all replicates",
    "shared_dna_sd": "error of the DNA that all replicates share, standard deviation, median",
    "n_controls": "negative controls measured",
    "n_active": "variants more active than the controls, false discovery rate below 0.05",
}
"""Numbers of table ``activity_summary`` in reading order."""
GOOD_CORRELATION, FAIR_CORRELATION = 0.8, 0.5
"""Pearson correlations of replicates from which activities are called clear, and below which they are a problem."""
GOOD_SHARE, FAIR_SHARE = 0.9, 0.5
LEAST_FOR_CORRELATION = 3
"""Variants in both replicates, below which they have no correlation."""
LEAST_FOR_Q = 20
"""Negative controls below which no variant can reach a p of 0.05."""


class ActivityTables(NamedTuple):
    """Tables of one library."""

    activity_summary: pd.DataFrame
    activity_drops: pd.DataFrame
    activity_replicates: pd.DataFrame
    replicate_agreement: pd.DataFrame
    error_model: pd.DataFrame


class Quantity(NamedTuple):
    """A number of one condition, in words."""

    words: str
    name: str
    value: str
    unit: str


@dataclass(frozen=True)
class ConditionView:
    """One condition: its numbers, its rows, and what they do not tell."""

    name: str
    quantities: list[Quantity]
    sentences: list[str]
    agreement: list[dict[str, Any]]
    replicates: list[dict[str, Any]]
    fates: list[dict[str, Any]]
    errors: ErrorView


@dataclass(frozen=True)
class ActivityView:
    """Activities of a library."""

    verdicts: list[Verdict]
    conditions: list[ConditionView]


def activity_view(library: str, tables: ActivityTables) -> ActivityView | None:
    """Work out what there is to say; None for a library without activities from DNA and RNA.

    Args:
        library: its name.
        tables: of the library.
    """
    if tables.activity_summary.empty:
        return None
    names = [str(name) for name in tables.activity_summary["condition"].drop_duplicates()]
    verdicts: list[Verdict] = []
    views = []
    for name in names:
        summary, drops, replicates, agreement, terms = (table[table["condition"] == name] for table in tables)
        told = {str(row["quantity"]): float(row["value"]) for row in summary.to_dict("records")}
        views.append(
            ConditionView(
                name,
                _quantities(summary),
                list(_untold(told, agreement, drops)),
                _rows(agreement),
                _rows(replicates),
                _rows(drops[drops["n"] > 0]),
                error_view(terms),
            )
        )
        place = f"library {library}" if len(names) == 1 else f"library {library}, condition {name}"
        verdicts += _verdicts(place, told, agreement)
    return ActivityView(verdicts, views)


def _quantities(summary: pd.DataFrame) -> list[Quantity]:
    order = {name: place for place, name in enumerate(WORDS)}
    rows = sorted(summary.to_dict("records"), key=lambda row: order.get(str(row["quantity"]), len(order)))
    return [
        Quantity(
            WORDS.get(row["quantity"], str(row["quantity"]).replace("_", " ")),
            row["quantity"],
            number(float(row["value"]), 3 if row["unit"] in ("log2", "fraction") else 0),
            row["unit"],
        )
        for row in rows
    ]


def _verdicts(place: str, told: Mapping[str, float], agreement: pd.DataFrame) -> Iterator[Verdict]:
    n_measured, n_variants = told["n_measured"], told["n_variants"]
    reached = n_measured / n_variants if n_variants else 0.0
    text = f"The activity of {count(n_measured)} of the {count(n_variants)} variants of {place} was measured"
    yield Verdict(f"{text} ({share(n_measured, n_variants)}).", _tone(reached, GOOD_SHARE, FAIR_SHARE))
    known = agreement["pearson"].dropna()
    if told["n_replicates"] < 2:
        text = f"There is one replicate of {place}: how far its activities would come back cannot be told."
        yield Verdict(text, "caution")
    elif known.empty and (agreement["n_shared"] >= LEAST_FOR_CORRELATION).any():
        text = f"All activities of a replicate of {place} are alike, so how well replicates agree cannot be told."
        yield Verdict(text, "caution")
    elif known.empty:
        yield Verdict(f"No two replicates of {place} share enough variants to be compared.", "bad")
    else:
        least = float(known.min())
        text = f"Activities of replicates of {place} correlate with Pearson r = {number(least, 2)}"
        which = " at least" if len(known) > 1 else ""
        yield Verdict(f"{text}{which}.", _tone(least, GOOD_CORRELATION, FAIR_CORRELATION))


def _untold(told: Mapping[str, float], agreement: pd.DataFrame, drops: pd.DataFrame) -> Iterator[str]:
    """Plain sentences on what these data cannot tell."""
    if told["n_replicates"] < 2:
        yield (
            "With one replicate, standard errors hold the counts and the scatter between barcodes alone, not what "
            "differs from one experiment to the next: they are too small by an amount that nobody knows."
        )
    elif math.isnan(told["between_replicates_sd"]):
        yield "No variant was measured in two replicates, so what differs between experiments cannot be told."
    if math.isnan(told["log2_ratio_se_median"]):
        yield "No activity has a standard error: no variant has two barcodes, and none was measured twice."
    elif math.isnan(told["barcodes_per_variant_median"]) or told["barcodes_per_variant_median"] < 2:
        yield (
            "Most variants have a single barcode or none: what is peculiar to a barcode cannot be told from what is "
            "peculiar to its variant."
        )
    if not told["n_controls"]:
        yield (
            "No negative controls are named (activity: controls_file or controls_pattern), so activities are relative "
            "to each other only, and no variant can be called active."
        )
    elif told["n_controls"] < LEAST_FOR_Q:
        yield (
            f"{count(told['n_controls'])} negative controls are few: an empirical p cannot fall below "
            f"{number(1.0 / (1.0 + told['n_controls']), 3)}."
        )
    unpaired = sorted(set(drops.loc[drops["fate"] == "unpaired", "replicate"]))
    if unpaired:
        yield (
            f"Not used for want of DNA or of RNA: replicate {', '.join(map(str, unpaired))}. Where one DNA sample "
            "serves several RNA samples, write by_condition or by_library under activity: dna in the configuration."
        )
    if "shared_dna_sd" in told:
        yield (
            "Replicates share their DNA sample: its counting error is the same in all of them, does not average out, "
            "and shows in no comparison of replicates. The standard errors hold it."
        )
    apart = agreement[agreement["n_shared"] == 0]
    if len(apart):
        yield (
            f"Pairs of replicates that share no measured variant: {count(len(apart))}. Their levels were not compared, "
            "so a difference between a variant of one and a variant of the other also holds that of the replicates, "
            "which is in no error. Effects leave such pairs out."
        )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _tone(value: float, good: float, fair: float) -> Tone:
    return "good" if value >= good else "caution" if value >= fair else "bad"
