"""The single points of a figure, so that the page can tell whose each one is: as many as it can carry."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kcalseq.report.inlined import packed_data

POINTED = frozenset(
    {
        "predicted_activity",
        "ranked_activity",
        "ranked_fluorescence",
        "replicate_activity",
        "replicate_fluorescence",
        "response",
        "saturation_map",
    }
)
"""Figures whose points are variants."""
MOST_POINTS = 5_000
_DIGITS = 4
_AXES = ("title", "x_axis", "y_axis")


@dataclass(frozen=True)
class PointsView:
    """Points of a figure as the page's scripts take them, how many they are and how many the figure shows."""

    packed: str
    n_shown: int
    n_total: int


def points_view(source: pd.DataFrame, most_points: int = MOST_POINTS) -> PointsView | None:
    """The points of a figure that have names; None where it has none.

    Args:
        source: table ``figure_source``.
        most_points: that are kept; of more, points evenly spread along x.
    """
    points = source[(source["mark"] == "point") & source["item"].notna()].dropna(subset=["x", "y"])
    if points.empty:
        return None
    ordered = points.sort_values(["panel", "x", "y", "item"], ignore_index=True)
    n = min(len(ordered), most_points)
    kept = ordered.iloc[np.linspace(0, len(ordered) - 1, n).round().astype(int)]
    lines = source[source["mark"] == "line"]
    panels = [_panel(rows, lines[lines["panel"] == panel]) for panel, rows in kept.groupby("panel")]
    return PointsView(packed_data(panels), n, len(ordered))


def _panel(rows: pd.DataFrame, lines: pd.DataFrame) -> dict[str, Any]:
    words = {name: str(rows[name].iloc[0]) if pd.notna(rows[name].iloc[0]) else "" for name in _AXES}
    series = rows["series"].fillna("")
    names = list(series.unique())
    return {
        **words,
        "series": names,
        "of": [names.index(name) for name in series],
        "names": rows["item"].tolist(),
        "x": _short(rows["x"]),
        "y": _short(rows["y"]),
        "lines": [[_short(line["x"]), _short(line["y"])] for line in _drawable(lines)],
    }


def _drawable(lines: pd.DataFrame) -> list[pd.DataFrame]:
    """Corners of each line: rows that follow each other in one series."""
    known = lines.dropna(subset=["x", "y"])
    parts = known.groupby((known["series"].fillna("") != known["series"].fillna("").shift()).cumsum())
    return [rows for _, rows in parts if len(rows) > 1]


def _short(values: pd.Series) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values.astype(float)]
