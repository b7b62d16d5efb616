"""The promoter as the page draws it: sites, letters of the wild type and what each base there would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kcalseq.dna import ALPHABET
from kcalseq.wording import number

UNIT = 12
"""Width and height of a base in the drawing."""
LEFT = 26
_TOP = 8
_BOX = 22
_GAP = 10
_TICK_EVERY = 10
# Below this share of the largest change a cell shows nothing.
_LEAST_OPACITY = 0.02


class SiteBox(NamedTuple):
    """A site: where it lies; ``scanned`` if this is only where it may lie."""

    name: str
    x: int
    y: int
    width: int
    scanned: bool


class Cell(NamedTuple):
    """A base in place of the wild type's: ``weaker`` or ``stronger`` binding, and how much of the largest change."""

    x: int
    y: int
    kind: str
    opacity: str


class Mark(NamedTuple):
    """A letter or a number of the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class PromoterView:
    """The drawing of one model's promoter, in units of its own; ``positions`` say in words what is at each position."""

    width: int
    height: int
    sites: list[SiteBox]
    letters: list[Mark]
    rows: list[Mark]
    cells: list[Cell]
    ticks: list[Mark]
    largest: str | None
    unit: str
    positions: list[str]
    axis: str


def promoter_view(fit: Mapping[str, Any], mutants: Mapping[str, Sequence[Sequence[float]]]) -> PromoterView:
    """Lay out the drawing.

    Args:
        fit: the fit's record.
        mutants: for some sites their energy with each base at each position less that of the wild type.
    """
    length, wildtype = int(fit["sequence"]["length"]), fit["sequence"].get("wildtype") or ""
    first = fit["sequence"].get("first_position")
    mutants = mutants if wildtype else {}
    lanes = _lanes(fit["sites"])
    has_letters = bool(wildtype)
    y = _TOP + (UNIT + 6 if has_letters else 0)
    sites, cells, rows = [], [], []
    largest = max((abs(e) for own in mutants.values() for row in own for e in row), default=0.0)
    for lane in lanes:
        for site in lane:
            sites.append(SiteBox(str(site["name"]), _x(site["start"]), y, UNIT * _extent(site), "scanned" in site))
            for i, energies in enumerate(mutants.get(site["name"], [])):
                x = _x(site["start"] + i)
                cells += [
                    Cell(x, y + _BOX + 3 + UNIT * row, "weaker" if e > 0 else "stronger", f"{abs(e) / largest:.2f}")
                    for row, e in enumerate(energies)
                    if largest and abs(e) / largest >= _LEAST_OPACITY
                ]
        y += _BOX
        if any(mutants.get(site["name"]) for site in lane):
            rows += [Mark(LEFT - 9, y + 3 + UNIT * (row + 0.82), base) for row, base in enumerate(ALPHABET)]
            y += 3 + UNIT * len(ALPHABET)
        y += _GAP
    return PromoterView(
        width=LEFT + UNIT * length + 14,
        height=y + 16,
        sites=sites,
        letters=[Mark(_x(i) + UNIT / 2, _TOP + UNIT * 0.8, letter) for i, letter in enumerate(wildtype)],
        rows=rows,
        cells=cells,
        ticks=_ticks(length, first or 0, y + 8),
        largest=number(largest) if largest else None,
        unit=str(fit["energy_unit"]),
        positions=[_told(i, first or 0, wildtype, fit, mutants) for i in range(length)],
        axis="position relative to the transcription start" if first is not None else "position, from 0",
    )


def _x(position: int) -> int:
    return LEFT + UNIT * position


def _extent(site: Mapping[str, Any]) -> int:
    return int(site["scanned"]["covered"] if "scanned" in site else site["length"])


def _lanes(sites: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Sites in as few lanes as keep those that overlap apart, in order of their starts."""
    lanes: list[list[Mapping[str, Any]]] = []
    for site in sorted(sites, key=lambda site: (site["start"], str(site["name"]))):
        free = (lane for lane in lanes if lane[-1]["start"] + _extent(lane[-1]) <= site["start"])
        lane = next(free, None)
        if lane is None:
            lanes.append([site])
        else:
            lane.append(site)
    return lanes


def _ticks(length: int, first: int, y: float) -> list[Mark]:
    labels = [(i, i + first) for i in range(length) if (i + first) % _TICK_EVERY == 0]
    return [Mark(_x(i) + UNIT / 2, y, number(label, 0)) for i, label in labels]


def _told(
    i: int, first: int, wildtype: str, fit: Mapping[str, Any], mutants: Mapping[str, Sequence[Sequence[float]]]
) -> str:
    words = [f"Position {number(i + first, 0)}" + (f", wild type {wildtype[i]}" if wildtype else "")]
    here = [site for site in fit["sites"] if site["start"] <= i < site["start"] + _extent(site)]
    for site in here:
        own = mutants.get(site["name"])
        if not own:
            words.append(f"{site['name']} may lie here" if "scanned" in site else str(site["name"]))
            continue
        changes = [
            f"{base} {'+' if energy > 0 else ''}{number(energy)}"
            for base, energy in zip(ALPHABET, own[i - site["start"]], strict=True)
            if base != wildtype[i]
        ]
        unit = f" {fit['energy_unit']}" if fit["energy_unit"] != "arbitrary" else ""
        words.append(f"{site['name']}: {', '.join(changes)}{unit}")
    return "; ".join([*words, *([] if here else ["in no site"])])
