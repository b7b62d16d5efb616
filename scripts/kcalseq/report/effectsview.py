"""What the page says of effects: how many are sure, and the largest of them."""

from dataclasses import dataclass

import pandas as pd

from kcalseq.report.activity_rows import SURE
from kcalseq.report.verdict import Estimate
from kcalseq.wording import count

MOST_ROWS = 20
_METHODS = {
    "combined": "Effects are differences of activities combined over replicates; their "
    "errors pool the scatter of barcodes and replicates over all variants.",
    "moderated": "Effects come from a linear model of each pair over its replicates, weighted by the error model, and "
    "a t-test with variances moderated over all pairs.",
    "beta_binomial": "Effects come from the DNA and RNA counts of each barcode, taken for beta-binomial with the "
    "scatter of all barcodes of the library, and a t-test with variances moderated over all pairs.",
}
_REASONS = {
    "variant_not_measured": "the variant was not measured",
    "reference_not_measured": "the reference was not measured",
    "neither_measured": "neither was measured",
    "never_together": "the two were never measured in one replicate",
    "no_error": "nothing tells the error",
}


@dataclass(frozen=True)
class EffectRow:
    """One effect, as the table shows it."""

    condition: str
    variant: str
    reference: str
    effect: Estimate
    q: float


@dataclass(frozen=True)
class EffectsView:
    """Effects of one library: sentences, those of them that tell how many are sure, and the surest rows."""

    sentences: list[str]
    sure: list[str]
    rows: list[EffectRow]


def effects_view(effects: pd.DataFrame) -> EffectsView | None:
    """The view of one library's rows of table ``variant_effects``; None where no effects were asked for."""
    if effects.empty:
        return None
    several = effects["condition"].nunique() > 1
    sentences = [_METHODS[str(method)] for method in effects["method"].unique()]
    told = [
        _sentence(f"In condition {condition}, " if several else "", own)
        for condition, own in effects.groupby("condition")
    ]
    sentences += told
    if (effects["n_replicates"] == 1).any():
        single = int((effects["n_replicates"] == 1).sum())
        rest = "1 effect rests" if single == 1 else f"{count(single)} effects rest"
        sentences.append(f"{rest} on one replicate: what differs between replicates is in no error there.")
    sure = effects[effects["q"] < SURE]
    largest = sure.assign(size=sure["effect"].abs()).sort_values(
        ["size", "condition", "variant", "reference"], ascending=[False, True, True, True]
    )
    rows = [
        EffectRow(
            row["condition"], row["variant"], row["reference"], Estimate.of({**row, "value": row["effect"]}), row["q"]
        )
        for row in largest.head(MOST_ROWS).assign(unit="log2").to_dict("records")
    ]
    return EffectsView(sentences, told, rows)


def _sentence(where: str, effects: pd.DataFrame) -> str:
    measured = int(effects["effect"].notna().sum())
    told = f"{where}{count(measured)} of {count(len(effects))} pairs were measured"
    sure = int((effects["q"] < SURE).sum())
    are = "1 effect is" if sure == 1 else f"{count(sure)} effects are"
    missing = effects["fate"].value_counts()
    reasons = [f"{text} ({count(int(missing[fate]))})" for fate, text in _REASONS.items() if fate in missing]
    why = f" Pairs without a test: {', '.join(reasons)}." if reasons else ""
    return f"{told}; {are} sure at a false discovery rate of 5 %.{why}"
