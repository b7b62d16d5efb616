"""The measurement process: which bin a cell falls into, given the latent phenotype phi."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kcalseq.figures.style import BLUE, new_figure, no_data_figure, plain, say_no_data, styled


@styled
def draw(measurement_process: pd.DataFrame, predictions: pd.DataFrame) -> Figure:
    """Draw p(bin | phi) as a heat map, under the distribution of phi over the training variants.

    A pair of panels for each condition.

    Args:
        measurement_process: table ``measurement_process`` of one library and model.
        predictions: table ``predictions`` of the same.
    """
    if measurement_process.empty:
        return no_data_figure("no sort bins: counts are read as activity itself")
    conditions = list(measurement_process.groupby("condition"))
    figure = new_figure(4.0 * len(conditions))
    heights = [1, 2.6] * len(conditions)
    panels = figure.subplots(len(heights), 1, sharex=len(conditions) == 1, height_ratios=heights)
    for number, (condition, rows) in enumerate(conditions):
        upper, lower = panels[2 * number : 2 * number + 2]
        own = predictions[(predictions["condition"] == condition) & (predictions["set"] == "training")]
        _draw_density(upper, own.loc[own["n_observations"] > 0, "phi"].to_numpy())
        _draw_heat_map(lower, rows.pivot(index="bin", columns="phi", values="probability").sort_index())
        if len(conditions) > 1:
            upper.set_title(f"condition {plain(str(condition))}")
            upper.set_xlim(lower.get_xlim())
    return figure


def _draw_density(axes: Axes, phi: np.ndarray) -> None:
    if len(phi) == 0:
        say_no_data(axes, "no training variants")
        return
    axes.hist(phi, bins=80, density=True, color=BLUE, alpha=0.75)
    axes.set_ylabel("density (per sd)")
    axes.text(0.01, 0.95, f"{len(phi):,} training variants", transform=axes.transAxes, va="top", fontsize=7.5)


def _draw_heat_map(axes: Axes, probabilities: pd.DataFrame) -> None:
    grid, bins = probabilities.columns.to_numpy(), probabilities.index.to_numpy()
    values = probabilities.to_numpy()
    if len(grid) == 1:  # a phenotype that is constant: a column as wide as the panel
        grid, values = grid[0] + np.array([-0.5, 0.5]), np.repeat(values, 2, axis=1)
    image = axes.pcolormesh(
        grid, np.arange(len(bins)), values, shading="nearest", cmap="viridis", vmin=0, rasterized=True
    )
    axes.set_yticks(range(len(bins)), ["library" if number == 0 else str(number) for number in bins])
    axes.set_xlim(grid.min(), grid.max())
    axes.set_xlabel("latent phenotype φ (standard deviations over the training variants)")
    axes.set_ylabel("sort bin" + ("  (library: before sorting)" if 0 in bins else ""))
    axes.figure.colorbar(image, ax=axes, label="probability p(bin | φ)", pad=0.01)
