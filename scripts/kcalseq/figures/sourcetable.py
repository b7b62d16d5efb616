"""The numbers behind a figure, read off the figure itself, so that they are those that are drawn.

A drawing function says what cannot be seen: the names of what it drew (``name_items``), and shapes that are no
plain artists of matplotlib (``tell_rows``).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator

from kcalseq.tables import TABLES

_TOLD, _ROWS = "_kcalseq_told", "_kcalseq_rows"
_NUMBERS = ("x", "y", "x_end", "y_end", "value")


def name_items(drawn: Any, names: Iterable[Any], **told: Iterable[Any]) -> None:
    """Say of what a drawn artist or container shows, point by point, what it is.

    Args:
        drawn: what a drawing function of matplotlib gave.
        names: a name for each point, bar, interval or span, in the order in which they were drawn.
        told: other columns of each: ``x`` or ``y`` where points were moved apart to be seen, ``series``.
    """
    setattr(drawn, _TOLD, {"item": [str(name) for name in names], **{key: list(of) for key, of in told.items()}})


def tell_rows(axes: Axes, rows: pd.DataFrame) -> None:
    """Add rows to the source table of a panel for what cannot be read off it: columns of ``figure_source``."""
    setattr(axes, _ROWS, [*getattr(axes, _ROWS, []), rows])


def source_table(figure: Figure) -> pd.DataFrame:
    """Table ``figure_source`` of a figure; no row where it only says that there are no data."""
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    parts = []
    for number, axes in enumerate(panels, start=1):
        drawn = [part for part in _parts(axes) if len(part)]
        if drawn:
            rows = pd.concat([part.reindex(columns=TABLES["figure_source"].column_names) for part in drawn])
            words = {"title": axes.get_title("left") or axes.get_title(), "value_axis": _value_axis(axes)}
            words |= {"x_axis": _x_axis(axes, panels[number:]), "y_axis": axes.get_ylabel()}
            told = {name: _plain(word) or None for name, word in words.items()}
            parts.append(rows.assign(panel=number, number=range(len(rows)), **told))
    empty = pd.DataFrame(columns=TABLES["figure_source"].column_names)
    return pd.concat(parts, ignore_index=True) if parts else empty


def _parts(axes: Axes) -> Iterator[pd.DataFrame]:
    """What a panel shows: containers first, because their parts are artists of the panel as well."""
    of_containers: dict[Artist, Any] = {}
    for container in axes.containers:
        if isinstance(container, BarContainer):
            of_containers |= dict.fromkeys(container.patches, container)
            yield _finished(_bars(container), container, axes)
        elif isinstance(container, ErrorbarContainer):
            line, caps, strokes = container.lines
            of_containers |= dict.fromkeys((line, *caps, *strokes), container)
            yield from (_finished(_line(line, axes), container, axes) for line in ([line] if line else []))
            yield from (_finished(_strokes(stroke), container, axes) for stroke in strokes)
    for artist in (*axes.lines, *axes.collections, *axes.images, *axes.patches):
        if artist not in of_containers:
            rows = _rows(artist, axes)
            if rows is not None:
                yield _finished(rows, artist, axes)
    yield from getattr(axes, _ROWS, [])


def _rows(artist: Artist, axes: Axes) -> pd.DataFrame | None:
    match artist:
        case Line2D():
            return _line(artist, axes)
        case PathCollection():
            return _frame("point", *np.ma.filled(np.ma.asarray(artist.get_offsets(), dtype=float), np.nan).T)
        case LineCollection():
            return _strokes(artist)
        case QuadMesh():
            corners: Any = np.asarray(artist.get_coordinates())
            middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
            return _cells(middles[..., 0], middles[..., 1], artist.get_array())
        case PolyCollection():
            outlines = [path.vertices for path in artist.get_paths()]
            return _frame("area", *np.concatenate(outlines).T) if outlines else None
        case AxesImage():
            left, right, bottom, top = artist.get_extent()
            values: Any = artist.get_array()
            n_rows, n_columns = values.shape
            across = left + (np.arange(n_columns) + 0.5) * (right - left) / n_columns
            down = top + (np.arange(n_rows) + 0.5) * (bottom - top) / n_rows
            x, y = np.meshgrid(across, down)
            return _cells(x, y, values)
        case Rectangle():
            x, width = float(artist.get_x()), float(artist.get_width())
            return _frame("span", [x], x_end=[x + width])
    return None


def _line(line: Line2D, axes: Axes) -> pd.DataFrame:
    x, y = (np.asarray(values, dtype=float) for values in line.get_data(orig=False))
    follows_x, follows_y = line.get_transform().contains_branch_seperately(axes.transData)
    if follows_x and follows_y:
        return _frame("point" if line.get_linestyle() == "None" else "line", x, y)
    return _frame("rule", x[:1] if follows_x else [np.nan], y[:1] if follows_y else [np.nan])


def _strokes(strokes: LineCollection) -> pd.DataFrame:
    segments = strokes.get_segments()
    ends = np.array([(*one[0], *one[-1]) if len(one) else (np.nan,) * 4 for one in segments]).reshape(-1, 4)
    return _frame("interval", *ends.T)


def _bars(bars: BarContainer) -> pd.DataFrame:
    boxes = np.array([(*bar.get_xy(), bar.get_width(), bar.get_height()) for bar in bars.patches]).reshape(-1, 4)
    x, y, width, height = boxes.T.astype(float)
    if bars.orientation == "horizontal":
        return _frame("bar", x, y + height / 2, x_end=x + width)
    return _frame("bar", x + width / 2, y, y_end=y + height)


def _cells(x: Any, y: Any, values: Any) -> pd.DataFrame:
    flat: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    return _frame("cell", np.ravel(x), np.ravel(y), value=flat)


def _frame(
    mark: str, x: Any, y: Any = np.nan, x_end: Any = np.nan, y_end: Any = np.nan, value: Any = np.nan
) -> pd.DataFrame:
    numbers = {"x": x, "y": y, "x_end": x_end, "y_end": y_end, "value": value}
    return pd.DataFrame({"mark": mark, "series": None, "item": None, **numbers}, index=range(len(np.atleast_1d(x))))


def _finished(rows: pd.DataFrame, drawn: Any, axes: Axes) -> pd.DataFrame:
    """With the name of the series, and of each item: as it was told, else as the ticks of its axis tell it."""
    label = str(drawn.get_label() or "")
    named = rows.assign(series=None if label.startswith("_") or not label else _plain(label))
    told = getattr(drawn, _TOLD, None)
    if told is not None:
        return named.assign(**told)
    for axis, along in ((axes.yaxis, "y"), (axes.xaxis, "x")):
        ticks = _named_ticks(axis)
        if ticks and (named["mark"] != "rule").all():
            nearest = named[along].round().map(ticks)
            return named.assign(item=nearest.where(nearest.notna(), None))
    return named


def _named_ticks(axis: Axis) -> dict[float, str]:
    """Names at whole numbers along an axis of categories; nothing along an axis of numbers."""
    if not isinstance(axis.get_major_locator(), FixedLocator):
        return {}
    places = axis.get_majorticklocs()
    words = map(_plain, axis.get_major_formatter().format_ticks(list(places)))
    return {float(place): word for place, word in zip(places, words, strict=True) if word}


def _x_axis(axes: Axes, later: list[Axes]) -> str:
    """The label of the x axis; of panels that lie above each other only the last one may have it."""
    return next((panel.get_xlabel() for panel in (axes, *later) if panel.get_xlabel()), "")


def _value_axis(axes: Axes) -> str:
    bars = (getattr(shown, "colorbar", None) for shown in (*axes.collections, *axes.images))
    return next((str(bar.ax.get_ylabel()) for bar in bars if bar is not None), "")


def _plain(words: str) -> str:
    return " ".join(words.replace(r"\$", "$").split())
