"""The map shows each single-base effect that was measured, as its letter at its place."""

import numpy as np
import pandas as pd

from kcalseq.figures import saturation_map

from .drawing import words


def effects() -> pd.DataFrame:
    columns = ["variant", "position", "base", "effect", "lower", "upper", "q"]
    rows = [
        ("a", 3, "A", -1.5, -2.0, -1.0, 0.001),
        ("b", 3, "T", 0.2, -0.2, 0.6, 0.5),
        ("c", 7, "G", np.nan, np.nan, np.nan, np.nan),
        ("d", None, None, 0.4, 0.1, 0.7, 0.01),
    ]
    frame = pd.DataFrame(rows, columns=columns).astype({"position": "Int64"})
    fate = ["measured" if known else "variant_not_measured" for known in frame["effect"].notna()]
    return frame.assign(condition="cells", reference="wild$type", confidence=0.95, fate=fate)


def test_letters_stand_at_their_positions_and_effects() -> None:
    figure = saturation_map.draw(effects(), -10)
    (panel,) = figure.axes
    shown = [tuple(offset) for points in panel.collections for offset in np.asarray(points.get_offsets())]
    assert (-7.0, -1.5) in shown and (-7.0, 0.2) in shown
    told = words(figure)
    assert "effect (log2)" in told and "wild$type, condition cells" in told.replace("\\", "")
    assert "95 % intervals" in told


def test_every_reference_has_a_panel_up_to_eight() -> None:
    many = pd.concat([effects().assign(reference=f"r{number}") for number in range(10)])
    figure = saturation_map.draw(many, None)
    assert len(figure.axes) == 8 and "the first 8 of 10 references" in words(figure)


def test_why_there_is_nothing_to_draw_is_said() -> None:
    for first, last, told in (
        (2, 4, "no data: no measured effect of a single base (variant not measured: 1)"),
        (3, 4, "no data: of 1 comparisons none is of variants that differ in one base alone"),
        (4, 4, "no data: no variant is compared with another one"),
    ):
        assert told in words(saturation_map.draw(effects().iloc[first:last], None))


def test_references_without_an_effect_are_named_beside_the_others() -> None:
    nothing = [effects().iloc[2:3].assign(reference=f"r{number}") for number in range(5)]
    figure = saturation_map.draw(pd.concat([effects(), *nothing]), None)
    assert len(figure.axes) == 1
    assert "nothing to draw of r0, cells (variant not measured: 1)" in words(figure) and "nor of 2 more" in words(
        figure
    )
