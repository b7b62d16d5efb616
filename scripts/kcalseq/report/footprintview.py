"""What the page says of the sites called from a library's footprints: where, what they do, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kcalseq.tables import FOOTPRINT_CALLS
from kcalseq.wording import MINUS, count, number, words_list

_EFFECTS = {
    "polymerase": "RNA polymerase with sigma 70",
    "activator": "mutations lower activity: an activator",
    "repressor": "mutations raise activity: a repressor",
}


@dataclass(frozen=True)
class SiteRow:
    """A called site in words: its condition and name, what it does, its positions, its peak, and how sure it is."""

    condition: str
    name: str
    effect: str
    positions: str
    peak: str
    certainty: str


@dataclass(frozen=True)
class FootprintView:
    """What was called in a library: no rows where nothing was; ``drawn`` if it shows footprints at all."""

    sentences: list[str]
    rows: list[SiteRow]
    drawn: bool


def footprint_view(library: str, check: pd.DataFrame, sites: pd.DataFrame) -> FootprintView | None:
    """The view of one library; None where no footprint was looked for.

    Args:
        library: its name.
        check: its row of table ``footprint_check``.
        sites: its rows of table ``putative_sites``.
    """
    if check.empty:
        return None
    row = check.iloc[0]
    if row["call"] != "random":
        words = FOOTPRINT_CALLS[row["call"]]
        told = f"No sites were called in library {library} ({count(row['n_variants'])} variants measured): {words}."
        return FootprintView([told], [], drawn=False)
    share = number(100 * row["mutated_fraction"], 1)
    seen = f"{count(row['n_variants'])} variants of library {library} were measured, with {share} % of bases mutated. "
    if sites.empty:
        told = seen + "No binding site stands out from chance anywhere, so the draft model has none."
        return FootprintView([told], [], drawn=True)
    ordered = sites.sort_values(["condition", "start", "site"]).to_dict("records")
    rows = [_row(one) for one in ordered]
    named = words_list([f"{one.name} (positions {one.positions})" for one in rows])
    return FootprintView([f"{seen}Binding sites were called: {named}."], rows, drawn=True)


def _row(site: Mapping[Any, Any]) -> SiteRow:
    effect, last = _EFFECTS[site["kind"]], site["start"] + site["length"] - 1
    if not pd.isna(site["minus_35"]):
        elements = f"{MINUS}35 element from {site['minus_35']}, {MINUS}10 element from {site['minus_10']}"
        likeness = number(site["likeness"], 2)
        effect += f": {elements}; {site['n_mismatches']} of 12 bases differ from the consensus, likeness {likeness}"
    certainty = "by its pattern alone" if pd.isna(site["p_value"]) else f"p {number(site['p_value'], 4)}"
    positions = f"{site['start']} to {last}"
    return SiteRow(str(site["condition"]), str(site["site"]), effect, positions, str(site["peak"]), certainty)
