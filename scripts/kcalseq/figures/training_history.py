"""Course of the fit: how far each start was above the best objective, iteration by iteration."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from kcalseq.figures.style import BLUE, SERIES, new_figure, no_data_figure, styled


@styled
def draw(training_history: pd.DataFrame, fit: Mapping[str, Any]) -> Figure:
    """Draw one line a start on a logarithmic axis; the start whose parameters are reported is thick.

    Args:
        training_history: table ``training_history`` of one library and model.
        fit: the fit's record; ``chosen_start`` and ``converged`` are used.
    """
    if training_history.empty:
        return no_data_figure("no training history")
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
