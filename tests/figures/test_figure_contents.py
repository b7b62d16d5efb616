"""What each figure shows equals its table, with units on its axes, and says so where there is nothing to show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from kcalseq.figures import barcode_calls as calls_figure
from kcalseq.figures import barcodes_per_variant as per_variant_figure
from kcalseq.figures import (
    base_effects_map,
    energy_logos,
    error_model,
    expression_shift,
    information_footprint,
    measurement_process,
    predicted_activity,
    predicted_ratio,
    putative_sites,
    ranked_activity,
    ranked_fluorescence,
    replicate_activity,
    replicate_correlations,
    replicate_fluorescence,
    response,
    saturation_map,
    style,
)
from kcalseq.figures import count_fates as count_fates_figure
from kcalseq.figures import read_fates as read_fates_figure
from kcalseq.figures import reads_per_barcode as knee_figure
from kcalseq.figures import saturation as saturation_figure
from kcalseq.figures.measurement_process import draw as draw_process
from kcalseq.figures.parameters import draw as draw_parameters
from kcalseq.figures.read_fates import draw as draw_read_fates
from kcalseq.figures.sourcetable import source_table
from kcalseq.figures.style import plain, save
from kcalseq.figures.training_history import draw as draw_training_history

from .test_activity_figures import agreement, combined, correlations, fluorescence, log_ratios
from .test_base_effects_map import SHORT
from .test_base_effects_map import effects as base_effects
from .test_error_model import tables as error_tables
from .test_saturation_map import effects


def words(figure: Figure) -> str:
    """All text of a figure."""
    figure.draw_without_rendering()
    return "\n".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def few(frame: pd.DataFrame, empty: bool) -> pd.DataFrame:
    """The frame, or none of its rows."""
    return frame.iloc[:0] if empty else frame


def response_curve() -> pd.DataFrame:
    """A straight response with a band of one about it."""
    phi = np.linspace(-2, 2, 5)
    return pd.DataFrame(
        {"condition": "M9", "phi": phi, "expected": phi, "lower": phi - 1, "upper": phi + 1, "confidence": 0.95}
    )


def values() -> pd.DataFrame:
    """A measured value of each of the invented variants."""
    return pd.DataFrame({"condition": "M9", "variant": [f"v{n:03}" for n in range(300)], "value": np.arange(300.0)})


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, Callable[[bool], Figure]]:
    """Every figure by name, as a function that draws it, from empty tables if told so."""
    fit = request.getfixturevalue("fit")

    def table(name: str, empty: bool) -> pd.DataFrame:
        frame: pd.DataFrame = request.getfixturevalue(name)
        return frame.iloc[:0] if empty else frame

    return {
        "read_fates": lambda e: draw_read_fates(table("read_fates", e)),
        "information_footprint": lambda e: information_footprint.draw(table("footprint", e), -8, fit["sites"]),
        "putative_sites": lambda e: putative_sites.draw(table("promoter_footprint", e), table("putative_sites", e), -8),
        "expression_shift": lambda e: expression_shift.draw(
            table("promoter_footprint", e), table("base_shift", e), table("putative_sites", e), -8
        ),
        "energy_logos": lambda e: energy_logos.draw(table("parameters", e), fit),
        "measurement_process": lambda e: measurement_process.draw(
            table("measurement_process", e), table("predictions", e)
        ),
        "predicted_activity": lambda e: predicted_activity.draw(table("predictions", e), table("variant_activity", e)),
        "parameters": lambda e: draw_parameters(table("parameters", e), table("profiles", e), fit),
        "training_history": lambda e: draw_training_history(table("training_history", e), fit),
        "barcode_calls": lambda e: calls_figure.draw(table("association_summary", e)),
        "reads_per_barcode": lambda e: knee_figure.draw(table("reads_per_barcode", e), table("association_summary", e)),
        "barcodes_per_variant": lambda e: per_variant_figure.draw(table("barcode_map", e), table("variants", e)),
        "count_fates": lambda e: count_fates_figure.draw(table("count_fates", e)),
        "saturation": lambda e: saturation_figure.draw(table("saturation", e)),
        "saturation_map": lambda e: saturation_map.draw(few(effects(), e), -10),
        "replicate_activity": lambda e: replicate_activity.draw(few(log_ratios(), e), few(agreement(), e)),
        "ranked_activity": lambda e: ranked_activity.draw(few(combined(), e), 0.95),
        "replicate_correlations": lambda e: replicate_correlations.draw(correlations({} if e else {1: 0.5, 10: 0.75})),
        "base_effects_map": lambda e: base_effects_map.draw(base_effects(SHORT[3:] if e else SHORT), -10),
        "error_model": lambda e: error_model.draw(*(few(frame, e) for frame in error_tables())),
        "ranked_fluorescence": lambda e: ranked_fluorescence.draw(few(fluorescence(), e), [("M9", 2.0)]),
        "replicate_fluorescence": lambda e: replicate_fluorescence.draw(
            log_ratios().rename(columns={"log2_ratio": "mean_log10"}), few(agreement(), e)
        ),
        "response": lambda e: response.draw(few(response_curve(), e), table("predictions", e), few(values(), e)),
        "predicted_ratio": lambda e: predicted_ratio.draw(
            few(table("predictions", e).assign(log2_activity=0.25, log2_ratio=0.5), e)
        ),
    }


UNITS = {
    "read_fates": ["reads", "per cent"],
    "information_footprint": ["information (bits)", "transcription start (nt)"],
    "putative_sites": ["information (bits)", "q at most 0.05", "transcription start (nt)", "RNAP"],
    "expression_shift": ["expression shift\n(sort bins)", "shift of a base (sort bins)", "(nt)", "RNAP"],
    "energy_logos": ["−ΔΔG (kcal/mol)", "(nt)"],
    "measurement_process": ["standard deviations", "sort bin", "probability p(bin | φ)", "density (per sd)"],
    "predicted_activity": ["predicted mean sort bin", "observed mean sort bin"],
    "parameters": ["energy (kcal/mol)", "rise of the objective (nats)", "parameter held at (kcal/mol)"],
    "training_history": ["L-BFGS iteration", "objective above the best (nats)"],
    "barcode_calls": ["barcodes (per cent of all barcodes)", "reads (per cent of all reads)"],
    "reads_per_barcode": ["barcodes, the one with most reads first", "reads"],
    "barcodes_per_variant": ["barcodes per variant", "variants"],
    "count_fates": ["reads (per cent of the sample's kept reads)"],
    "saturation": ["reads counted", "distinct barcodes", "distinct molecules"],
    "saturation_map": ["effect (log2)", "95 % intervals", "(nt)"],
    "replicate_activity": ["log2 RNA per DNA, replicate 1", "replicate 2"],
    "ranked_activity": ["log2 RNA per DNA", "rank of the variant by activity"],
    "replicate_correlations": ["correlation of log values", "least barcodes in both replicates"],
    "base_effects_map": ["effect (log2)", "intervals", "(nt)"],
    "error_model": [
        "difference of two replicates (log2)",
        "observed difference (log2)",
        "share of the predicted variance",
    ],
    "ranked_fluorescence": ["mean log10 fluorescence", "rank of the variant by mean fluorescence"],
    "replicate_fluorescence": ["mean log10 fluorescence, replicate 1", "replicate 2"],
    "response": ["latent phenotype φ (standard deviations", "value (as measured)"],
    "predicted_ratio": ["predicted log2 RNA per DNA", "measured log2 RNA per DNA"],
}


def test_every_figure_is_among_those_tested_here() -> None:
    others = {"__init__", "sourcetable", "style"}
    assert {path.stem for path in Path(style.__file__).parent.glob("*.py")} - others == set(UNITS)


@pytest.mark.parametrize("name", UNITS)
def test_axes_name_their_units(figures: dict[str, Callable[[bool], Figure]], name: str) -> None:
    figure = figures[name](False)
    shown, source = words(figure), source_table(figure)
    assert [unit for unit in UNITS[name] if unit not in shown] == []
    numbers = source[["x", "y", "x_end", "y_end", "value"]]
    assert len(source) and numbers.notna().any(axis="columns").all()


@pytest.mark.parametrize("name", UNITS)
def test_empty_tables_say_no_data(figures: dict[str, Callable[[bool], Figure]], name: str) -> None:
    figure = figures[name](True)
    assert "no data" in words(figure) and source_table(figure).empty


@pytest.mark.parametrize("name", UNITS)
def test_same_tables_give_the_same_bytes(figures: dict[str, Any], name: str, tmp_path: Any) -> None:
    for attempt in ("first", "second"):
        save(figures[name](False), tmp_path / attempt / name)
    written = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert written == [f"{name}.pdf", f"{name}.png", f"{name}.svg", f"{name}.tsv"]
    for file in written:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes(), file


def test_bars_of_fates_add_up_to_the_reads(read_fates: pd.DataFrame) -> None:
    figure = draw_read_fates(read_fates)
    bars = [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_width() for bar in bars) == read_fates["n_reads"].sum() == 3000
    assert "970 (97.00 %)" in words(figure)


def test_fates_tell_the_part_at_fault_and_the_reasons_that_never_applied(read_fates: pd.DataFrame) -> None:
    shown = words(draw_read_fates(read_fates))
    for name in ("part not found: left_flank", "part not found: right_flank", "low quality: variant"):
        assert name in shown
    assert (
        "Dropped no read: mates disagree, not in name, unknown sample code, wrong length, not in pattern, has n"
        in shown
    )
    counts, _ = read_fates_figure.count_reasons(read_fates)
    assert counts.index[0] == "kept"
    assert counts.to_numpy().sum() == read_fates["n_reads"].sum()


def test_logo_heights_are_minus_theta(parameters: pd.DataFrame) -> None:
    heights = energy_logos.letter_heights(parameters, "Q")
    assert list(heights.index) == [4, 5, 6, 7]
    for row in parameters[parameters["site"] == "Q"].dropna(subset=["base"]).to_dict("records"):
        assert heights.loc[row["position"], row["base"]] == pytest.approx(-row["value"], abs=1e-12)


def test_logo_heights_do_not_depend_on_the_gauge(parameters: pd.DataFrame) -> None:
    shifted = parameters.assign(value=parameters["value"] + 0.7)
    expected = energy_logos.letter_heights(parameters, "P")
    pd.testing.assert_frame_equal(energy_logos.letter_heights(shifted, "P"), expected, atol=1e-12)


def test_position_without_estimate_has_no_letters(parameters: pd.DataFrame) -> None:
    unknown = parameters.assign(value=parameters["value"].mask(parameters["parameter"] == "P.theta[1,G]"))
    heights = energy_logos.letter_heights(unknown, "P")
    assert heights.loc[1].isna().all()
    assert heights.loc[[0, 2]].notna().all(axis=None)


def test_arbitrary_units_are_not_called_kcal(parameters: pd.DataFrame, fit: dict[str, Any]) -> None:
    shown = words(energy_logos.draw(parameters, {**fit, "energy_unit": "arbitrary"}))
    assert "arbitrary units" in shown
    assert "kcal" not in shown


def test_unknown_wild_type_has_no_letters(parameters: pd.DataFrame, fit: dict[str, Any]) -> None:
    unknown = {**fit, "sequence": {**fit["sequence"], "wildtype": None}}
    assert "wild type" in words(energy_logos.draw(parameters, fit))
    assert "wild type" not in words(energy_logos.draw(parameters, unknown))


@pytest.mark.parametrize("changed", [{"wildtype": None, "first_position": None}, {}])
def test_figures_need_no_optional_key(
    request: pytest.FixtureRequest, fit: dict[str, Any], changed: dict[str, None]
) -> None:
    parameters, profiles, footprint = map(request.getfixturevalue, ("parameters", "profiles", "footprint"))
    bare = {**fit, "sequence": {"length": 8, **changed}}
    for figure in (
        energy_logos.draw(parameters, bare),
        draw_parameters(parameters, profiles, bare),
        information_footprint.draw(footprint, None, []),
    ):
        assert "position in the variant (nt, from 0)" in words(figure)


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


def test_parameters_are_told_in_words(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: dict[str, Any]) -> None:
    shown = words(draw_parameters(parameters, profiles, fit))
    assert "interaction\n−3.10 (−4.20 to −2.00)" in shown
    assert "Q.mu\nnot identifiable" in shown
    assert "refit did not converge" in shown
    assert "rise of 1.92 nats: 95 %" in shown


def test_a_copy_has_no_panel_of_its_own(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: dict[str, Any]) -> None:
    """Its energies are those of its original, which are drawn."""
    copied = {**fit, "sites": [*fit["sites"], {"name": "Twin", "start": 0, "length": 3, "copy_of": "P"}]}
    for before, after in (
        (draw_parameters(parameters, profiles, fit), draw_parameters(parameters, profiles, copied)),
        (energy_logos.draw(parameters, fit), energy_logos.draw(parameters, copied)),
    ):
        assert len(after.axes) == len(before.axes) and "Twin" not in words(after)


@pytest.mark.parametrize(("confidence", "told"), [(0.68, "0.49 nats: 68 %"), (0.9999, "7.57 nats: 99.99 %")])
def test_limit_of_the_profile_follows_the_confidence(
    parameters: pd.DataFrame, profiles: pd.DataFrame, fit: dict[str, Any], confidence: float, told: str
) -> None:
    changed = parameters.assign(confidence=parameters["confidence"].mask(parameters["confidence"].notna(), confidence))
    figure = draw_parameters(changed, profiles, fit)
    shown = words(figure)
    assert told in shown and "95 %" not in shown
    limit = float(told.split()[0])
    axes = next(axes for axes in figure.axes if axes.get_ylabel() == "rise of the objective (nats)")
    assert [line for line in axes.lines if np.allclose(line.get_ydata(), limit, atol=0.01)]
    assert axes.get_ylim()[1] > limit


def test_open_interval_is_told_as_open(parameters: pd.DataFrame, profiles: pd.DataFrame, fit: dict[str, Any]) -> None:
    opened = parameters.assign(lower=parameters["lower"].mask(parameters["parameter"] == "interaction"))
    assert "−3.10 (below −2.00)" in words(draw_parameters(opened, profiles, fit))


def test_hostile_names_are_drawn_as_they_are(read_fates: pd.DataFrame, tmp_path: Any) -> None:
    hostile = "<script>alert('$x^{$')</script>" + "y" * 200
    figure = draw_read_fates(read_fates.assign(run=hostile).drop_duplicates(["run", "reason"]))
    save(figure, tmp_path / "fates")
    assert "<script>" not in (tmp_path / "fates.svg").read_text(encoding="utf-8")
    assert plain(hostile, 30).replace(r"\$", "$").startswith("<script>alert('$x^{$')")


def test_history_names_the_reported_start(training_history: pd.DataFrame, fit: dict[str, Any]) -> None:
    shown = words(draw_training_history(training_history, fit))
    assert "start 1 (reported), ends 1 above" in shown
    assert "Not converged" in words(draw_training_history(training_history, {**fit, "converged": False}))


def test_runs_with_names_alike_keep_bars_of_their_own(read_fates: pd.DataFrame) -> None:
    alike = read_fates.assign(run="a_run_with_a_very_long_name_of_its_own_" + read_fates["run"])
    kept = draw_read_fates(alike).axes[0]
    rows = [patch.get_y() for patch in kept.patches if isinstance(patch, Rectangle)]
    assert len(set(rows)) == len({tick.get_text() for tick in kept.get_yticklabels()}) == 2


def test_more_runs_than_colours_are_told_by_name(read_fates: pd.DataFrame) -> None:
    one = read_fates[read_fates["run"] == "run_1"]
    shown = words(draw_read_fates(pd.concat([one.assign(run=f"lane_{lane}") for lane in range(9)])))
    assert "lane_8: 5 (0.50 %)" in shown


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


def test_a_constant_phenotype_has_a_column_that_is_seen(
    measurement_process: pd.DataFrame, predictions: pd.DataFrame
) -> None:
    one = measurement_process[measurement_process["phi"] == 0.0]
    figure = draw_process(one, predictions.assign(phi=0.0))
    (mesh,) = [mesh for axes in figure.axes for mesh in axes.collections if mesh.get_array() is not None][:1]
    low, high = np.sort(mesh.get_coordinates()[0, :, 0])[[0, -1]]
    assert low <= -0.5 and high >= 0.5 and figure.axes[1].get_xlim() == (-0.5, 0.5)


def test_letters_that_the_font_lacks_disturb_nothing_and_stay_in_the_svg(tmp_path: Path) -> None:
    table = combined().assign(condition="\u57f9\u990a <b>")
    save(ranked_activity.draw(table, 0.95), tmp_path / "figure")
    assert "\u57f9\u990a &lt;b&gt;" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
