"""Parameters with their intervals: scalars, profile likelihoods, and each entry of the energy matrices."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.confidence import level_words, rise_at_limit
from kcalseq.definitions.models import ENTRIES
from kcalseq.figures.style import (
    BASE_COLOURS,
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    SERIES,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    say_no_data,
    styled,
)
from kcalseq.wording import NOTHING, interval, number

PROFILE_TOP_NATS = 6.0
_MARKERS = {"A": "o", "C": "s", "G": "D", "T": "^"}


@styled
def draw(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: Mapping[str, Any]) -> Figure:
    """Draw scalars and profiles in the upper row, and below one row of matrix entries a site.

    Args:
        parameters: table ``parameters`` of one library and model.
        profiles: table ``profiles`` of the same; may be empty.
        fit: the fit's record; ``sites`` and ``sequence`` are used.
    """
    if parameters.empty:
        return no_data_figure("no parameters")
    scalars = parameters[~parameters["kind"].isin(ENTRIES)]
    sites = [site for site in fit["sites"] if "copy_of" not in site]
    upper_inches = 0.9 if scalars.empty and profiles.empty else max(2.4, 0.9 + 0.42 * len(scalars))
    figure = new_figure(upper_inches + 1.8 * len(sites))
    grid = figure.add_gridspec(1 + len(sites), 2, height_ratios=[upper_inches] + [1.8] * len(sites))
    _draw_scalars(figure.add_subplot(grid[0, 0]), scalars)
    _draw_profiles(figure.add_subplot(grid[0, 1]), profiles, scalars, _levels(parameters))
    for row, site in enumerate(sites, start=1):
        axes = figure.add_subplot(grid[row, :])
        entries = parameters[(parameters["kind"] == "energy_matrix") & (parameters["site"] == site["name"])]
        _draw_matrix(axes, entries, site, fit["sequence"].get("first_position"))
    return figure


def interval_words(value: float, lower: float, upper: float) -> str:
    """A value and its interval in words, honest about an end that the data leave open.

    >>> interval_words(-3.1, -4.2, -2.0)
    '−3.10 (−4.20 to −2.00)'
    >>> interval_words(-3.1, float("nan"), -2.0)
    '−3.10 (below −2.00)'
    """
    if not np.isfinite(value):
        return NOTHING
    return f"{number(value)} ({interval(lower, upper)})"


def _draw_scalars(axes: Axes, scalars: pd.DataFrame) -> None:
    axes.set_title(f"Scalar parameters{_confidence_words(scalars)}")
    if scalars.empty:
        say_no_data(axes, "no scalar parameters")
        return
    ends = scalars[["value", "lower", "upper"]].to_numpy(dtype=float)
    finite = ends[np.isfinite(ends)]
    low, high = (finite.min(), finite.max()) if finite.size else (-1.0, 1.0)
    margin = 0.12 * (high - low) or 1.0
    names = []
    for row, parameter in enumerate(scalars.to_dict("records")):
        value, lower, upper = (float(parameter[end]) for end in ("value", "lower", "upper"))
        names.append(_scalar_words(parameter))
        left = lower if np.isfinite(lower) else (low - margin if np.isfinite(upper) else value)
        right = upper if np.isfinite(upper) else (high + margin if np.isfinite(lower) else value)
        axes.plot([left, right], [row, row], color=BLUE, linewidth=1.8, solid_capstyle="butt")
        axes.plot([value], [row], "o", color=BLUE, markersize=5, mfc=BLUE if parameter["identifiable"] else "white")
    axes.set_yticks(range(len(names)), names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(low - margin, high + margin))
    axes.axvline(0, color=LIGHT_GREY, linewidth=0.8, zorder=0)
    axes.set_xlabel(f"energy ({', '.join(scalars['unit'].unique())})")


def _levels(parameters: pd.DataFrame) -> list[float]:
    return sorted(float(level) for level in parameters["confidence"].dropna().unique())


def _confidence_words(parameters: pd.DataFrame) -> str:
    levels = _levels(parameters)
    return f" ({' and '.join(map(level_words, levels))} intervals)" if levels else ""


def _scalar_words(parameter: Mapping[Any, Any]) -> str:
    name = plain(str(parameter["parameter"]), 22)
    if not parameter["identifiable"]:
        return f"{name}\nnot identifiable"
    return f"{name}\n{interval_words(*(float(parameter[end]) for end in ('value', 'lower', 'upper')))}"


def _draw_profiles(axes: Axes, profiles: pd.DataFrame, scalars: pd.DataFrame, levels: list[float]) -> None:
    axes.set_title("Profile likelihood")
    if profiles.empty:
        say_no_data(axes, "no profile likelihood")
        return
    for (name, rows), colour in zip(profiles.groupby("parameter"), SERIES * len(profiles), strict=False):
        ordered = rows.sort_values("value")
        axes.plot(ordered["value"], ordered["objective_difference"], color=colour, label=plain(str(name), 22))
        for converged, fill in ((True, colour), (False, "white")):
            points = ordered[ordered["converged"] == converged]
            axes.plot(
                points["value"],
                points["objective_difference"],
                "o",
                color=colour,
                mfc=fill,
                markersize=3.5,
                label="refit did not converge" if len(points) and not converged else None,
            )
        _mark_interval(axes, scalars[scalars["parameter"] == name], colour)
    limits = {level_words(level): rise_at_limit(level) for level in levels}
    for words, nats in limits.items():
        axes.axhline(nats, color=GREY, linewidth=0.7, linestyle="--")
        told, beside = f"rise of {nats:.2f} nats: {words}", axes.get_yaxis_transform()
        axes.annotate(told, (0.5, nats), xycoords=beside, ha="center", va="bottom", fontsize=7, color=GREY)
    highest = 1.1 * profiles["objective_difference"].max()
    top = max(min(PROFILE_TOP_NATS, highest), *(1.3 * nats for nats in limits.values()), 1.0)
    axes.set(ylim=(-0.04 * top, top), xlabel="parameter held at (kcal/mol)", ylabel="rise of the objective (nats)")
    axes.legend(loc="upper center")


def _mark_interval(axes: Axes, parameter: pd.DataFrame, colour: str) -> None:
    if parameter.empty or parameter["method"].iloc[0] != "profile":
        return
    ends = parameter[["lower", "upper"]].iloc[0].to_numpy(dtype=float)
    left, right = np.where(np.isfinite(ends), ends, [axes.get_xlim()[0], axes.get_xlim()[1]])
    axes.axvspan(left, right, color=colour, alpha=0.12, linewidth=0, zorder=0)


def _draw_matrix(axes: Axes, entries: pd.DataFrame, site: Mapping[str, Any], first_position: int | None) -> None:
    axes.set_title(f"Energy matrix of {plain(str(site['name']))}{_confidence_words(entries)}")
    if entries.empty or entries["value"].isna().all():
        say_no_data(axes, f"no energies for {plain(str(site['name']))}")
        return
    offset = position_axis(axes, None if "scanned" in site else first_position)
    if "scanned" in site:
        axes.set_xlabel("base of the site (nt, from 0)")
    for place, (base, colour) in enumerate(BASE_COLOURS.items()):
        rows = entries[(entries["base"] == base) & entries["value"].notna()]
        x = rows["position"].to_numpy(dtype=float) + offset + 0.2 * (place - 1.5)
        reach = np.stack([rows["value"] - rows["lower"], rows["upper"] - rows["value"]]).astype(float)
        axes.errorbar(
            x,
            rows["value"],
            yerr=np.nan_to_num(reach, posinf=0.0, neginf=0.0).clip(min=0),
            color=colour,
            fmt=_MARKERS[base],
            markersize=2.2,
            elinewidth=0.8,
            label=base,
        )
    axes.axhline(0, color=BLACK, linewidth=0.6)
    axes.margins(x=0.01)
    axes.set_ylabel(f"energy ({entries['unit'].iloc[0]})")
    axes.legend(ncols=4, loc="lower right", bbox_to_anchor=(1.0, 0.97), columnspacing=0.8, handletextpad=0.1)
