"""Mean log fluorescence of variants in two replicates, one panel for each pair."""

import pandas as pd
from matplotlib.figure import Figure

from kcalseq.figures import replicate_activity


def draw(sorted_fluorescence: pd.DataFrame, fluorescence_agreement: pd.DataFrame) -> Figure:
    """Draw the means of each two replicates of a condition against each other; see ``replicate_activity``.

    Args:
        sorted_fluorescence: table of that name, of one library.
        fluorescence_agreement: likewise.
    """
    unit = "mean log10 fluorescence"
    return replicate_activity.draw(sorted_fluorescence, fluorescence_agreement, "mean_log10", unit)
