"""Energy matrices as logos: letters that favour binding stand up, letters that weaken it hang down."""

from collections.abc import Mapping
from typing import Any

import logomaker
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.sourcetable import tell_rows
from kcalseq.figures.style import (
    BASE_COLOURS,
    BLACK,
    GREY,
    LIGHT_GREY,
    new_figure,
    no_data_figure,
    plain,
    position_axis,
    say_no_data,
    styled,
)


@styled
def draw(parameters: pd.DataFrame, fit: Mapping[str, Any]) -> Figure:
    """Draw one logo a site on a common energy axis.

    Args:
        parameters: table ``parameters`` of one library and model.
        fit: the fit's record; ``sites``, ``sequence`` and ``energy_unit`` are used.
    """
    sites = [site for site in fit["sites"] if "copy_of" not in site]
    if not sites or not (parameters["kind"] == "energy_matrix").any():
        return no_data_figure("no energy matrix")
    figure = new_figure(0.3 + 1.75 * len(sites))
    panels = figure.subplots(len(sites), 1, squeeze=False, sharey=True)[:, 0]
    for panel, site in zip(panels, sites, strict=True):
        _draw_logo(panel, letter_heights(parameters, str(site["name"])), fit, str(site["name"]))
    return figure


def letter_heights(parameters: pd.DataFrame, site: str) -> pd.DataFrame:
    """Height of each letter: minus its energy, with zero mean at each position.

    Args:
        parameters: table ``parameters`` of one library and model.
        site: name of the site.

    Returns:
        Rows by 0-based position in the variant, one column a base, in the unit of the parameters; missing
        where a position has no estimate.
    """
    entries = parameters[(parameters["kind"] == "energy_matrix") & (parameters["site"] == site)]
    energies = entries.pivot_table(index="position", columns="base", values="value", aggfunc="sum", dropna=False)
    energies = energies.reindex(columns=list(BASE_COLOURS)).astype("float64")
    energies.index = energies.index.astype("int64")
    missing = entries.loc[entries["value"].isna(), "position"].dropna().astype("int64").unique()
    energies.loc[energies.index.isin(missing)] = float("nan")
    return -energies.sub(energies.mean(axis="columns"), axis="index")


def _letters(heights: pd.DataFrame) -> pd.DataFrame:
    """Letters of a logo as they stand: at each position the smallest innermost, those below the line downwards."""
    rows = heights.rename_axis("x").reset_index().melt("x", var_name="item", value_name="height")
    rows = rows.assign(is_up=rows["height"] >= 0, size=rows["height"].abs()).sort_values(["x", "size"], kind="stable")
    y_end = rows.groupby(["x", "is_up"])["height"].cumsum()
    return rows.assign(mark="letter", y=y_end - rows["height"], y_end=y_end)[["mark", "item", "x", "y", "y_end"]]


def _draw_logo(axes: Axes, heights: pd.DataFrame, fit: Mapping[str, Any], site: str) -> None:
    if heights.empty or heights.isna().to_numpy().all():
        say_no_data(axes, f"no energies for {plain(site)}")
        return
    # Bases of a scanned site have no place on the variant, and no wild type above them.
    scanned = any(one["name"] == site and "scanned" in one for one in fit["sites"])
    sequence = {} if scanned else fit["sequence"]
    offset = position_axis(axes, sequence.get("first_position"))
    if scanned:
        axes.set_xlabel("base of the site (nt, from 0)")
    shown = heights.fillna(0.0).set_axis(heights.index + offset, axis="index")
    logomaker.Logo(shown, ax=axes, color_scheme=dict(BASE_COLOURS), baseline_width=0, vpad=0.02, show_spines=None)
    tell_rows(axes, _letters(shown))
    axes.axhline(0, color=BLACK, linewidth=0.7)
    for position in heights.index[heights.isna().any(axis="columns")]:
        axes.axvspan(position + offset - 0.5, position + offset + 0.5, color=LIGHT_GREY, zorder=0)
    wildtype = sequence.get("wildtype") or ""  # unknown: no small letters
    for position in heights.index[heights.index < len(wildtype)]:
        axes.text(
            position + offset,
            1.02,
            wildtype[position],
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=6.5,
            color=GREY,
        )
    labels = {"kcal/mol": "−ΔΔG (kcal/mol)", "nats": "effect on log activity (nats)"}
    axes.set_ylabel(labels.get(fit["energy_unit"], "−energy (arbitrary units)"))
    axes.set_title(plain(site) + ("  (small letters: wild type)" if wildtype else ""), pad=14)
