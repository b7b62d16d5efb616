"""What figures tell of a fit, its history, its measurement process and its predictions equals their tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcalseq.figures import (
    predicted_activity,
    predicted_ratio,
)
from kcalseq.figures.measurement_process import draw as draw_process
from kcalseq.figures.training_history import draw as draw_training_history

from .drawing import words


def test_group_means_keep_every_variant(predictions: pd.DataFrame, variant_activity: pd.DataFrame) -> None:
    rows = predictions.merge(variant_activity, on=["library", "variant"], suffixes=("_predicted", "_observed"))
    means = predicted_activity.group_means(rows, 10)
    assert len(means) == 10
    assert means["predicted"].is_monotonic_increasing
    assert means["observed"].mean() == pytest.approx(rows["mean_bin_observed"].mean())  # groups are equal


def test_only_the_test_set_is_judged(predictions: pd.DataFrame, variant_activity: pd.DataFrame) -> None:
    shown = words(predicted_activity.draw(predictions, variant_activity))
    joined = predictions.merge(variant_activity, on="variant")
    test = joined[joined["set"] == "test"]
    correlation = np.corrcoef(test["mean_bin_x"], test["mean_bin_y"])[0, 1]
    assert f"Pearson r = {correlation:.3f} over 100 variants" in shown
    assert "100 % of them were observed once" in shown


def test_constant_prediction_has_no_correlation(predictions: pd.DataFrame, variant_activity: pd.DataFrame) -> None:
    shown = words(predicted_activity.draw(predictions.assign(mean_bin=5.0), variant_activity))
    assert "Pearson r = not defined" in shown


def test_log_ratios_of_the_test_set_alone_are_set_beside_their_predictions(predictions: pd.DataFrame) -> None:
    phi = predictions["phi"]
    measured = phi + 0.3 * np.sin(np.arange(len(phi)))
    counted = predictions.assign(log2_activity=phi, log2_ratio=measured, mean_bin=np.nan)
    test = counted[counted["set"] == "test"]
    correlation = np.corrcoef(test["log2_activity"], test["log2_ratio"])[0, 1]
    shown = words(predicted_ratio.draw(counted))
    assert f"Pearson r = {correlation:.3f} over {len(test):,} variants" in shown
    assert "measured log2 RNA per DNA" in shown
    assert "no test variant was measured" in words(predicted_ratio.draw(predictions))


def test_a_constant_phenotype_has_a_column_that_is_seen(
    measurement_process: pd.DataFrame, predictions: pd.DataFrame
) -> None:
    one = measurement_process[measurement_process["phi"] == 0.0]
    figure = draw_process(one, predictions.assign(phi=0.0))
    (mesh,) = [mesh for axes in figure.axes for mesh in axes.collections if mesh.get_array() is not None][:1]
    low, high = np.sort(mesh.get_coordinates()[0, :, 0])[[0, -1]]
    assert low <= -0.5 and high >= 0.5 and figure.axes[1].get_xlim() == (-0.5, 0.5)


def test_history_names_the_reported_start(training_history: pd.DataFrame, fit: dict[str, Any]) -> None:
    shown = words(draw_training_history(training_history, fit))
    assert "start 1 (reported), ends 1 above" in shown
    assert "Not converged" in words(draw_training_history(training_history, {**fit, "converged": False}))


def test_history_of_minibatches_shows_the_validation_set(training_history: pd.DataFrame, fit: dict[str, Any]) -> None:
    """Start 0 falls to 1.5 at epoch 6, start 1 rises again after its third."""
    epochs = training_history.assign(gradient_norm=np.nan, validation=2.0)
    own = {start: (epochs["start"] == start) for start in range(3)}
    epochs.loc[own[0], "validation"] = [2.0, 1.9, 1.8, 1.7, 1.6, 1.5]
    epochs.loc[own[1], "validation"] = [2.0, 1.9, 1.25, 1.7, 1.8, 1.9]
    figure = draw_training_history(epochs, {**fit, "chosen_start": 1})
    shown = words(figure)
    assert "start 1 (reported), at best 1.25" in shown and "start 0, at best 1.5" in shown
    assert "No longer better on the validation set" in shown and "epoch" in shown
    dots = [tuple(line.get_xydata()[0]) for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert (3.0, 1.25) in dots and (6.0, 1.5) in dots
