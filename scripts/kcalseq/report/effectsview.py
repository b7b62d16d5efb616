"""What the page says of effects: how many are sure, and the largest of them."""

from dataclasses import dataclass

import pandas as pd

from kcalseq.report.verdict import Estimate
from kcalseq.wording import count

SURE = 0.05
MOST_ROWS = 20


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
    """Effects of one library: sentences, and the surest rows."""

    sentences: list[str]
    rows: list[EffectRow]


def effects_view(effects: pd.DataFrame) -> EffectsView | None:
    """The view of one library's rows of table ``variant_effects``; None where no effects were asked for."""
    if effects.empty:
        return None
    several = effects["condition"].nunique() > 1
    sentences = [
        _sentence(f"In condition {condition}, " if several else "", own)
        for condition, own in effects.groupby("condition")
    ]
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
    return EffectsView(sentences, rows)


def _sentence(where: str, effects: pd.DataFrame) -> str:
    measured = int(effects["effect"].notna().sum())
    told = f"{where}{count(measured)} of {count(len(effects))} pairs were measured"
    sure = int((effects["q"] < SURE).sum())
    are = "1 effect is" if sure == 1 else f"{count(sure)} effects are"
    return f"{told}; {are} sure at a false discovery rate of 5 %."
