"""Every figure has units on its axes, says so where there is nothing to show, and is the same bytes each time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

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
from kcalseq.figures import reads_per_barcode as knee_figure
from kcalseq.figures import saturation as saturation_figure
from kcalseq.figures.parameters import draw as draw_parameters
from kcalseq.figures.read_fates import draw as draw_read_fates
from kcalseq.figures.sourcetable import source_table
from kcalseq.figures.style import save
from kcalseq.figures.training_history import draw as draw_training_history

from .drawing import words
from .test_activity_figures import agreement, combined, correlations, fluorescence, log_ratios
from .test_base_effects_map import SHORT
from .test_base_effects_map import effects as base_effects
from .test_error_model import tables as error_tables
from .test_saturation_map import effects


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


def footprint_check(call: str) -> pd.DataFrame:
    """What was found of a library before its footprints were made."""
    return pd.DataFrame({"call": [call]})


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, Callable[[bool], Figure]]:
    """Every figure by name, as a function that draws it, from empty tables if told so."""
    fit = request.getfixturevalue("fit")

    def table(name: str, empty: bool) -> pd.DataFrame:
        return few(request.getfixturevalue(name), empty)

    return {
        "read_fates": lambda e: draw_read_fates(table("read_fates", e)),
        "information_footprint": lambda e: information_footprint.draw(table("footprint", e), -8, fit["sites"]),
        "putative_sites": lambda e: putative_sites.draw(
            table("promoter_footprint", e), table("putative_sites", e), footprint_check("few_variants"), -8
        ),
        "expression_shift": lambda e: expression_shift.draw(
            table("promoter_footprint", e),
            table("base_shift", e),
            table("putative_sites", e),
            footprint_check("few_variants"),
            -8,
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
    others = {"__init__", "absence", "sourcetable", "style"}
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


@pytest.mark.parametrize(
    ("call", "told"), [("few_variants", "too few variants"), ("random", "no condition has two variants in bins")]
)
def test_why_a_library_shows_no_footprint_is_said(call: str, told: str) -> None:
    figure = putative_sites.draw(pd.DataFrame(), pd.DataFrame(), footprint_check(call), None)
    assert f"no data: {told}" in words(figure)


@pytest.mark.parametrize("name", UNITS)
def test_same_tables_give_the_same_bytes(figures: dict[str, Any], name: str, tmp_path: Any) -> None:
    for attempt in ("first", "second"):
        save(figures[name](False), tmp_path / attempt / name)
    written = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert written == [f"{name}.pdf", f"{name}.png", f"{name}.svg", f"{name}.tsv"]
    for file in written:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes(), file


def test_letters_that_the_font_lacks_disturb_nothing_and_stay_in_the_svg(tmp_path: Path) -> None:
    table = combined().assign(condition="\u57f9\u990a <b>")
    save(ranked_activity.draw(table, 0.95), tmp_path / "figure")
    assert "\u57f9\u990a &lt;b&gt;" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
