"""The map of single bases shows each effect as its letter, in as many rows as the sequence needs, and nothing else."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kcalseq.figures import base_effects_map

from .drawing import words

COLUMNS = ["position", "reference_base", "base", "effect", "lower", "upper", "q"]


def effects(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"effect": float, "lower": float, "upper": float, "q": float})
    fate = ["estimated" if known else "few_barcodes" for known in frame["effect"].notna()]
    return frame.assign(condition="cells", reference="wild$type", confidence=0.95, fate=fate)


SHORT = [
    (3, "C", "A", -1.5, -2.0, -1.0, 0.001),
    (3, "C", "T", 0.2, -0.2, 0.6, 0.5),
    (4, "G", "-", 0.7, 0.4, 1.0, 0.01),
    (5, "T", "A", None, None, None, None),
]


def points(axes: Axes) -> list[tuple[float, float]]:
    """Whole positions and effects of what is drawn."""
    offsets = [tuple(offset) for drawn in axes.collections for offset in np.asarray(drawn.get_offsets())]
    return sorted((round(float(x)), round(float(y), 6)) for x, y in offsets if np.isfinite(y))


def test_letters_stand_at_their_positions_and_effects() -> None:
    figure = base_effects_map.draw(effects(SHORT), -10)
    (panel,) = figure.axes
    assert [point for point in points(panel) if point[1]] == [(-7, -1.5), (-7, 0.2), (-6, 0.7)]
    told = words(figure)
    assert "wild$type, condition cells" in told.replace("\\", "") and "95 % intervals" in told
    assert "x: base missing" in told and "relative to the transcription start" in told
    letters = {text.get_text(): text.get_position()[0] for text in panel.texts if len(text.get_text()) == 1}
    assert letters == {"C": -7.0, "G": -6.0}


def test_no_missing_base_is_told_where_there_is_none() -> None:
    assert "base missing" not in words(base_effects_map.draw(effects(SHORT[:2]), None))


def test_a_long_sequence_is_broken_into_rows_on_one_scale() -> None:
    long = effects([(n, "A", "C", 0.01 * n - 1.0, 0.01 * n - 1.2, 0.01 * n - 0.8, 0.01) for n in range(259)])
    figure = base_effects_map.draw(long, None)
    assert len(figure.axes) == 3
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert len({axes.get_xlim()[1] - axes.get_xlim()[0] for axes in figure.axes}) == 1
    drawn = [point for axes in figure.axes for point in points(axes)]
    assert {x for x, _ in drawn} >= set(range(259))


def test_many_references_are_cut_and_said_so() -> None:
    many = pd.concat([effects(SHORT).assign(reference=f"r{number:02d}") for number in range(14)])
    figure = base_effects_map.draw(many, None)
    assert len(figure.axes) == 12 and "the first 12 of 14 rows" in words(figure)


def test_why_there_is_nothing_to_draw_is_said() -> None:
    shown = words(base_effects_map.draw(effects(SHORT[3:]), None))
    assert "no data: no effect of a single base (few barcodes: 1)" in shown
    assert "(no variant has a change)" in words(base_effects_map.draw(effects([]), None))


def test_references_without_an_effect_are_named_beside_the_others() -> None:
    both = pd.concat([effects(SHORT), effects(SHORT[3:]).assign(reference="other")])
    assert "nothing to draw of other, cells (few barcodes: 1)" in words(base_effects_map.draw(both, None))
