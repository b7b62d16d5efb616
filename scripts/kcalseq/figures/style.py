"""One style for every figure, and the one way in which figures reach the disk.

Figures are built without pyplot, so none stays open and no state passes between them. Text stays text in
PDF and SVG, colours can be told apart by colour-blind readers, and the same tables give the same bytes.
"""

import io
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from kcalseq.figures.sourcetable import name_items, source_table
from kcalseq.tablefile import write_table
from kcalseq.wholefile import whole_or_not_at_all

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

Arguments = ParamSpec("Arguments")

# Okabe and Ito's palette: distinct for the common kinds of colour blindness.
BLACK, GREY, LIGHT_GREY = "#000000", "#666666", "#dddddd"
ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
BASE_COLOURS = MappingProxyType({"A": GREEN, "C": BLUE, "G": ORANGE, "T": VERMILION})

FULL_WIDTH_INCHES = 7.2
PNG_DOTS_PER_INCH = 220
PNG_COLOURS = 256

_STYLE: Mapping["RcKeyType", Any] = MappingProxyType(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica", "sans-serif"],
        "font.size": 8,
        "axes.labelsize": 8,
        "axes.titlesize": 9,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "legend.fontsize": 7.5,
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.7,
        "axes.unicode_minus": True,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "none",
        "svg.hashsalt": "kcalseq",
        "pdf.fonttype": 42,
    }
)

# None takes a stamp out: dates and program versions would change the bytes without changing the figure.
_STAMPS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "svg": {"Date": None, "Creator": None},
        "png": {"Software": None},
    }
)


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Make a drawing function use this style without touching matplotlib's global settings."""

    @wraps(draw)
    def draw_in_style(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with matplotlib.rc_context(dict(_STYLE)):
            return draw(*args, **kwargs)

    return draw_in_style


def new_figure(height_inches: float) -> Figure:
    """An empty figure as wide as a page's text, whose parts make room for each other."""
    return Figure(figsize=(FULL_WIDTH_INCHES, height_inches), layout="constrained")


def plain(name: str, length: int = 40) -> str:
    """A user's name as figures show it: cut to ``length`` characters, a dollar sign never read as mathematics.

    >>> plain("a" * 50, 5)
    'aaaa…'
    """
    shown = name if len(name) <= length else name[: length - 1] + "…"
    return shown.replace("$", r"\$")


def plain_ends(name: str, length: int = 40) -> str:
    """A user's name as ``plain``, but cut in the middle: names of runs and samples often differ at their ends alone.

    >>> plain_ends("mpra_simulated_association_run1", 16)
    'mpra_sim…on_run1'
    """
    tail = (length - 1) // 2
    return plain(name if len(name) <= length else f"{name[: length - 1 - tail]}…{name[-tail:]}", length)


def say_no_data(axes: Axes, what: str) -> None:
    """Say in words that there is nothing to draw, in place of axes that would look like a result."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, f"no data: {what}", ha="center", va="center", transform=axes.transAxes, color=GREY, fontsize=9)


def no_data_figure(what: str) -> Figure:
    """A small figure that only says what is missing."""
    figure = new_figure(1.4)
    say_no_data(figure.add_subplot(), what)
    return figure


def position_axis(axes: Axes, first_position: int | None) -> int:
    """Name the axis of positions; give what to add to a 0-based position to get the number shown there.

    Args:
        axes: axes whose x axis shows positions.
        first_position: number of the variant's first base relative to the transcription start, if known.
    """
    if first_position is None:
        axes.set_xlabel("position in the variant (nt, from 0)")
        return 0
    axes.set_xlabel("position relative to the transcription start (nt)")
    return first_position


def mark_sites(axes: Axes, sites: Sequence[Mapping[str, Any]], offset: int) -> None:
    """Shade each site's positions and write its name above the axes.

    Args:
        axes: axes with positions on x.
        sites: ``name``, 0-based ``start`` and ``length`` of each site, in nt; of one that is ``scanned`` what it may
            cover.
        offset: what ``position_axis`` gave.
    """
    for site, colour in zip(sites, SERIES * len(sites), strict=False):
        left = site["start"] + offset - 0.5
        length = site["scanned"]["covered"] if "scanned" in site else site["length"]
        shade = axes.axvspan(left, left + length, color=colour, alpha=0.12, linewidth=0, zorder=0)
        name_items(shade, [site["name"]])
        middle = left + length / 2
        axes.text(
            middle,
            1.02,
            plain(str(site["name"]), 24),
            ha="center",
            va="bottom",
            fontweight="bold",
            transform=axes.get_xaxis_transform(),
        )


def information_axis(axes: Axes, positions: NDArray[np.int64], words: str) -> None:
    """Name the axis of information and write words into the corner above the bars.

    Args:
        axes: axes with bars of information (bits) by position, sites already marked.
        positions: where the bars stand, as the axis shows them, shape (n,).
        words: what the panel is of.
    """
    axes.axhline(0, color=BLACK, linewidth=0.7)
    axes.set_xlim(positions.min() - 1, positions.max() + 1)
    axes.set_ylabel("information (bits)")
    lowest, highest = axes.get_ylim()
    axes.set_ylim(lowest, highest + 0.12 * (highest - lowest))  # room for the words
    axes.text(0.995, 0.97, words, transform=axes.transAxes, ha="right", va="top", fontsize=7, color=GREY)


def save(figure: Figure, stem: str | Path) -> None:
    """Write a figure as PDF, SVG and PNG and the numbers drawn as TSV; each file appears whole or not at all.

    Args:
        figure: the figure.
        stem: path without the suffix; its folder is made.
    """
    path = Path(stem)
    for suffix, stamps in _STAMPS.items():
        target = path.with_name(f"{path.name}.{suffix}")
        written = io.BytesIO()
        with matplotlib.rc_context(dict(_STYLE)), warnings.catch_warnings():
            # A letter of a name that the font lacks is a box in PDF and PNG, and stays what it is in SVG and TSV.
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            figure.savefig(written, format=suffix, metadata=stamps, dpi=PNG_DOTS_PER_INCH)
        with whole_or_not_at_all(target) as partial:
            partial.write_bytes(_with_palette(written) if suffix == "png" else written.getvalue())
    write_table("figure_source", source_table(figure), path.with_name(f"{path.name}.tsv"))


def _with_palette(image: io.BytesIO) -> bytes:
    """A PNG in 256 colours: a third of the size, and no difference to the eye where few colours are used."""
    small = io.BytesIO()
    pixels = Image.open(image).convert("RGB")
    drawn = pixels.quantize(PNG_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    drawn.save(small, "png", dpi=(PNG_DOTS_PER_INCH, PNG_DOTS_PER_INCH))
    return small.getvalue()


def stems(outputs: Iterable[str]) -> dict[str, Path]:
    """From a rule's flat list of outputs, the path without suffix of each figure, by the figure's name.

    >>> stems(["out/energy_logos.pdf", "out/energy_logos.svg"])["energy_logos"].as_posix()
    'out/energy_logos'
    """
    return {Path(path).stem: Path(path).with_suffix("") for path in outputs if path.endswith(".pdf")}
