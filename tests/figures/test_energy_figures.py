"""Logos and parameters of a model are those of its table, with their unit and how sure they are."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from kcalseq.figures import (
    energy_logos,
    information_footprint,
)
from kcalseq.figures.parameters import draw as draw_parameters

from .drawing import words


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
