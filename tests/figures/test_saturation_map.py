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
    return frame.assign(condition="cells", reference="wild$type", confidence=0.95)


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


def test_nothing_measured_is_said() -> None:
    assert "no data: no measured effect of a single base" in words(saturation_map.draw(effects().iloc[2:], None))
