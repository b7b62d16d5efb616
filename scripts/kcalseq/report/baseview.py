"""What the page says of the effects of single bases: how many are told, how replicates agree, and the largest."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcalseq.report.verdict import Estimate
from kcalseq.wording import count, number, words_list

SURE = 0.05
MOST_ROWS = 20
_REASONS = {
    "never_seen": "never seen",
    "few_barcodes": "seen in too few barcodes",
    "confounded": "always together with others",
}
_DROPS = {
    "other_change": "whose molecule has another kind of change",
    "unlike": "whose variant is unlike the reference",
    "unreadable": "whose changes are not known",
    "left_out": "left out of activities",
    "no_ratio": "without a ratio",
}


@dataclass(frozen=True)
class BaseRow:
    """One effect, as the table shows it; position counts from 0, as in the tables."""

    condition: str
    reference: str
    position: int
    change: str
    n_barcodes: str
    effect: Estimate
    q: float


@dataclass(frozen=True)
class BaseView:
    """Effects of single bases of one library: sentences, and the surest rows."""

    sentences: list[str]
    rows: list[BaseRow]


def base_view(effects: pd.DataFrame, agreement: pd.DataFrame, drops: pd.DataFrame) -> BaseView | None:
    """The view of one library; None where no effects of single bases were asked for.

    Args:
        effects: its rows of table ``base_effects``.
        agreement: of ``base_effect_agreement``.
        drops: of ``base_effect_drops``.
    """
    if effects.empty:
        return None
    keys = ["condition", "reference"]
    several = len(effects[keys].drop_duplicates()) > 1
    sentences = []
    for key, own in effects.groupby(keys):
        where = f"In condition {key[0]}, against {key[1]}, " if several else ""
        pairs = agreement[(agreement["condition"] == key[0]) & (agreement["reference"] == key[1])]
        sentences.append(f"{where}{_told(own)} {_agreed(pairs)}")
    sentences.append(_counted(drops))
    sure = effects[effects["q"] < SURE]
    largest = sure.assign(size=sure["effect"].abs(), unit="log2").sort_values(
        ["size", *keys, "position", "base"], ascending=[False, True, True, True, True]
    )
    return BaseView(sentences, [_row(row) for row in largest.head(MOST_ROWS).to_dict("records")])


def _row(row: dict[Hashable, Any]) -> BaseRow:
    return BaseRow(
        str(row["condition"]),
        str(row["reference"]),
        int(row["position"]),
        _change(row),
        "" if pd.isna(row["n_barcodes"]) else count(row["n_barcodes"]),
        Estimate.of({**{str(name): value for name, value in row.items()}, "value": row["effect"]}),
        float(row["q"]),
    )


def _change(row: dict[Hashable, Any]) -> str:
    # Names such as 57del do not tell which base is missing.
    before = "one base" if pd.isna(row["reference_base"]) else str(row["reference_base"])
    return f"{before} missing" if row["base"] == "-" else f"{before} to {row['base']}"


def _told(effects: pd.DataFrame) -> str:
    fates = effects["fate"].value_counts()
    told = int(fates.get("estimated", 0))
    sure = int((effects["q"] < SURE).sum())
    words = f"{count(told)} of {count(len(effects))} single changes have an effect, of which {count(sure)} "
    words += f"{'is' if sure == 1 else 'are'} sure at a false discovery rate of 5 %."
    missing = [f"{count(fates[fate])} {reason}" for fate, reason in _REASONS.items() if fate in fates]
    return f"{words} Not told: {words_list(missing)}." if missing else words


def _agreed(pairs: pd.DataFrame) -> str:
    if pairs.empty:
        return "There is one replicate: what differs between replicates is in no error."
    ends = [f"{number(pairs[name].min(), 3)} to {number(pairs[name].max(), 3)}" for name in ("pearson", "spearman")]
    if len(pairs) == 1:
        ends = [number(pairs[name].iloc[0], 3) for name in ("pearson", "spearman")]
    return f"Effects in two replicates correlate with {ends[0]} (Pearson), {ends[1]} (Spearman)."


def _counted(drops: pd.DataFrame) -> str:
    by_fate = drops.groupby("fate")["n"].sum()
    unit = f"{drops['unit'].iloc[0]}s"
    words = f"Over all replicates {count(by_fate['used'])} of {count(by_fate.sum())} counts of {unit} took part"
    left = [f"{count(by_fate[fate])} {reason}" for fate, reason in _DROPS.items() if by_fate.get(fate, 0)]
    return f"{words}; not those {words_list(left)}." if left else f"{words}."
