"""The states of a thermodynamic model as the page draws them, with energies and occupancies at the wild type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kcalseq.wording import number, share, words_list

WIDTH = 240
_MARGIN = 8
_LEAST_WIDTH = 14


class DrawnSite(NamedTuple):
    """A site in the drawing of a state."""

    name: str
    x: float
    width: float
    bound: bool

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return self.x + self.width / 2

    @property
    def short(self) -> str:
        """As much of its name as fits."""
        fits = max(1, int(self.width / 6.5))
        return self.name if len(self.name) <= fits else self.name[: max(1, fits - 1)] + "…"


@dataclass(frozen=True)
class StateView:
    """One state. Numbers in words; empty where they are not known."""

    sites: list[DrawnSite]
    links: list[tuple[float, float]]
    words: str
    transcribes: bool
    rate: str
    terms: list[str]
    energy: str
    occupancy: str
    percent: str


def state_views(fit: Mapping[str, Any], at_wildtype: Sequence[Mapping[str, Any]]) -> list[StateView]:
    """The states of a fit; at the wild type in the first condition, if that is known.

    Args:
        fit: the fit's record.
        at_wildtype: for each condition ``energies`` (kcal/mol) and ``occupancies`` of the states.
    """
    known = at_wildtype[0] if at_wildtype else None
    return [_state(fit, number, state, known) for number, state in enumerate(fit["states"])]


def _state(fit: Mapping[str, Any], place: int, state: Mapping[str, Any], known: Mapping[str, Any] | None) -> StateView:
    sites = [_site(fit, site, site["name"] in state["bound"]) for site in fit["sites"]]
    middles = {site.name: site.middle for site in sites}
    pairs = {tuple(item["between"]) for item in fit["interactions"]}
    bound = set(state["bound"])
    occupancy = known["occupancies"][place] if known else 0.0
    return StateView(
        sites=sites,
        links=sorted((middles[one], middles[two]) for one, two in pairs if bound.issuperset((one, two))),
        words=f"{words_list([str(name) for name in state['bound']])} bound" if bound else "Nothing bound",
        transcribes=state["rate"] != "0",
        rate=str(state["rate"]),
        terms=[str(term) for term in state["terms"]],
        energy=number(known["energies"][place]) if known else "",
        occupancy=_share(occupancy) if known else "",
        percent=f"{100 * occupancy:.2f}",
    )


def _share(occupancy: float) -> str:
    return "under 0.01 %" if 0 < occupancy < 5e-5 else share(occupancy, 1.0)


def _site(fit: Mapping[str, Any], site: Mapping[str, Any], bound: bool) -> DrawnSite:
    scale = (WIDTH - 2 * _MARGIN - 26) / int(fit["sequence"]["length"])
    extent = site["scanned"]["covered"] if "scanned" in site else site["length"]
    width = max(_LEAST_WIDTH, scale * extent)
    return DrawnSite(str(site["name"]), round(_MARGIN + scale * site["start"], 1), round(width, 1), bound)
