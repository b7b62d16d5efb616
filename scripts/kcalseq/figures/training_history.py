"""Course of the fit: how far each start was above the best objective, iteration by iteration."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from kcalseq.figures.style import BLUE, SERIES, new_figure, no_data_figure, styled


@styled
def draw(training_history: pd.DataFrame, fit: Mapping[str, Any]) -> Figure:
    """Draw one line a start on a logarithmic axis; the start whose parameters are reported is thick.

    Of a fit in minibatches, what the validation set says after each epoch, and where the weights are from.

    Args:
        training_history: table ``training_history`` of one library and model.
        fit: the fit's record; ``chosen_start`` and ``converged`` are used.
    """
    if training_history.empty:
        return no_data_figure("no training history")
    if training_history["validation"].notna().any():
        return _draw_epochs(training_history, fit)
    best = training_history["objective"].min()
    figure = new_figure(3.0)
    axes = figure.add_subplot()
    others = [colour for colour in SERIES if colour != BLUE]
    for start, rows in training_history.groupby("start"):
        chosen = start == fit["chosen_start"]
        above = (rows["objective"] - best).where(rows["objective"] > best)
        name = f"start {start} (reported)" if chosen else f"start {start}"
        axes.plot(
            rows["iteration"],
            above,
            color=BLUE if chosen else others[int(str(start)) % len(others)],
            linewidth=2 if chosen else 1,
            marker="." if len(rows) < 3 else "",
            label=f"{name}, ends {rows['objective'].iloc[-1] - best:.2g} above",
        )
    axes.set_yscale("log" if (training_history["objective"] > best).any() else "linear")
    axes.set(xlabel="L-BFGS iteration", ylabel="objective above the best (nats)")
    axes.set_title("Converged" if fit["converged"] else "Not converged")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _draw_epochs(training_history: pd.DataFrame, fit: Mapping[str, Any]) -> Figure:
    figure = new_figure(3.0)
    axes = figure.add_subplot()
    others = [colour for colour in SERIES if colour != BLUE]
    for start, rows in training_history.groupby("start"):
        chosen, lowest = start == fit["chosen_start"], rows.sort_values("validation", kind="stable").iloc[0]
        colour = BLUE if chosen else others[int(str(start)) % len(others)]
        label = f"start {start} (reported)" if chosen else f"start {start}"
        axes.plot(
            rows["iteration"] + 1,
            rows["validation"],
            color=colour,
            linewidth=2 if chosen else 1,
            label=f"{label}, at best {lowest['validation']:.4g}",
        )
        axes.plot(lowest["iteration"] + 1, lowest["validation"], "o", color=colour, markersize=4)
    axes.set(xlabel="epoch", ylabel="-log likelihood of the validation set\n(nats a variant)")
    settled = "No longer better" if fit["converged"] else "Still getting better"
    axes.set_title(f"{settled} on the validation set (dots: where the weights are from)")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure
