"""Rows of table ``summary`` on activities from DNA and RNA counts, and on effects."""

from typing import Any, NamedTuple

import pandas as pd

SURE = 0.05
"""False discovery rate below which an effect is called sure."""
_QUANTITIES = ("n_measured", "log2_ratio_se_median", "between_replicates_sd")


class RatioTables(NamedTuple):
    """Tables of all libraries together."""

    activity_summary: pd.DataFrame
    replicate_agreement: pd.DataFrame
    variant_effects: pd.DataFrame


def activity_rows(tables: RatioTables) -> list[tuple[Any, ...]]:
    """Rows library, model (none), metric, value, lower, upper (none) and unit, condition by condition.

    A metric bears its condition in brackets where its library has several. What could not be told is missing.
    """
    rows: list[tuple[Any, ...]] = []
    for table, numbers_of in zip(tables, (_told, _agreement, _effects), strict=True):
        for library, own in table.groupby("library"):
            several = own["condition"].nunique() > 1
            for condition, here in own.groupby("condition"):
                where = f"[{condition}]" if several else ""
                rows += [
                    (library, None, f"{metric}{where}", value, None, None, unit)
                    for metric, value, unit in numbers_of(here)
                ]
    return rows


def _told(summary: pd.DataFrame) -> list[tuple[str, float, str]]:
    rows = summary[summary["quantity"].isin(_QUANTITIES)]
    return list(zip(rows["quantity"], rows["value"], rows["unit"], strict=True))


def _agreement(pairs: pd.DataFrame) -> list[tuple[str, float, str]]:
    return [("replicate_pearson_least", float(pairs["pearson"].min()), "fraction")]


def _effects(effects: pd.DataFrame) -> list[tuple[str, float, str]]:
    return [
        ("n_effects_tested", float(effects["q"].notna().sum()), "pairs"),
        ("n_effects_sure", float((effects["q"] < SURE).sum()), "pairs"),
    ]
